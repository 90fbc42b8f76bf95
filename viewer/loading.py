"""Pixels for frame sources: one frame now, or a whole series into a volume, middle first.

The bytes are decoded in the sandbox; this side only maps what the child has written. A series
opened before is mapped at once, without decoding. Blocking calls, made from worker threads; they
raise `ImageError` and leave nothing half done. Chooses no windows and knows no screens.
"""

from __future__ import annotations

import contextlib
import errno
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.cache import (
    DecodedArea,
    DecodedLayout,
    FrameCache,
    FrameKey,
    frame_key,
    layout_of,
    mapped,
    no_room,
    read_frame,
)
from viewer.sandbox import Callee, SandboxError
from viewer.volume import DisplaySet, Frame, FrameSource, ImageError, LocatedFrame, Volume

Progress = Callable[[int, int], None]

_SECONDS_FOR_A_SERIES = 60.0
_SECONDS_PER_FRAME = 2.0


class LoadingCancelled(ImageError):
    """The caller asked to stop; not an error to show."""


@dataclass(slots=True)
class _Filling:
    """A decoded file and which of its frames are written; complete ones are mapped."""

    data: Path
    layout: DecodedLayout
    written: set[int] = field(default_factory=set)
    pixels: npt.NDArray[Any] | None = None

    def frame(self, index: int) -> npt.NDArray[Any] | None:
        """The frame's pixels if they are there."""
        if self.pixels is not None:
            return np.asarray(self.pixels[index])
        return read_frame(self.data, self.layout, index) if index in self.written else None


