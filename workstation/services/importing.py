"""Import of files, folders and zip archives into the local store, every refused file with its reason.

File names are only what people are told; nothing in the store is named after them. A zip is unpacked under limits.
"""

from __future__ import annotations

import datetime as dt
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from viewer.sandbox import Callee
from workstation.domain.errors import BadInput
from workstation.services.intake import Intake, Rejected, Taken
from workstation.store import Store

LARGEST_ZIP_ENTRY_BYTES = 4 << 30
LARGEST_ZIP_RATIO = 500
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did: objects stored, objects known already, files refused; whether it was cancelled."""

    stored: int
    already: int
    rejected: tuple[Rejected, ...]
    cancelled: bool = False


class Importing:
    """Imports into one store.

    Args:
        store: where objects go.
        sandbox: the children that read the files.
        clock: the time of now.
        changed: called when the store has more than before.
    """

    def __init__(
        self,
        *,
        store: Store,
        sandbox: Callee,
        clock: Callable[[], dt.datetime],
        changed: Callable[[], None],
    ) -> None:
        self._store = store
        self._sandbox = sandbox
        self._clock = clock
        self._changed = changed

    def import_paths(
        self,
        paths: Sequence[Path],
        progress: Callable[[int, int], None],
        cancelled: Callable[[], bool],
        person_id: str = "",
    ) -> ImportReport:
        """Import files, folders with all below them, and zip archives; blocking.

        Args:
            paths: what to import; a path that does not exist is refused like a file.
            progress: called with files done and files in total.
            cancelled: asked before each file; what came before stays.
            person_id: who imports, for the audit trail.

        Raises:
            StoreFailure: the store cannot keep more; what was reported as done stays.
        """
        files = [found for path in paths for found in _files(path)]
        progress(0, len(files))
        stopped = False
        with Intake(self._store, self._sandbox, self._clock, self._changed) as intake:
            for done, (name, path) in enumerate(files):
                if cancelled():
                    stopped = True
                    break
                _take(intake, name, path)
                progress(done + 1, len(files))
        self._note(intake.taken, person_id)
        return ImportReport(
            stored=intake.taken.stored,
            already=intake.taken.already,
            rejected=intake.taken.rejected,
            cancelled=stopped,
        )

    def _note(self, taken: Taken, person_id: str) -> None:
        detail = f"stored {taken.stored}, already {taken.already}, rejected {len(taken.rejected)}"
        self._store.audit.append(self._clock(), person_id, "IMPORT", detail)


def _files(path: Path) -> Iterator[tuple[str, Path]]:
    """(name for people, file) of a path; a folder gives all files below it in order, links are not followed."""
    if not path.is_dir():
        yield path.name, path
        return
    for folder, folders, names in os.walk(path):
        folders.sort()
        for name in sorted(names):
            file = Path(folder) / name
            yield str(file.relative_to(path.parent)), file


def _take(intake: Intake, name: str, path: Path) -> None:
    if not path.is_file():
        intake.reject(name, BadInput("There is no such file"))
    elif path.stat().st_size == 0:
        intake.reject(name, BadInput("The file is empty"))
    elif zipfile.is_zipfile(path):
        _take_zip(intake, name, path)
    else:
        intake.add(name, path)


def _take_zip(intake: Intake, name: str, path: Path) -> None:
    """Every file in a zip archive; one that cannot be unpacked does not stop the others."""
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if not entry.is_dir():
                    _take_entry(intake, f"{name}: {entry.filename}", archive, entry)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        reason = BadInput("The zip archive is damaged ({kind})", kind=type(error).__name__)
        intake.reject(name, reason)


def _take_entry(
    intake: Intake, name: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo
) -> None:
    try:
        intake.add(name, _unpacked(archive, entry))
    except BadInput as refusal:
        intake.reject(name, refusal)
    # RuntimeError is what zipfile says of a password; the others are damaged data.
    except (zipfile.BadZipFile, zlib.error, RuntimeError, ValueError, EOFError) as error:
        kind = type(error).__name__
        intake.reject(name, BadInput("The entry cannot be unpacked ({kind})", kind=kind))


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of an entry, never more than the limits whatever the archive says of itself."""
    limit = min(LARGEST_ZIP_ENTRY_BYTES, max(1, entry.compress_size) * LARGEST_ZIP_RATIO)
    size = 0
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            size += len(chunk)
            if size > limit:
                raise BadInput("The entry inflates beyond the limit of {mb} MB", mb=limit >> 20)
            yield chunk
