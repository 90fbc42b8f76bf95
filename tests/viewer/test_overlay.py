"""What stands in the corners and at the sides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.viewer.phantoms import CORONAL, SAGITTAL, source
from viewer.overlay import (
    PatientFacts,
    Shown,
    corner_annotations,
    crosshair,
    orientation_markers,
    reduction_text,
    spacing_text,
    window_text,
)
from viewer.view import ViewState, frame_geometry, resolve
from viewer.voi import LutVoi, WindowVoi
from viewer.volume import FrameSource

PATIENT = PatientFacts(
    name="张三",
    patient_id="P1",
    sex="M",
    age="45Y",
    birth_date="1980-01-02",
    institution="County",
    study_description="Chest CT",
    study_id="S1",
    accession="A1",
    study_time="2025-01-01 08:00",
)
SHOWN = Shown(
    canvas_size=(600, 400),
    count=92,
    voi=WindowVoi(center=-600, width=1500),
    canvas_px_per_image_px=1.5,
)


def corners(
    frame: FrameSource, state: ViewState, shown: Shown = SHOWN
) -> dict[str, tuple[str, ...]]:
    texts = corner_annotations(frame, state, PATIENT, shown, translated)
    return {text.corner: text.lines for text in texts}


def translated(word: str) -> str:
    words = {
        "Thickness": "层厚",
        "Location": "位置",
        "Series": "序列",
        "Zoom": "缩放",
        "Reduced": "降采样",
        "detector plane": "探测器平面",
        "calibrated (fiducial)": "已校准(标尺)",
    }
    return words.get(word, word)


def test_corners_hold_what_bir_asks_for() -> None:
    frame = source(
        series_number=3,
        series_description="LUNG",
        slice_thickness_mm=1.25,
        acquired="2025-01-01 08:05:00",
        facts=(("kVp", "120"),),
        lossy="Lossy 10:1 ISO_10918_1",
        laterality="L",
        position=(0, 0, -123.4),
    )
    found = corners(frame, ViewState(index=4))
    assert found["top-left"] == ("张三", "P1  M  45Y", "1980-01-02")
    assert found["top-right"] == ("County", "Chest CT", "S1  A1", "2025-01-01 08:05:00")
    assert found["bottom-right"] == ("序列 3", "L", "LUNG", "层厚 1.25 mm  位置 F 123.4 mm")
    assert found["bottom-left"] == (
        "kVp 120",
        "Lossy 10:1 ISO_10918_1",
        "缩放 150 %",
        "C -600 W 1500",
        "5 / 92",
    )


def test_an_empty_corner_is_left_out() -> None:
    texts = corner_annotations(source(), ViewState(), PatientFacts(), Shown(canvas_size=(9, 9)))
    assert {text.corner for text in texts} == {"bottom-left", "bottom-right"}


def test_a_plane_shows_no_slice_of_the_series() -> None:
    found = corners(source(series_number=3), ViewState(kind="plane", plane="coronal"))
    assert found["bottom-right"] == ("序列 3  coronal",)
    assert "1 / 92" not in found["bottom-left"]


def test_window_texts() -> None:
    assert window_text(WindowVoi(center=40.5, width=400)) == "C 40.5 W 400"
    assert window_text(LutVoi(first_mapped=0, bits=8, values=(0, 1), name="NORMAL")) == "NORMAL"
    shown = replace(SHOWN, is_inverted=True)
    assert "C -600 W 1500  inverted" in corners(source(), ViewState(), shown)["bottom-left"]


def test_the_unit_stands_beside_the_window() -> None:
    assert window_text(WindowVoi(center=40, width=400), "HU") == "C 40 W 400 HU"
    table = LutVoi(first_mapped=0, bits=8, values=(0, 1))
    assert window_text(table, "HU") == "LUT"
    assert "C -600 W 1500 HU" in corners(source(unit="HU"), ViewState())["bottom-left"]
    inverted = corners(source(unit="Bq/ml"), ViewState(), replace(SHOWN, is_inverted=True))
    assert "C -600 W 1500 Bq/ml  inverted" in inverted["bottom-left"]


def test_notes_are_warnings_top_centre() -> None:
    shown = replace(SHOWN, notes=("A slice is missing.",), reduction=(2, 2, 2))
    texts = corner_annotations(source(), ViewState(), PATIENT, shown, translated)
    (note,) = [text for text in texts if text.role == "warning"]
    assert note.lines == ("降采样 1:2", "A slice is missing.")
    assert note.corner == "top"
    assert note.anchor[0] == 300
    assert 0 < note.anchor[1] < 100
    assert "top" not in corners(source(), ViewState())


def test_what_was_reduced() -> None:
    assert reduction_text((1, 1, 1)) == ""
    assert reduction_text((2, 2, 2)) == "Reduced 1:2"
    assert reduction_text((2, 2, 1)) == "Reduced 2 x 2 x 1"


@pytest.mark.parametrize(
    ("kind", "note", "text"),
    [
        ("patient", "", ""),
        ("patient", "by hand", ""),
        ("none", "", "not calibrated"),
        ("detector", "", "探测器平面"),
        ("magnified", "", "magnification corrected"),
        ("fiducial", "25 mm ball", "已校准(标尺): 25 mm ball"),
        ("geometry", "", "calibrated (geometry)"),
    ],
)
def test_in_which_plane_lengths_are_true(kind: str, note: str, text: str) -> None:
    assert spacing_text(source(spacing_kind=kind, spacing_note=note), translated) == text


@pytest.mark.parametrize(
    ("orientation", "state", "letters"),
    [
        ((1, 0, 0, 0, 1, 0), ViewState(), ("R", "L", "A", "P")),
        (CORONAL, ViewState(), ("R", "L", "H", "F")),
        (SAGITTAL, ViewState(), ("A", "P", "H", "F")),
        ((1, 0, 0, 0, 1, 0), ViewState(flip=True), ("L", "R", "A", "P")),
        ((1, 0, 0, 0, 1, 0), ViewState(rotation=90), ("P", "A", "R", "L")),
        ((-1, 0, 0, 0, -1, 0), ViewState(), ("L", "R", "P", "A")),
        ((1, 0, 0, 0, 0.8, -0.6), ViewState(), ("R", "L", "AH", "PF")),
    ],
)
def test_orientation_letters_stand_at_their_sides(
    orientation: tuple[float, ...], state: ViewState, letters: tuple[str, ...]
) -> None:
    view = resolve(frame_geometry(source(orientation=orientation)), state, (100, 100))
    found = {text.corner: text.lines[0] for text in orientation_markers(view)}
    assert tuple(found[side] for side in ("left", "right", "top", "bottom")) == letters


def test_a_radiographs_letters_come_from_patient_orientation() -> None:
    frame = source(position=None, orientation=None, patient_orientation=("L", "F"))
    view = resolve(frame_geometry(frame), ViewState(), (100, 100))
    found = {text.corner: text.lines[0] for text in orientation_markers(view)}
    assert found == {"left": "R", "right": "L", "top": "H", "bottom": "F"}
    turned = resolve(frame_geometry(frame), ViewState(rotation=90), (100, 100))
    found = {text.corner: text.lines[0] for text in orientation_markers(turned)}
    assert found == {"left": "F", "right": "H", "top": "R", "bottom": "L"}


def test_no_letters_without_orientation() -> None:
    frame = source(position=None, orientation=None)
    assert orientation_markers(resolve(frame_geometry(frame), ViewState(), (9, 9))) == []


def test_the_crosshair_crosses_at_the_point_and_is_open_there() -> None:
    frame = source(rows=100, columns=100, pixel_spacing_mm=(1.0, 1.0))
    view = resolve(frame_geometry(frame), ViewState(), (100, 100))
    lines = crosshair(view, (30.0, 60.0, 77.0))
    assert len(lines) == 4
    horizontal = [line for line in lines if line.start[1] == line.end[1]]
    assert {line.start[1] for line in horizontal} == {60.5}
    assert all(not (line.start[0] < 30.5 < line.end[0]) for line in horizontal)
    assert crosshair(view, (500.0, 500.0, 0.0)) == []


def test_no_crosshair_without_a_place() -> None:
    view = resolve(frame_geometry(source(orientation=None, position=None)), ViewState(), (9, 9))
    assert crosshair(view, (0, 0, 0)) == []
