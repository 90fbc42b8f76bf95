"""Orientation letters and reading order for every way a patient can lie, and places against ITK."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 - its own documentation calls it so

from tests.viewer.phantoms import loaded, only_set, stack
from viewer.geometry import nearest_plane, orientation_letters, transform, world_from_pixel
from viewer.volume import display_sets

# Patient Position (C.7.3.1.1.2) as one sees it from the foot end of the table, looking into the gantry:
# what lies towards one's right, towards the floor, and into the gantry.
LYING = {
    "HFS": ("L", "P", "H"),
    "HFP": ("R", "A", "H"),
    "HFDR": ("P", "R", "H"),
    "HFDL": ("A", "L", "H"),
    "FFS": ("R", "P", "F"),
    "FFP": ("L", "A", "F"),
    "FFDR": ("A", "R", "F"),
    "FFDL": ("P", "L", "F"),
}
OPPOSITE = dict(zip("LRAPHF", "RLPAFH", strict=True))
# How far the patient is rolled clockwise as seen from the feet, starting supine.
ROLLED = {"S": 0, "P": 180, "DR": -90, "DL": 90}


def lying(position: str) -> np.ndarray[Any, Any]:
    """Patient coordinates from the room's (right, floor, gantry), by turning the patient."""
    roll = np.radians(ROLLED[position[2:]])
    # Feet first: the table is turned about the vertical.
    head = 1.0 if position.startswith("HF") else -1.0
    turned = np.diag([head, 1.0, head])
    rolled = np.array(
        [[np.cos(roll), np.sin(roll), 0], [-np.sin(roll), np.cos(roll), 0], [0, 0, 1.0]]
    )
    return rolled @ turned


# ITK's GDCM does not take these pixels, so it tells no place either.
UNREAD = {
    "parametric_map_float.dcm",
    "rtdose_1frame.dcm",
    "rtdose_expb_1frame.dcm",
    "rtdose_rle_1frame.dcm",
}
PLANES = {
    "across": ((1, 0, 0), (0, 1, 0)),
    "level": ((1, 0, 0), (0, 0, -1)),
    "upright": ((0, 0, 1), (0, 1, 0)),
}


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("position", LYING)
def test_letters_of_every_patient_position(position: str, plane: str) -> None:
    right, floor, gantry = LYING[position]
    expected = {
        "across": (right, floor),
        "level": (right, OPPOSITE[gantry]),
        "upright": (gantry, floor),
    }[plane]
    patient_from_room = lying(position)
    row, column = (patient_from_room @ np.array(direction) for direction in PLANES[plane])
    assert (orientation_letters(row), orientation_letters(column)) == expected
    named = {frozenset("LR"): 0, frozenset("AP"): 1, frozenset("HF"): 2}
    axes = {named[frozenset({letter, OPPOSITE[letter]})] for letter in expected}
    missing = ({0, 1, 2} - axes).pop()
    assert nearest_plane([*row, *column]) == ("sagittal", "coronal", "axial")[missing]


@pytest.mark.parametrize("position", LYING)
def test_reading_goes_from_head_to_feet_however_the_patient_lies(position: str) -> None:
    patient_from_room = lying(position)
    orientation = tuple(np.concatenate([patient_from_room[:, 0], patient_from_room[:, 1]]).tolist())
    along = patient_from_room[:, 2]
    places = [tuple((along * 3.0 * n + (7.0, -5.0, 11.0)).tolist()) for n in range(5)]
    found = only_set(stack(places, orientation, patient_position=position))
    heights = [frame.source.position[2] for frame in found.frames if frame.source.position]
    assert heights == sorted(heights, reverse=True)
    assert found.is_volume


def read_by_itk(path: Path) -> sitk.Image | None:
    """An image with the place that ITK reads in a file, without its pixels; None where it reads none."""
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    reader.SetImageIO("GDCMImageIO")
    try:
        reader.ReadImageInformation()
    except RuntimeError:
        return None
    image = sitk.Image([*reader.GetSize()[:2], 1], sitk.sitkUInt8)
    image.SetOrigin(reader.GetOrigin())
    image.SetDirection(reader.GetDirection())
    spacing = reader.GetSpacing()
    image.SetSpacing(spacing)
    return image


def test_every_placed_series_lies_where_itk_says(shared_data: Path) -> None:
    """One image of every series; ITK makes rounded directions orthogonal and moves far corners by microns."""
    compared, unread = set(), set()
    for frame in loaded(shared_data):
        source = frame.source
        placed = source.position and source.orientation and source.pixel_spacing_mm
        if (
            source.series_uid in compared
            or source.number_of_frames > 1
            or source.tile
            or not placed
        ):
            continue
        image = read_by_itk(Path(frame.path))
        if image is None:
            unread.add(Path(frame.path).name)
            continue
        affine = world_from_pixel(source.position, source.orientation, source.pixel_spacing_mm)  # type: ignore[arg-type]  # placed
        for pixel in ((0, 0), (source.columns - 1, 0), (0, source.rows - 1), (2, 3)):
            by_itk = image.TransformIndexToPhysicalPoint([*pixel, 0])
            assert transform(affine, (*pixel, 0)) == pytest.approx(by_itk, abs=5e-3), frame.path
        compared.add(source.series_uid)
    assert len(compared) >= 60
    assert unread <= UNREAD


@pytest.mark.parametrize(("series", "degrees"), [("S3010", "16.5"), ("S2010", "-18.5")])
def test_tilted_heads_lie_where_itk_says_slice_by_slice(
    shared_data: Path, series: str, degrees: str
) -> None:
    (found,) = display_sets(loaded(shared_data / "ct_head_phantom_gantry_tilt" / series))
    assert found.world_from_voxel is not None
    for index, frame in enumerate(found.frames):
        image = read_by_itk(Path(frame.path))
        assert image is not None
        for pixel in ((0, 0), (511, 0), (0, 511), (300, 200)):
            here = transform(found.world_from_voxel, (*pixel, index))
            assert here == pytest.approx(image.TransformIndexToPhysicalPoint([*pixel, 0]), abs=0.01)
    told = [str(each) for each in found.findings]
    assert (
        f"The gantry was tilted by {degrees} degrees; planes through the volume are corrected."
        in told
    )
    assert not [each for each in found.findings if each.warns]
