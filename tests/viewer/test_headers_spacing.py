"""Which spacing a picture has and in which plane it is true: cases out of PS3.3 10.7.1 and C.8.5.5."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tests.viewer.phantoms import dicom, saved
from viewer.decoding import parse_file
from viewer.volume import FrameSource

XA = "1.2.840.10008.5.1.4.1.1.12.1"
ENHANCED_XA = "1.2.840.10008.5.1.4.1.1.12.1.1"
TOMOSYNTHESIS = "1.2.840.10008.5.1.4.1.1.13.1.3"
CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
US = "1.2.840.10008.5.1.4.1.1.6.1"


def parsed(tmp_path: Path, elements: dict[str, Any]) -> FrameSource:
    """The source of an image that has a Pixel Spacing only where `elements` say so."""
    ds = dicom()
    del ds.PixelSpacing
    for keyword, value in elements.items():
        setattr(ds, keyword, value)
    return parse_file(saved(ds, tmp_path / "a.dcm"))[1][0]


IMAGER = {"ImagerPixelSpacing": [0.2, 0.2]}
SAME = {**IMAGER, "PixelSpacing": [0.2, 0.2]}
OTHER = {**IMAGER, "PixelSpacing": [0.15, 0.15]}


@pytest.mark.parametrize(
    ("modality", "elements", "spacing", "kind"),
    [
        # 10.7.1.3: Imager Pixel Spacing is measured at the detector's front.
        ("DX", IMAGER, 0.2, "detector"),
        # Both and equal, no type: not corrected.
        ("DX", SAME, 0.2, "detector"),
        # Both and different: corrected somehow; the weaker claim.
        ("DX", OTHER, 0.15, "geometry"),
        ("DX", {**OTHER, "PixelSpacingCalibrationType": "GEOMETRY"}, 0.15, "geometry"),
        ("DX", {**OTHER, "PixelSpacingCalibrationType": "FIDUCIAL"}, 0.15, "fiducial"),
        # Calibrated, and by chance the same number.
        ("DX", {**SAME, "PixelSpacingCalibrationType": "FIDUCIAL"}, 0.2, "fiducial"),
        ("DX", {**SAME, "PixelSpacingCalibrationType": "GEOMETRY"}, 0.2, "geometry"),
        # A calibration type without a Pixel Spacing calibrates nothing.
        ("DX", {**IMAGER, "PixelSpacingCalibrationType": "FIDUCIAL"}, 0.2, "detector"),
        # Pixel Spacing alone says nothing about its plane.
        ("CR", {"PixelSpacing": [0.1, 0.1]}, 0.1, "detector"),
        (
            "CR",
            {"PixelSpacing": [0.1, 0.1], "EstimatedRadiographicMagnificationFactor": 2},
            0.1,
            "detector",
        ),
        ("CR", {"PixelSpacing": [0.1, 0.1], "PixelSpacingCalibrationType": "FIDUCIAL"}, 0.1, "fiducial"),
        # C.8.7.2, C.8.11: the factor is SID / SOD; the patient is that much smaller.
        ("MG", {**IMAGER, "EstimatedRadiographicMagnificationFactor": 1.6}, 0.125, "magnified"),
        ("DX", {**SAME, "EstimatedRadiographicMagnificationFactor": 1.25}, 0.16, "magnified"),
        ("MG", {**IMAGER, "EstimatedRadiographicMagnificationFactor": 1}, 0.2, "detector"),
        # A calibration is more than an estimate.
        (
            "DX",
            {
                **OTHER,
                "PixelSpacingCalibrationType": "FIDUCIAL",
                "EstimatedRadiographicMagnificationFactor": 2,
            },
            0.15,
            "fiducial",
        ),
        # Factors that no device has.
        ("DX", {**IMAGER, "EstimatedRadiographicMagnificationFactor": 0}, 0.2, "detector"),
        ("DX", {**IMAGER, "EstimatedRadiographicMagnificationFactor": 0.5}, 0.2, "detector"),
        ("DX", {**IMAGER, "EstimatedRadiographicMagnificationFactor": 1e6}, 0.2, "detector"),
        # C.8.7.5: in angiography Distance Source to Patient is that to the isocenter.
        (
            "XA",
            {**IMAGER, "DistanceSourceToDetector": 1000, "DistanceSourceToPatient": 800},
            0.16,
            "magnified",
        ),
        (
            "XA",
            {
                **IMAGER,
                "DistanceSourceToDetector": 1000,
                "DistanceSourceToPatient": 800,
                "EstimatedRadiographicMagnificationFactor": 2,
            },
            0.1,
            "magnified",
        ),
        ("XA", {**IMAGER, "DistanceSourceToDetector": 1000}, 0.2, "detector"),
        (
            "XA",
            {**IMAGER, "DistanceSourceToDetector": 800, "DistanceSourceToPatient": 1000},
            0.2,
            "detector",
        ),
        # Elsewhere it is the distance to the table's or the breast support's front.
        (
            "DX",
            {**IMAGER, "DistanceSourceToDetector": 1000, "DistanceSourceToPatient": 800},
            0.2,
            "detector",
        ),
        # A scanned film (C.8.6.1, 10.7.1.3).
        ("CR", {"NominalScannedPixelSpacing": [0.17, 0.17]}, 0.17, "detector"),
        ("RTIMAGE", {"ImagePlanePixelSpacing": [0.4, 0.4]}, 0.4, "detector"),
        ("DX", {}, None, "none"),
        # Slices.
        ("CT", {"PixelSpacing": [0.5, 0.5]}, 0.5, "patient"),
        ("MR", {"PixelSpacing": [0.5, 0.5]}, 0.5, "patient"),
        ("NM", {"PixelSpacing": [4, 4]}, 4.0, "patient"),
        ("MG", {"SOPClassUID": TOMOSYNTHESIS, "PixelSpacing": [0.1, 0.1]}, 0.1, "patient"),
        # Captures.
        ("OT", {"SOPClassUID": CAPTURE, "PixelSpacing": [1, 1]}, 1.0, "detector"),
        ("CT", {"SOPClassUID": CAPTURE, "PixelSpacing": [1, 1]}, 1.0, "patient"),
        ("OT", {"SOPClassUID": CAPTURE}, None, "none"),
    ],
)  # fmt: skip
def test_the_plane_of_a_spacing(
    tmp_path: Path, modality: str, elements: dict[str, Any], spacing: float | None, kind: str
) -> None:
    source = parsed(tmp_path, {"Modality": modality, **elements})
    expected = None if spacing is None else pytest.approx((spacing, spacing))
    assert source.pixel_spacing_mm == expected
    assert source.spacing_kind == kind


def test_rows_come_first_and_the_calibrations_words_are_kept(tmp_path: Path) -> None:
    """Row spacing, which is vertical, is the first value (10.7.1.3)."""
    source = parsed(
        tmp_path,
        {
            "Modality": "DX",
            "ImagerPixelSpacing": [0.2, 0.3],
            "PixelSpacing": [0.1, 0.15],
            "PixelSpacingCalibrationType": "FIDUCIAL",
            "PixelSpacingCalibrationDescription": "Ball of 25 mm",
        },
    )
    assert source.pixel_spacing_mm == (0.1, 0.15)
    assert source.spacing_note == "Ball of 25 mm"


@pytest.mark.parametrize(
    "spacing",
    [[0, 0], [-1, 1], [1, 0], [1e5, 1e5], [1e-9, 1e-9], [1], [1, 1, 1], ["", ""]],
)
def test_spacing_that_no_device_has_is_absent(tmp_path: Path, spacing: list[Any]) -> None:
    for modality in ("CT", "DX"):
        source = parsed(tmp_path, {"Modality": modality, "PixelSpacing": spacing})
        assert (source.pixel_spacing_mm, source.spacing_kind) == (None, "none")


def test_spacing_that_is_no_number_is_absent(tmp_path: Path) -> None:
    """The text of a DS value is swapped in the file: pydicom itself would not write it."""
    path = saved(dicom(PixelSpacing="0.25\\0.25"), tmp_path / "a.dcm")
    for text in (b"NaN \\NaN ", b"1E400\\9 ", b"a,bc\\,,,,"[:9]):
        damaged = path.read_bytes().replace(b"0.25\\0.25", text[:9].ljust(9))
        (tmp_path / "b.dcm").write_bytes(damaged)
        (source,) = parse_file(tmp_path / "b.dcm")[1]
        assert source.pixel_spacing_mm is None


def item(**elements: Any) -> Sequence:
    ds = Dataset()
    for keyword, value in elements.items():
        setattr(ds, keyword, value)
    return Sequence([ds])


def test_enhanced_angiography_per_frame(tmp_path: Path) -> None:
    """Frame 1 knows its isocenter (1200 / 800), frame 2 its object spacing, frame 3 neither."""
    ds = dicom(
        np.zeros((3, 2, 2), np.uint16), Modality="XA", SOPClassUID=ENHANCED_XA, NumberOfFrames=3
    )
    del ds.PixelSpacing
    frames = [Dataset(), Dataset(), Dataset()]
    for frame in frames:
        frame.FramePixelDataPropertiesSequence = item(ImagerPixelSpacing=[0.3, 0.3])
    frames[0].XRayGeometrySequence = item(
        DistanceSourceToIsocenter=800.0, DistanceSourceToDetector=1200.0
    )
    frames[1].ProjectionPixelCalibrationSequence = item(
        ObjectPixelSpacingInCenterOfBeam=[0.22, 0.22]
    )
    ds.PerFrameFunctionalGroupsSequence = Sequence(frames)
    found = parse_file(saved(ds, tmp_path / "a.dcm"))[1]
    assert [(s.pixel_spacing_mm, s.spacing_kind) for s in found] == [
        (pytest.approx((0.2, 0.2)), "magnified"),
        (pytest.approx((0.22, 0.22)), "geometry"),
        ((0.3, 0.3), "detector"),
    ]


def region(bounds: tuple[int, int, int, int], **elements: Any) -> Dataset:
    """A region of tissue with square pixels of 0.02 cm."""
    ds = Dataset()
    left, top, right, bottom = bounds
    ds.RegionLocationMinX0, ds.RegionLocationMinY0 = left, top
    ds.RegionLocationMaxX1, ds.RegionLocationMaxY1 = right, bottom
    ds.RegionSpatialFormat, ds.RegionDataType, ds.RegionFlags = 1, 1, 0
    ds.PhysicalUnitsXDirection = ds.PhysicalUnitsYDirection = 3
    ds.PhysicalDeltaX = ds.PhysicalDeltaY = 0.02
    for keyword, value in elements.items():
        setattr(ds, keyword, value)
    return ds


def ultrasound(tmp_path: Path, regions: list[Dataset], **elements: Any) -> FrameSource:
    return parsed(
        tmp_path,
        {
            "Modality": "US",
            "SOPClassUID": US,
            "Rows": 100,
            "Columns": 200,
            "PixelData": bytes(40000),
            "SequenceOfUltrasoundRegions": Sequence(regions),
            **elements,
        },
    )


WHOLE = (10, 5, 189, 94)
SPECTRUM = {
    "RegionSpatialFormat": 3,
    "PhysicalUnitsXDirection": 4,
    "PhysicalUnitsYDirection": 7,
    "PhysicalDeltaX": 0.005,
    "PhysicalDeltaY": 0.9,
}


@pytest.mark.parametrize(
    ("regions", "spacing"),
    [
        ([region(WHOLE)], (0.2, 0.2)),
        ([region(WHOLE, PhysicalDeltaX=0.03)], (0.2, 0.3)),
        # Two depths side by side of one scale, and of two.
        ([region((0, 0, 99, 99)), region((100, 0, 199, 99))], (0.2, 0.2)),
        ([region((0, 0, 99, 99)), region((100, 0, 199, 99), PhysicalDeltaX=0.03)], None),
        # A spectrum has seconds and cm/s: no one scale for the picture.
        ([region((0, 0, 199, 49)), region((0, 50, 199, 99), **SPECTRUM)], None),
        ([region((0, 50, 199, 99), **SPECTRUM)], None),
        # Deltas may point upwards.
        ([region(WHOLE, PhysicalDeltaY=-0.02)], (0.2, 0.2)),
        # A small inset says nothing about the picture around it.
        ([region((0, 0, 20, 20))], None),
        # A region without units beside the tissue says nothing at all.
        (
            [
                region(
                    (0, 0, 199, 99),
                    RegionSpatialFormat=0,
                    PhysicalUnitsXDirection=0,
                    PhysicalUnitsYDirection=0,
                    PhysicalDeltaX=1.0,
                    PhysicalDeltaY=1.0,
                ),
                region(WHOLE),
            ],
            (0.2, 0.2),
        ),
        ([], None),
    ],
)
def test_ultrasound_has_one_scale_or_none(
    tmp_path: Path, regions: list[Dataset], spacing: tuple[float, float] | None
) -> None:
    source = ultrasound(tmp_path, regions)
    assert source.pixel_spacing_mm == (None if spacing is None else pytest.approx(spacing))
    assert source.spacing_kind == ("none" if spacing is None else "patient")
    assert len(source.regions) == len(regions)


def test_a_regions_facts(tmp_path: Path) -> None:
    tissue = region(WHOLE, ReferencePixelX0=100, ReferencePixelY0=-3)
    tissue.ReferencePixelPhysicalValueX = 0.0
    tissue.ReferencePixelPhysicalValueY = 1.5
    lower = region((0, 50, 500, 99), **SPECTRUM)
    first, second = ultrasound(tmp_path, [tissue, lower], PixelSpacing=[9, 9]).regions
    assert (first.bounds, first.units, first.deltas) == (WHOLE, (3, 3), (0.02, 0.02))
    assert (first.spatial_format, first.data_type) == (1, 1)
    assert (first.reference_px, first.reference_values) == ((100, -3), (0.0, 1.5))
    assert second.bounds == (0, 50, 199, 99)
    assert second.reference_px is None


@pytest.mark.parametrize(
    "damage",
    [
        {"PhysicalDeltaX": 0.0},
        {"PhysicalDeltaX": float("nan")},
        {"PhysicalDeltaY": 1e300},
        {"RegionLocationMinX0": 150, "RegionLocationMaxX1": 20},
        {"RegionLocationMinX0": 4_000_000_000, "RegionLocationMaxX1": 4_100_000_000},
    ],
)
def test_a_damaged_region_is_left_out(tmp_path: Path, damage: dict[str, Any]) -> None:
    source = ultrasound(tmp_path, [region(WHOLE, **damage)])
    assert source.regions == ()
    assert source.pixel_spacing_mm is None
