"""Decoded frames in memory, inside a byte budget.

The least recently used leaves first. Knows frames by what names them, not by who wants them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from viewer.volume import Frame, LocatedFrame

FrameKey = tuple[str, int, int]


def frame_key(frame: LocatedFrame) -> FrameKey:
    """What names a frame: its instance, its number in it, and its tile (0 for the whole frame)."""
    source = frame.source
    return (source.sop_uid, source.frame, source.tile.number if source.tile else 0)


class FrameCache:
    """Decoded frames in memory. Thread-safe.

    Attributes:
        budget_bytes: how many bytes of pixels it keeps at most.
    """

    def __init__(self, budget_bytes: int) -> None:
        self.budget_bytes = budget_bytes
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
            self._drop(key)
            if size > self.budget_bytes:
                return
            while self._held_bytes + size > self.budget_bytes:
                self._drop(next(iter(self._frames)))
            self._frames[key] = frame
            self._held_bytes += size

    def holds(self, keys: Sequence[FrameKey]) -> npt.NDArray[np.bool_]:
        """Which of these frames are here; asking is no use of them."""
        with self._lock:
            return np.fromiter((key in self._frames for key in keys), np.bool_, len(keys))

    def drop(self, keys: Iterable[FrameKey]) -> None:
        """Lets these frames go."""
        with self._lock:
            for key in keys:
                self._drop(key)

    @property
    def held_bytes(self) -> int:
        """How much is kept now."""
        with self._lock:
            return self._held_bytes

    def _drop(self, key: FrameKey) -> None:
        leaving = self._frames.pop(key, None)
        if leaving is not None:
            self._held_bytes -= leaving.pixels.nbytes
