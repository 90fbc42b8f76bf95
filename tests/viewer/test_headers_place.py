"""Where frames lie: functional groups, nuclear medicine, doses and mosaics, worked out by hand from PS3.3."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
import SimpleITK
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tests.viewer.phantoms import dicom, saved
from tests.viewer.test_headers_diffusion import block, csa
from viewer.decoding import parse_file
from viewer.decoding.groups import FunctionalGroups
from viewer.decoding.values import number
from viewer.volume import FrameSource

MR = "1.2.840.10008.5.1.4.1.1.4"
NM = "1.2.840.10008.5.1.4.1.1.20"
DOSE = "1.2.840.10008.5.1.4.1.1.481.2"
AXIAL = [1, 0, 0, 0, 1, 0]
CORONAL = [1, 0, 0, 0, 0, -1]  # row x column points backwards: +y


def parsed(tmp_path: Path, ds: Dataset) -> list[FrameSource]:
    return parse_file(saved(ds, tmp_path / "a.dcm"))[1]


def frames(count: int, **elements: Any) -> Dataset:
    """A data set of `count` frames without a plain place."""
    ds = dicom(np.zeros((count, 2, 2), np.uint16), NumberOfFrames=count)
    del ds.ImagePositionPatient, ds.ImageOrientationPatient
    for keyword, value in elements.items():
        setattr(ds, keyword, value)
    return ds


def item(**elements: Any) -> Sequence:
    ds = Dataset()
    for keyword, value in elements.items():
        setattr(ds, keyword, value)
    return Sequence([ds])


def enhanced(heights: list[float | None], *, count: int | None = None) -> Dataset:
    """Shared orientation and spacing, own positions; None is a frame whose item has no position."""
    ds = frames(len(heights) if count is None else count, Modality="CT")
    shared = Dataset()
    shared.PlaneOrientationSequence = item(ImageOrientationPatient=AXIAL)
    shared.PixelMeasuresSequence = item(PixelSpacing=[0.4, 0.6], SliceThickness=2)
    ds.SharedFunctionalGroupsSequence = Sequence([shared])
    own = []
    for height in heights:
        frame = Dataset()
        if height is not None:
            frame.PlanePositionSequence = item(ImagePositionPatient=[1, 2, height])
        own.append(frame)
    ds.PerFrameFunctionalGroupsSequence = Sequence(own)
    return ds


def heights(found: list[FrameSource]) -> list[float | None]:
    return [None if source.position is None else source.position[2] for source in found]


def test_shared_and_own_groups(tmp_path: Path) -> None:
    found = parsed(tmp_path, enhanced([5.0, 3.0, 7.5]))
    assert heights(found) == [5.0, 3.0, 7.5]
    assert {source.pixel_spacing_mm for source in found} == {(0.4, 0.6)}
    assert {source.slice_thickness_mm for source in found} == {2.0}
    assert {source.orientation for source in found} == {(1.0, 0.0, 0.0, 0.0, 1.0, 0.0)}


def test_a_frame_without_a_position_has_no_place(tmp_path: Path) -> None:
    found = parsed(tmp_path, enhanced([5.0, None, 7.5]))
    assert heights(found) == [5.0, None, 7.5]
    assert found[1].orientation is None


def test_too_few_items_place_no_frame(tmp_path: Path) -> None:
    """Which of three frames have the two items? Nobody knows."""
    found = parsed(tmp_path, enhanced([5.0, 3.0], count=3))
    assert heights(found) == [None] * 3
    assert {source.pixel_spacing_mm for source in found} == {(0.4, 0.6)}


def test_items_beyond_the_last_frame_are_not_used(tmp_path: Path) -> None:
    assert heights(parsed(tmp_path, enhanced([5.0, 3.0, 7.5], count=2))) == [5.0, 3.0]


@pytest.mark.parametrize("position", [[1, 2], [1, 2, 3, 4], [1, 2, 1e8], [1, 2, -9e99], None])
def test_a_position_that_is_none_is_absent(tmp_path: Path, position: object) -> None:
    (source,) = parsed(tmp_path, dicom(ImagePositionPatient=position))
    assert (source.position, source.orientation) == (None, None)


@pytest.mark.parametrize(
    "orientation", [[1, 0, 0, 1, 0, 0], [2, 0, 0, 0, 2, 0], [1, 0, 0, 0, 1], [0] * 6, [1e300] * 6]
)
def test_an_orientation_that_is_none_is_absent(tmp_path: Path, orientation: list[float]) -> None:
    (source,) = parsed(tmp_path, dicom(ImageOrientationPatient=orientation))
    assert (source.position, source.orientation) == (None, None)


def test_equal_groups_are_read_once(tmp_path: Path) -> None:
    """A thousand frames with two windows between them: two readings."""
    ds = frames(1000)
    own = []
    for n in range(1000):
        frame = Dataset()
        frame.FrameVOILUTSequence = item(WindowCenter=40 + n % 2, WindowWidth=400)
        own.append(frame)
    ds.PerFrameFunctionalGroupsSequence = Sequence(own)
    groups = FunctionalGroups(pydicom.dcmread(saved(ds, tmp_path / "a.dcm")), 1000)
    asked = []

    def center(found: Dataset) -> float | None:
        asked.append(found)
        return number(found, "WindowCenter")

    told = [groups.ask(index, "FrameVOILUTSequence", center) for index in range(1000)]
    assert told == [40.0, 41.0] * 500
    assert len(asked) == 2


def nuclear(count: int, step: float | None, **elements: Any) -> Dataset:
    ds = frames(count, Modality="NM", SOPClassUID=NM, PixelSpacing=[4, 4], SliceThickness=4)
    detector = Dataset()
    detector.ImagePositionPatient, detector.ImageOrientationPatient = [10, 20, 30], CORONAL
    ds.DetectorInformationSequence = Sequence([detector])
    if step is not None:
        ds.SpacingBetweenSlices = step
    for keyword, value in elements.items():
        setattr(ds, keyword, value)
    return ds


@pytest.mark.parametrize(("step", "sign"), [(5.0, 1), (-5.0, -1)])
def test_reconstructed_slices_follow_the_normal(tmp_path: Path, step: float, sign: int) -> None:
    """C.8.4.15: a positive spacing stacks behind the first slice, along row x column."""
    found = parsed(tmp_path, nuclear(3, step, SliceVector=[1, 2, 3]))
    assert [source.position for source in found] == [
        (10.0, 20.0 + sign * 5.0 * n, 30.0) for n in range(3)
    ]
    assert [source.in_stack for source in found] == [1, 2, 3]


def test_gated_slices_lie_at_their_slice_and_follow_in_time(tmp_path: Path) -> None:
    """Two slices in three time slots each (C.8.4.9, GATED TOMO)."""
    ds = nuclear(6, 5.0, SliceVector=[1, 2] * 3, TimeSlotVector=[1, 1, 2, 2, 3, 3])
    found = parsed(tmp_path, ds)
    assert [s.position[1] for s in found if s.position] == [20.0, 25.0] * 3
    assert [s.temporal_position for s in found] == [1, 1, 2, 2, 3, 3]
    assert [s.dimensions for s in found] == [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2)]


def test_energy_windows_and_detectors_are_stacks_of_their_own(tmp_path: Path) -> None:
    """A planar image of two windows and two heads; each head has its own place (C.8.4.11)."""
    ds = nuclear(4, None, EnergyWindowVector=[1, 1, 2, 2], DetectorVector=[1, 2, 1, 2])
    found = parsed(tmp_path, ds)
    assert [s.stack for s in found] == ["E1D1", "E1D2", "E2D1", "E2D2"]
    assert [s.position for s in found] == [None] * 4


def test_projections_of_a_turning_head_have_no_place(tmp_path: Path) -> None:
    ds = nuclear(4, None, AngularViewVector=[1, 2, 3, 4], DetectorVector=[1, 1, 1, 1])
    found = parsed(tmp_path, ds)
    assert [s.position for s in found] == [None] * 4
    assert [s.in_stack for s in found] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "damage",
    [
        {"SliceVector": [1, 2]},  # for three frames
        {"SpacingBetweenSlices": 0},
        {"SpacingBetweenSlices": 1e9},
    ],
)
def test_slices_of_unknown_distance_have_no_place(tmp_path: Path, damage: dict[str, Any]) -> None:
    found = parsed(tmp_path, nuclear(3, 5.0, **{"SliceVector": [1, 2, 3], **damage}))
    assert [s.position for s in found] == [None] * 3


def dose(offsets: list[float], position: list[float], orientation: list[float]) -> Dataset:
    return frames(
        3,
        Modality="RTDOSE",
        SOPClassUID=DOSE,
        GridFrameOffsetVector=offsets,
        ImagePositionPatient=position,
        ImageOrientationPatient=orientation,
        DoseGridScaling=0.5,
        DoseUnits="GY",
    )


@pytest.mark.parametrize(
    ("offsets", "orientation", "positions"),
    [
        # Relative: the first is zero, the others count along the normal (C.8.8.3.2).
        ([0, 5, 10], AXIAL, [(1, 2, -30), (1, 2, -25), (1, 2, -20)]),
        ([0, -5, -10], AXIAL, [(1, 2, -30), (1, 2, -35), (1, 2, -40)]),
        ([0, 5, 10], CORONAL, [(1, 2, -30), (1, 7, -30), (1, 12, -30)]),
        # Absolute: the first is the z of the position, the planes are axial.
        ([-30, -25, -20], AXIAL, [(1, 2, -30), (1, 2, -25), (1, 2, -20)]),
        ([-30, -25, -20], [-1, 0, 0, 0, 1, 0], [(1, 2, -30), (1, 2, -25), (1, 2, -20)]),
        # Neither.
        ([7, 12, 17], AXIAL, [None] * 3),
        ([-30, -25, -20], CORONAL, [None] * 3),
        ([0, 5], AXIAL, [(1, 2, -30), (1, 2, -25), None]),
    ],
)
def test_dose_planes(
    tmp_path: Path, offsets: list[float], orientation: list[float], positions: list[Any]
) -> None:
    found = parsed(tmp_path, dose(offsets, [1, 2, -30], orientation))
    assert [s.position for s in found] == [p and pytest.approx(p) for p in positions]
    assert {(s.slope, s.unit) for s in found} == {(0.5, "Gy")}


def test_a_real_dose_lies_where_itk_puts_it(shared_data: Path) -> None:
    path = shared_data / "pydicom_test_files/test_files/rtdose.dcm"
    image = SimpleITK.ReadImage(str(path))
    found = parse_file(path)[1]
    assert len(found) == image.GetSize()[2]
    for n, source in enumerate(found):
        assert source.position == pytest.approx(image.TransformIndexToPhysicalPoint((0, 0, n)))


def mosaic(**elements: Any) -> Dataset:
    """Five tiles of 4 x 4 in a grid of 3 x 3; 2 mm pixels; the mosaic at (-10, -20, 30)."""
    ds = dicom(
        np.arange(144, dtype=np.uint16).reshape(12, 12),
        Modality="MR",
        SOPClassUID=MR,
        Manufacturer="SIEMENS",
        ImageType=["ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC"],
        PixelSpacing=[2, 2],
        SpacingBetweenSlices=3,
        ImagePositionPatient=[-10, -20, 30],
    )
    for keyword, value in elements.items():
        setattr(ds, keyword, value)
    return ds


def with_count(ds: Dataset, count: int) -> Dataset:
    ds.add_new(block(ds, 0x0019, "SIEMENS MR HEADER") | 0x0A, "US", count)
    return ds


def with_csa(ds: Dataset, **values: tuple[str, ...]) -> Dataset:
    ds.add_new(block(ds, 0x0029, "SIEMENS CSA HEADER") | 0x10, "OB", csa(values))
    return ds


@pytest.mark.parametrize("up", [1, -1])
def test_tiles_share_their_centre_with_the_mosaic(tmp_path: Path, up: int) -> None:
    """(12 - 4) / 2 pixels of 2 mm from the corner; steps of 3 mm along the CSA's normal."""
    ds = with_csa(
        with_count(mosaic(), 5),
        NumberOfImagesInMosaic=("5",),
        SliceNormalVector=("0.0", "0.0", f"{up}.0"),
    )
    found = parsed(tmp_path, ds)
    assert [s.position for s in found] == [(-2.0, -12.0, 30.0 + up * 3.0 * n) for n in range(5)]
    tiles = [s.tile for s in found if s.tile]
    assert [(t.number, t.left, t.top) for t in tiles] == [
        (1, 0, 0),
        (2, 4, 0),
        (3, 8, 0),
        (4, 0, 4),
        (5, 4, 4),
    ]
    assert {(s.rows, s.columns, s.frame, s.number_of_frames) for s in found} == {(4, 4, 1, 1)}


