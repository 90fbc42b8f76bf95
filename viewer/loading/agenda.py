"""What is decoded next: always the frames nearest to where the reader is.

A frame ahead in the direction of scrolling counts as nearer than one behind. Frames that lie in one
coded frame (the tiles of a mosaic) are taken together. Also how many make one batch. Decodes nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from viewer.volume import LocatedFrame

_BEHIND = 3.0
_BATCH_SECONDS = 0.045
_MOST_PER_BATCH = 256
# At the end both children shall have something to do.
_SHARE_OF_THE_REST = 4
# ... but no batch is so small that asking for it costs more than doing it.
_LEAST_SHARE = 8

Unit = tuple[int, ...]


def units_of(frames: Sequence[LocatedFrame]) -> list[Unit]:
    """Indices that are decoded together: one frame each, or the tiles of one coded frame."""
    found: dict[object, list[int]] = {}
    for index, frame in enumerate(frames):
        together = (frame.path, frame.source.fragments) if frame.source.tile else index
        found.setdefault(together, []).append(index)
    return [tuple(unit) for unit in found.values()]


class Agenda:
    """Units of work, open until taken; thread-safe."""

    def __init__(self, units: Sequence[Unit], focus: int) -> None:
        self._units = list(units)
        self._first = np.array([min(unit) for unit in units], dtype=np.int64)
        self._last = np.array([max(unit) for unit in units], dtype=np.int64)
        self._open = np.ones(len(units), dtype=np.bool_)
        self._focus = focus
        self._direction = 0
        self._lock = threading.Lock()

    def look_at(self, index: int) -> None:
        """The reader is at this frame now."""
        with self._lock:
            if index != self._focus:
                self._direction = 1 if index > self._focus else -1
            self._focus = index

    def take(self, most_frames: int) -> list[Unit]:
        """The nearest open units, about `most_frames` frames of them; [] where all are taken."""
        with self._lock:
            left = np.flatnonzero(self._open)
            if not len(left):
                return []
            least = most_frames // _LEAST_SHARE
            count = max(1, least, min(most_frames, len(left) // _SHARE_OF_THE_REST))
            distance = self._distance(left)
            if count < len(left):
                left = left[np.argpartition(distance, count - 1)[:count]]
            taken: list[Unit] = []
            for number in left[np.argsort(self._distance(left), kind="stable")]:
                if taken and sum(map(len, taken)) + len(self._units[number]) > most_frames:
                    break
                taken.append(self._units[number])
                self._open[number] = False
            return taken

    def nearest(self, most_units: int) -> list[Unit]:
        """The units nearest to the reader, taken or not."""
        with self._lock:
            order = np.argsort(self._distance(np.arange(len(self._units))), kind="stable")
            return [self._units[number] for number in order[:most_units]]

    def _distance(self, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """How far units are from the reader, in frames; the lock is held."""
        before = self._focus - self._last[numbers]
        after = self._first[numbers] - self._focus
        back = _BEHIND if self._direction > 0 else 1.0
        ahead = _BEHIND if self._direction < 0 else 1.0
        distance: npt.NDArray[np.float64] = np.maximum(before * back, after * ahead)
        return np.maximum(distance, 0.0)


class Pace:
    """How many frames make a batch of some ten milliseconds; thread-safe enough for a guess."""

    def __init__(self) -> None:
        self._seconds_per_frame: float | None = None

    @property
    def frames(self) -> int:
        """The size of the next batch."""
        if self._seconds_per_frame is None:
            return 1
        return int(min(_MOST_PER_BATCH, max(1.0, _BATCH_SECONDS / self._seconds_per_frame)))

    def took(self, frames: int, seconds: float) -> None:
        """A batch of so many frames was at work for so long."""
        found = max(seconds, 1e-6) / max(frames, 1)
        known = self._seconds_per_frame
        self._seconds_per_frame = found if known is None else (known + found) / 2