class Loader:
    """Loads frames and volumes through a sandbox; thread-safe.

    Attributes:
        area: the folder of decoded files.
    """

    def __init__(self, sandbox: Callee, cache: FrameCache, area_dir: Path) -> None:
        """`area_dir` is owned, budgeted and emptied by the caller."""
        self.area = DecodedArea(area_dir)
        self._sandbox = sandbox
        self._cache = cache
        self._lock = threading.Lock()
        self._places: dict[FrameKey, tuple[str, int]] = {}
        self._files: dict[str, _Filling] = {}
        self._turns: dict[str, threading.Lock] = {}
        self._sealing: list[threading.Thread] = []

    def load_frame(self, located: LocatedFrame) -> Frame:
        """The stored pixels of one frame: from memory, from a decoded file, or decoded now."""
        key = frame_key(located)
        known = self._cache.get(key) or self._from_file(key, located.source)
        if known is not None:
            return known
        pixels = self._call("viewer.decoding:decode_frame", located.path, located.source)
        pixels.flags.writeable = False
        frame = Frame(pixels=pixels, source=located.source)
        self._cache.put(key, frame)
        return frame

    def load_volume(
        self,
        display_set: DisplaySet,
        *,
        first_index: int | None = None,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Volume:
        """The volume of a display set, decoded once and mapped read-only.

        `progress(done, total)` is called on this thread; frames already done can meanwhile be had
        from `load_frame`. Raises the set's `refusal`, `LoadingCancelled`, or what a frame raised.
        """
        if display_set.refusal is not None or display_set.world_from_voxel is None:
            raise display_set.refusal or ImageError("The images form no volume.")
        pixels = self._decoded(display_set, first_index, progress, cancelled)
        return _volume(display_set, pixels)

    def load_stack(
        self,
        display_set: DisplaySet,
        *,
        first_index: int | None = None,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> None:
        """Decodes all frames of a set that need not be a volume, so that scrolling waits for none.

        Colour sets and sets of mixed pixel formats go frame by frame into memory.
        """
        if layout_of(display_set.frames) is not None:
            self._decoded(display_set, first_index, progress, cancelled)
            return
        total = len(display_set.frames)
        for done, located in enumerate(display_set.frames, start=1):
            _refuse_cancelled(cancelled)
            self.load_frame(located)
            if progress is not None:
                progress(done, total)

    def close(self) -> None:
        """Waits until decoded files are safe on disk and forgets them."""
        with self._lock:
            waiting, self._sealing = self._sealing, []
            self._files.clear()
            self._places.clear()
        for thread in waiting:
            thread.join()

    def _from_file(self, key: FrameKey, source: FrameSource) -> Frame | None:
        with self._lock:
            place = self._places.get(key)
            held = self._files.get(place[0]) if place is not None else None
        if place is None or held is None:
            return None
        pixels = held.frame(place[1])
        return None if pixels is None else Frame(pixels=pixels, source=source)

    def _decoded(
        self,
        display_set: DisplaySet,
        first_index: int | None,
        progress: Progress | None,
        cancelled: Callable[[], bool] | None,
    ) -> npt.NDArray[Any]:
        """All frames of a set, mapped; decoded into a new file where there is none yet."""
        layout = layout_of(display_set.frames)
        if layout is None:
            raise ImageError("Images with this pixel format form no volume.")
        total = len(display_set.frames)
        with self._turn(display_set.key):
            held = self._held(display_set.key, layout)
            if held is None:
                _refuse_cancelled(cancelled)
                index = display_set.middle_index if first_index is None else first_index
                held = self._filled(display_set, layout, index, progress, cancelled)
            elif progress is not None:
                progress(total, total)
        if held.pixels is None:  # pragma: no cover - a finished file is always mapped
            raise ImageError("The images form no volume.")
        return held.pixels

    def _held(self, key: str, layout: DecodedLayout) -> _Filling | None:
        """The complete file of a set, already open or found on disk."""
        with self._lock:
            held = self._files.get(key)
        if held is not None:
            return held
        data = self.area.find(key, layout)
        if data is None:
            return None
        held = _Filling(data=data, layout=layout, pixels=mapped(data, layout))
        self._remember(key, held)
        return held

    def _filled(
        self,
        display_set: DisplaySet,
        layout: DecodedLayout,
        first_index: int,
        progress: Progress | None,
        cancelled: Callable[[], bool] | None,
    ) -> _Filling:
        held = _Filling(data=self.area.begin(display_set.key, layout), layout=layout)
        self._remember(display_set.key, held)
        total = len(display_set.frames)

        def on_report(index: Any) -> None:
            held.written.add(int(index))
            if progress is not None:
                progress(len(held.written), total)

        try:
            self._call(
                "viewer.decoding:fill",
                str(held.data),
                list(display_set.frames),
                layout.dtype,
                first_index,
                seconds=_SECONDS_FOR_A_SERIES + _SECONDS_PER_FRAME * total,
                on_report=on_report,
                cancelled=cancelled,
            )
            _refuse_incomplete(held)
        except BaseException:
            self._forget(display_set.key, held)
            raise
        held.pixels = mapped(held.data, layout)
        self._seal(display_set.key, held)
        return held

    def _seal(self, key: str, held: _Filling) -> None:
        """Marks the file complete in the background: nobody waits for the disk."""

        def seal() -> None:
            # A disk that fails here costs a second decoding, not an image.
            with contextlib.suppress(OSError):
                self.area.complete(key, held.layout, held.data)

        thread = threading.Thread(target=seal, name="seal-decoded")
        with self._lock:
            self._sealing = [t for t in self._sealing if t.is_alive()]
            self._sealing.append(thread)
        thread.start()

    def _remember(self, key: str, held: _Filling) -> None:
        with self._lock:
            self._files[key] = held
            self._places.update({f: (key, n) for n, f in enumerate(held.layout.frames)})

    def _forget(self, key: str, held: _Filling) -> None:
        with self._lock:
            if self._files.get(key) is held:
                del self._files[key]
        self.area.abandon(held.data)

    @contextlib.contextmanager
    def _turn(self, key: str) -> Iterator[None]:
        """One thread at a time per set: the second finds what the first has made."""
        with self._lock:
            turn = self._turns.setdefault(key, threading.Lock())
        with turn:
            yield

    def _call(self, target: str, *args: object, **options: Any) -> Any:
        """A sandbox call whose failures are `ImageError`."""
        try:
            return self._sandbox.call(target, *args, **options)
        except SandboxError as error:
            if error.kind == "cancelled":
                raise LoadingCancelled("Loading was cancelled.") from error
            raise ImageError(error.template, **error.fields) from error
        except FileNotFoundError as error:
            raise ImageError("The image file is missing.") from error
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise no_room(0) from error
            raise ImageError("The image file cannot be read ({kind}).", kind=error.errno) from error


def _refuse_cancelled(cancelled: Callable[[], bool] | None) -> None:
    if cancelled is not None and cancelled():
        raise LoadingCancelled("Loading was cancelled.")


def _refuse_incomplete(held: _Filling) -> None:
    if len(held.written) != held.layout.shape[0]:
        raise ImageError(
            "Only {done} of {total} images were decoded.",
            done=len(held.written),
            total=held.layout.shape[0],
        )


def _volume(display_set: DisplaySet, pixels: npt.NDArray[Any]) -> Volume:
    sources = [frame.source for frame in display_set.frames]
    middle = sources[display_set.middle_index]
    if display_set.world_from_voxel is None or display_set.spacing_mm is None:
        raise ImageError("The images form no volume.")
    return Volume(
        voxels=pixels,
        world_from_voxel=display_set.world_from_voxel,
        slope=middle.slope,
        intercept=middle.intercept,
        unit=middle.unit,
        spacing_mm=display_set.spacing_mm,
        frame_of_reference=display_set.frame_of_reference,
        series_uid=display_set.series_uid,
        stored_minimum=min(source.stored_minimum for source in sources),
        stored_maximum=max(source.stored_maximum for source in sources),
        source=middle,
    )
