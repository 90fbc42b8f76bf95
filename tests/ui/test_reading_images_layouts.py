"""Where the series of a study stand: layouts, thumbnails, drops, hanging protocols."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from hanging_protocols.match import Cell, Layout
from tests.ui.image_bench import (
    Bench,
    plane_picture,
    three,
    uids,
)
from tests.viewer.qt import phantom
from viewer.qt.viewport import Viewport
from viewer.voi import WindowVoi
from viewer.volume import DisplaySet, LocatedFrame, display_sets
from workstation.ui.thumbnails import series_mime


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(qtbot)
    yield made
    made.loader.may_finish = lambda: True
    made.runner.close()


def test_four_viewports_take_the_series_in_order_and_one_stays_empty(bench: Bench) -> None:
    bench.open(*three())
    QTest.mouseClick(bench.images.tool_bar.layout_button("2x2"), Qt.MouseButton.LeftButton)
    bench.settle()
    assert uids(bench) == ["1.7", "1.8", "1.9", ""]
    assert bench.images.viewports()[3].notice == "Drag a series here"
    assert bench.images.tool_bar.layout_button("2x2").isChecked()


def test_keys_and_clicks_act_on_the_active_viewport(bench: Bench) -> None:
    bench.open(*three())
    bench.images.set_layout("2x2")
    bench.settle()
    second = bench.images.viewports()[1]
    QTest.mouseClick(second, Qt.MouseButton.LeftButton)
    assert second.is_active
    bench.press(Qt.Key.Key_Home)
    assert [v.state.index for v in bench.images.viewports()[:2]] == [6, 0]


def test_thumbnails_say_number_description_count_and_what_was_seen(bench: Bench) -> None:
    bench.open(*three())
    first, second, third = bench.images.thumbnails.items()
    assert (first.title.text(), first.state.text()) == ("1 phantom", "12 images")
    bench.images.set_seen(
        {(f"{uid}.{n}", 1) for uid, most in (("1.7", 12), ("1.8", 5)) for n in range(1, most + 1)}
    )
    assert [item.state.text() for item in (first, second, third)] == [
        "12 images, all seen", "5 / 12 seen", "12 images",
    ]  # fmt: skip
    assert second.state.property("role") == "cautionText"


def test_a_click_on_a_thumbnail_opens_the_series_as_it_was_left(bench: Bench) -> None:
    bench.open(*three())
    bench.press(Qt.Key.Key_End)
    first, second, _third = bench.images.thumbnails.items()
    QTest.mouseClick(second, Qt.MouseButton.LeftButton)
    bench.settle()
    assert (uids(bench), bench.viewport.state.index) == (["1.8"], 6)
    QTest.mouseClick(first, Qt.MouseButton.LeftButton)
    assert (uids(bench), bench.viewport.state.index) == (["1.7"], 11)


def test_arrows_to_the_sides_change_the_series(bench: Bench) -> None:
    bench.open(*three())
    bench.press(Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right)
    assert uids(bench) == ["1.9"]
    bench.press(Qt.Key.Key_Left)
    assert uids(bench) == ["1.8"]


def test_a_jump_to_a_series_opens_it(bench: Bench) -> None:
    bench.open(*three())
    bench.images.jump_to_series("1.9")
    bench.images.jump_to_series("nowhere")
    assert uids(bench) == ["1.9"]


def drop(viewport: Viewport, data: QMimeData) -> None:
    event = QDropEvent(
        QPointF(20, 20), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    viewport.dropEvent(event)


def test_a_thumbnail_can_be_dropped_on_a_viewport(bench: Bench) -> None:
    sets = three()
    bench.open(*sets)
    bench.images.set_layout("2x2")
    drop(bench.images.viewports()[3], series_mime(sets[1].key))
    bench.settle()
    assert uids(bench) == ["1.7", "1.8", "1.9", "1.8"]
    assert bench.images.viewports()[3].is_active
    drop(bench.images.viewports()[3], series_mime("of another study"))
    assert uids(bench) == ["1.7", "1.8", "1.9", "1.8"]


def test_a_double_click_shows_one_viewport_alone_and_back(bench: Bench) -> None:
    bench.open(*three())
    bench.images.set_layout("2x2")
    bench.settle()
    second = bench.images.viewports()[1]
    QTest.mouseDClick(second, Qt.MouseButton.LeftButton)
    assert [v.isVisible() for v in bench.images.viewports()] == [False, True, False, False]
    bench.qtbot.waitUntil(lambda: second.width() > 500)
    QTest.mouseDClick(second, Qt.MouseButton.LeftButton)
    assert all(v.isVisible() for v in bench.images.viewports())
    bench.qtbot.waitUntil(lambda: second.width() < 400)


def test_a_hanging_protocol_lays_the_study_out(bench: Bench) -> None:
    one, two, _three = three()
    cells = (
        Cell(series_key=two.key, kind="stack", plane=None, preset="lung"),
        Cell(series_key=one.key, kind="plane", plane="sagittal", preset=None),
    )
    bench.layout = Layout(protocol_id="test", stage=0, rows=1, columns=2, cells=cells)
    bench.open(one, two)
    bench.qtbot.waitUntil(lambda: "1.7" in bench.ready)
    bench.settle()
    left, right = bench.images.viewports()
    assert (left.series_uid, right.series_uid) == ("1.8", "1.7")
    assert left.presentation.voi == WindowVoi(center=-600, width=1500, name="Lung")
    assert (right.state.kind, right.state.plane) == ("plane", "sagittal")
    assert np.array_equal(right.picture(), plane_picture(right))


def test_a_layout_of_planes_alone_starts_without_a_first_frame(bench: Bench) -> None:
    images = phantom.series()
    cells = (Cell(series_key=images.key, kind="plane", plane="coronal", preset=None),)
    bench.layout = Layout(protocol_id="test", stage=0, rows=1, columns=1, cells=cells)
    bench.open_whole(images)
    assert np.array_equal(bench.viewport.picture(), plane_picture(bench.viewport))


def test_a_viewport_out_of_sight_keeps_no_picture(bench: Bench) -> None:
    bench.open(*three())
    bench.images.set_layout("2x2")
    bench.settle()
    hidden = bench.images.viewports()[1]
    bench.images.set_layout("1x1")
    assert hidden.picture() is None
    assert hidden.images is None


def many() -> list[DisplaySet]:
    """A series of twelve phases of five slices between two plain series."""
    before = phantom.series(
        series="1.6", series_number=1, modality="MR", frame_of_reference="1.9.1"
    )
    behind = phantom.series(
        series="1.8", series_number=9, modality="MR", frame_of_reference="1.9.2"
    )
    frames = [
        LocatedFrame(
            path=str(n),
            source=phantom.source(
                n, modality="MR", sop_uid=f"1.7.{k}.{n}", temporal_position=k + 1,
                instance_number=100 * k + n,
            ),
        )
        for k in range(12)
        for n in range(5)
    ]  # fmt: skip
    return [before, *display_sets(frames), behind]


def phase(bench: Bench) -> int | None:
    """The phase in the first viewport."""
    assert bench.viewport.images is not None
    return bench.viewport.images.display_set.frames[0].source.temporal_position


def test_a_series_with_very_many_sets_is_one_entry_that_lists_them(bench: Bench) -> None:
    bench.open(*many())
    before, run, behind = bench.images.thumbnails.items()
    assert (run.parts.text(), run.state.text()) == ("12 sets", "60 images")
    assert (before.list, behind.list) == (None, None)
    assert run.list is not None
    assert run.list.isHidden()
    QTest.mouseClick(run, Qt.MouseButton.LeftButton)
    bench.settle()
    assert [phase(bench), run.list.isHidden()] == [1, False]
    row = run.list.visualItemRect(run.list.item(2)).center()
    QTest.mouseClick(run.list.viewport(), Qt.MouseButton.LeftButton, pos=row)
    bench.settle()
    assert phase(bench) == 3
    assert run.list.currentItem().text() == "phase 3"
    assert len([a for a in bench.loader.asked if a.startswith("thumbnail")]) == 3


def test_keys_step_through_sets_and_over_them(bench: Bench) -> None:
    bench.open(*many())
    bench.press(Qt.Key.Key_Right, Qt.Key.Key_Period, Qt.Key.Key_Period)
    assert phase(bench) == 3
    bench.press(Qt.Key.Key_Right)
    assert uids(bench) == ["1.8"]
    bench.press(Qt.Key.Key_Period)
    assert uids(bench) == ["1.8"]
    bench.press(Qt.Key.Key_Left)  # back to where the run was left
    assert phase(bench) == 3
    bench.press(Qt.Key.Key_Comma)
    assert phase(bench) == 2
    bench.press(Qt.Key.Key_Left, Qt.Key.Key_Left)
    assert uids(bench) == ["1.6"]


def test_four_viewports_show_a_run_of_many_sets_once(bench: Bench) -> None:
    bench.open(*many())
    bench.press(Qt.Key.Key_Right, Qt.Key.Key_Period, Qt.Key.Key_G)
    assert uids(bench) == ["1.7", "1.6", "1.8", ""]
    assert phase(bench) == 2
