"""One first opening of a study through the real window and a click on its second series, timed; the same by pydicom.

Run in a process of its own (``main(home, study, person, password)``), so that no opening finds what an earlier one left
in memory; not with ``-m``, for the children would import this module and the window with it. It tells milliseconds as
one JSON line.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest

from viewer.qt import viewport as viewport_module
from viewer.qt.canvas import Canvas
from viewer.qt.viewport import Viewport
from workstation.app import Windows, application
from workstation.ui.tour_hand import Hand, Pictures
from workstation.ui.tour_proof import Proof
from workstation.ui.tour_story import Story
from workstation.wiring import build

REST_SECONDS = 3.0
MOST_SECONDS = 60.0


class Stopwatch:
    """When the first viewport had painted a picture, and when the series was whole; seconds on ``perf_counter``.

    It looks at the viewports alone: a filter of all the program's events costs 40 ms for Python's names of them.
    `stages` are the moments on the way: the drawing asked for, begun on a worker and finished there, its painting begun
    on the window's thread and done.
    """

    def __init__(self, windows: Windows, series_uid: str = "") -> None:
        self._series_uid = series_uid
        self.stages: dict[str, float] = {}
        self.painted_s: float | None = None
        self.ready_s: float | None = None
        windows.main.reading.images.seriesReady.connect(self._ready)
        self._replaced: list[tuple[Any, str, Any]] = []
        self._watch(Viewport, "_ask", after="asked")
        self._watch(viewport_module, "draw", before="begun", after="drawn")
        self._watch(Canvas, "_paint_drawn", before="delivered", after="painted")

    def _watch(self, owner: Any, name: str, *, before: str = "", after: str = "") -> None:
        function = getattr(owner, name)

        def watched(*args: Any) -> Any:
            is_ours = not isinstance(args[0], Canvas) or self._is_ours(args[0])
            if is_ours and before:
                self.stages.setdefault(before, time.perf_counter())
            result = function(*args)
            if is_ours and after:
                if after == "painted" and after not in self.stages:
                    QTimer.singleShot(0, self._on_painted)  # on the screen when the loop turns next
                self.stages.setdefault(after, time.perf_counter())
            return result

        self._replaced.append((owner, name, function))
        setattr(owner, name, watched)

    def _is_ours(self, canvas: Viewport) -> bool:
        return canvas.series_uid.startswith(self._series_uid)

    def _on_painted(self) -> None:
        self.painted_s = time.perf_counter()

    def _ready(self, _series_uid: str) -> None:
        if self.ready_s is None:
            self.ready_s = time.perf_counter()

    def split_ms(self, begun: float) -> dict[str, float]:
        """The stages, in milliseconds after the key or the click."""
        return {name: (at - begun) * 1000 for name, at in self.stages.items()}

    def stop(self) -> None:
        for owner, name, function in self._replaced:
            setattr(owner, name, function)


class Opening(Story):
    """Log in, choose the row, press Enter."""

    def reach(self, person: str, password: str) -> None:
        """Log in, choose the row, and look at it until nothing is under way."""
        self.log_in(person, password)
        self.choose()

    def log_in(self, person: str, password: str) -> None:
        """To the list of all studies, at rest."""
        self._type_password(person, password)
        self._hand.press("worklist.question.ALL")
        self.come_to_rest()

    def choose(self) -> None:
        """Choose the row and look at it."""
        self._hand.choose_row(self._study)
        self.come_to_rest()

    def time(self, windows: Windows, person: str, password: str) -> dict[str, Any]:
        self.reach(person, password)
        watch = Stopwatch(windows)
        begun = time.perf_counter()
        self._hand.key(Qt.Key.Key_Return)
        self._hand.wait("the series", lambda: watch.ready_s and watch.painted_s, MOST_SECONDS)
        watch.stop()
        assert watch.painted_s is not None
        assert watch.ready_s is not None
        return {
            "first_ms": (watch.painted_s - begun) * 1000,
            "series_ms": (watch.ready_s - begun) * 1000,
            "first_split": watch.split_ms(begun),
            **self._click_second(windows),
        }

    def _click_second(self, windows: Windows) -> dict[str, Any]:
        """From the click on the second thumbnail to that series' first image, at leisure."""
        self.come_to_rest()
        second = windows.main.reading.images.thumbnails.items()[1]
        watch = Stopwatch(windows, second.entry.series_uid)
        begun = time.perf_counter()
        QTest.mouseClick(second.picture, Qt.MouseButton.LeftButton)
        self._hand.wait("the second series", lambda: watch.painted_s, MOST_SECONDS)
        watch.stop()
        assert watch.painted_s is not None
        return {
            "click_ms": (watch.painted_s - begun) * 1000,
            "click_split": watch.split_ms(begun),
        }

    def come_to_rest(self) -> None:
        """As when a person looks for the row: children and kernels are warm, nothing is under way."""
        us = psutil.Process()
        deadline = time.monotonic() + MOST_SECONDS
        rested = time.monotonic()
        while time.monotonic() - rested < REST_SECONDS and time.monotonic() < deadline:
            before = worked_seconds(us)
            self._hand.rest(250)
            if worked_seconds(us) - before > 0.06:
                rested = time.monotonic()


def worked_seconds(process: psutil.Process) -> float:
    """Processor time of a process and its children."""
    total = 0.0
    for one in (process, *process.children(recursive=True)):
        try:
            times = one.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system
    return total


def by_pydicom(paths: list[Path], others: list[Path]) -> dict[str, float]:
    """The same files read and decoded by pydicom in one thread: the middle one alone, then all into one array.

    Of the second series the middle one alone.
    """
    from pydicom import dcmread

    begun = time.perf_counter()
    _ = dcmread(paths[len(paths) // 2]).pixel_array
    first = time.perf_counter()
    slices = [dcmread(path).pixel_array for path in paths]
    whole = np.stack(slices)
    done = time.perf_counter()
    _ = dcmread(others[len(others) // 2]).pixel_array
    clicked = time.perf_counter()
    return {
        "pydicom_first_ms": (first - begun) * 1000,
        "pydicom_series_ms": (done - first) * 1000,
        "pydicom_click_ms": (clicked - done) * 1000,
        "images": whole.shape[0],
    }


def main(home: Path, study: str, person: str, password: str) -> int:
    application("zh_CN")
    windows = Windows(build(home))
    try:
        windows.open()
        windows.main.showNormal()
        windows.main.resize(1680, 1000)
        windows.main.activateWindow()
        scratch = home.parent / "pictures"
        hand = Hand(windows.main, Pictures(scratch, lambda _line: None))
        hand.wait("the window to be active", windows.main.isActiveWindow)
        story = Opening(windows, hand, Proof(home, scratch, []), study)
        taken = story.time(windows, person, password)
        index = windows.station.store.index
        first, second = (
            [i.path for i in index.instances(study, series.facts.series_uid)]
            for series in index.series(study)
        )
    finally:
        windows.close()
    print(json.dumps({**taken, **by_pydicom(first, second)}), flush=True)
    return 0
