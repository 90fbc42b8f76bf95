"""Frames kept in memory around where the reader is, for sets that are in no decoded file.

Color, wide and mixed frames, and series whose decoded file would not fit the budget: as many as the
memory given holds are decoded, those ahead in the direction of scrolling before those behind. Knows
no volumes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from viewer.cache import FrameCache, frame_key
from viewer.loading.agenda import Agenda, Pace, units_of
from viewer.loading.children import ChildEnded, Children
from viewer.loading.lanes import Lanes
from viewer.loading.watching import Progress, Watched
from viewer.sandbox import Priority
from viewer.volume import DisplaySet, Frame, FrameSource, ImageError, LocatedFrame

# What the children hold and send at once.
_BATCH_BYTES = 24 << 20


class Nearby:
    """The frames of one set that are wanted in memory, and the work of getting them."""

    def __init__(
        self, display_set: DisplaySet, focus: int, children: Children, cache: FrameCache
    ) -> None:
        frames = display_set.frames
        self._frames = frames
        self._keys = [frame_key(frame) for frame in frames]
        self._children = children
        self._cache = cache
        self._agenda = Agenda(units_of(frames), focus)
        self._frame_bytes = max(_frame_bytes(frame.source) for frame in frames)
        self._pace = Pace()
        self._lock = threading.Lock()
        self._busy: set[int] = set()
        self._failures: dict[int, ImageError] = {}
        self._work = Watched(total=len(frames))
        self._work.end()
        self._lanes: Lanes | None = None

    @property
    def loaded(self) -> npt.NDArray[np.bool_]:
        """Which frames are in memory."""
        return self._cache.holds(self._keys)

    def look_at(self, index: int) -> None:
        """The reader is at this frame: others are wanted now."""
        self._agenda.look_at(index)
        self._started()

    def load(self, progress: Progress | None, cancelled: Callable[[], bool] | None) -> None:
        """Returns when all that is wanted is in memory."""
        while True:
            work = self._started(joining=True)
            if work is None:
                break
            work.watch(progress, cancelled)
        if progress is not None:
            progress(int(self.loaded.sum()), len(self._frames))

    def release(self) -> None:
        """Nobody wants these any more."""
        self._work.stop()
        self._cache.drop(self._keys)

    def await_end(self) -> None:
        """Returns when its threads are gone."""
        if self._lanes is not None:
            self._lanes.join()

    def _started(self, *, joining: bool = False) -> Watched | None:
        """The work under way, begun if anything is missing; None where nothing is."""
        with self._lock:
            work = self._work
            if not (work.is_over or work.is_stopped) and (not joining or work.join()):
                return work
            if not self._missing():
                return None
            work = Watched(total=len(self._frames), done=int(self.loaded.sum()))
            if joining:
                work.join()
            lanes = Lanes(lambda: self._step(work), work.end, "frames-nearby")
            self._work, self._lanes = work, lanes
        lanes.start()
        return work

    def _step(self, work: Watched) -> bool:
        with self._lock:
            most = max(1, min(self._pace.frames, _BATCH_BYTES // self._frame_bytes))
            batch = [] if work.is_stopped else self._missing()[:most]
            self._busy.update(batch)
        try:
            if batch:
                self._decode(batch, work)
        finally:
            with self._lock:
                self._busy.difference_update(batch)
        return bool(batch)

    def _missing(self) -> list[int]:
        """Wanted frames that nobody is at, the nearest first; the lock is held."""
        room = max(1, self._cache.budget_bytes * 3 // 5 // self._frame_bytes)
        wanted = [number for unit in self._agenda.nearest(room) for number in unit][:room]
        held = self._cache.holds([self._keys[number] for number in wanted])
        return [
            number
            for number, is_held in zip(wanted, held, strict=True)
            if not is_held and number not in self._busy and number not in self._failures
        ]

    def _decode(self, batch: list[int], work: Watched) -> None:
        places = [(number, self._frames[number]) for number in batch]
        try:
            found, failures, seconds = self._children.call(
                "decode_frames",
                places,
                priority=Priority.PREFETCH,
                cancelled=lambda: work.is_stopped,
            )
        except ChildEnded as error:
            for number in batch if len(batch) > 1 else ():
                self._decode([number], work)
            if len(batch) == 1:
                self._failures[batch[0]] = error
            return
        self._pace.took(len(batch), seconds)
        for number, pixels in found:
            keep(self._cache, self._frames[number], pixels)
        self._failures.update(failures)
        work.advance(len(found))


def keep(cache: FrameCache, located: LocatedFrame, pixels: npt.NDArray[np.generic]) -> Frame:
    """A frame of pixels that came from a child, read-only and in the cache."""
    pixels.flags.writeable = False
    frame = Frame(pixels=pixels, source=located.source)
    cache.put(frame_key(located), frame)
    return frame


def _frame_bytes(source: FrameSource) -> int:
    return source.rows * source.columns * source.samples * np.dtype(source.stored_type).itemsize
