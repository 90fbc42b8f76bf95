"""The viewport paints exactly what the renderer makes, and turns the hand into wanted views."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.viewer.qt import phantom
from tests.viewer.qt.worker import PoolRunner
from viewer.overlay import PatientFacts, Text
from viewer.qt.canvas import SHOWN_AFTER_MS
from viewer.qt.drawing import Annotation, Frames, Images
from viewer.qt.viewport import Viewport
from viewer.render.plane import picture_of_frame, picture_of_plane
from viewer.tools import Step, Tool, Viewing
from viewer.view import Presentation, ViewState, frame_geometry, resolve
from viewer.voi import WindowVoi
from viewer.volume import DisplaySet, LocatedFrame, display_sets

SIZE = (310, 270)
HEADER_VOI = WindowVoi(center=1300.0, width=800.0)


@pytest.fixture
def viewport(qtbot: QtBot) -> Iterator[Viewport]:
    """A viewport on the screen whose owner gives it whatever it wants."""
    runner = PoolRunner()
    made = Viewport(runner, Frames(load=phantom.load_frame))
    made.viewingWanted.connect(made.show_viewing)
    made.resize(*SIZE)
    qtbot.addWidget(made)
    made.show()
    yield made
    runner.close()


def settle(qtbot: QtBot, viewport: Viewport) -> None:
    qtbot.waitUntil(lambda: not viewport.is_drawing and viewport.on_screen is not None)


def stack(**state: object) -> Viewing:
    return Viewing(state=replace(ViewState(index=6), **state), presentation=Presentation())


def show(qtbot: QtBot, viewport: Viewport, viewing: Viewing, images: Images | None = None) -> None:
    viewport.show_images(images or Images(display_set=phantom.series()), viewing)
    settle(qtbot, viewport)


def expected(images: DisplaySet, viewing: Viewing) -> npt.NDArray[np.uint8]:
    frame = phantom.load_frame(images.frames[viewing.state.index])
    look = replace(viewing.presentation, voi=viewing.presentation.voi or HEADER_VOI)
    return picture_of_frame(frame, look, viewing.state, SIZE)


def shown(viewport: Viewport) -> npt.NDArray[np.uint8]:
    picture = viewport.picture()
    assert picture is not None
    return picture


def grabbed(viewport: Viewport) -> npt.NDArray[np.uint8]:
    """The widget's own pixels as grey."""
    image = viewport.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : image.width()].copy()


