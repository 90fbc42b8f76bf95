"""The area of decoded volumes: files that can be made again, held inside a budget, least recently used first out.

Nothing here is worth keeping: the whole area may be removed at any time. What the files hold is the loader's
business.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection
from pathlib import Path

from workstation.domain.errors import StoreFailure


class Volumes:
    """The decoded files under one home folder.

    Attributes:
        folder: where they lie; the loader may make files of its own names in it.
    """

    def __init__(self, home: Path, budget_bytes: int) -> None:
        self.folder = home / "volumes"
        self._budget_bytes = budget_bytes
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreFailure("The area of decoded images cannot be made") from error

    def path(self, key: str) -> Path:
        """Where the decoded form of ``key`` lies or is to be made; asking counts as use."""
        path = self.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:40]}.volume"
        if path.exists():
            os.utime(path)
        return path

    def touch(self, path: Path) -> None:
        """Count a file of the area as just used."""
        if path.exists():
            os.utime(path)

    def evict(self, keep: Collection[Path] = ()) -> int:
        """Remove least recently used files until the rest fits the budget; returns the bytes freed.

        Args:
            keep: files in use, never removed.
        """
        held = [(f.stat(), f) for f in self.folder.rglob("*") if f.is_file()]
        total = sum(facts.st_size for facts, _ in held)
        freed = 0
        for facts, file in sorted(held, key=lambda h: h[0].st_mtime_ns):
            if total - freed <= self._budget_bytes:
                break
            if file not in keep and _remove(file):
                freed += facts.st_size
        return freed


def _remove(file: Path) -> bool:
    """Remove a file; one that another program holds open (Windows) stays for the next time."""
    try:
        file.unlink()
    except OSError:
        return False
    return True
