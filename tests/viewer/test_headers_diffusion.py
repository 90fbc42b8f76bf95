"""b-values and directions in every vendor's elements: made-up series that dcm2niix converts beside us."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gdcm
import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ImplicitVRLittleEndian
from scipy.spatial.transform import Rotation

from tests.viewer.dcm2niix import convert
from tests.viewer.phantoms import dicom, saved
from viewer.decoding import parse_file
from viewer.decoding.siemens_csa import csa_values
from viewer.volume import FrameSource

MR = "1.2.840.10008.5.1.4.1.1.4"
OBLIQUE = Rotation.from_euler("xyz", [20, -15, 30], degrees=True).as_matrix()
DIRECTIONS = [
    (0.0, 0.0, 0.0),
    (1.0, 0.0, 0.0),
    (0.0, 1.0, 0.0),
    (0.0, 0.0, 1.0),
    (0.48, 0.64, -0.6),
]
B_VALUES = [0, 1000, 1000, 1000, 2000]
Mark = Callable[[Dataset, tuple[float, ...], int], None]


def block(ds: Dataset, group: int, creator: str, at: int = 0x10) -> int:
    """Reserve a private block and return the tag of its element 0."""
    ds.add_new(group << 16 | at, "LO", creator)
    return group << 16 | at << 8


def by_ge(ds: Dataset, direction: tuple[float, ...], b: int) -> None:
    ds.Manufacturer = "GE MEDICAL SYSTEMS"
    flagged = b + 1_000_000_000 if b else 0
    ds.add_new(block(ds, 0x0043, "GEMS_PARM_01") | 0x39, "IS", [flagged, 8, 0, 0])
    start = block(ds, 0x0019, "GEMS_ACQU_01")
    for at, part in zip((0xBB, 0xBC, 0xBD), direction, strict=True):
        ds.add_new(start | at, "DS", f"{part:.6f}")


def by_philips(ds: Dataset, direction: tuple[float, ...], b: int) -> None:
    ds.Manufacturer = "Philips Medical Systems"
    start = block(ds, 0x2001, "Philips Imaging DD 001")
    ds.add_new(start | 0x03, "FL", float(b))
    ds.add_new(start | 0x04, "CS", "O" if b else "I")
    start = block(ds, 0x2005, "Philips MR Imaging DD 001")
    for at, part in zip((0xB0, 0xB1, 0xB2), direction, strict=True):
        ds.add_new(start | at, "FL", part)


def by_siemens(ds: Dataset, direction: tuple[float, ...], b: int) -> None:
    ds.Manufacturer = "SIEMENS"
    start = block(ds, 0x0019, "SIEMENS MR HEADER")
    ds.add_new(start | 0x0C, "IS", b)
    if b:
        ds.add_new(start | 0x0E, "FD", list(direction))


def by_canon(ds: Dataset, direction: tuple[float, ...], b: int) -> None:
    ds.Manufacturer = "Canon Medical Systems"
    ds.DiffusionBValue = float(b)
    ds.ImageComments = f"b={b}({direction[0]:.3f},{direction[1]:.3f},{direction[2]:.3f})"


def by_united_imaging(ds: Dataset, direction: tuple[float, ...], b: int) -> None:
    ds.Manufacturer = "UIH"
    start = block(ds, 0x0065, "Image Private Header")
    ds.add_new(start | 0x09, "FD", float(b))
    ds.add_new(start | 0x37, "FD", list(direction))


def image(number: int, volume: int, height: int, axes: np.ndarray, phase: str) -> Dataset:
    """One slice of a diffusion series; dcm2niix wants to see times, echo and repetition."""
    corner = axes[:, 2] * 3.0 * height
    return dicom(
        np.full((16, 16), 100 + volume, np.uint16),
        number=number,
        SOPClassUID=MR,
        Modality="MR",
        ImageType=["ORIGINAL", "PRIMARY", "OTHER"],
        ScanningSequence=["EP", "RM"],
        MRAcquisitionType="2D",
        ImagePositionPatient=[round(float(v), 6) for v in corner],
        ImageOrientationPatient=[round(float(v), 9) for v in (*axes[:, 0], *axes[:, 1])],
        PixelSpacing=[2, 2],
        SliceThickness=3,
        SpacingBetweenSlices=3,
        InPlanePhaseEncodingDirection=phase,
        PatientPosition="HFS",
        EchoTime=80,
        RepetitionTime=5000,
        AcquisitionNumber=1,
        SeriesDescription="dwi",
        StudyDate="20200101",
        StudyTime="101010",
        SeriesTime="101010",
        AcquisitionDate="20200101",
        AcquisitionTime="101010",
    )


def series(folder: Path, mark: Mark, axes: np.ndarray, phase: str) -> list[FrameSource]:
    """Three slices of five weightings as files; our sources of the first slices."""
    folder.mkdir()
    firsts = []
    for volume, (direction, b) in enumerate(zip(DIRECTIONS, B_VALUES, strict=True)):
        for height in range(3):
            number = volume * 3 + height + 1
            ds = image(number, volume, height, axes, phase)
            mark(ds, direction, b)
            path = saved(ds, folder / f"{number:02}.dcm")
            if not height:
                firsts.append(parse_file(path)[1][0])
    return firsts


@pytest.mark.parametrize("phase", ["COL", "ROW"])
@pytest.mark.parametrize("mark", [by_ge, by_philips, by_siemens, by_canon, by_united_imaging])
def test_a_vendors_weighting_is_dcm2niixs(tmp_path: Path, mark: Mark, phase: str) -> None:
    ours = series(tmp_path / "dicom", mark, OBLIQUE, phase)
    (nifti,) = convert(tmp_path / "dicom", tmp_path / "nifti")
    assert [source.b_value for source in ours] == list(nifti.b_values)
    assert ours[0].diffusion_direction is None
    for source, theirs in zip(ours[1:], nifti.directions[1:], strict=True):
        assert source.diffusion_direction is not None
        assert np.linalg.norm(theirs - source.diffusion_direction) < 2e-3


@pytest.mark.parametrize("phase", ["COL", "ROW"])
@pytest.mark.parametrize("mark", [by_ge, by_canon])
@pytest.mark.parametrize("down", [(0, 0, -1), (0, 0, 1)])
@pytest.mark.parametrize("right", [(1, 0, 0), (0, 1, 0), (0, -1, 0)])
def test_a_scanners_own_axes_in_every_plane(
    tmp_path: Path, mark: Mark, phase: str, right: tuple[int, ...], down: tuple[int, ...]
) -> None:
    """Coronal and sagittal, a little tilted: the scanner's axes turn with the plane."""
    tilt = Rotation.from_euler("xyz", [12, -9, 14], degrees=True).as_matrix()
    axes = tilt @ np.array([right, down, np.cross(right, down)]).T
    ours = series(tmp_path / "dicom", mark, axes, phase)
    (nifti,) = convert(tmp_path / "dicom", tmp_path / "nifti")
    for source, theirs in zip(ours[1:], nifti.directions[1:], strict=True):
        assert source.diffusion_direction is not None
        assert np.linalg.norm(theirs - source.diffusion_direction) < 2e-3