def test_without_a_normal_the_numbering_tells_the_direction(tmp_path: Path) -> None:
    ds = with_csa(
        mosaic(), NumberOfImagesInMosaic=("5",), ProtocolSliceNumber=("4",), B_value=("0",)
    )
    assert heights(parsed(tmp_path, ds)) == [30.0, 27.0, 24.0, 21.0, 18.0]


@pytest.mark.parametrize(
    ("count", "csa_values", "elements"),
    [
        (None, {}, {}),  # nobody says how many
        (5, {"NumberOfImagesInMosaic": ("6",)}, {}),  # two say different things
        (17, {}, {}),  # 5 x 5 tiles do not fit 12 x 12 pixels
        (0, {}, {}),
        (60000, {}, {}),
    ],
)
def test_a_mosaic_that_cannot_be_taken_apart_is_a_picture_without_a_place(
    tmp_path: Path, count: int | None, csa_values: dict[str, Any], elements: dict[str, Any]
) -> None:
    ds = mosaic(**elements)
    if count is not None:
        with_count(ds, count)
    if csa_values:
        with_csa(ds, **csa_values)
    (whole,) = parsed(tmp_path, ds)
    assert (whole.tile, whole.position, whole.rows, whole.columns) == (None, None, 12, 12)


@pytest.mark.parametrize(
    ("normal", "elements"),
    [
        (("0.0", "1.0", "0.0"), {}),  # not the normal of the image
        (("0.0", "0.0", "7.0"), {}),
        (("0.0", "0.0", "1.0"), {"SpacingBetweenSlices": 0}),
        (("0.0", "0.0", "1.0"), {"PixelSpacing": [0, 0]}),
    ],
)
def test_tiles_of_a_lying_mosaic_have_no_place(
    tmp_path: Path, normal: tuple[str, ...], elements: dict[str, Any]
) -> None:
    ds = with_csa(with_count(mosaic(**elements), 5), SliceNormalVector=normal)
    found = parsed(tmp_path, ds)
    assert [s.position for s in found] == [None] * 5
    assert all(s.tile is not None for s in found)


