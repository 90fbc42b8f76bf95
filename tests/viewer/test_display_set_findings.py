"""What the slices of a set show is found and told with numbers; leaning stacks become right volumes."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.viewer.phantoms import (
    AXIAL,
    CORONAL,
    SAGITTAL,
    even_positions,
    only_set,
    rotated,
    source,
    stack,
)
from viewer.geometry import inverse, transform
from viewer.volume import DisplaySet, LocatedFrame, display_sets

Points = list[tuple[float, float, float]]
THIN = {"slice_thickness_mm": 0.5}


def told(found: DisplaySet, *, warns: bool) -> list[str]:
    return [str(each) for each in found.findings if each.warns == warns]


def upright(heights: list[float]) -> Points:
    return [(0.0, 0.0, z) for z in heights]


def test_a_right_stack_has_no_findings() -> None:
    found = only_set(stack(even_positions(20, -2.0), **THIN))
    assert found.findings == ()
    assert found.gaps == ()


def test_missing_slices_are_told_where_they_are() -> None:
    """Places 40, 38, ... 2 without 30 and without 16, 14 and 12, read from the head."""
    heights = [40.0 - 2.0 * n for n in range(20) if n not in {5, 12, 13, 14}]
    found = only_set(stack(upright(heights), **THIN))
    assert str(found.refusal) == "Slices are missing (4): steps from 2.00 to 8.00 mm."
    assert told(found, warns=True) == [
        "Slices are missing (1) between 32.0 and 28.0 mm.",
        "Slices are missing (3) between 18.0 and 10.0 mm.",
    ]
    assert found.gaps == (4, 10)


def test_many_gaps_are_told_in_one_sentence() -> None:
    heights = [-1.0 * n for n in range(60) if n % 10 != 5]
    found = only_set(stack(upright(heights), **THIN))
    assert told(found, warns=True) == [
        "Slices are missing (6) in 6 gaps between -4.0 and -56.0 mm."
    ]
    assert len(found.gaps) == 6


def test_two_spacings_are_no_gaps() -> None:
    """A head CT: 2.5 mm through the base, 5 mm above."""
    heights = [100.0 - 5.0 * n for n in range(10)] + [52.5 - 2.5 * n for n in range(10)]
    found = only_set(stack(upright(heights), **THIN))
    assert str(found.refusal) == "Slices are unevenly spaced: steps from 2.50 to 5.00 mm."
    assert told(found, warns=True) == ["The slice spacing changes: 2.50 to 5.00 mm."]
    assert found.gaps == ()


def test_a_duplicate_does_not_hide_a_gap() -> None:
    heights = [20.0, 18.0, 18.0, 16.0, 12.0, 10.0, 8.0]
    found = only_set(stack(upright(heights), **THIN))
    assert told(found, warns=True) == [
        "Several images lie at the same position (7 images, 6 positions).",
        "Slices are missing (1) between 16.0 and 12.0 mm.",
    ]
    assert found.gaps == (3,)


def test_small_jitter_is_told_and_forms_a_volume() -> None:
    heights = [-3.0 * n + (0.1 if n == 4 else 0.0) for n in range(9)]
    found = only_set(stack(upright(heights), **THIN))
    assert found.is_volume
    assert told(found, warns=False) == ["Slices lie up to 0.10 mm off an even spacing of 3.00 mm."]


def test_rounded_positions_are_no_jitter() -> None:
    heights = [round(-0.703125 * n, 2) for n in range(400)]
    found = only_set(stack(upright(heights), **THIN))
    assert found.is_volume
    assert found.findings == ()


def test_numbers_against_the_positions() -> None:
    found = only_set(stack(even_positions(5, 2.0), **THIN))
    assert told(found, warns=False) == ["The image numbers run against the order of reading."]
    mixed = upright([0.0, -4.0, -2.0, -8.0, -6.0])
    assert told(only_set(stack(mixed, **THIN)), warns=False) == [
        "The image numbers do not follow the positions."
    ]


def test_overlapping_slices() -> None:
    found = only_set(stack(even_positions(5, -0.7), slice_thickness_mm=1.0))
    assert found.is_volume
    assert told(found, warns=False) == ["Slices of 1.00 mm overlap at a spacing of 0.70 mm."]


def tilted(degrees: float, count: int = 8, **facts: Any) -> list[LocatedFrame]:
    """A CT whose table moved 3 mm along z while the gantry leaned: slices shift within their plane."""
    return stack(
        [(0.0, 5.0, -3.0 * n) for n in range(count)], rotated(degrees), **{**THIN, **facts}
    )


@pytest.mark.parametrize("degrees", [16.5, -18.5, 27.0])
def test_a_tilted_gantry_is_a_sheared_volume(degrees: float) -> None:
    found = only_set(tilted(degrees, gantry_tilt_degrees=degrees))
    assert found.world_from_voxel is not None
    assert told(found, warns=False) == [
        f"The gantry was tilted by {degrees} degrees; planes through the volume are corrected."
    ]
    # The step from slice to slice is the table's, not the planes' distance.
    assert found.spacing_mm == pytest.approx((0.5, 0.5, 3.0))
    assert found.slice_distance_mm == pytest.approx(3.0 * np.cos(np.radians(degrees)))
    turn = np.radians(degrees)
    for i, j, k in ((0, 0, 0), (4, 3, 7), (2, 1, 5)):
        by_hand = (0.5 * i, 5.0 + 0.5 * j * np.cos(turn), -3.0 * k + 0.5 * j * np.sin(turn))
        assert transform(found.world_from_voxel, (i, j, k)) == pytest.approx(by_hand)
        back = transform(inverse(found.world_from_voxel), by_hand)
        assert back == pytest.approx((i, j, k), abs=1e-9)


@pytest.mark.parametrize(
    ("position", "degrees"),
    [
        # The same gantry, +20 degrees: images lean backwards-headwards in a supine patient, head first;
        # feet first turns the table's way round, prone turns back and front, both together cancel.
        ("HFS", 20.0),
        ("FFS", -20.0),
        ("HFP", -20.0),
        ("FFP", 20.0),
        ("", 20.0),
    ],
)
def test_the_sign_of_the_tilt_is_the_rooms(position: str, degrees: float) -> None:
    found = only_set(tilted(degrees, patient_position=position, gantry_tilt_degrees=20.0))
    assert told(found, warns=False) == [
        "The gantry was tilted by 20.0 degrees; planes through the volume are corrected."
    ]
    assert told(found, warns=True) == []


@pytest.mark.parametrize(("position", "sign"), [("HFDL", 1.0), ("HFDR", -1.0)])
def test_the_tilt_of_a_patient_on_the_side(position: str, sign: float) -> None:
    """Down is the patient's left or right; the images lean about the back-front axis."""
    turn = np.radians(15.0)
    lying = (float(np.cos(turn)), 0.0, sign * float(np.sin(turn)), 0.0, 1.0, 0.0)
    places = [(0.0, 0.0, -3.0 * n) for n in range(6)]
    found = only_set(stack(places, lying, patient_position=position, **THIN))
    assert told(found, warns=False) == [
        "The gantry was tilted by 15.0 degrees; planes through the volume are corrected."
    ]


