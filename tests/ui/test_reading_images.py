"""The pictures of a study, driven by keys and mouse: order of loading, windows, planes, failures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from tests.ui.image_bench import (
    HEADER_VOI,
    Bench,
    frame_picture,
    lines,
    plane_picture,
    uids,
)
from tests.viewer.qt import phantom
from viewer.overlay import PatientFacts
from viewer.tools import Tool
from viewer.voi import WindowVoi
from viewer.volume import DisplaySet, ImageError, LocatedFrame, OverlaySource, Tile, display_sets
from workstation.ui.reading_images_loading import stretches


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(qtbot)
    yield made
    made.loader.may_finish = lambda: True
    made.runner.close()


def test_the_first_image_comes_before_the_volume(bench: Bench) -> None:
    bench.loader.may_finish = lambda: False
    bench.open()
    assert bench.loader.asked[0] == "frame 1.7 6"
    assert not any(asked.startswith("volume") for asked in bench.loader.asked[:1])
    bench.qtbot.waitUntil(lambda: "volume 1.7 from 6" in bench.loader.asked)
    assert bench.ready == []
    assert np.array_equal(bench.viewport.picture(), frame_picture(bench.viewport))
    bench.loader.may_finish = lambda: True
    bench.qtbot.waitUntil(lambda: bench.ready == ["1.7"])


def test_while_the_volume_loads_one_reads_frame_by_frame(bench: Bench) -> None:
    bench.loader.may_finish = lambda: False
    bench.open()
    bench.press(Qt.Key.Key_Home, Qt.Key.Key_Down)
    assert bench.viewport.state.index == 1
    assert np.array_equal(bench.viewport.picture(), frame_picture(bench.viewport))
    assert "frame 1.7 1" in bench.loader.asked


@pytest.mark.parametrize(
    ("keys", "index"),
    [
        ([Qt.Key.Key_Home], 0), ([Qt.Key.Key_End], 11), ([Qt.Key.Key_Up], 5),
        ([Qt.Key.Key_Down], 7), ([Qt.Key.Key_Home, Qt.Key.Key_PageDown], 10),
        ([Qt.Key.Key_PageUp], 0),
    ],
)  # fmt: skip
def test_keys_scroll(bench: Bench, keys: list[Qt.Key], index: int) -> None:
    bench.open_whole()
    bench.press(*keys)
    assert bench.viewport.state.index == index
    assert np.array_equal(bench.viewport.picture(), frame_picture(bench.viewport))


def test_letters_choose_tools_and_the_row_shows_which(bench: Bench) -> None:
    bench.open()
    bench.press(Qt.Key.Key_T)
    bar = bench.images.tool_bar
    assert [tool for tool in Tool if bar.tool_button(tool).isChecked()] == [Tool.PAN]
    QTest.mouseClick(bar.tool_button(Tool.ZOOM), Qt.MouseButton.LeftButton)
    assert [tool for tool in Tool if bar.tool_button(tool).isChecked()] == [Tool.ZOOM]
    assert bar.tool_button(Tool.PAN).toolTip().endswith("(T)")
    bench.open()
    assert bar.tool_button(Tool.SCROLL).isChecked()


def test_presets_are_keys_and_chips(bench: Bench) -> None:
    bench.open()
    assert list(bench.chips())[:3] == ["Default 0", "Lung 1", "Mediastinum 2"]
    assert bench.chips()["Default 0"]
    bench.press(Qt.Key.Key_1)
    lung = WindowVoi(center=-600, width=1500, name="Lung")
    assert bench.viewport.presentation.voi == lung
    assert bench.chips()["Lung 1"]
    assert np.array_equal(bench.viewport.picture(), frame_picture(bench.viewport, lung))
    QTest.mouseClick(bench.images.tool_bar.chips()[2], Qt.MouseButton.LeftButton)
    bench.settle()
    assert bench.viewport.presentation.voi == WindowVoi(center=40, width=400, name="Mediastinum")
    bench.press(Qt.Key.Key_0)
    assert bench.viewport.presentation.voi == HEADER_VOI


def test_a_window_made_by_hand_lights_no_chip(bench: Bench) -> None:
    bench.open()
    viewport = bench.viewport
    QTest.mousePress(viewport, Qt.MouseButton.RightButton, pos=QPoint(100, 100))
    QTest.mouseMove(viewport, QPoint(160, 100))
    QTest.mouseRelease(viewport, Qt.MouseButton.RightButton, pos=QPoint(160, 100))
    bench.settle()
    assert viewport.presentation.voi != HEADER_VOI
    assert not any(bench.chips().values())


def test_other_modalities_offer_the_windows_of_their_header(bench: Bench) -> None:
    windows = (
        replace(phantom.WINDOW, explanation="NORMAL"),
        replace(phantom.WINDOW, width=400.0, explanation="HARD"),
    )
    bench.open(phantom.series(modality="MR", windows=windows))
    assert bench.chips() == {"NORMAL 1": True, "HARD 2": False}
    bench.press(Qt.Key.Key_2)
    assert bench.chips() == {"NORMAL 1": False, "HARD 2": True}
    assert np.array_equal(
        bench.viewport.picture(),
        frame_picture(bench.viewport, WindowVoi(center=1300.0, width=400.0)),
    )


def test_a_series_without_a_window_keeps_the_one_it_was_first_drawn_with(bench: Bench) -> None:
    bench.open_whole(phantom.series(modality="MR", windows=()))
    first = bench.viewport.presentation.voi
    bench.press(Qt.Key.Key_End)
    assert bench.viewport.state.index == 11
    assert bench.viewport.presentation.voi == first
    assert bench.chips() == {"Default 1": True}


def test_invert_and_reset(bench: Bench) -> None:
    bench.open_whole()
    plain = bench.viewport.picture()
    bench.press(Qt.Key.Key_Down, Qt.Key.Key_2, Qt.Key.Key_N)
    assert bench.viewport.viewing.presentation.inverted
    bench.press(Qt.Key.Key_Up, Qt.Key.Key_Escape)
    assert np.array_equal(bench.viewport.picture(), plain)


def test_planes_meet_where_the_reader_was_and_he_comes_back_there(bench: Bench) -> None:
    bench.open_whole()
    bench.press(Qt.Key.Key_Home, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down)
    bench.press(Qt.Key.Key_M)
    planes = bench.images.viewports()
    assert [v.state.plane for v in planes] == ["axial", "coronal", "sagittal"]
    assert all(v.state.point_world == pytest.approx((0.0, 0.0, 45.0)) for v in planes)
    for viewport in planes:
        assert np.array_equal(viewport.picture(), plane_picture(viewport))
    bench.press(Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_M)
    assert len(bench.images.viewports()) == 1
    assert (bench.viewport.state.kind, bench.viewport.state.index) == ("stack", 5)


def test_the_crosshair_takes_the_other_planes_along(bench: Bench) -> None:
    bench.open_whole()
    bench.press(Qt.Key.Key_M, Qt.Key.Key_J)
    axial, coronal, sagittal = bench.images.viewports()
    assert axial.on_screen is not None
    x, y = axial.on_screen.resolved.canvas_from_world((6.0, -8.0, 30.0)) or (0.0, 0.0)
    QTest.mouseClick(axial, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
    bench.settle()
    for viewport in (axial, coronal, sagittal):
        assert viewport.state.point_world == pytest.approx((6.0, -8.0, 30.0), abs=0.1)
        assert np.array_equal(viewport.picture(), plane_picture(viewport))


def test_planes_that_look_alike_are_windowed_together(bench: Bench) -> None:
    bench.open_whole()
    bench.press(Qt.Key.Key_M, Qt.Key.Key_3)
    bone = WindowVoi(center=500, width=2000, name="Bone")
    assert {v.presentation.voi for v in bench.images.viewports()} == {bone}


def test_where_planes_cannot_be_made_the_button_says_why(bench: Bench) -> None:
    bench.open(phantom.series(placed=False))
    button = bench.images.tool_bar.layout_button("mpr")
    assert not button.isEnabled()
    assert button.toolTip() == "! The images carry no position in the patient."
    bench.press(Qt.Key.Key_M)
    assert len(bench.images.viewports()) == 1
    assert bench.viewport.notice == "! The images carry no position in the patient."
    bench.qtbot.waitUntil(lambda: "stack 1.7 from 0" in bench.loader.asked)


def test_planes_asked_for_too_early_come_with_the_volume(bench: Bench) -> None:
    bench.loader.may_finish = lambda: False
    bench.open()
    bench.images.set_layout("mpr")
    bench.settle()
    axial, coronal, _sagittal = bench.images.viewports()
    assert axial.state.kind == "stack"
    assert np.array_equal(axial.picture(), frame_picture(axial))
    assert coronal.picture() is None
    assert coronal.notice
    bench.press(Qt.Key.Key_Down)
    bench.loader.may_finish = lambda: True
    bench.qtbot.waitUntil(lambda: coronal.picture() is not None)
    bench.settle()
    assert axial.state.kind == "plane"
    # where the reader had scrolled to meanwhile
    assert axial.state.point_world == pytest.approx((0.0, 0.0, 25.0))
    assert np.array_equal(axial.picture(), plane_picture(axial))
    assert np.array_equal(coronal.picture(), plane_picture(coronal))


def test_a_lone_volume_fills_four_viewports(bench: Bench) -> None:
    bench.open_whole()
    bench.press(Qt.Key.Key_G)
    shown = [(v.state.plane, v.presentation.voi) for v in bench.images.viewports()]
    soft = WindowVoi(center=40, width=400, name="Mediastinum")
    assert shown == [
        ("axial", HEADER_VOI), ("axial", soft), ("coronal", HEADER_VOI), ("sagittal", HEADER_VOI),
    ]  # fmt: skip
    bench.press(Qt.Key.Key_1)
    assert bench.images.viewports()[1].presentation.voi == soft
    assert bench.images.viewports()[2].presentation.voi != HEADER_VOI


def broken() -> DisplaySet:
    images = phantom.series()
    damaged = LocatedFrame(path="broken", source=images.frames[6].source)
    return replace(images, frames=(*images.frames[:6], damaged, *images.frames[7:]))


def test_an_image_that_cannot_be_shown_says_so_in_its_place(bench: Bench) -> None:
    bench.loader.may_finish = lambda: False
    bench.open(broken())
    assert bench.viewport.notice == "! The pixel data is damaged (test)."
    assert bench.viewport.picture() is None
    assert not any(isinstance(w, QMessageBox) for w in QApplication.topLevelWidgets())
    bench.press(Qt.Key.Key_Down)
    assert bench.viewport.notice == ""
    assert np.array_equal(bench.viewport.picture(), frame_picture(bench.viewport))


def test_a_series_that_cannot_be_loaded_as_a_whole_stays_readable(bench: Bench) -> None:
    bench.loader.failure = ImageError("The disk has no room.")
    bench.open()
    bench.images.set_layout("mpr")
    bench.qtbot.waitUntil(lambda: bench.viewport.notice == "! The disk has no room.")
    assert not bench.images.tool_bar.layout_button("mpr").isEnabled()
    bench.images.set_layout("1x1")
    bench.press(Qt.Key.Key_End)
    assert np.array_equal(bench.viewport.picture(), frame_picture(bench.viewport))


def test_texts_go_from_all_to_few_to_none(bench: Bench) -> None:
    bench.open_whole()
    assert "王 晓 东" in lines(bench.viewport)
    bench.press(Qt.Key.Key_I)
    assert "王 晓 东" not in lines(bench.viewport)
    assert "R" in lines(bench.viewport)
    bench.press(Qt.Key.Key_I)
    assert lines(bench.viewport) == []
    bench.press(Qt.Key.Key_I)
    assert "王 晓 东" in lines(bench.viewport)


def test_what_stood_on_the_screen_is_told(bench: Bench) -> None:
    bench.open_whole()
    bench.qtbot.waitUntil(lambda: bench.seen[-1:] == ["1.7.7"])
    bench.press(Qt.Key.Key_Down)
    bench.qtbot.waitUntil(lambda: bench.seen[-1:] == ["1.7.8"])


def test_a_closed_study_leaves_nothing_behind(bench: Bench) -> None:
    bench.loader.may_finish = lambda: False
    bench.open()
    bench.images.close_study()
    assert all(v.picture() is None for v in bench.images.viewports())
    assert uids(bench) == [""]
    assert bench.images.thumbnails.items() == []
    assert bench.chips() == {}


def test_the_last_patient_s_images_never_come_late(bench: Bench) -> None:
    bench.loader.may_finish = lambda: False
    bench.open()
    bench.qtbot.waitUntil(lambda: "volume 1.7 from 6" in bench.loader.asked)
    bench.open(phantom.series(series="2.1"), patient=PatientFacts(name="LI"))
    assert uids(bench) == ["2.1"]
    assert "LI" in lines(bench.viewport)
    assert "王 晓 东" not in lines(bench.viewport)
    bench.loader.may_finish = lambda: True
    bench.qtbot.waitUntil(lambda: bench.ready == ["2.1"])
    assert uids(bench) == ["2.1"]


def test_an_unknown_key_goes_on_to_the_window(bench: Bench, qtbot: QtBot) -> None:
    bench.open()
    before = bench.viewport.viewing
    bench.press(Qt.Key.Key_Q)
    QTest.keyClick(bench.viewport, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert bench.viewport.viewing == before


@pytest.mark.parametrize(
    ("at_hand", "expected"),
    [
        ([], ()),
        ([5, 6, 7], ((5 / 12, 8 / 12),)),
        ([0, 1, 11], ((0.0, 2 / 12), (11 / 12, 1.0))),
        (list(range(12)), ((0.0, 1.0),)),
    ],
)
def test_the_frames_at_hand_as_stretches_of_the_track(
    at_hand: list[int], expected: tuple[tuple[float, float], ...]
) -> None:
    assert stretches(np.isin(np.arange(12), at_hand)) == expected


def test_loading_follows_the_reader_and_ends_with_the_study(bench: Bench) -> None:
    bench.loader.may_finish = lambda: False
    bench.open()
    bench.press(Qt.Key.Key_Down, Qt.Key.Key_Down)
    assert bench.loader.focused[-2:] == [("1.7", 7), ("1.7", 8)]
    bench.images.close_study()
    assert bench.loader.released == ["1.7"]
    bench.loader.may_finish = lambda: True


def test_overlays_are_drawn_until_their_key_is_pressed(bench: Bench) -> None:
    square = OverlaySource(group=0x6000, rows=4, columns=4, origin=(9, 15), fragment=(0, 2))
    bench.open(phantom.series(1, overlays=(square,)))
    bench.settle()
    with_it = bench.viewport.picture()
    bench.press(Qt.Key.Key_B)
    without = bench.viewport.picture()
    assert with_it is not None
    assert without is not None
    height, width = without.shape
    assert (with_it[height // 2, width // 2], without[height // 2, width // 2]) != (255, 255)
    assert with_it[height // 2, width // 2] == 255
    assert (with_it != without).any()
    bench.press(Qt.Key.Key_B)
    assert np.array_equal(bench.viewport.picture(), with_it)


def test_a_damaged_overlay_costs_a_sentence_not_the_picture(bench: Bench) -> None:
    square = OverlaySource(group=0x6000, rows=4, columns=4, fragment=(0, 2))
    bench.loader.overlay_failure = ImageError("damaged")
    bench.open(phantom.series(1, overlays=(square,)))
    bench.settle()
    assert bench.viewport.picture() is not None
    assert "The overlay of this image cannot be read." in lines(bench.viewport)


def test_missing_slices_are_told_on_the_picture_at_the_track_and_in_the_strip(bench: Bench) -> None:
    frames = [f for n, f in enumerate(phantom.series().frames) if n not in {4, 5}]
    (images,) = display_sets(frames)
    assert images.gaps == (3,)
    bench.open(images)
    bench.settle()
    (told,) = [f for f in images.findings if f.warns]
    assert str(told) in lines(bench.viewport)
    (item,) = bench.images.thumbnails.items()
    assert str(told) in item.toolTip()
    assert item.entry.warns
    bench.press(Qt.Key.Key_I, Qt.Key.Key_I)  # texts few, none: what warns stays
    assert lines(bench.viewport) == [str(told)]


def test_the_parts_of_a_split_series_are_named_under_their_pictures(bench: Bench) -> None:
    frames = [
        LocatedFrame(
            path=str(n),
            source=phantom.source(n, modality="MR", b_value=b, sop_uid=f"1.7.{b:g}.{n}"),
        )
        for b in (0.0, 1000.0)
        for n in range(6)
    ]
    bench.open(*display_sets(frames))
    shown = [item.parts.text() for item in bench.images.thumbnails.items()]
    assert [item.entry.count for item in bench.images.thumbnails.items()] == [6, 6]
    assert [text[0] for text in shown] == ["b", "b"]
    assert ["1000" in text for text in shown] == [False, True]
    assert "Series 7  b 0" in lines(bench.viewport)
    bench.press(Qt.Key.Key_Right)
    assert "Series 7  b 1000" in lines(bench.viewport)


def test_each_slice_of_a_mosaic_counts_as_seen_by_itself(bench: Bench) -> None:
    tiles = [
        LocatedFrame(
            path=str(n),
            source=phantom.source(
                n,
                sop_uid="1.7.1",
                tile=Tile(
                    number=n + 1,
                    left=phantom.COLUMNS * n,
                    top=0,
                    coded_columns=phantom.COLUMNS * 6,
                    coded_rows=phantom.ROWS,
                ),
            ),
        )
        for n in range(6)
    ]
    (images,) = display_sets(tiles)
    shown: list[int] = []
    bench.images.frameSeen.connect(lambda _series, _sop, number: shown.append(number))
    bench.open(images)
    bench.press(Qt.Key.Key_End)
    bench.qtbot.waitUntil(lambda: 6 in shown)
    bench.images.set_seen({("1.7.1", 4), ("1.7.1", 6)})
    (item,) = bench.images.thumbnails.items()
    assert item.state.text() == "2 / 6 seen"


def test_chips_are_written_anew_for_another_series(bench: Bench) -> None:
    windows = (
        replace(phantom.WINDOW, explanation="NORMAL"),
        replace(phantom.WINDOW, width=400.0, explanation="HARD"),
    )
    ct = phantom.series(series="1.6")
    mr = phantom.series(series="1.8", series_number=9, modality="MR", windows=windows)
    bench.open(ct, mr)
    made = bench.images.tool_bar.chips()
    bench.press(Qt.Key.Key_Right)
    assert bench.chips() == {"NORMAL 1": True, "HARD 2": False}
    assert bench.images.tool_bar.chips() == made[:2]
    assert not any(chip.isVisible() for chip in made[2:])
    QTest.mouseClick(made[1], Qt.MouseButton.LeftButton)
    bench.settle()
    assert bench.viewport.presentation.voi == WindowVoi(center=1300.0, width=400.0, name="HARD")
    bench.press(Qt.Key.Key_Left)
    assert list(bench.chips())[:3] == ["Default 0", "Lung 1", "Mediastinum 2"]
