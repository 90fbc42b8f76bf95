"""Every losslessly coded file of the shared set against GDCM, bit by bit; what GDCM cannot read against others."""

from __future__ import annotations

import subprocess
import zlib
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.encaps import generate_frames
from pydicom.pixels import pixel_array

from tests.peers import require_program
from tests.viewer.gdcm_reader import gdcm_frames
from viewer.decoding import coded, decode_frame, parse_file

LOSSLESS = {
    "1.2.840.10008.1.2.4.57": 0,
    "1.2.840.10008.1.2.4.70": 10,
    "1.2.840.10008.1.2.4.80": 390,
    "1.2.840.10008.1.2.4.90": 180,
    "1.2.840.10008.1.2.4.201": 1,
    "1.2.840.10008.1.2.5": 14,
}
# GDCM's own limits; each of these files has another judge below.
NOT_FOR_GDCM = {
    "JLSL_08_07_0_1F.dcm": "GDCM refuses 7 bits",
    "emri_small_jpeg_2k_lossless_too_short.dcm": "GDCM refuses a stream of too few bytes",
    "SC_rgb_rle_16bit.dcm": "GDCM mixes the bytes of RLE colour of 16 bits",
    "SC_rgb_rle_16bit_2frame.dcm": "GDCM mixes the bytes of RLE colour of 16 bits",
    "SC_rgb_rle_32bit.dcm": "GDCM mixes the bytes of RLE colour of 32 bits",
    "SC_rgb_rle_32bit_2frame.dcm": "GDCM mixes the bytes of RLE colour of 32 bits",
    "YBR_FULL-RLE.dcm": "GDCM leaves YBR_FULL as it is",
    "rtdose_rle.dcm": "GDCM ends the process over the dose attributes",
    "rtdose_rle_1frame.dcm": "GDCM ends the process over the dose attributes",
}


@pytest.fixture(scope="module")
def lossless_files(shared_data: Path) -> dict[str, list[Path]]:
    """The image files of the shared set by transfer syntax."""
    found: dict[str, list[Path]] = {}
    for path in sorted(shared_data.rglob("*")):
        if not path.is_file():
            continue
        try:
            ds = pydicom.dcmread(path, specific_tags=["Rows"], stop_before_pixels=True)
        except (pydicom.errors.InvalidDicomError, OSError):
            continue
        if "Rows" in ds:
            syntax = str(ds.file_meta.get("TransferSyntaxUID", ""))
            found.setdefault(syntax, []).append(path)
    return found