def one(tmp_path: Path, **elements: Any) -> FrameSource:
    ds = dicom(Modality="MR", SOPClassUID=MR, **elements)
    (source,) = parse_file(saved(ds, tmp_path / "a.dcm"))[1]
    return source


def parsed(tmp_path: Path, ds: Dataset) -> FrameSource:
    (source,) = parse_file(saved(ds, tmp_path / "a.dcm"))[1]
    return source


def test_a_private_block_may_lie_anywhere_and_hold_bytes(tmp_path: Path) -> None:
    """As an archive writes it that moves blocks and knows no private VR (PS3.5 7.8.1, UN)."""
    ds = dicom(Modality="MR", SOPClassUID=MR, Manufacturer="SIEMENS")
    block(ds, 0x0019, "SOMEBODY ELSE")
    ds.add_new(0x0019100C, "IS", 50)
    start = block(ds, 0x0019, "SIEMENS MR HEADER", at=0x2A)
    ds.add_new(start | 0x0C, "UN", b"800 ")
    ds.add_new(start | 0x0E, "UN", struct.pack("<3d", 0.0, 0.6, 0.8))
    source = parsed(tmp_path, ds)
    assert (source.b_value, source.diffusion_direction) == (800.0, (0.0, 0.6, 0.8))


def test_implicit_vr_tells_no_private_vr(tmp_path: Path) -> None:
    ds = dicom(Modality="MR", SOPClassUID=MR, Manufacturer="UIH")
    by_united_imaging(ds, (0.0, 1.0, 0.0), 700)
    ds.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    source = parsed(tmp_path, ds)
    assert (source.b_value, source.diffusion_direction) == (700.0, (0.0, 1.0, 0.0))


