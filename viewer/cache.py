"""What has been decoded: frames in memory, and whole series in files that outlive the program.

A decoded file holds the stored pixels of a display set, frame after frame, without a header. It
counts only once its marker lies beside it, written after the pixels are safely on disk: a fill
that was cut off is never taken for an image. The folder belongs to its caller, who may delete any
pair of files at any time. Decodes nothing itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.volume import Frame, ImageError, LocatedFrame

_VERSION = 1
_DATA_SUFFIX = ".voxels"
_SPARE_DISK_BYTES = 64 << 20
_ABANDONED_SECONDS = 3600.0

FrameKey = tuple[str, int]


def frame_key(frame: LocatedFrame) -> FrameKey:
    """What names a frame: its instance and its number in it."""
    return (frame.source.sop_uid, frame.source.frame)


class FrameCache:
    """Decoded frames in memory, the least recently used leaving first. Thread-safe."""

    def __init__(self, budget_bytes: int) -> None:
        """Keeps at most `budget_bytes` of pixels."""
        self._budget_bytes = budget_bytes
        self._frames: OrderedDict[FrameKey, Frame] = OrderedDict()
        self._held_bytes = 0
        self._lock = threading.Lock()

    def get(self, key: FrameKey) -> Frame | None:
        """The frame, or None."""
        with self._lock:
            frame = self._frames.get(key)
            if frame is not None:
                self._frames.move_to_end(key)
            return frame

    def put(self, key: FrameKey, frame: Frame) -> None:
        """Keeps a frame; others leave until the budget holds. One over the budget is not kept."""
        size = frame.pixels.nbytes
        with self._lock:
            replaced = self._frames.pop(key, None)
            if replaced is not None:
                self._held_bytes -= replaced.pixels.nbytes
            if size > self._budget_bytes:
                return
            while self._held_bytes + size > self._budget_bytes:
                _, leaving = self._frames.popitem(last=False)
                self._held_bytes -= leaving.pixels.nbytes
            self._frames[key] = frame
            self._held_bytes += size

    @property
    def held_bytes(self) -> int:
        """How much is kept now."""
        with self._lock:
            return self._held_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedLayout:
    """What a decoded file holds: (frames, rows, columns) of one type, and which frames."""

    shape: tuple[int, int, int]
    dtype: str
    frames: tuple[FrameKey, ...]

    @property
    def size_bytes(self) -> int:
        """The file's length."""
        return int(np.prod(self.shape, dtype=np.int64)) * np.dtype(self.dtype).itemsize

    @property
    def frame_bytes(self) -> int:
        """The length of one frame."""
        return self.size_bytes // self.shape[0]


def layout_of(frames: Sequence[LocatedFrame]) -> DecodedLayout | None:
    """The layout that holds these frames; None where they are colour, wide or of mixed size."""
    sources = [frame.source for frame in frames]
    first = sources[0]
    sizes = {(source.rows, source.columns, source.pixel_representation) for source in sources}
    if len(sizes) > 1 or any(s.samples != 1 or s.bits_stored > 16 for s in sources):
        return None
    widest = max(sources, key=lambda source: source.bits_stored)
    return DecodedLayout(
        shape=(len(sources), first.rows, first.columns),
        dtype=widest.stored_type,
        frames=tuple(frame_key(frame) for frame in frames),
    )


class DecodedArea:
    """A folder of decoded files, two names per display set: pixels and marker."""

    def __init__(self, folder: Path) -> None:
        """Makes the folder if needed."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def find(self, key: str, layout: DecodedLayout) -> Path | None:
        """The complete file of a set, or None where there is none or it does not fit."""
        try:
            marker = json.loads(self._marker(key).read_text("utf-8"))
            if marker != _marker_of(layout, marker["data"]):
                return None
            data = self.folder / Path(marker["data"]).name
            if data.stat().st_size != layout.size_bytes:
                return None
            os.utime(data)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return data

    def begin(self, key: str, layout: DecodedLayout) -> Path:
        """A new file of the right length to be filled; ImageError where the disk has no room."""
        self._sweep(key)
        free = shutil.disk_usage(self.folder).free
        if free < layout.size_bytes + _SPARE_DISK_BYTES:
            raise no_room(layout.size_bytes)
        data = self.folder / f"{key}.{secrets.token_hex(4)}{_DATA_SUFFIX}"
        with data.open("xb") as out:
            out.truncate(layout.size_bytes)
        return data

    def complete(self, key: str, layout: DecodedLayout, data: Path) -> None:
        """Makes the pixels safe on disk, then says so: from now on `find` gives the file."""
        with data.open("r+b") as written:
            os.fsync(written.fileno())
        waiting = data.with_suffix(".marker")
        with waiting.open("w", encoding="utf-8") as out:
            json.dump(_marker_of(layout, data.name), out)
            out.flush()
            os.fsync(out.fileno())
        waiting.replace(self._marker(key))

    def abandon(self, data: Path) -> None:
        """Removes a file that will not be completed."""
        with contextlib.suppress(OSError):
            data.unlink()

    def _marker(self, key: str) -> Path:
        return self.folder / f"{key}.json"

    def _sweep(self, key: str) -> None:
        """Removes what an earlier fill of this set left behind; not what another is writing."""
        for left in self.folder.glob(f"{key}.*{_DATA_SUFFIX}"):
            with contextlib.suppress(OSError):
                if time.time() - left.stat().st_mtime > _ABANDONED_SECONDS:
                    left.unlink()


def no_room(needed_bytes: int) -> ImageError:
    """The refusal for a full disk."""
    return ImageError(
        "The disk has no room for the decoded images: {needed} MB are needed.",
        needed=max(1, needed_bytes >> 20),
    )


def mapped(data: Path, layout: DecodedLayout) -> npt.NDArray[Any]:
    """The file's pixels as a read-only array of `layout.shape`."""
    return np.memmap(data, dtype=layout.dtype, mode="r", shape=layout.shape)


def read_frame(data: Path, layout: DecodedLayout, index: int) -> npt.NDArray[Any]:
    """One frame of a file that is still being filled, by plain reading."""
    with data.open("rb") as stored:
        stored.seek(index * layout.frame_bytes)
        content = stored.read(layout.frame_bytes)
    return np.frombuffer(content, dtype=layout.dtype).reshape(layout.shape[1:])


def _marker_of(layout: DecodedLayout, data: str) -> dict[str, object]:
    return {
        "version": _VERSION,
        "data": data,
        "dtype": layout.dtype,
        "shape": list(layout.shape),
        "frames": [list(key) for key in layout.frames],
    }