def test_a_tilt_of_the_header_that_the_positions_do_not_show() -> None:
    found = only_set(stack(even_positions(6, -3.0), gantry_tilt_degrees=12.0, **THIN))
    assert found.is_volume
    assert told(found, warns=True) == [
        "The header tells a gantry tilt of 12.0 degrees, the positions show 0.0."
    ]
    reformatted = stack(
        even_positions(6, -3.0),
        gantry_tilt_degrees=12.0,
        image_type=("DERIVED", "SECONDARY"),
        **THIN,
    )
    assert only_set(reformatted).findings == ()


def test_an_opposite_sign_is_told_without_a_warning() -> None:
    found = only_set(tilted(16.5, gantry_tilt_degrees=-16.5))
    assert told(found, warns=True) == []
    assert told(found, warns=False)[1:] == [
        "The header tells a gantry tilt of -16.5 degrees, the positions show 16.5."
    ]


def test_a_leaning_stack_of_another_modality() -> None:
    found = only_set(tilted(10.0, modality="MR"))
    assert told(found, warns=False) == [
        "The stack leans by 10.0 degrees; planes through the volume are corrected."
    ]


def test_images_beside_each_other_are_no_stack() -> None:
    beside = [(30.0 * n, 0.0, -1.0 * n) for n in range(5)]
    assert str(only_set(stack(beside)).refusal) == (
        "The slices lie beside each other and not above each other."
    )


