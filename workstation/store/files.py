"""The files of the store: ids of our own, written so that a power cut leaves either the whole file or none.

``incoming/<process>/`` holds what is being received; a file that is kept is flushed, renamed to
``files/xx/<id>.dcm`` and its folder flushed before its index row is written. While it moves a marker stays in
``incoming``, so the next start can remove what a killed process left behind without walking the whole store.
It knows nothing of what the bytes mean: no name ever comes from a data set.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from workstation.domain.errors import StoreFailure

CHUNK_BYTES = 1 << 20
_MOVING = ".moving"
_FULL = "The disk of the local store is full; nothing was changed, free some space and try again"
_READ_ONLY = (
    "The local store cannot be written (read-only disk or missing right); nothing was changed"
)
_FAILED = "The disk of the local store failed to read or write; nothing was changed"
_GONE = "A file of the local store is missing or cannot be read ({file_id})"


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedFile:
    """Bytes that arrived and are not yet kept: our id, where they lie, how many, their SHA-256 (hex)."""

    file_id: str
    path: Path
    size: int
    digest: str


@contextmanager
def _disk_failures_told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        match error.errno:
            case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
                template = _FULL
            case errno.EROFS | errno.EACCES | errno.EPERM:
                template = _READ_ONLY
            case _:
                template = _FAILED
        raise StoreFailure(template) from error


class Files:
    """The files under one home folder.

    Args:
        home: the station's folder; ``files`` and ``incoming`` are made in it.
        is_indexed: whether an index row names that file id; asked when leftovers are cleaned.
    """

    def __init__(self, home: Path, is_indexed: Callable[[str], bool]) -> None:
        self._folder = home / "files"
        self._incoming = home / "incoming"
        process = psutil.Process()
        started_ms = int(process.create_time() * 1000)
        self._mine = self._incoming / f"{process.pid}-{started_ms}-{secrets.token_hex(4)}"
        with _disk_failures_told():
            self._folder.mkdir(parents=True, exist_ok=True)
            self._mine.mkdir(parents=True, exist_ok=True)
            self._clean(is_indexed)

    def stage(self, source: bytes | Path | Iterable[bytes], *, bucket: str = "") -> StagedFile:
        """Take bytes, a file's bytes or a stream into ``incoming`` and flush them to the disk.

        Args:
            source: what to take.
            bucket: two hex digits; files staged together with one bucket end in one folder.

        Raises:
            StoreFailure: disk full, read-only or failing; nothing is left behind.
            OSError: ``source`` is a path that cannot be read.
        """
        file_id = (bucket or secrets.token_hex(1)) + secrets.token_hex(15)
        path = self._mine / f"{file_id}.dcm"
        chunks = _chunks(source)
        try:
            size, digest = _write(path, chunks)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return StagedFile(file_id=file_id, path=path, size=size, digest=digest)

    def keep(self, staged: Iterable[StagedFile]) -> None:
        """Move staged files to their lasting place; on return they survive a power cut."""
        folders = set()
        with _disk_failures_told():
            for file in staged:
                self._marker(file).touch()
                target = self.path(file.file_id)
                if not target.parent.exists():
                    target.parent.mkdir(exist_ok=True)
                    folders.add(self._folder)
                file.path.replace(target)
                folders.add(target.parent)
            for folder in folders:
                _flush_folder(folder)

    def settle(self, staged: Iterable[StagedFile]) -> None:
        """The index row is written (or the move undone): forget the marker and what is still staged."""
        for file in staged:
            file.path.unlink(missing_ok=True)
            self._marker(file).unlink(missing_ok=True)

    def undo(self, staged: Iterable[StagedFile]) -> None:
        """The index row could not be written: remove what was moved."""
        held = tuple(staged)
        for file in held:
            self.path(file.file_id).unlink(missing_ok=True)
        self.settle(held)

    def path(self, file_id: str) -> Path:
        """Where the file of that id lies."""
        return self._folder / file_id[:2] / f"{file_id}.dcm"

    def read(self, file_id: str) -> bytes:
        """The whole file. Raises StoreFailure where it is gone."""
        try:
            return self.path(file_id).read_bytes()
        except OSError as error:
            raise StoreFailure(_GONE, file_id=file_id) from error

    def _marker(self, file: StagedFile) -> Path:
        return self._mine / f"{file.file_id}{_MOVING}"

    def _clean(self, is_indexed: Callable[[str], bool]) -> None:
        """Remove what killed processes left: staged bytes, and moved files that no row names."""
        for folder in self._incoming.iterdir():
            if folder == self._mine or not folder.is_dir() or _is_alive(folder.name):
                continue
            for marker in folder.glob(f"*{_MOVING}"):
                file_id = marker.name.removesuffix(_MOVING)
                if not is_indexed(file_id):
                    self.path(file_id).unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Remove this process's folder when nothing is left in it."""
        shutil.rmtree(self._mine, ignore_errors=True)


def _chunks(source: bytes | Path | Iterable[bytes]) -> Iterable[bytes]:
    if isinstance(source, bytes):
        return (source,)
    return _read(source) if isinstance(source, Path) else source


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _write(path: Path, chunks: Iterable[bytes]) -> tuple[int, str]:
    """Write and flush; reading errors of the source pass as they are, ours become StoreFailure."""
    size, digest = 0, hashlib.sha256()
    with _disk_failures_told():
        file = path.open("xb", buffering=0)
    with file:
        for chunk in chunks:
            with _disk_failures_told():
                _write_all(file.fileno(), chunk)
            digest.update(chunk)
            size += len(chunk)
        with _disk_failures_told():
            os.fsync(file.fileno())
    return size, digest.hexdigest()


def _write_all(descriptor: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(descriptor, view) :]


def _flush_folder(folder: Path) -> None:
    """Make renames in the folder lasting. Windows has no such call and does it by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_alive(name: str) -> bool:
    """Whether the process that made the folder ``<pid>-<start in ms>-<any>`` still runs."""
    try:
        pid, started_ms, _ = name.split("-")
        return int(psutil.Process(int(pid)).create_time() * 1000) == int(started_ms)
    except (psutil.Error, ValueError):
        return False