def test_another_creators_element_is_no_b_value(tmp_path: Path) -> None:
    ds = dicom(Modality="MR", SOPClassUID=MR, Manufacturer="SIEMENS")
    block(ds, 0x0019, "GEMS_ACQU_01")
    ds.add_new(0x0019100C, "IS", 50)
    assert parsed(tmp_path, ds).b_value is None


def csa(values: dict[str, tuple[str, ...]], *, is_new: bool = True) -> bytes:
    """A CSA header as its published descriptions draw it."""
    data = b"SV10\4\3\2\1" if is_new else b""
    data += struct.pack("<2I", len(values), 77)
    surplus = 0 if is_new else 6  # the number of items of the first tag
    for name, told in values.items():
        held = (*told, *[""] * (6 - len(told)))
        data += struct.pack("<64si4siii", name.encode(), len(held), b"FD", 4, len(held), 77)
        for text in held:
            raw = text.encode() + b"\0" if text else b""
            data += struct.pack("<4i", len(raw) + surplus, len(raw), 77, len(raw))
            data += raw + b"\0" * (-len(raw) % 4)
    return data


CSA_DIFFUSION = {
    "EchoLinePosition": ("32",),
    "B_value": ("1000",),
    "DiffusionGradientDirection": ("0.00000000", "0.60000000", "-0.80000000"),
}


def with_csa(data: bytes) -> Dataset:
    ds = dicom(Modality="MR", SOPClassUID=MR, Manufacturer="SIEMENS")
    ds.add_new(block(ds, 0x0029, "SIEMENS CSA HEADER") | 0x10, "OB", data)
    return ds


@pytest.mark.parametrize("is_new", [True, False])
def test_older_siemens_systems_keep_it_in_the_csa_header(tmp_path: Path, is_new: bool) -> None:
    source = parsed(tmp_path, with_csa(csa(CSA_DIFFUSION, is_new=is_new)))
    assert source.b_value == 1000.0
    assert source.diffusion_direction == pytest.approx((0.0, 0.6, -0.8))


def by_new_csa(ds: Dataset, direction: tuple[float, ...], b: int) -> None:
    """Only the newer form: dcm2niix does not read the older."""
    ds.Manufacturer = "SIEMENS"
    values = {"EchoLinePosition": ("32",), "B_value": (str(b),)}
    if b:
        values["DiffusionGradientDirection"] = tuple(f"{part:.8f}" for part in direction)
    ds.add_new(block(ds, 0x0029, "SIEMENS CSA HEADER") | 0x10, "OB", csa(values))


def test_the_csa_headers_weighting_is_dcm2niixs(tmp_path: Path) -> None:
    ours = series(tmp_path / "dicom", by_new_csa, OBLIQUE, "COL")
    (nifti,) = convert(tmp_path / "dicom", tmp_path / "nifti")
    assert [source.b_value for source in ours] == list(nifti.b_values)
    for source, theirs in zip(ours[1:], nifti.directions[1:], strict=True):
        assert source.diffusion_direction is not None
        assert np.linalg.norm(theirs - source.diffusion_direction) < 2e-3


def test_a_real_csa_header_is_read_to_its_last_tag(shared_data: Path) -> None:
    """GDCM reads the same names and values."""
    path = shared_data / "mr_siemens_mosaic/ep2d_Asc_2/IM-0001-0001.dcm"
    reader = gdcm.Reader()
    reader.SetFileName(str(path))
    assert reader.Read()
    elements = reader.GetFile().GetDataSet()
    header = gdcm.CSAHeader()
    tag = gdcm.Tag(0x0029, 0x1010)
    assert header.LoadFromDataElement(elements.GetDataElement(tag))
    ours = csa_values(pydicom.dcmread(path, stop_before_pixels=True)[0x00291010].value)
    assert len(ours) == 100  # the number of tags the header begins with: 0x64
    for name, values in ours.items():
        _, _, told = str(header.GetCSAElementByName(name)).partition("Data ")
        theirs = [value.strip().strip("'").strip() for value in told.split("\\")]
        assert list(values) == [value for value in theirs if value], name