def test_slices_with_rescales_of_their_own_are_a_volume() -> None:
    frames = [
        replace(f, source=replace(f.source, slope=1.0 + n, intercept=float(-n)))
        for n, f in enumerate(stack(even_positions(5, 2.0)))
    ]
    assert only_set(frames).is_volume


def test_projections_of_a_volume_form_none() -> None:
    kind = ("DERIVED", "SECONDARY", "PROJECTION IMAGE")
    frames = [
        LocatedFrame(path=str(n), source=source(sop_uid=str(n), image_type=kind, orientation=o))
        for n, o in enumerate((AXIAL, CORONAL, SAGITTAL))
    ]
    assert str(only_set(frames).refusal) == "Projection images form no volume."


@pytest.mark.parametrize("spacing", [(0.5, 0.5), (0.4, 1.25)])
@pytest.mark.parametrize("orientation", [AXIAL, CORONAL, SAGITTAL, rotated(25.0)])
def test_pixels_that_are_not_square(
    orientation: tuple[float, ...], spacing: tuple[float, float]
) -> None:
    """Pixel Spacing is (between rows, between columns): the first goes with the row index."""
    positions = even_positions(4, 2.0, orientation)
    found = only_set(stack(positions, orientation, pixel_spacing_mm=spacing))
    assert found.world_from_voxel is not None
    first = np.array(found.frames[0].source.position)
    expected = (
        first + np.array(orientation[:3]) * spacing[1] * 3 + np.array(orientation[3:]) * spacing[0]
    )
    assert transform(found.world_from_voxel, (3, 1, 0)) == pytest.approx(expected)
    assert found.spacing_mm == pytest.approx((spacing[1], spacing[0], 2.0))


def test_the_nearest_image_of_mixed_directions_and_places() -> None:
    turned = [
        LocatedFrame(path=str(n), source=source(sop_uid=str(n), instance_number=n, orientation=o))
        for n, o in enumerate((AXIAL, CORONAL, SAGITTAL))
    ]
    found = only_set(turned)
    assert found.nearest_index((5.0, 4.0, 1.0)) == 0
    assert found.nearest_index((5.0, 1.0, 4.0)) == 1
    assert found.nearest_index((1.0, 5.0, 4.0)) == 2
    nowhere = replace(turned[0].source, position=None, orientation=None)
    assert only_set([LocatedFrame(path="n", source=nowhere)]).nearest_index((0, 0, 0)) is None


def test_five_thousand_slices_are_sorted_while_one_waits() -> None:
    """Measured 0.05 s on one core; the bound is wide because a test machine may be busy."""
    frames = stack(even_positions(5000, 0.5))
    started = time.perf_counter()
    (found,) = display_sets(frames)
    assert time.perf_counter() - started < 1.0
    assert found.is_volume
    started = time.perf_counter()
    for _ in range(100):
        found.nearest_index((0.0, 0.0, 1000.0))
    assert time.perf_counter() - started < 0.5
