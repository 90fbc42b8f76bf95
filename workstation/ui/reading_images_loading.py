"""The images of the open study: which series are volumes by now, which are under way, which refused.

First pictures come frame by frame; volumes follow one after the other, the one being looked at
first, so that two series never fight for the decoder. Thumbnails come last. It runs on the window's
thread and hands all work to the runner; it knows no viewport and no layout.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from viewer.loading import Priority
from viewer.qt.drawing import Images
from viewer.qt.painting import Ticks
from viewer.qt.starting import Start
from viewer.render.plane import picture_of_frame
from viewer.view import Presentation, ViewState
from viewer.voi import default_voi
from viewer.volume import DisplaySet, Frame, LocatedFrame, OverlayPlane, Volume
from workstation.ui.background import Job, Lane, Runner
from workstation.ui.series_entries import pictured

T = TypeVar("T")

# Twice the size it is shown at, for fine screens.
THUMBNAIL_PX = 208
# Progress is told no more often: a long series has thousands of images.
_TELL_SECONDS = 0.04


class FrameLoader(Protocol):
    """What the reading window needs of `viewer.loading.Loader`."""

    def load_frame(self, located: LocatedFrame, *, priority: Priority = ...) -> Frame:
        """The stored pixels of one frame; blocks."""

    def load_thumbnail(self, located: LocatedFrame, most_px: int) -> Frame:
        """A frame for a small picture, reduced where that is quicker; blocks."""

    def load_overlays(self, located: LocatedFrame) -> Sequence[OverlayPlane]:
        """The overlay planes of a frame; blocks."""

    def preview(self, located: LocatedFrame, most_px: int) -> Frame | None:
        """A smaller picture of a frame where it comes sooner than the frame; blocks."""

    def load_volume(
        self,
        display_set: DisplaySet,
        *,
        first_index: int,
        progress: Callable[[int, int], None],
        cancelled: Callable[[], bool],
    ) -> Volume:
        """The volume of a set, frames near `first_index` first; blocks."""

    def load_stack(
        self,
        display_set: DisplaySet,
        *,
        first_index: int,
        progress: Callable[[int, int], None],
        cancelled: Callable[[], bool],
    ) -> None:
        """All frames of a set that is no volume, for `load_frame` to have at hand; blocks."""

    def focus(self, display_set: DisplaySet, index: int) -> None:
        """The reader looks at this frame now; returns at once."""

    def loaded_frames(self, display_set: DisplaySet) -> npt.NDArray[np.bool_]:
        """Which frames are at hand; returns at once."""

    def release(self, display_sets: Iterable[DisplaySet]) -> None:
        """Nobody looks at these any more."""


class StudyImages(QObject):
    """The display sets of one study and what is in memory of them.

    Signals:
        seriesLoaded: the key of a set whose frames are all there now, as a volume where they form one.
        loadingFailed: the key, and the exception that ended its loading.
        progressed: the key, frames done, frames in all.
        thumbnailReady: the key and a uint8 picture.
    """

    seriesLoaded = Signal(str)  # noqa: N815 - Qt's own spelling of signals
    loadingFailed = Signal(str, object)  # noqa: N815 - Qt's own spelling of signals
    progressed = Signal(str, int, int)
    thumbnailReady = Signal(str, object)  # noqa: N815 - Qt's own spelling of signals

    def __init__(self, loader: FrameLoader, runner: Runner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._loader = loader
        self._runner = runner
        self._images: dict[str, Images] = {}
        self._failures: dict[str, Exception] = {}
        self._loaded: set[str] = set()
        self._wanted: list[tuple[str, int]] = []
        self._thumbnails: list[str] = []
        self._jobs: dict[str, Job] = {}
        self._study = 0

    @property
    def sets(self) -> Mapping[str, DisplaySet]:
        """The display sets by key, in the study's order."""
        return {key: images.display_set for key, images in self._images.items()}

    def images(self, key: str) -> Images:
        """What is there of a set now."""
        return self._images[key]

    def refusal(self, key: str) -> Exception | None:
        """Why there are no planes of a set, None where there are or will be."""
        return self._images[key].display_set.refusal or self._failures.get(key)

    def open(self, sets: list[DisplaySet]) -> None:
        """Begin with another study; everything of the last one is let go."""
        self.close()
        self._images = {images.key: Images(display_set=images) for images in sets}
        self._thumbnails = pictured(sets)

    def close(self) -> None:
        """Let the study go; what is still being loaded is told to stop and is not delivered."""
        self._study += 1
        for job in self._jobs.values():
            job.cancel()
        if self._images:
            self._loader.release(list(self.sets.values()))
        self._jobs, self._images, self._failures = {}, {}, {}
        self._wanted, self._thumbnails, self._loaded = [], [], set()

    def fix_start(self, key: str, start: Start) -> None:
        """The window a set was first drawn with is that of all its images whose headers say no other."""
        images = self._images.get(key)
        if images is not None and images.start is None:
            self._images[key] = replace(images, start=start)

    def is_loaded(self, key: str) -> bool:
        """Whether all frames of a set are at hand."""
        return key in self._loaded

    def ticks(self, key: str) -> Ticks:
        """Which stretches of a set are at hand, and where slices are missing."""
        images = self._images[key].display_set
        return Ticks(
            loaded=stretches(self._loader.loaded_frames(images)),
            gaps=tuple((i + 0.5) / max(len(images.frames) - 1, 1) for i in images.gaps),
        )

    def look_at(self, key: str, index: int) -> None:
        """The reader has scrolled to a frame: it and its neighbours are loaded before the others."""
        self._loader.focus(self._images[key].display_set, index)

    def want(self, key: str, index: int) -> None:
        """Load this set next, frames near `index` first; no effect where it is there or has failed."""
        if key in self._loaded or key in self._failures:
            return
        self._wanted = [(key, index), *(w for w in self._wanted if w[0] != key)]
        self._load_next()

    def want_thumbnails(self) -> None:
        """Make the thumbnails, one after the other."""
        if self._thumbnails and "thumbnail" not in self._jobs:
            self._make_thumbnail(self._thumbnails.pop(0))

    def _load_next(self) -> None:
        if "series" in self._jobs or not self._wanted:
            return
        key, index = self._wanted.pop(0)
        images = self._images[key].display_set
        load = self._loader.load_volume if images.is_volume else self._loader.load_stack
        report = _now_and_then(self._runner.bridge(partial(self._on_progress, self._study, key)))
        self._jobs["series"] = self._runner.run_job(
            lambda job: load(images, first_index=index, progress=report, cancelled=job.cancelled),
            done=partial(self._on_loaded, key),
            failed=partial(self._on_failed, key),
            lane=Lane.IMAGES,
        )

    def _on_progress(self, study: int, key: str, done: int, total: int) -> None:
        if study == self._study:
            self.progressed.emit(key, done, total)

    def _on_loaded(self, key: str, volume: Volume | None) -> None:
        images = self._images[key]
        self._images[key] = replace(images, volume=volume)
        self._loaded.add(key)
        self._end_loading()
        self.seriesLoaded.emit(key)

    def _on_failed(self, key: str, error: Exception) -> None:
        self._failures[key] = error
        self._end_loading()
        self.loadingFailed.emit(key, error)

    def _end_loading(self) -> None:
        del self._jobs["series"]
        self._load_next()

    def _make_thumbnail(self, key: str) -> None:
        images = self._images[key].display_set
        middle = images.frames[len(images.frames) // 2]
        self._jobs["thumbnail"] = self._runner.run(
            partial(_thumbnail, self._loader, middle),
            done=partial(self._on_thumbnail, key),
            failed=lambda _error: self._on_thumbnail(key, None),
            lane=Lane.IMAGES,
        )

    def _on_thumbnail(self, key: str, picture: object) -> None:
        """A series whose middle cannot be shown keeps an empty thumbnail; its viewport says why."""
        del self._jobs["thumbnail"]
        if picture is not None:
            self.thumbnailReady.emit(key, picture)
        self.want_thumbnails()


def _thumbnail(loader: FrameLoader, located: LocatedFrame) -> object:
    frame = loader.load_thumbnail(located, THUMBNAIL_PX)
    look = Presentation(voi=default_voi(frame.source, frame.pixels))
    return picture_of_frame(frame, look, ViewState(), (THUMBNAIL_PX, THUMBNAIL_PX))


class ImageLane:
    """The runner as viewports know it: everything they ask for runs in the lane of pictures."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    def run(
        self,
        function: Callable[[], T],
        *,
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> Job:
        """Run a drawing."""
        return self._runner.run(function, done=done, failed=failed, lane=Lane.IMAGES)


def _now_and_then(report: Callable[[int, int], None]) -> Callable[[int, int], None]:
    """Progress that is passed on a few times a second, and at the end."""
    told_at = [0.0]

    def tell(done: int, total: int) -> None:
        now = time.monotonic()
        if done >= total or now - told_at[0] >= _TELL_SECONDS:
            told_at[0] = now
            report(done, total)

    return tell


def stretches(at_hand: npt.NDArray[np.bool_]) -> tuple[tuple[float, float], ...]:
    """Runs of frames that are at hand, as shares of the series: (first, behind the last), 0-1."""
    padded = np.concatenate(([False], at_hand, [False]))
    ends = np.flatnonzero(padded[1:] != padded[:-1]) / max(len(at_hand), 1)
    return tuple((float(first), float(last)) for first, last in ends.reshape(-1, 2))
