"""Whole series decoded, in files that outlive the program.

A decoded file holds stored pixels, slice after slice, without a header. It counts only once its
marker lies beside it, written after the pixels are safely on disk: a fill that was cut off is never
taken for an image. The marker names the state of the files that were decoded (content hash, size,
time); pixels are never read to check them. The folder belongs to its caller, who may delete any
file at any time, also while it is mapped: Linux keeps the pixels for who has them, Windows refuses.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.cache.frames import FrameKey, frame_key
from viewer.volume import ImageError, LocatedFrame

_VERSION = 2
_DATA_SUFFIX = ".voxels"
_MARKER_SUFFIX = ".json"
_SPARE_DISK_BYTES = 64 << 20
_ABANDONED_SECONDS = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedLayout:
    """What a decoded file holds: (slices, rows, columns) of one type, and which frames."""

    shape: tuple[int, int, int]
    dtype: str
    frames: tuple[FrameKey, ...]

    @property
    def size_bytes(self) -> int:
        """The file's length."""
        return int(np.prod(self.shape, dtype=np.int64)) * np.dtype(self.dtype).itemsize

    @property
    def frame_bytes(self) -> int:
        """The length of one slice."""
        return self.size_bytes // self.shape[0]


def layout_of(frames: Sequence[LocatedFrame]) -> DecodedLayout | None:
    """The layout that holds these frames; None where one is in color, too wide or of another size.

    Frames of different Bits Stored go together in the widest type, signed and unsigned ones do not.
    """
    sources = [frame.source for frame in frames]
    first = sources[0]
    sizes = {(source.rows, source.columns, source.pixel_representation) for source in sources}
    if len(sizes) > 1 or any(
        s.samples != 1 or s.bits_stored > 16 or s.pixel_type != "integer" for s in sources
    ):
        return None
    widest = max(sources, key=lambda source: source.bits_stored)
    return DecodedLayout(
        shape=(len(sources), first.rows, first.columns),
        dtype=widest.stored_type,
        frames=tuple(frame_key(frame) for frame in frames),
    )


def fingerprint_of(layout: DecodedLayout, frames: Sequence[LocatedFrame]) -> str | None:
    """What a decoded file of these frames was made from, in one digest; None where a file is gone.

    Every source file counts with its content hash (from its import), its size and its time.
    """
    files: dict[str, tuple[str, int, int]] = {}
    try:
        for frame in frames:
            if frame.path not in files:
                facts = os.stat(frame.path)  # noqa: PTH116 - twice as fast as Path.stat
                files[frame.path] = (frame.content_hash, facts.st_size, facts.st_mtime_ns)
    except OSError:
        return None
    content = (_VERSION, layout.dtype, layout.shape, layout.frames, list(files.values()))
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


class DecodedArea:
    """A folder of decoded files, two names per display set: pixels and marker.

    Attributes:
        folder: where they lie.
    """

    def __init__(self, folder: Path) -> None:
        """Makes the folder if needed."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def find(self, key: str, layout: DecodedLayout, fingerprint: str | None) -> Path | None:
        """The complete file of a set, or None where there is none or it is of other files."""
        if fingerprint is None:
            return None
        for marker in self.folder.glob(f"{key}.*{_MARKER_SUFFIX}"):
            data = marker.with_suffix(_DATA_SUFFIX)
            with contextlib.suppress(OSError, ValueError, TypeError):
                if (
                    json.loads(marker.read_text("utf-8")) == _marker_of(fingerprint)
                    and data.stat().st_size == layout.size_bytes
                ):
                    os.utime(marker)
                    os.utime(data)
                    return data
        return None

    def begin(self, key: str, layout: DecodedLayout) -> Path:
        """A new file of the right length to be filled; ImageError where the disk has no room."""
        self._sweep()
        free = shutil.disk_usage(self.folder).free
        if free < layout.size_bytes + _SPARE_DISK_BYTES:
            raise no_room(layout.size_bytes)
        data = self.folder / f"{key}.{secrets.token_hex(4)}{_DATA_SUFFIX}"
        with data.open("xb") as out:
            out.truncate(layout.size_bytes)
        return data

    def complete(self, key: str, data: Path, fingerprint: str) -> None:
        """Makes the pixels safe on disk, then says so: from now on `find` gives the file."""
        with data.open("r+b") as written:
            os.fsync(written.fileno())
        waiting = data.with_suffix(".marker")
        with waiting.open("w", encoding="utf-8") as out:
            json.dump(_marker_of(fingerprint), out)
            out.flush()
            os.fsync(out.fileno())
        waiting.replace(data.with_suffix(_MARKER_SUFFIX))
        for marker in self.folder.glob(f"{key}.*{_MARKER_SUFFIX}"):
            if marker.stem != data.stem:  # of an older state of the same images
                self.abandon(marker.with_suffix(_DATA_SUFFIX))

    def abandon(self, data: Path) -> None:
        """Removes a file that will not be completed, or is no longer true, and its marker."""
        for file in (data.with_suffix(_MARKER_SUFFIX), data):
            with contextlib.suppress(OSError):
                file.unlink()

    def _sweep(self) -> None:
        """Removes what an ended program left behind half done; not what another is writing."""
        for left in self.folder.glob(f"*{_DATA_SUFFIX}"):
            with contextlib.suppress(OSError):
                is_old = time.time() - left.stat().st_mtime > _ABANDONED_SECONDS
                if is_old and not left.with_suffix(_MARKER_SUFFIX).exists():
                    left.unlink()


def no_room(needed_bytes: int) -> ImageError:
    """The refusal for a full disk."""
    return ImageError(
        "The disk has no room for the decoded images: {needed} MB are needed.",
        needed=max(1, needed_bytes >> 20),
    )


def mapped(data: Path, layout: DecodedLayout) -> npt.NDArray[Any]:
    """The file's pixels as a read-only array of `layout.shape`; OSError where they are gone."""
    try:
        return np.memmap(data, dtype=layout.dtype, mode="r", shape=layout.shape)
    except ValueError as error:  # shorter than it was
        raise OSError("the decoded file is cut off") from error


def read_frame(data: Path, layout: DecodedLayout, index: int) -> npt.NDArray[Any] | None:
    """One slice of a file that is still being filled, by plain reading; None where it is gone."""
    try:
        with data.open("rb", buffering=0) as stored:
            stored.seek(index * layout.frame_bytes)
            content = stored.read(layout.frame_bytes)
    except OSError:
        return None
    if content is None or len(content) != layout.frame_bytes:
        return None
    return np.frombuffer(content, dtype=layout.dtype).reshape(layout.shape[1:])


def _marker_of(fingerprint: str) -> dict[str, object]:
    return {"version": _VERSION, "made_from": fingerprint}