def vframe(count: int, told: int) -> Dataset:
    """United Imaging's: a private sequence with a position per tile."""
    ds = mosaic(ImageType=["ORIGINAL", "PRIMARY", "M", "VFRAME"], Manufacturer="UIH")
    del ds.ImagePositionPatient
    start = block(ds, 0x0065, "Image Private Header")
    ds.add_new(start | 0x50, "DS", str(told))
    items = [item(ImagePositionPatient=[0, 0, 4.5 * n])[0] for n in range(count)]
    ds.add_new(start | 0x51, "SQ", Sequence(items))
    return ds


def test_united_imagings_tiles_fill_no_empty_row(tmp_path: Path) -> None:
    """Six tiles: three beside each other, two rows."""
    found = parsed(tmp_path, vframe(6, 6))
    assert heights(found) == [4.5 * n for n in range(6)]
    assert {(s.rows, s.columns) for s in found} == {(6, 4)}
    assert [(s.tile.left, s.tile.top) for s in found if s.tile][3] == (0, 6)


def test_united_imagings_tiles_must_be_as_many_as_told(tmp_path: Path) -> None:
    (whole,) = parsed(tmp_path, vframe(5, 6))
    assert (whole.tile, whole.position) == (None, None)


def test_private_bytes_of_a_mosaic_in_an_archive_without_private_vrs(tmp_path: Path) -> None:
    ds = mosaic()
    ds.add_new(block(ds, 0x0019, "SIEMENS MR HEADER") | 0x0A, "UN", struct.pack("<H", 5))
    ds.add_new(
        block(ds, 0x0029, "SIEMENS CSA HEADER") | 0x10,
        "UN",
        csa({"SliceNormalVector": ("0.0", "0.0", "1.0")}),
    )
    assert heights(parsed(tmp_path, ds)) == [30.0, 33.0, 36.0, 39.0, 42.0]
