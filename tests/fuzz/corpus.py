"""The sound and the broken files that mutations start from, in an order that never depends on the machine.

The demonstration studies and pydicom's own test files are always there; the shared series where they lie beside the
checkout. A file that two places hold is taken once.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pydicom.data

REPOSITORY = Path(__file__).resolve().parents[2]
DEMO = REPOSITORY / "resources" / "demo"
SHARED = REPOSITORY.parent / "shared" / "data"


@dataclass(frozen=True, slots=True)
class Original:
    """One file: `name` starts with the place it is from and has forward slashes."""

    name: str
    path: Path


def pydicom_files() -> list[Original]:
    """The test files that pydicom's own package brings."""
    folder = Path(pydicom.data.__file__).parent
    return [
        original
        for part in ("test_files", "charset_files", "palettes")
        for original in _of("pydicom", folder, folder / part)
    ]


def shared_files(folder: Path = SHARED) -> list[Original]:
    """Every file of the shared series, licences and notes too; none where they are absent."""
    return _of("shared", folder, folder) if folder.is_dir() else []


def corpus(*, with_shared: bool = True) -> list[Original]:
    """Every file once, by name within its place: the shared ones, then the demonstration's, then pydicom's."""
    seen: set[str] = set()
    kept = []
    shared = shared_files() if with_shared else []
    for original in [*shared, *_of("demo", DEMO, DEMO), *pydicom_files()]:
        digest = hashlib.sha256(original.path.read_bytes()).hexdigest()
        if digest not in seen:
            seen.add(digest)
            kept.append(original)
    return kept


def _of(place: str, root: Path, folder: Path) -> list[Original]:
    paths = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    named = ((path.relative_to(root).as_posix(), path) for path in paths)
    return [Original(name=f"{place}/{name}", path=path) for name, path in sorted(named)]
