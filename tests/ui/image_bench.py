"""A reading window's image half with a made-up series in memory, for the tests that drive it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from hanging_protocols.match import Layout
from tests.viewer.qt import phantom
from viewer.overlay import PatientFacts, Text
from viewer.qt.viewport import Viewport
from viewer.render.plane import picture_of_frame, picture_of_plane
from viewer.view import Presentation
from viewer.voi import WindowVoi
from viewer.volume import DisplaySet
from workstation.domain.study import PatientIdentity, StudyFacts
from workstation.ui.background import Runner
from workstation.ui.reading_images import ReadingImages

FACTS = StudyFacts(study_uid="1.1", patient=PatientIdentity(patient_id="0004412"))
PATIENT = PatientFacts(name="王 晓 东", patient_id="0004412")
HEADER_VOI = WindowVoi(center=1300.0, width=800.0)


class Bench:
    """A window with what drives it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.loader = phantom.MemoryLoader()
        self.runner = Runner()
        self.layout: Layout | None = None
        self.seen: list[str] = []
        self.ready: list[str] = []
        self.images = ReadingImages(
            self.loader, lambda _facts, _sets: self.layout, self.runner, lambda error: f"! {error}"
        )
        qtbot.addWidget(self.images)
        self.images.frameSeen.connect(lambda _series, sop, _frame: self.seen.append(sop))
        self.images.seriesReady.connect(self.ready.append)
        self.images.resize(800, 480)
        self.images.show()

    def open(self, *sets: DisplaySet, patient: PatientFacts = PATIENT) -> None:
        with self.qtbot.waitSignal(self.images.firstImageShown):
            self.images.open_study(FACTS, sets or (phantom.series(),), patient)

    def open_whole(self, *sets: DisplaySet) -> None:
        """As `open`, and the first series' volume is there."""
        with self.qtbot.waitSignal(self.images.seriesReady):
            self.open(*sets)
        self.settle()

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not any(v.is_drawing for v in self.images.viewports()))

    def press(self, *keys: Qt.Key) -> None:
        target = self.images.active_viewport or self.images
        for key in keys:
            QTest.keyClick(target, key)
        self.settle()

    @property
    def viewport(self) -> Viewport:
        return self.images.viewports()[0]

    def chips(self) -> dict[str, bool]:
        return {chip.text(): chip.isChecked() for chip in self.images.tool_bar.chips()}


def frame_picture(viewport: Viewport, voi: WindowVoi = HEADER_VOI) -> npt.NDArray[np.uint8]:
    assert viewport.images is not None
    located = viewport.images.display_set.frames[viewport.state.index]
    look = replace(viewport.viewing.presentation, voi=voi)
    frame = phantom.load_frame(located)
    return picture_of_frame(frame, look, viewport.state, viewport.canvas_size())


def plane_picture(viewport: Viewport, voi: WindowVoi = HEADER_VOI) -> npt.NDArray[np.uint8]:
    assert viewport.images is not None
    state, size = viewport.state, viewport.canvas_size()
    volume = phantom.volume(viewport.images.display_set)
    look = Presentation(voi=voi)
    return picture_of_plane(volume, state.plane, state.point_world, look, state, size=size)


def lines(viewport: Viewport) -> list[str]:
    assert viewport.on_screen is not None
    texts = [d for d in viewport.on_screen.drawings if isinstance(d, Text)]
    return [line for text in texts for line in text.lines]


def three() -> tuple[DisplaySet, ...]:
    """Three series of one study, each in a space of its own."""
    return tuple(
        phantom.series(series=uid, series_number=number, frame_of_reference=f"1.9.{number}")
        for number, uid in enumerate(("1.7", "1.8", "1.9"), start=1)
    )


def uids(bench: Bench) -> list[str]:
    """The series in the viewports, in order."""
    return [viewport.series_uid for viewport in bench.images.viewports()]
