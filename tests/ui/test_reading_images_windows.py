"""Which window stands on the screen: each frame's own until the reader chooses one for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.image_bench import Bench, lines, plane_picture
from tests.ui.real_images import RealImages, sets_of
from tests.viewer.qt import phantom
from viewer.qt.viewport import Viewport
from viewer.render.plane import picture_of_frame
from viewer.tools import UseVoi
from viewer.view import Presentation
from viewer.voi import WindowVoi
from viewer.volume import DisplaySet, LocatedFrame, VoiWindow, display_sets
from workstation.services.rendering import Order, draw

CHOSEN = WindowVoi(center=1100.0, width=300.0)


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(qtbot)
    yield made
    made.runner.close()


def of_its_own(number: int) -> dict[str, object]:
    """Every slice its own window: its centre is the slice's mean grey, 50 more from slice to slice."""
    center = 1040.0 + 50 * number
    own = VoiWindow(center=center, width=200.0)
    other = VoiWindow(center=center, width=80.0, explanation="HARD")
    return {"modality": "MR", "unit": "", "windows": (own, other)}


def scaled_by_itself(number: int) -> dict[str, object]:
    """Stored windows under a rescale of each slice's own: 0.01 x, 0.02 x, ... no window fits but as stored."""
    own = VoiWindow(center=1100.0, width=300.0)
    return {"modality": "PT", "unit": "BQML", "slope": 0.01 * (number + 1), "windows": (own,)}


def a_set(facts: object) -> DisplaySet:
    frames = [
        LocatedFrame(path=str(n), source=phantom.source(n, **facts(n)))  # type: ignore[operator]  # one of the two above
        for n in range(phantom.SLICES)
    ]
    (images,) = display_sets(frames)
    return images


def alone(viewport: Viewport, look: Presentation) -> npt.NDArray[np.uint8]:
    """The frame on the screen as its header alone would have it, or through a chosen window."""
    assert viewport.images is not None
    frame = phantom.load_frame(viewport.images.display_set.frames[viewport.state.index])
    return picture_of_frame(frame, look, viewport.state, viewport.canvas_size())


def test_each_frame_has_its_own_window_until_one_is_chosen(bench: Bench) -> None:
    bench.open_whole(a_set(of_its_own))
    viewport = bench.viewport
    for _ in range(3):
        bench.press(Qt.Key.Key_Down)
        number = viewport.state.index
        assert viewport.presentation.voi == WindowVoi(center=1040.0 + 50 * number, width=200.0)
        assert np.array_equal(viewport.picture(), alone(viewport, Presentation()))
        assert f"C {1040 + 50 * number} W 200" in lines(viewport)
    viewport.act(UseVoi(voi=CHOSEN))
    bench.press(Qt.Key.Key_Home)
    assert np.array_equal(viewport.picture(), alone(viewport, Presentation(voi=CHOSEN)))
    assert "C 1100 W 300" in lines(viewport)
    bench.press(Qt.Key.Key_Escape)
    assert np.array_equal(viewport.picture(), alone(viewport, Presentation()))
    assert "C 1040 W 200" in lines(viewport)


def test_a_chip_is_the_window_of_the_image_on_the_screen(bench: Bench) -> None:
    bench.open(a_set(of_its_own))
    bench.press(Qt.Key.Key_Home)
    assert bench.chips() == {"Default 1": True, "HARD 2": False}
    bench.press(Qt.Key.Key_2)
    hard = WindowVoi(center=1040.0, width=80.0, name="HARD")
    assert bench.viewport.presentation.voi == hard
    assert bench.chips() == {"Default 1": False, "HARD 2": True}
    bench.press(Qt.Key.Key_End)  # it holds for the set, and is no longer what this header offers
    assert bench.viewport.presentation.voi == hard
    assert bench.chips() == {"Default 1": False, "HARD 2": False}
    bench.press(Qt.Key.Key_1)
    assert bench.viewport.presentation.voi == WindowVoi(center=1040.0 + 50 * 11, width=200.0)


