"""What the region gave this station: root certificate, roster file and the people's locked keys, as bytes.

Knows nothing of their meaning. Files lie under ``region/`` in the station's home; a key's file name is made from the
SHA-256 of the person's login, so no name comes from outside.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from workstation.domain.errors import NotFound, StoreFailure


@dataclass(frozen=True, slots=True)
class Credentials:
    """The ``region`` folder of a station's home."""

    folder: Path

    def is_installed(self) -> bool:
        """Whether this station belongs to a region."""
        return (self.folder / "root.pem").is_file() and (self.folder / "roster.json").is_file()

    def root_certificate(self) -> bytes:
        """The region's root certificate (PEM). Raises NotFound where the station was never set up."""
        return self._read("root.pem")

    def roster(self) -> bytes:
        """The signed roster file."""
        return self._read("roster.json")

    def locked_key(self, person_id: str) -> bytes:
        """The person's password-locked key at this station."""
        return self._read(_key_name(person_id))

    def has_key(self, person_id: str) -> bool:
        """Whether the person can sign at this station."""
        return (self.folder / _key_name(person_id)).is_file()

    def install_region(self, root_certificate: bytes, roster: bytes) -> None:
        """Keep the root certificate and the first roster file."""
        self._write("root.pem", root_certificate)
        self._write("roster.json", roster)

    def install_key(self, person_id: str, locked: bytes) -> None:
        """Keep a person's locked key, readable by this account only."""
        self._write(_key_name(person_id), locked)

    def _read(self, name: str) -> bytes:
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            raise NotFound(
                "This station has no {file} in its region folder; it was not set up", file=name
            ) from None
        except OSError as error:
            raise StoreFailure(
                "{file} cannot be read: {why}", file=name, why=error.strerror
            ) from None

    def _write(self, name: str, content: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        staged = path.with_suffix(".new")
        with os.fdopen(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        staged.replace(path)


def _key_name(person_id: str) -> str:
    return f"keys/{hashlib.sha256(person_id.encode()).hexdigest()[:24]}.json"
