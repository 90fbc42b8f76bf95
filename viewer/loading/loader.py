"""The loader of a program: what is at hand is served at once, the rest is decoded by the children.

A display set goes into one decoded file, mapped when it is whole; a set that fits none (color, wide
or mixed frames), or whose file would be over the budget, is kept frame by frame around the reader,
and its volume is a reduced one. Knows no screens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from viewer.cache import DecodedArea, DecodedLayout, FrameCache, frame_key, layout_of
from viewer.loading.children import Children
from viewer.loading.filling import Recipe, refuse_failures
from viewer.loading.nearby import Nearby
from viewer.loading.reduction import FULL, Reduction, least_reduction, reduced_layout
from viewer.loading.series import DecodedSeries
from viewer.loading.singles import Singles
from viewer.loading.volumes import volume_of
from viewer.loading.watching import Progress
from viewer.sandbox import Callee, Priority
from viewer.volume import DisplaySet, Frame, ImageError, LocatedFrame, OverlayPlane, Volume

VOLUME_BUDGET_BYTES = 2 << 30
# A frame up to this size is decoded whole for a thumbnail: it will be looked at next.
_SMALL_PX = 1 << 20


class Loader:
    """Loads frames and volumes through a sandbox; thread-safe.

    Attributes:
        area: the folder of decoded files.
        volume_budget_bytes: the largest volume that is loaded in full resolution.
    """

    def __init__(
        self,
        sandbox: Callee,
        cache: FrameCache,
        area_dir: Path,
        *,
        volume_budget_bytes: int = VOLUME_BUDGET_BYTES,
    ) -> None:
        """`area_dir` is owned, budgeted and emptied by the caller."""
        self.area = DecodedArea(area_dir)
        self.volume_budget_bytes = volume_budget_bytes
        self._cache = cache
        self._children = Children(sandbox)
        self._singles = Singles(self._children, cache)
        self._series = DecodedSeries(self.area, self._children)
        self._nearby: dict[str, Nearby] = {}

    def load_frame(
        self, located: LocatedFrame, *, priority: Priority = Priority.INTERACTION
    ) -> Frame:
        """The stored pixels of one frame: from memory, from a decoded file, or decoded now."""
        return self._at_hand(located) or self._singles.decoded(located, priority)

    def preview(self, located: LocatedFrame, most_px: int) -> Frame | None:
        """A picture of a large JPEG 2000 frame with at least `most_px` pixels in its longer side.

        Its source's size and spacing are those of the reduced picture, which lies where the frame
        lies; it is for looking at, not for measuring. None where the full frame is as quick.
        """
        if self._at_hand(located) is not None:
            return None
        return self._singles.preview(located, most_px)

    def load_thumbnail(self, located: LocatedFrame, most_px: int) -> Frame:
        """A picture of a frame for a list: the frame if it is small, else a reduced one."""
        known = self._at_hand(located)
        if known is not None:
            return known
        if located.source.rows * located.source.columns <= _SMALL_PX:
            return self._singles.decoded(located, Priority.THUMBNAIL)
        return self._singles.thumbnail(located, most_px)

    def load_overlays(self, located: LocatedFrame) -> tuple[OverlayPlane, ...]:
        """The overlay planes of a frame; () at once where it has none."""
        return self._singles.overlays(located)

    def load_volume(
        self,
        display_set: DisplaySet,
        *,
        first_index: int | None = None,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
        priority: Priority = Priority.PREFETCH,
    ) -> Volume:
        """The volume of a display set, decoded once and mapped read-only.

        `progress(done, total)` is called on this thread; frames already done can meanwhile be had
        from `load_frame`. A volume over the budget is a reduced one: see `Volume.reduction`. Raises
        the set's `refusal`, `LoadingCancelled`, or which image cannot be decoded and why.
        """
        if display_set.refusal is not None or display_set.world_from_voxel is None:
            raise display_set.refusal or ImageError("The images form no volume.")
        layout = layout_of(display_set.frames)
        if layout is None:
            raise ImageError("Images with this pixel format form no volume.")
        reduction = self.reduction_of(display_set)
        recipe = Recipe(
            layout=reduced_layout(layout, reduction),
            frames=display_set.frames,
            reduction=reduction,
        )
        file = self._series.load(
            display_set.key, recipe, _first(display_set, first_index), priority
        )(progress, cancelled)
        refuse_failures(file)
        if file.pixels is None:  # pragma: no cover - a file without failures is mapped
            raise ImageError("The images form no volume.")
        return volume_of(display_set, file.pixels, reduction)

    def load_stack(
        self,
        display_set: DisplaySet,
        *,
        first_index: int | None = None,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
        priority: Priority = Priority.PREFETCH,
    ) -> None:
        """Decodes the frames of a set, so that scrolling waits for none.

        Those that fit no decoded file go into memory, as many as it holds, and are followed as the
        reader moves (`focus`). A frame that cannot be decoded does not stop the others; it raises
        when it is asked for.
        """
        index = _first(display_set, first_index)
        layout = self._full_layout(display_set)
        if layout is None:
            self._nearby_of(display_set, index).load(progress, cancelled)
            return
        recipe = Recipe(layout=layout, frames=display_set.frames)
        self._series.load(display_set.key, recipe, index, priority)(progress, cancelled)

    def focus(self, display_set: DisplaySet, index: int) -> None:
        """The reader looks at this frame now: this set comes first, its nearest frames before all.

        Cheap, for every step of a scroll; does nothing for frames that nobody has asked to load.
        """
        self._series.focus(display_set.key, index)
        nearby = self._nearby.get(display_set.key)
        if nearby is not None:
            nearby.look_at(index)

    def loaded_frames(self, display_set: DisplaySet) -> npt.NDArray[np.bool_]:
        """Which frames are at hand without decoding: one flag per frame. Cheap; opens nothing."""
        held = self._cache.holds([frame_key(frame) for frame in display_set.frames])
        written = self._series.written(display_set.key)
        return held if written is None else held | written

    def reduction_of(self, display_set: DisplaySet) -> Reduction:
        """By how much a set's volume is reduced to fit the budget: (columns, rows, slices)."""
        layout = layout_of(display_set.frames)
        if layout is None:
            return FULL
        sources = [frame.source for frame in display_set.frames]
        return least_reduction(layout, sources, self.volume_budget_bytes)

    def release(self, display_sets: Iterable[DisplaySet]) -> None:
        """Nobody looks at these any more: loading stops, frames leave memory, files are closed.

        Volumes that somebody still holds stay whole.
        """
        for display_set in display_sets:
            self._series.release(display_set.key)
            nearby = self._nearby.pop(display_set.key, None)
            if nearby is not None:
                nearby.release()
            self._cache.drop(frame_key(frame) for frame in display_set.frames)

    def close(self) -> None:
        """Stops all loading, waits until decoded files are safe on disk and forgets them."""
        for nearby in self._nearby.values():
            nearby.release()
        self._series.close()
        for nearby in self._nearby.values():
            nearby.await_end()
        self._nearby.clear()

    def _at_hand(self, located: LocatedFrame) -> Frame | None:
        key = frame_key(located)
        known = self._cache.get(key)
        if known is not None:
            return known
        pixels = self._series.frame(key)
        return None if pixels is None else Frame(pixels=pixels, source=located.source)

    def _full_layout(self, display_set: DisplaySet) -> DecodedLayout | None:
        """The layout of the set's decoded file, if one may be written."""
        layout = layout_of(display_set.frames)
        if layout is None or layout.size_bytes > self.volume_budget_bytes:
            return None
        return layout

    def _nearby_of(self, display_set: DisplaySet, index: int) -> Nearby:
        found = self._nearby.get(display_set.key)
        if found is None:
            found = Nearby(display_set, index, self._children, self._cache)
            found = self._nearby.setdefault(display_set.key, found)
        found.look_at(index)
        return found


def _first(display_set: DisplaySet, first_index: int | None) -> int:
    return display_set.middle_index if first_index is None else first_index