def wheel(viewport: Viewport, delta: int, keys: Qt.KeyboardModifier | None = None) -> None:
    at = QPointF(100, 90)
    event = QWheelEvent(
        at, QPointF(viewport.mapToGlobal(at.toPoint())), QPoint(), QPoint(0, delta),
        Qt.MouseButton.NoButton, keys or Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(viewport, event)


def drag(
    viewport: Viewport,
    button: Qt.MouseButton,
    by: tuple[int, int],
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    start = QPoint(150, 130)
    QTest.mousePress(viewport, button, keys, start)
    for share in (0.3, 0.7, 1.0):
        at = QPointF(start) + QPointF(*by) * share
        event = QMouseEvent(
            QEvent.Type.MouseMove, at, QPointF(viewport.mapToGlobal(at.toPoint())),
            Qt.MouseButton.NoButton, button, keys,
        )  # fmt: skip
        QApplication.sendEvent(viewport, event)
    QTest.mouseRelease(viewport, button, keys, start + QPoint(*by))


def test_the_shown_picture_is_the_rendered_picture(qtbot: QtBot, viewport: Viewport) -> None:
    images = phantom.series()
    viewing = stack(zoom=1.7, pan=(0.1, -0.2))
    show(qtbot, viewport, viewing, Images(display_set=images))
    assert np.array_equal(shown(viewport), expected(images, viewing))


def test_the_painted_pixels_are_the_shown_picture(qtbot: QtBot, viewport: Viewport) -> None:
    viewport.show_texts(PatientFacts(), Annotation.OFF)
    show(qtbot, viewport, stack(index=0), Images(display_set=phantom.series(1)))
    assert shown(viewport).max() > 0
    assert np.array_equal(grabbed(viewport), shown(viewport))


def test_pixels_twice_as_tall_as_wide_are_shown_so(qtbot: QtBot, viewport: Viewport) -> None:
    images = phantom.series(1, placed=False, pixel_aspect=(2.0, 1.0))
    show(qtbot, viewport, stack(index=0), Images(display_set=images))
    lit = np.argwhere(shown(viewport) > 0)
    (top, left), (bottom, right) = lit.min(axis=0), lit.max(axis=0)
    assert (right - left + 1) / (bottom - top + 1) == pytest.approx(
        phantom.COLUMNS / (2 * phantom.ROWS), abs=0.02
    )


def test_from_the_volume_comes_the_same_picture_as_from_the_frame(
    qtbot: QtBot, viewport: Viewport
) -> None:
    images = phantom.series()
    show(qtbot, viewport, stack(), Images(display_set=images))
    one_by_one = shown(viewport)
    viewport.show_images(Images(display_set=images, volume=phantom.volume(images)), stack())
    qtbot.waitUntil(lambda: shown(viewport) is not one_by_one)
    assert np.array_equal(shown(viewport), one_by_one)


def test_a_plane_is_the_rendered_plane(qtbot: QtBot, viewport: Viewport) -> None:
    images = phantom.series()
    volume = phantom.volume(images)
    point = (3.0, 4.0, 33.0)
    state = ViewState(kind="plane", plane="coronal", point_world=point)
    viewing = Viewing(state=state, presentation=Presentation())
    show(qtbot, viewport, viewing, Images(display_set=images, volume=volume))
    look = Presentation(voi=HEADER_VOI)
    assert np.array_equal(
        shown(viewport), picture_of_plane(volume, "coronal", point, look, state, size=SIZE)
    )


@pytest.mark.parametrize(("above_mm", "is_frame"), [(2.0, True), (-2.0, True), (4.0, False)])
def test_in_a_tilted_stack_half_a_step_is_half_the_distance_of_its_planes(
    qtbot: QtBot, viewport: Viewport, above_mm: float, is_frame: bool
) -> None:
    """Slices 5 mm apart that shift by 8 mm each: 9.4 mm from corner to corner, which is no distance of planes."""
    frames = [
        LocatedFrame(
            path=str(n), source=phantom.source(n, position=(-15.5, -19.0 + 8 * n, 60.0 - 5 * n))
        )
        for n in range(phantom.SLICES)
    ]
    (images,) = display_sets(frames)
    volume = phantom.volume(images)
    state = ViewState(kind="plane", plane="axial", point_world=(0.0, 0.0, 60.0 + above_mm))
    viewing = Viewing(state=state, presentation=Presentation())
    show(qtbot, viewport, viewing, Images(display_set=images, volume=volume))
    assert viewport.on_screen is not None
    assert viewport.on_screen.frame is (frames[0].source if is_frame else None)


def test_a_plane_waits_for_its_volume(qtbot: QtBot, viewport: Viewport) -> None:
    state = ViewState(kind="plane", plane="coronal")
    viewport.show_images(
        Images(display_set=phantom.series()), Viewing(state=state, presentation=Presentation())
    )
    assert not viewport.is_drawing
    assert viewport.picture() is None


def test_the_wheel_towards_the_reader_goes_forward(qtbot: QtBot, viewport: Viewport) -> None:
    images = phantom.series()
    show(qtbot, viewport, stack(), Images(display_set=images))
    wheel(viewport, -120)
    wheel(viewport, -240)
    settle(qtbot, viewport)
    assert viewport.state.index == 9
    assert np.array_equal(shown(viewport), expected(images, stack(index=9)))
    wheel(viewport, 120)
    assert viewport.state.index == 8


def test_parts_of_a_notch_add_up(qtbot: QtBot, viewport: Viewport) -> None:
    show(qtbot, viewport, stack())
    for _ in range(5):
        wheel(viewport, -30)
    assert viewport.state.index == 7


def test_ctrl_and_wheel_zooms_at_the_pointer(qtbot: QtBot, viewport: Viewport) -> None:
    show(qtbot, viewport, stack())
    geometry = frame_geometry(phantom.source(6))
    before = resolve(geometry, viewport.state, SIZE).image_point((100.0, 90.0))
    wheel(viewport, 120, Qt.KeyboardModifier.ControlModifier)
    after = resolve(geometry, viewport.state, SIZE).image_point((100.0, 90.0))
    assert viewport.state.zoom == pytest.approx(1.15)
    assert after == pytest.approx(before)


def test_the_left_button_scrolls_at_first(qtbot: QtBot, viewport: Viewport) -> None:
    show(qtbot, viewport, stack(index=2))
    drag(viewport, Qt.MouseButton.LeftButton, (0, 42))  # three times fourteen pixels
    assert viewport.state.index == 5


def test_the_right_button_always_windows(qtbot: QtBot, viewport: Viewport) -> None:
    images = phantom.series()
    show(qtbot, viewport, stack(), Images(display_set=images))
    drag(viewport, Qt.MouseButton.RightButton, (31, -27))
    settle(qtbot, viewport)
    voi = viewport.presentation.voi
    assert voi == WindowVoi(center=1300.0 - 240.0, width=800.0 + 240.0)
    chosen = Viewing(state=stack().state, presentation=Presentation(voi=voi))
    assert np.array_equal(shown(viewport), expected(images, chosen))


def test_the_middle_button_always_pans(qtbot: QtBot, viewport: Viewport) -> None:
    show(qtbot, viewport, stack())
    drag(viewport, Qt.MouseButton.MiddleButton, (27, -54))
    assert viewport.state.pan == (pytest.approx(27 / 270), pytest.approx(-54 / 270))


def test_shift_and_left_zooms_and_ctrl_and_left_pans(qtbot: QtBot, viewport: Viewport) -> None:
    show(qtbot, viewport, stack())
    drag(viewport, Qt.MouseButton.LeftButton, (0, 68), Qt.KeyboardModifier.ShiftModifier)
    assert viewport.state.zoom == pytest.approx(2.0, rel=0.01)
    before = viewport.state.pan
    drag(viewport, Qt.MouseButton.LeftButton, (27, 0), Qt.KeyboardModifier.ControlModifier)
    assert viewport.state.pan[0] - before[0] == pytest.approx(0.1)


def test_a_chosen_tool_takes_the_left_button(qtbot: QtBot, viewport: Viewport) -> None:
    show(qtbot, viewport, stack())
    viewport.choose_tool(Tool.PAN)
    drag(viewport, Qt.MouseButton.LeftButton, (27, 0))
    assert viewport.state.index == 6
    assert viewport.state.pan[0] == pytest.approx(0.1)


def test_a_click_that_trembles_is_no_drag(qtbot: QtBot, viewport: Viewport) -> None:
    show(qtbot, viewport, stack())
    drag(viewport, Qt.MouseButton.RightButton, (1, 1))
    assert viewport.viewing == stack()


def test_the_crosshair_jumps_where_one_clicks(qtbot: QtBot, viewport: Viewport) -> None:
    images = phantom.series()
    volume = phantom.volume(images)
    state = ViewState(kind="plane", plane="axial", point_world=(0.0, 0.0, 30.0))
    viewing = Viewing(state=state, presentation=Presentation())
    show(qtbot, viewport, viewing, Images(display_set=images, volume=volume))
    viewport.choose_tool(Tool.CROSSHAIR)
    assert viewport.on_screen is not None
    target = viewport.on_screen.resolved.canvas_from_world((5.0, -7.0, 30.0))
    assert target is not None
    QTest.mouseClick(
        viewport, Qt.MouseButton.LeftButton, pos=QPoint(round(target[0]), round(target[1]))
    )
    assert viewport.state.point_world == pytest.approx((5.0, -7.0, 30.0), abs=0.2)


def test_a_press_activates_and_a_double_click_enlarges(qtbot: QtBot, viewport: Viewport) -> None:
    with qtbot.waitSignal(viewport.activated):
        QTest.mouseClick(viewport, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(viewport.enlargeWanted):
        QTest.mouseDClick(viewport, Qt.MouseButton.LeftButton)


def test_a_frame_that_stood_on_the_screen_was_shown(qtbot: QtBot, viewport: Viewport) -> None:
    told: list[tuple[str, str, int]] = []
    viewport.frameShown.connect(lambda *frame: told.append(frame))
    show(qtbot, viewport, stack())
    qtbot.waitUntil(lambda: told == [("1.7", "1.7.7", 1)])
    qtbot.wait(3 * SHOWN_AFTER_MS)
    assert len(told) == 1


def test_a_frame_that_was_flicked_through_was_not_shown(qtbot: QtBot, viewport: Viewport) -> None:
    told: list[str] = []
    viewport.frameShown.connect(lambda _series, sop, _frame: told.append(sop))
    show(qtbot, viewport, stack(index=0))
    for _ in range(8):
        viewport.act(Step(steps=1))
    qtbot.waitUntil(lambda: told[-1:] == ["1.7.9"])
    # The first stood there before, the second was drawn while the others replaced each other.
    assert set(told) <= {"1.7.1", "1.7.2", "1.7.9"}


def test_a_hidden_viewport_shows_nothing_to_anybody(qtbot: QtBot, viewport: Viewport) -> None:
    told: list[str] = []
    viewport.frameShown.connect(lambda _series, sop, _frame: told.append(sop))
    viewport.hide()
    show(qtbot, viewport, stack())
    qtbot.wait(3 * SHOWN_AFTER_MS)
    assert told == []


def test_an_axial_plane_in_a_frame_shows_that_frame_and_a_coronal_one_none(
    qtbot: QtBot, viewport: Viewport
) -> None:
    images = phantom.series()
    loaded = Images(display_set=images, volume=phantom.volume(images))
    for plane, uid in (("axial", "1.7.5"), ("coronal", None)):
        state = ViewState(kind="plane", plane=plane, point_world=(0.0, 0.0, 41.0))
        show(qtbot, viewport, Viewing(state=state, presentation=Presentation()), loaded)
        assert viewport.on_screen is not None
        frame = viewport.on_screen.frame
        assert (frame.sop_uid if frame else None) == uid


def test_a_frame_that_cannot_be_decoded_shows_no_other_and_lets_one_scroll_on(
    qtbot: QtBot, viewport: Viewport
) -> None:
    images = phantom.series()
    broken = LocatedFrame(path="broken", source=images.frames[7].source)
    frames = (*images.frames[:7], broken, *images.frames[8:])
    damaged = Images(display_set=replace(images, frames=frames))
    show(qtbot, viewport, stack(), damaged)
    with qtbot.waitSignal(viewport.drawingFailed) as failed:
        viewport.act(Step(steps=1))
    assert str(failed.args[0]) == "The pixel data is damaged (test)."
    assert viewport.picture() is None
    viewport.show_notice("The pixel data is damaged (test).", alarming=True)
    viewport.act(Step(steps=1))
    settle(qtbot, viewport)
    assert viewport.state.index == 8
    assert np.array_equal(shown(viewport), expected(images, stack(index=8)))
    assert viewport.notice == ""


def test_another_series_never_stands_under_the_picture_of_the_last(
    qtbot: QtBot, viewport: Viewport
) -> None:
    show(qtbot, viewport, stack())
    viewport.show_images(Images(display_set=phantom.series(series="1.8")), stack(index=0))
    assert viewport.picture() is None
    viewport.show_images(None, stack())
    assert viewport.picture() is None
    assert viewport.series_uid == ""


def test_another_size_is_another_picture(qtbot: QtBot, viewport: Viewport) -> None:
    show(qtbot, viewport, stack())
    viewport.resize(200, 300)
    qtbot.waitUntil(lambda: shown(viewport).shape == (300, 200))


def lines(viewport: Viewport) -> list[str]:
    assert viewport.on_screen is not None
    texts = [d for d in viewport.on_screen.drawings if isinstance(d, Text)]
    return [line for text in texts for line in text.lines]


def test_annotation_is_full_minimal_or_off(qtbot: QtBot, viewport: Viewport) -> None:
    patient = PatientFacts(name="WANG^XIAODONG", patient_id="0004412")
    viewport.show_texts(patient, Annotation.FULL)
    show(qtbot, viewport, stack())
    assert "WANG^XIAODONG" in lines(viewport)
    assert {"R", "L", "A", "P"} <= set(lines(viewport))
    viewport.show_texts(patient, Annotation.MINIMAL)
    settle(qtbot, viewport)
    assert "WANG^XIAODONG" not in lines(viewport)
    assert {"C 1300 W 800 HU", "7 / 12", "R"} <= set(lines(viewport))
    viewport.show_texts(patient, Annotation.OFF)
    settle(qtbot, viewport)
    assert lines(viewport) == []


def test_a_plane_says_where_it_lies_and_which_image_it_is(qtbot: QtBot, viewport: Viewport) -> None:
    images = phantom.series()
    loaded = Images(display_set=images, volume=phantom.volume(images))
    state = ViewState(kind="plane", plane="axial", point_world=(0.0, 0.0, 40.0))
    show(qtbot, viewport, Viewing(state=state, presentation=Presentation()), loaded)
    assert "5 / 12  H 40.0 mm" in lines(viewport)
    state = ViewState(kind="plane", plane="sagittal", point_world=(-3.5, 0.0, 40.0))
    show(qtbot, viewport, Viewing(state=state, presentation=Presentation()), loaded)
    assert "R 3.5 mm" in lines(viewport)


def test_text_is_outlined_so_that_it_can_be_read_over_white(
    qtbot: QtBot, viewport: Viewport
) -> None:
    white = WindowVoi(center=-30000.0, width=2.0)
    viewport.show_texts(PatientFacts(name="8888"), Annotation.FULL)
    viewing = Viewing(state=stack(zoom=3.0).state, presentation=Presentation(voi=white))
    show(qtbot, viewport, viewing)
    name = grabbed(viewport)[8:24, 8:44]
    assert (shown(viewport)[8:24, 8:44] == 255).mean() > 0.5
    assert (name < 80).mean() > 0.15  # the dark outline
    assert (name > 200).mean() > 0.1  # the glyphs


SCALED = """
import time
from PySide6.QtWidgets import QApplication
from tests.viewer.qt import phantom
from tests.viewer.qt.worker import PoolRunner
from viewer.overlay import PatientFacts
from viewer.qt.drawing import Annotation, Frames, Images
from viewer.qt.viewport import Viewport
from viewer.tools import Viewing
from viewer.view import Presentation, ViewState

app = QApplication([])
runner = PoolRunner()
viewport = Viewport(runner, Frames(load=phantom.load_frame))
viewport.resize(310, 270)
viewport.show_texts(PatientFacts(), Annotation.OFF)
viewport.show()
images = Images(display_set=phantom.series(1))
viewport.show_images(images, Viewing(state=ViewState(), presentation=Presentation()))
deadline = time.monotonic() + 20
while viewport.on_screen is None or viewport.is_drawing:
    assert time.monotonic() < deadline
    app.processEvents()
    time.sleep(0.005)
grab = viewport.grab().toImage()
grey = [grab.pixelColor(x, y).red() for y in range(0, 540, 7) for x in range(0, 620, 7)]
picture = viewport.picture()
same = grey == [int(picture[y, x]) for y in range(0, 540, 7) for x in range(0, 620, 7)]
print(viewport.devicePixelRatioF(), picture.shape, same)
runner.close()
"""


def test_on_a_fine_screen_every_device_pixel_is_rendered() -> None:
    environment = {**os.environ, "QT_SCALE_FACTOR": "2", "QT_QPA_PLATFORM": "offscreen"}
    run = subprocess.run(
        [sys.executable, "-c", SCALED], capture_output=True, text=True, env=environment
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.split("\n")[0] == "2.0 (540, 620) True"
