"""Series sorted for reading, split but never merged, and a reason where they form no volume."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.viewer.phantoms import (
    AXIAL,
    CORONAL,
    SAGITTAL,
    even_positions,
    loaded,
    only_set,
    rotated,
    source,
    stack,
)
from viewer.geometry import transform
from viewer.volume import LocatedFrame, display_sets


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(
    ("orientation", "axis", "sign"),
    [(AXIAL, 2, -1), (CORONAL, 1, 1), (SAGITTAL, 0, 1), (rotated(20), 2, -1)],
)
def test_reading_goes_feetwards_backwards_leftwards(
    orientation: tuple[float, ...], axis: int, sign: int, reverse: bool
) -> None:
    positions = even_positions(5, 3.0, orientation)
    found = only_set(stack(positions[::-1] if reverse else positions, orientation))
    places = [frame.source.position for frame in found.frames]
    steps = np.diff([place[axis] for place in places if place is not None])
    assert (np.sign(steps) == sign).all()
    assert found.is_volume


@pytest.mark.parametrize("step_mm", [3.0, -3.0])
@pytest.mark.parametrize("orientation", [AXIAL, CORONAL, SAGITTAL, rotated(33.0)])
def test_the_affine_puts_every_slice_where_its_header_says(
    orientation: tuple[float, ...], step_mm: float
) -> None:
    found = only_set(stack(even_positions(7, step_mm, orientation), orientation))
    assert found.world_from_voxel is not None
    assert found.spacing_mm == pytest.approx((0.5, 0.5, 3.0))
    for k, frame in enumerate(found.frames):
        assert transform(found.world_from_voxel, (0, 0, k)) == pytest.approx(frame.source.position)
    along_row = np.array(orientation[:3]) * 0.5
    assert found.world_from_voxel[:3, 0] == pytest.approx(along_row)


def test_positions_count_not_thickness() -> None:
    found = only_set(stack(even_positions(4, 3.0), slice_thickness_mm=1.0))
    assert found.spacing_mm == pytest.approx((0.5, 0.5, 3.0))


def refusal(frames: list[LocatedFrame]) -> str:
    found = only_set(frames)
    assert not found.is_volume
    assert found.world_from_voxel is None
    return str(found.refusal)


def test_a_missing_slice_is_said() -> None:
    positions = even_positions(10, 2.0)
    assert refusal(stack(positions[:4] + positions[5:])) == (
        "Slices are missing (1): steps from 2.00 to 4.00 mm."
    )


def test_a_repeated_position_is_said() -> None:
    places = even_positions(6, 2.0)
    assert refusal(stack([*places, places[3]])) == (
        "Several images lie at the same position (7 images, 6 positions)."
    )


def test_slices_shifted_sideways_are_said() -> None:
    positions = even_positions(6, 2.0)
    x, y, z = positions[3]
    assert "shifted" in refusal(stack([*positions[:3], (x + 2.0, y, z), *positions[4:]]))


def test_too_few_images() -> None:
    assert refusal(stack(even_positions(2, 2.0))) == "Too few images for a volume: 2."


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"pixel_spacing_mm": (0.6, 0.6)}, "pixel spacing differs"),
        ({"unit": "BQML"}, "unit of pixel values differs: ?, BQML"),
        ({"bits_allocated": 32}, "pixel format form no volume"),
        ({"pixel_type": "float32"}, "pixel format form no volume"),
        ({"pixel_representation": 1}, "pixel format"),
        ({"pixel_spacing_mm": None, "spacing_kind": "none"}, "no pixel spacing"),
        ({"spacing_kind": "detector"}, "no pixel spacing"),
    ],
)
def test_one_slice_unlike_the_others(facts: dict[str, object], reason: str) -> None:
    frames = stack(even_positions(5, 2.0))
    frames[2] = replace(frames[2], source=replace(frames[2].source, **facts))  # type: ignore[arg-type]  # parametrised
    assert reason in refusal(frames)


def test_images_without_a_place_are_read_by_number() -> None:
    frames = stack(even_positions(4, 2.0))
    frames = [replace(f, source=replace(f.source, position=None, orientation=None)) for f in frames]
    found = only_set(frames[::-1])
    assert [frame.source.instance_number for frame in found.frames] == [1, 2, 3, 4]
    assert "no position" in str(found.refusal)


def test_each_image_its_own_frame_of_reference_is_one_place() -> None:
    frames = stack(even_positions(4, 2.0))
    own = [
        replace(f, source=replace(f.source, frame_of_reference=f"1.9.{n}"))
        for n, f in enumerate(frames)
    ]
    assert only_set(own).is_volume
    assert len({only_set(own).frame_of_reference}) == 1
    two = [
        replace(f, source=replace(f.source, frame_of_reference=f"1.9.{n % 2}"))
        for n, f in enumerate(frames)
    ]
    assert refusal(two) == "The images lie in 2 frames of reference."


def test_series_are_split_by_kind_and_never_merged() -> None:
    axial = stack(even_positions(3, 2.0))
    scout = [
        LocatedFrame(path="s", source=source(sop_uid="1", image_type=("ORIGINAL", "LOCALIZER")))
    ]
    small = [LocatedFrame(path="m", source=source(sop_uid="2", rows=2))]
    coronal = stack(even_positions(3, 2.0, CORONAL), CORONAL, first=11)
    other = stack(even_positions(3, 2.0), series_uid="1.2.4")
    clip = {"number_of_frames": 2, "position": None, "orientation": None}
    cine = [LocatedFrame(path="c", source=source(sop_uid="5", frame=n, **clip)) for n in (1, 2)]
    sets = display_sets([*axial, *scout, *small, *coronal, *other, *cine])
    assert sorted(len(found.frames) for found in sets) == [1, 1, 2, 3, 3, 3]
    assert all(len({f.source.series_uid for f in found.frames}) == 1 for found in sets)


def test_a_turn_around_an_axis_stays_one_set() -> None:
    frames = [
        LocatedFrame(path=str(n), source=source(sop_uid=str(n), orientation=rotated(5.0 * n)))
        for n in range(12)
    ]
    found = only_set(frames)
    assert len(found.frames) == 12
    assert "different directions" in str(found.refusal)


def test_the_key_names_the_content() -> None:
    frames = stack(even_positions(3, 2.0))
    moved = [replace(frame, path="elsewhere/" + frame.path) for frame in frames]
    assert only_set(frames).key == only_set(moved).key
    changed = replace(frames[0], source=replace(frames[0].source, fragments=((100, 41),)))
    assert only_set(frames).key != only_set([changed, *frames[1:]]).key


def test_nearest_index() -> None:
    found = only_set(stack(even_positions(5, 2.0)))
    x, y, z = found.frames[3].source.position or (0, 0, 0)
    assert found.nearest_index((x + 50, y - 50, z + 0.9)) == 3


def test_demo_ct_steps_by_three_millimetres(shared_data: Path) -> None:
    found = only_set(loaded(shared_data / "demo" / "ct_chest_lidc_0314_3mm"))
    assert found.is_volume
    assert found.spacing_mm == pytest.approx((0.78125, 0.78125, 3.0))
    assert {f.source.slice_thickness_mm for f in found.frames} == {1.0}


def test_demo_mr_is_an_oblique_volume(shared_data: Path) -> None:
    found = only_set(loaded(shared_data / "demo" / "mr_brain_t1_defaced"))
    assert found.world_from_voxel is not None
    assert found.spacing_mm == pytest.approx((0.7, 0.66667, 2.66667), abs=1e-4)
    for k in (0, 40, 95):
        place = transform(found.world_from_voxel, (0, 0, k))
        assert place == pytest.approx(found.frames[k].source.position, abs=1e-2)
