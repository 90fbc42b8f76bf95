"""One picture at a time: a frame, a smaller one to begin with, a thumbnail, overlay bits.

What a person waits for is decoded before everything else. Two who ask for the same frame wait for
the same decoding. Knows no series.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future

from viewer.cache import FrameCache, FrameKey, frame_key
from viewer.loading.children import Children
from viewer.loading.nearby import keep
from viewer.loading.reduction import reduced_source
from viewer.sandbox import Priority
from viewer.volume import Frame, FrameSource, LocatedFrame, OverlayPlane

# JPEG 2000, HTJ2K: a smaller picture costs a fraction of the whole one.
_LAYERED = frozenset(f"1.2.840.10008.1.2.4.{number}" for number in (90, 91, 92, 93, 201, 202, 203))
_LARGE_PX = 2_000_000
_MOST_OVERLAYS = 512


class Singles:
    """Frames one by one. Thread-safe."""

    def __init__(self, children: Children, cache: FrameCache) -> None:
        self._children = children
        self._cache = cache
        self._lock = threading.Lock()
        self._pending: dict[FrameKey, tuple[Priority, Future[Frame]]] = {}
        self._overlays: OrderedDict[FrameKey, tuple[OverlayPlane, ...]] = OrderedDict()

    def decoded(self, located: LocatedFrame, priority: Priority) -> Frame:
        """A frame decoded now, or by somebody as urgent who has asked before."""
        key = frame_key(located)
        future: Future[Frame] = Future()
        with self._lock:
            pending = self._pending.get(key)
            is_shared = pending is not None and pending[0] <= priority
            if not is_shared:
                self._pending[key] = (priority, future)
        if pending is not None and is_shared:
            return pending[1].result()
        try:
            frame = self._decode(located, priority)
        except BaseException as error:
            future.set_exception(error)
            raise
        else:
            future.set_result(frame)
            return frame
        finally:
            with self._lock:
                if self._pending.get(key) == (priority, future):
                    del self._pending[key]

    def preview(self, located: LocatedFrame, most_px: int) -> Frame | None:
        """A smaller picture of a large layered frame, at least `most_px` in its longer side."""
        source = located.source
        if not _is_large(source) or max(source.rows, source.columns) < 2 * most_px:
            return None
        frame = self._reduced(located, "decode_reduced", most_px, Priority.INTERACTION)
        return None if frame.source is source else frame

    def thumbnail(self, located: LocatedFrame, most_px: int) -> Frame:
        """A small picture of a large frame, not kept."""
        return self._reduced(located, "decode_small", most_px, Priority.THUMBNAIL)

    def overlays(self, located: LocatedFrame) -> tuple[OverlayPlane, ...]:
        """The overlay planes of a frame."""
        if not located.source.overlays:
            return ()
        key = frame_key(located)
        with self._lock:
            known = self._overlays.get(key)
            if known is not None:
                self._overlays.move_to_end(key)
                return known
        found: tuple[OverlayPlane, ...] = self._children.call(
            "decode_overlays", located.path, located.source, priority=Priority.INTERACTION
        )
        for plane in found:
            plane.bits.flags.writeable = False
        with self._lock:
            self._overlays[key] = found
            while len(self._overlays) > _MOST_OVERLAYS:
                self._overlays.popitem(last=False)
        return found

    def _decode(self, located: LocatedFrame, priority: Priority) -> Frame:
        source = located.source
        is_urgent = priority is Priority.INTERACTION
        threads = (2,) if is_urgent and _is_large(source) else ()
        pixels = self._children.call(
            "decode_frame", located.path, source, *threads, priority=priority
        )
        return keep(self._cache, located, pixels)

    def _reduced(
        self, located: LocatedFrame, target: str, most_px: int, priority: Priority
    ) -> Frame:
        source = located.source
        pixels, factor = self._children.call(
            target, located.path, source, most_px, priority=priority
        )
        if factor == 1:
            return keep(self._cache, located, pixels)
        pixels.flags.writeable = False
        return Frame(pixels=pixels, source=reduced_source(source, factor, pixels.shape))


def _is_large(source: FrameSource) -> bool:
    """Whether it is worth while to decode less than all of it, or with more than one thread."""
    is_layered = source.transfer_syntax in _LAYERED and source.tile is None
    return is_layered and source.rows * source.columns >= _LARGE_PX