@pytest.mark.parametrize("is_new", [True, False])
def test_a_damaged_csa_header_never_raises(is_new: bool) -> None:
    """Cut anywhere, and with any four bytes overwritten by an absurd length."""
    data = csa(CSA_DIFFUSION, is_new=is_new)
    for at in range(len(data)):
        found = csa_values(data[:at])
        assert found.get("B_value", ("1000",)) in {("1000",), ()}
    for at in range(0, len(data) - 4, 4):
        for lie in (b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f"):
            assert len(csa_values(data[:at] + lie + data[at + 4 :])) <= 3


def test_a_csa_header_that_claims_too_much_is_none() -> None:
    assert csa_values(b"SV10\4\3\2\1" + struct.pack("<2I", 1 << 31, 77)) == {}
    assert csa_values(b"SV10") == {}


@pytest.mark.parametrize(
    ("elements", "b_value", "direction"),
    [
        ({"DiffusionBValue": 500.0}, 500.0, None),
        (
            {"DiffusionBValue": 500.0, "DiffusionGradientOrientation": [0.0, 0.0, 1.0]},
            500.0,
            (0.0, 0.0, 1.0),
        ),
        ({"DiffusionBValue": 0.0, "DiffusionGradientOrientation": [0.0, 0.0, 1.0]}, 0.0, None),
        ({"DiffusionBValue": 500.0, "DiffusionGradientOrientation": [0.0, 0.0, 9.0]}, 500.0, None),
        ({"DiffusionBValue": 500.0, "DiffusionGradientOrientation": [0.0, 0.0]}, 500.0, None),
        (
            {
                "DiffusionBValue": 500.0,
                "DiffusionDirectionality": "ISOTROPIC",
                "DiffusionGradientOrientation": [0.0, 0.0, 1.0],
            },
            500.0,
            None,
        ),
        ({"DiffusionBValue": -5.0}, None, None),
        ({"DiffusionBValue": float("nan")}, None, None),
        ({"DiffusionBValue": 1e300}, None, None),
        ({}, None, None),
    ],
)
def test_standard_attributes_at_the_top(
    tmp_path: Path, elements: dict[str, Any], b_value: object, direction: object
) -> None:
    source = one(tmp_path, **elements)
    assert (source.b_value, source.diffusion_direction) == (b_value, direction)


def test_a_ct_has_no_b_value(tmp_path: Path) -> None:
    ds = dicom(Manufacturer="SIEMENS")
    by_siemens(ds, (0.0, 0.0, 1.0), 1000)
    assert parsed(tmp_path, ds).b_value is None


def test_the_standards_item_of_a_frame_wins(tmp_path: Path) -> None:
    ds = dicom(np.zeros((2, 2, 2), np.uint16), Modality="MR", NumberOfFrames=2)
    by_siemens(ds, (0.0, 0.0, 1.0), 1000)
    frames = []
    for b in (0.0, 600.0):
        weighting = Dataset()
        weighting.DiffusionBValue = b
        held = Dataset()
        held.DiffusionGradientOrientation = [0.0, 1.0, 0.0]
        weighting.DiffusionGradientDirectionSequence = Sequence([held])
        frame = Dataset()
        frame.MRDiffusionSequence = Sequence([weighting])
        frames.append(frame)
    ds.PerFrameFunctionalGroupsSequence = Sequence(frames)
    found = parse_file(saved(ds, tmp_path / "a.dcm"))[1]
    assert [(s.b_value, s.diffusion_direction) for s in found] == [
        (0.0, None),
        (600.0, (0.0, 1.0, 0.0)),
    ]
    assert pydicom.dcmread(tmp_path / "a.dcm").NumberOfFrames == 2