@pytest.mark.parametrize("syntax", LOSSLESS)
@pytest.mark.filterwarnings("ignore")
def test_lossless_files_equal_gdcms(lossless_files: dict[str, list[Path]], syntax: str) -> None:
    compared = 0
    for path in lossless_files.get(syntax, []):
        if path.name in NOT_FOR_GDCM:
            continue
        sources = {source.frame: coded(source) for source in parse_file(path)[1]}
        theirs = gdcm_frames(path)
        assert theirs is not None, path.name
        for frame in sorted({1, (len(sources) + 1) // 2, len(sources)}):
            ours = decode_frame(path, sources[frame])
            assert ours.dtype == sources[frame].stored_type or ours.ndim == 3
            np.testing.assert_array_equal(ours, theirs[frame - 1], err_msg=f"{path.name} {frame}")
        compared += 1
    assert compared >= LOSSLESS[syntax]


@pytest.mark.parametrize(
    "name",
    [
        "SC_rgb_rle_16bit.dcm",
        "SC_rgb_rle_16bit_2frame.dcm",
        "SC_rgb_rle_32bit.dcm",
        "SC_rgb_rle_32bit_2frame.dcm",
        "rtdose_rle_1frame.dcm",
    ],
)
def test_rle_equals_dcmtks(shared_data: Path, tmp_path: Path, name: str) -> None:
    path, plain = shared_data / "pydicom_test_files/test_files" / name, tmp_path / "plain.dcm"
    subprocess.run([require_program("dcmdrle"), "-q", str(path), str(plain)], check=True)
    theirs = pydicom.dcmread(plain).pixel_array
    for source in parse_file(path)[1]:
        expected = theirs[source.frame - 1] if source.number_of_frames > 1 else theirs
        np.testing.assert_array_equal(decode_frame(path, source), expected)


def test_ybr_rle_equals_pydicoms(shared_data: Path) -> None:
    path = shared_data / "us_colour_and_misc/YBR_FULL-RLE.dcm"
    ours = decode_frame(path, parse_file(path)[1][0])
    np.testing.assert_array_equal(ours, pixel_array(path, raw=False))


def test_seven_bit_jpeg_ls_equals_pydicoms(shared_data: Path) -> None:
    """GDCM, DCMTK and dicomsdl all refuse its seven bits; pyjpegls is another build of CharLS."""
    path = shared_data / "pydicom_data/JLSL_08_07_0_1F.dcm"
    ours = decode_frame(path, parse_file(path)[1][0])
    np.testing.assert_array_equal(ours, pixel_array(path))


@pytest.mark.filterwarnings("ignore")
def test_frames_behind_a_lying_item_length_equal_the_sound_files(shared_data: Path) -> None:
    folder = shared_data / "pydicom_data"
    path = folder / "emri_small_jpeg_2k_lossless_too_short.dcm"
    theirs = gdcm_frames(folder / "emri_small_jpeg_2k_lossless.dcm")
    assert theirs is not None
    for source, expected in zip(parse_file(path)[1], theirs, strict=True):
        np.testing.assert_array_equal(decode_frame(path, source), expected)


def test_deflated_frames_are_the_bits_zlib_finds(shared_data: Path) -> None:
    path = shared_data / "pydicom_data/liver_deflate.dcm"
    ds = pydicom.dcmread(path)
    _, sources = parse_file(path)
    streams = generate_frames(ds.PixelData, number_of_frames=ds.NumberOfFrames)
    for source, stream in zip(sources, streams, strict=True):
        packed = np.frombuffer(zlib.decompress(stream, wbits=-15), np.uint8)
        bits = np.unpackbits(packed, bitorder="little")[: ds.Rows * ds.Columns]
        np.testing.assert_array_equal(decode_frame(path, source).ravel(), bits)
        assert bits.any()


def test_deflated_frames_of_a_segmentation_equal_the_plain_one(shared_data: Path) -> None:
    """The same liver, plain: its one frame is one of the deflated ones."""
    deflated = shared_data / "pydicom_data/liver_deflate.dcm"
    plain = shared_data / "pydicom_test_files/test_files/liver_1frame.dcm"
    one = pydicom.dcmread(plain).pixel_array
    frames = [decode_frame(deflated, source) for source in parse_file(deflated)[1]]
    assert any((frame == one).all() for frame in frames)


NEAR = ("JPEGLSNearLossless_08.dcm", "JPEGLSNearLossless_16.dcm", "SC_rgb_jls_lossy_sample.dcm")


@pytest.mark.parametrize("name", NEAR)
def test_near_lossless_equals_gdcms(shared_data: Path, name: str) -> None:
    """The reconstruction of near-lossless JPEG-LS is exact: decoders may not differ."""
    path = shared_data / "pydicom_test_files/test_files" / name
    theirs = gdcm_frames(path)
    assert theirs is not None
    np.testing.assert_array_equal(decode_frame(path, parse_file(path)[1][0]), theirs[0])


@pytest.mark.parametrize(
    ("name", "most"),
    [
        # Irreversible JPEG 2000 is computed in floats: rounding may fall either way.
        ("pydicom_test_files/test_files/JPEG2000.dcm", 1),
        ("pydicom_test_files/test_files/693_J2KI.dcm", 1),
        ("dr_cr_mg/RG3_J2KI.dcm", 1),
        ("pydicom_test_files/test_files/JPEG-lossy.dcm", 0),
        ("pydicom_test_files/test_files/JPGExtended.dcm", 0),
    ],
)
def test_lossy_files_are_near_gdcms(shared_data: Path, name: str, most: int) -> None:
    theirs = gdcm_frames(shared_data / name)
    assert theirs is not None
    ours = decode_frame(shared_data / name, parse_file(shared_data / name)[1][0])
    assert np.abs(ours.astype(np.int64) - theirs[0]).max() <= most


@pytest.mark.filterwarnings("ignore")
def test_float_pixels_are_the_floats_of_the_file(shared_data: Path) -> None:
    path = shared_data / "pydicom_data/parametric_map_float.dcm"
    ds = pydicom.dcmread(path)
    values = np.frombuffer(ds.FloatPixelData, "<f4").reshape(-1, ds.Rows, ds.Columns)
    _, sources = parse_file(path)
    assert len(sources) == len(values)
    for source, expected in zip(sources, values, strict=True):
        found = decode_frame(path, source)
        assert (source.pixel_type, found.dtype) == ("float32", np.float32)
        np.testing.assert_array_equal(found, expected)
