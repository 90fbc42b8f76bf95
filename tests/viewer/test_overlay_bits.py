"""Overlay planes: in elements of their own, of several frames, and in unused bits of the pixels."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import pytest

from tests.peers import require_program
from tests.viewer.phantoms import dicom, encapsulated, saved
from viewer.decoding import decode_frame, decode_overlays, parse_file
from viewer.volume import OverlayPlane, dump_frames, parse_frames

RANDOM = np.random.default_rng(3)
BITS = RANDOM.integers(0, 2, (7, 11)).astype(bool)
Array = np.ndarray[Any, Any]


def packed(bits: Array) -> bytes:
    data = np.packbits(bits.ravel(), bitorder="little").tobytes()
    return data + b"\0" * (len(data) % 2)


def add_overlay(ds: pydicom.Dataset, bits: Array, group: int = 0x6000, **more: Any) -> None:
    """One overlay plane, as C.9.2 says."""
    rows, columns = bits.shape[-2:]
    ds.add_new((group, 0x0010), "US", rows)
    ds.add_new((group, 0x0011), "US", columns)
    ds.add_new((group, 0x0040), "CS", more.get("kind", "G"))
    ds.add_new((group, 0x0050), "SS", more.get("origin", [1, 1]))
    ds.add_new((group, 0x0100), "US", 1)
    ds.add_new((group, 0x0102), "US", 0)
    if "label" in more:
        ds.add_new((group, 0x1500), "LO", more["label"])
    if bits.ndim == 3:
        ds.add_new((group, 0x0015), "IS", len(bits))
    if "first_frame" in more:
        ds.add_new((group, 0x0051), "US", more["first_frame"])
    ds.add_new((group, 0x3000), "OW", more.get("data", packed(bits)))


def planes(path: Path) -> list[tuple[OverlayPlane, ...]]:
    """The overlays of every frame, through the text an index keeps."""
    sources = parse_frames(dump_frames(parse_file(path)[1]))
    return [decode_overlays(path, source) for source in sources]


@pytest.mark.parametrize("syntax", ["", ".1", ".1.99", ".2"])
def test_overlays_in_elements_of_their_own(tmp_path: Path, syntax: str) -> None:
    ds = dicom()
    ds.file_meta.TransferSyntaxUID = pydicom.uid.UID("1.2.840.10008.1.2" + syntax)
    data = packed(BITS)
    if syntax == ".2":
        data = np.frombuffer(data, "u2").byteswap().tobytes()
        ds.PixelData = np.frombuffer(ds.PixelData, "u2").byteswap().tobytes()
    add_overlay(ds, BITS, origin=[-2, 3], kind="R", label="heart", data=data)
    add_overlay(ds, ~BITS, 0x601E, data=data)
    ((first, last),) = planes(saved(ds, tmp_path / "a.dcm"))
    np.testing.assert_array_equal(first.bits, BITS)
    assert (first.origin, first.kind, first.label) == ((-2, 3), "R", "heart")
    assert first.bits.dtype == np.bool_
    assert not first.bits.flags.writeable
    assert (last.origin, last.kind, last.label) == ((1, 1), "G", "")


def test_groups_beyond_601e_and_odd_ones_are_no_overlays(tmp_path: Path) -> None:
    ds = dicom()
    add_overlay(ds, BITS, 0x6020)
    assert planes(saved(ds, tmp_path / "a.dcm")) == [()]


def frames_of_cells(count: int) -> pydicom.Dataset:
    return dicom(np.zeros((count, 4, 5), np.uint16), NumberOfFrames=count)


def test_an_overlay_of_several_frames_lies_over_the_frames_from_its_origin_on(
    tmp_path: Path,
) -> None:
    many = RANDOM.integers(0, 2, (2, 7, 11)).astype(bool)  # 77 bits: a frame starts inside a byte
    ds = frames_of_cells(4)
    add_overlay(ds, many, first_frame=2)
    found = planes(saved(ds, tmp_path / "a.dcm"))
    assert [len(each) for each in found] == [0, 1, 1, 0]
    np.testing.assert_array_equal([found[1][0].bits, found[2][0].bits], many)


def test_an_overlay_of_one_frame_lies_over_all_unless_it_names_one(tmp_path: Path) -> None:
    ds = frames_of_cells(3)
    add_overlay(ds, BITS)
    add_overlay(ds, BITS, 0x6002, first_frame=3)
    assert [len(each) for each in planes(saved(ds, tmp_path / "a.dcm"))] == [1, 1, 2]


def embedded(values: Array, bits: Array, bit: int) -> pydicom.Dataset:
    """Pixels of 12 bits with an overlay in one of the bits above."""
    cells = values.astype(np.uint16) | bits.astype(np.uint16) << bit
    ds = dicom(cells, BitsStored=12, HighBit=11)
    add_overlay(ds, bits)
    del ds[0x60003000]
    ds[0x60000100].value, ds[0x60000102].value = 16, bit
    return ds


@pytest.mark.parametrize("bit", [12, 15])
@pytest.mark.parametrize("coding", ["native", "rle", "jpeg lossless"])
def test_bits_above_the_pixels(tmp_path: Path, bit: int, coding: str) -> None:
    values = RANDOM.integers(0, 4096, (7, 11))
    ds = embedded(values, BITS, bit)
    path = saved(ds, tmp_path / "a.dcm")
    if coding == "rle":
        subprocess.run([require_program("dcmcrle"), "-q", str(path), str(path)], check=True)
    elif coding == "jpeg lossless":
        cells = np.frombuffer(ds.PixelData, "<u2").reshape(7, 11)
        stream = imagecodecs.jpeg8_encode(cells, lossless=True, predictor=1, bitspersample=16)
        saved(encapsulated(ds, [bytes(stream)], "1.2.840.10008.1.2.4.70"), path)
    ((found,),) = planes(path)
    np.testing.assert_array_equal(found.bits, BITS)
    np.testing.assert_array_equal(decode_frame(path, parse_file(path)[1][0]), values)


@pytest.mark.parametrize("bit", [0, 11, 16])
def test_a_bit_of_the_pixels_is_no_overlay(tmp_path: Path, bit: int) -> None:
    ds = embedded(np.zeros((7, 11)), np.zeros((7, 11), bool), 12)
    ds[0x60000102].value = bit
    assert planes(saved(ds, tmp_path / "a.dcm")) == [()]


@pytest.mark.parametrize(
    ("element", "value"), [(0x0010, 70), (0x0011, 65535), (0x0010, 0), (0x0015, 3)]
)
def test_sizes_that_lie_cost_the_overlay_not_the_image(
    tmp_path: Path, element: int, value: int
) -> None:
    ds = dicom()
    add_overlay(ds, BITS)
    ds.add_new((0x6000, element), "IS" if element == 0x0015 else "US", value)
    path = saved(ds, tmp_path / "a.dcm")
    assert planes(path) == [()]
    assert decode_frame(path, parse_file(path)[1][0]).shape == (4, 5)


REAL = {
    "ct_head_phantom_gantry_tilt/S4010_secondary_capture/I10": 1,
    "objects_gsps/overlay.dcm": 4,
    "pydicom_data/MR-SIEMENS-DICOM-WithOverlays.dcm": 1,
    "pydicom_test_files/test_files/examples_overlay.dcm": 1,
}


@pytest.mark.parametrize(("name", "count"), REAL.items())
def test_real_overlays(shared_data: Path, name: str, count: int) -> None:
    """Elements of their own against pydicom; bits of the pixels by plain arithmetic."""
    ds = pydicom.dcmread(shared_data / name)
    groups = [group for group in range(0x6000, 0x6020, 2) if (group, 0x0010) in ds]
    (found,) = planes(shared_data / name)
    assert len(groups) == len(found) == count
    for group, plane in zip(groups, found, strict=True):
        if (group, 0x3000) in ds:
            expected = ds.overlay_array(group).astype(bool)
        else:
            cells = np.frombuffer(ds.PixelData, "<u2").reshape(ds.Rows, ds.Columns)
            expected = (cells >> ds[group, 0x0102].value & 1).astype(bool)
        np.testing.assert_array_equal(plane.bits, expected)
        assert plane.origin == tuple(ds[group, 0x0050].value)
