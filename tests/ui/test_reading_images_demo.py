"""The demo studies on the screen: real files, the real loader in its child process, the real runner."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.image_bench import FACTS, PATIENT, lines
from viewer.cache import FrameCache
from viewer.decoding import decode_frame, parse_file
from viewer.loading import Loader
from viewer.qt.viewport import Viewport
from viewer.render.plane import picture_of_frame, picture_of_plane
from viewer.sandbox import Sandbox, shared_sandbox
from viewer.view import Presentation
from viewer.volume import DisplaySet, Frame, LocatedFrame, display_sets
from workstation.ui import words
from workstation.ui.background import Runner
from workstation.ui.reading_images import ReadingImages

DEMO = Path(__file__).resolve().parents[2] / "resources" / "demo"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with shared_sandbox() as made:
        yield made


@pytest.fixture
def loader(sandbox: Sandbox, tmp_path: Path) -> Iterator[Loader]:
    made = Loader(sandbox, FrameCache(64 << 20), tmp_path)
    yield made
    made.close()


@pytest.fixture
def window(qtbot: QtBot, loader: Loader) -> Iterator[ReadingImages]:
    runner = Runner()
    made = ReadingImages(loader, lambda _facts, _sets: None, runner, words.failure_text)
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show()
    yield made
    made.close_study()
    runner.close()


def a_series(name: str) -> DisplaySet:
    frames = [
        LocatedFrame(path=str(path), source=source)
        for path in sorted((DEMO / name).glob("*.dcm"))
        for source in parse_file(path)[1]
    ]
    (images,) = display_sets(frames)
    return images


def settle(qtbot: QtBot, window: ReadingImages) -> None:
    qtbot.waitUntil(lambda: not any(v.is_drawing for v in window.viewports()))


def frame_picture(viewport: Viewport) -> np.ndarray:
    assert viewport.images is not None
    located = viewport.images.display_set.frames[viewport.state.index]
    frame = Frame(pixels=decode_frame(located.path, located.source), source=located.source)
    look = replace(viewport.viewing.presentation, voi=viewport.presentation.voi)
    return picture_of_frame(frame, look, viewport.state, viewport.canvas_size())


@pytest.mark.parametrize(
    ("name", "count", "letters"),
    [
        ("ct_chest_lidc_0314_3mm", 92, {"R", "L", "A", "P"}),
        ("mr_brain_t1_defaced", 96, {"R", "L", "AH", "PF"}),
    ],
)
def test_a_demo_series_on_the_screen(
    qtbot: QtBot, window: ReadingImages, loader: Loader, name: str, count: int, letters: set[str]
) -> None:
    images = a_series(name)
    with qtbot.waitSignal(window.seriesReady, timeout=60_000):
        window.open_study(FACTS, [images], PATIENT)
    settle(qtbot, window)
    (viewport,) = window.viewports()
    assert np.array_equal(viewport.picture(), frame_picture(viewport))
    assert letters <= set(lines(viewport))
    assert f"{count // 2 + 1} / {count}" in lines(viewport)
    QTest.keyClick(viewport, Qt.Key.Key_M)
    settle(qtbot, window)
    volume = loader.load_volume(images)
    for shown in window.viewports():
        look = Presentation(voi=shown.presentation.voi)
        state, size = shown.state, shown.canvas_size()
        expected = picture_of_plane(volume, state.plane, state.point_world, look, state, size=size)
        assert np.array_equal(shown.picture(), expected)
        assert expected.std() > 20  # a picture, not a grey field


def test_the_demo_radiograph_on_the_screen(qtbot: QtBot, window: ReadingImages) -> None:
    with qtbot.waitSignal(window.firstImageShown, timeout=30_000):
        window.open_study(FACTS, [a_series("dx_chest_nih")], PATIENT)
    settle(qtbot, window)
    (viewport,) = window.viewports()
    assert np.array_equal(viewport.picture(), frame_picture(viewport))
    button = window.tool_bar.layout_button("mpr")
    assert not button.isEnabled()
    assert button.toolTip() == "Projection images form no volume."