def test_a_window_of_stored_values_follows_each_slice_s_rescale(bench: Bench) -> None:
    bench.open(a_set(scaled_by_itself))
    bench.press(Qt.Key.Key_Home)
    for number in range(3):
        # 1100 and 300 stored values times the slope of the slice (PS3.3 C.11.1.1.2).
        found = bench.viewport.presentation.voi
        assert isinstance(found, WindowVoi)
        assert (found.center, found.width) == pytest.approx(
            (11.0 * (number + 1), 3.0 * (number + 1))
        )
        assert np.array_equal(bench.viewport.picture(), alone(bench.viewport, Presentation()))
        assert any(line.endswith(f"W {3 * (number + 1)} BQML") for line in lines(bench.viewport))
        bench.press(Qt.Key.Key_Down)


def test_a_chip_counts_in_the_unit_on_the_screen(bench: Bench) -> None:
    """Two windows of stored values, seen only by what the pixels span: 1000-1640 stored is 10-16.4 shown."""
    windows = (VoiWindow(center=1300.0, width=800.0), VoiWindow(center=1300.0, width=500.0))
    bench.open(phantom.series(modality="NM", unit="", slope=0.01, windows=windows))
    assert list(bench.chips()) == ["Default 1", "C 13 W 5 2"]
    bench.press(Qt.Key.Key_2)
    found = bench.viewport.presentation.voi
    assert isinstance(found, WindowVoi)
    assert (found.center, found.width) == pytest.approx((13.0, 5.0))


def test_planes_have_the_window_of_the_slice_in_the_middle(bench: Bench) -> None:
    bench.open_whole(a_set(of_its_own))
    bench.press(Qt.Key.Key_Home, Qt.Key.Key_M)
    middle = WindowVoi(center=1040.0 + 50 * 6, width=200.0)
    for viewport in bench.images.viewports():
        assert viewport.presentation.voi == middle
        assert np.array_equal(viewport.picture(), plane_picture(viewport, middle))


def test_frames_whose_headers_say_nothing_keep_the_first_window(bench: Bench) -> None:
    sources = [phantom.source(n, modality="MR", windows=()) for n in range(phantom.SLICES)]
    sources[8] = replace(sources[8], windows=(VoiWindow(center=1500.0, width=100.0),))
    frames = [LocatedFrame(path=str(n), source=source) for n, source in enumerate(sources)]
    bench.open(*display_sets(frames))
    first = bench.viewport.presentation.voi
    bench.press(Qt.Key.Key_Down)
    assert bench.viewport.presentation.voi == first
    bench.press(Qt.Key.Key_Down)
    assert bench.viewport.presentation.voi == WindowVoi(center=1500.0, width=100.0)
    bench.press(Qt.Key.Key_Down)
    assert bench.viewport.presentation.voi == first


def test_an_enhanced_series_looks_as_the_command_line_draws_it(
    real_images: RealImages, shared_data: Path
) -> None:
    """A Philips field map: 32 frames with 29 different windows in the functional groups."""
    found = sets_of(next((shared_data / "mr_enhanced").rglob("IM_0027_fMAP.dcm")))
    images = max(found, key=lambda one: len({frame.source.windows for frame in one.frames}))
    assert len({frame.source.windows for frame in images.frames}) == 29
    viewport = real_images.open([images])
    QTest.keyClick(viewport, Qt.Key.Key_Home)
    told = set()
    for number in range(1, len(images.frames) + 1):
        real_images.settle()
        order = Order(frame=number, size=viewport.canvas_size())
        assert np.array_equal(viewport.picture(), draw(real_images.loader, images, order))
        told.add(next(line for line in lines(viewport) if line.startswith("C ")))
        QTest.keyClick(viewport, Qt.Key.Key_Down)
    assert len(told) == 29
