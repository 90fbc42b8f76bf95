"""Frames found, checked and decoded: against pydicom and DCMTK, and damaged on purpose."""

from __future__ import annotations

import contextlib
import io
import struct
import subprocess
import tracemalloc
import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom.pixels import apply_color_lut, pixel_array

from tests.peers import require_program
from tests.viewer.phantoms import dicom, encapsulated, saved
from viewer.decoding import coded, decode_frame, parse_file
from viewer.decoding.files import inflated
from viewer.decoding.fragments import PixelElement, encapsulated_frames
from viewer.render.plane import picture_of_frame
from viewer.view import Presentation
from viewer.volume import Frame, ImageError

JPEG_LS = "1.2.840.10008.1.2.4.80"
RLE = "1.2.840.10008.1.2.5"
PIXELS = np.arange(20, dtype=np.uint16).reshape(4, 5) * 3000


def test_native_frame_is_found_by_its_place_in_the_file(tmp_path: Path) -> None:
    path = saved(dicom(PIXELS), tmp_path / "a.dcm")
    dataset, (source,) = parse_file(path)
    assert "PixelData" not in dataset
    ((offset, length),) = source.fragments
    assert path.read_bytes()[offset : offset + length] == PIXELS.astype("<u2").tobytes()
    assert (decode_frame(path, source) == PIXELS).all()


def test_header_facts(tmp_path: Path) -> None:
    ds = dicom(
        WindowCenter=[40, -600],
        WindowWidth=[400, 1500],
        WindowCenterWidthExplanation=["SOFT", "LUNG"],
        KVP="120",
        AcquisitionDate="20250102",
        AcquisitionTime="080910.5",
        ImageType=["ORIGINAL", "PRIMARY", "AXIAL"],
        SliceThickness="1.25",
    )
    _, (source,) = parse_file(saved(ds, tmp_path / "a.dcm"))
    assert [(w.center, w.width, w.explanation) for w in source.windows] == [
        (40, 400, "SOFT"),
        (-600, 1500, "LUNG"),
    ]
    assert source.position == (0, 0, -2)
    assert source.pixel_spacing_mm == (0.5, 0.5)
    assert (source.spacing_kind, source.unit, source.intercept) == ("patient", "HU", -1024)
    assert source.acquired == "2025-01-02 08:09:10"
    assert source.facts == (("kVp", "120"),)
    assert source.slice_thickness_mm == 1.25


@pytest.mark.parametrize(
    ("elements", "spacing", "kind"),
    [
        ({"ImagerPixelSpacing": [0.2, 0.2]}, (0.2, 0.2), "detector"),
        ({"ImagerPixelSpacing": [0.2, 0.2], "PixelSpacing": [0.2, 0.2]}, (0.2, 0.2), "detector"),
        (
            {"ImagerPixelSpacing": [0.2, 0.2], "PixelSpacing": [0.15, 0.15]},
            (0.15, 0.15),
            "geometry",
        ),
        ({"PixelSpacing": [0.15, 0.15]}, (0.15, 0.15), "detector"),
        (
            {"PixelSpacingCalibrationType": "FIDUCIAL", "PixelSpacing": [0.3, 0.3]},
            (0.3, 0.3),
            "fiducial",
        ),
        ({}, None, "none"),
    ],
)
def test_a_radiographs_spacing_is_the_detectors_unless_calibrated(
    tmp_path: Path, elements: dict[str, object], spacing: object, kind: str
) -> None:
    ds = dicom(Modality="DX", **elements)
    if "PixelSpacing" not in elements:
        del ds.PixelSpacing
    _, (source,) = parse_file(saved(ds, tmp_path / "a.dcm"))
    assert (source.pixel_spacing_mm, source.spacing_kind) == (spacing, kind)


def test_stray_bits_above_bits_stored_are_no_pixels(tmp_path: Path) -> None:
    ds = dicom(np.full((2, 2), 0xF123, np.uint16), BitsStored=12, HighBit=11)
    path = saved(ds, tmp_path / "a.dcm")
    assert (decode_frame(path, parse_file(path)[1][0]) == 0x123).all()


def test_signed_pixels_of_twelve_bits(tmp_path: Path) -> None:
    ds = dicom(np.array([[0xFFF, 0x800], [0x7FF, 1]], np.uint16), BitsStored=12, HighBit=11)
    ds.PixelRepresentation = 1
    path = saved(ds, tmp_path / "a.dcm")
    found = decode_frame(path, parse_file(path)[1][0])
    assert found.tolist() == [[-1, -2048], [2047, 1]]
    assert found.dtype == np.int16


def test_signed_jpeg_ls(tmp_path: Path) -> None:
    stored = np.array([[-1, -2048, 5], [2047, 1, 0]], np.int16)
    stream = imagecodecs.jpegls_encode((stored & 0xFFF).astype(np.uint16))
    ds = encapsulated(dicom(stored.view(np.uint16)), [stream], JPEG_LS)
    ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 12, 11, 1
    path = saved(ds, tmp_path / "a.dcm")
    assert (decode_frame(path, parse_file(path)[1][0]) == stored).all()


# ---- damaged and untruthful files ------------------------------------------------------------


def test_text_is_not_dicom(tmp_path: Path) -> None:
    path = tmp_path / "a.dcm"
    path.write_text("This is a letter, not an image. " * 20)
    with pytest.raises(ImageError, match=r"^The file is not DICOM\.$"):
        parse_file(path)


@pytest.mark.parametrize("content", [b"", b"\0" * 200, b"\0" * 128 + b"DICM"])
def test_nothing_is_not_dicom(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.dcm"
    path.write_bytes(content)
    with pytest.raises(ImageError, match="DICOM"):
        parse_file(path)


@pytest.mark.parametrize("lost", [1, 17, 39])
def test_a_truncated_file_says_how_much_is_there(tmp_path: Path, lost: int) -> None:
    path = saved(dicom(PIXELS), tmp_path / "a.dcm")
    path.write_bytes(path.read_bytes()[:-lost])
    with pytest.raises(ImageError, match=f"truncated: {40 - lost} of 40 bytes"):
        parse_file(path)


def test_a_file_truncated_anywhere_gives_an_image_error_or_no_image(tmp_path: Path) -> None:
    whole = saved(dicom(PIXELS), tmp_path / "a.dcm").read_bytes()
    cut = tmp_path / "cut.dcm"
    for size in range(0, len(whole), 7):
        cut.write_bytes(whole[:size])
        try:
            _, sources = parse_file(cut)
        except ImageError:
            continue
        assert sources == []


def test_a_header_damaged_anywhere_gives_an_image_error_or_an_image(tmp_path: Path) -> None:
    whole = saved(dicom(PIXELS), tmp_path / "a.dcm").read_bytes()
    random, harmed = np.random.default_rng(11), tmp_path / "harmed.dcm"
    for _ in range(150):
        content = bytearray(whole)
        for at in random.integers(128, len(whole), 3):
            content[at] = random.integers(256)
        harmed.write_bytes(content)
        with contextlib.suppress(ImageError):
            for source in parse_file(harmed)[1][:1]:
                assert decode_frame(harmed, source).shape[:2] == (source.rows, source.columns)


def test_rows_and_columns_that_lie_are_said(tmp_path: Path) -> None:
    path = saved(dicom(PIXELS, Rows=4000, Columns=5000), tmp_path / "a.dcm")
    with pytest.raises(ImageError, match="smaller than rows x columns say: 40 of 40000000 bytes"):
        parse_file(path)


def test_rows_and_columns_that_lie_about_a_code_stream_are_said(tmp_path: Path) -> None:
    ds = encapsulated(dicom(PIXELS), [imagecodecs.jpegls_encode(PIXELS)], JPEG_LS)
    ds.Rows = 4000
    path = saved(ds, tmp_path / "a.dcm")
    with pytest.raises(ImageError, match="is 4 x 5 pixels, its header says 4000 x 5"):
        decode_frame(path, parse_file(path)[1][0])


def test_a_length_that_lies_in_the_header_costs_no_memory(tmp_path: Path) -> None:
    path = saved(dicom(PIXELS, ImageComments="x" * 20), tmp_path / "a.dcm")
    content = bytearray(path.read_bytes())
    at = content.index(b"x" * 20)
    content[at - 8 : at] = b"UN\0\0" + struct.pack("<I", 0x7FFFFFF0)
    path.write_bytes(content)
    tracemalloc.start()
    with contextlib.suppress(ImageError):
        assert parse_file(path)[1] == []
    assert tracemalloc.get_traced_memory()[1] < 1 << 24
    tracemalloc.stop()


def test_a_giant_frame_is_refused_before_it_is_allocated(tmp_path: Path) -> None:
    ds = encapsulated(dicom(PIXELS), [imagecodecs.jpegls_encode(PIXELS)], JPEG_LS)
    ds.Rows, ds.Columns = 65535, 65535
    with pytest.raises(ImageError, match="65535 x 65535 pixels is too large"):
        parse_file(saved(ds, tmp_path / "a.dcm"))


def test_damaged_code_streams_are_said(tmp_path: Path) -> None:
    stream = bytearray(imagecodecs.jpegls_encode(PIXELS))
    ds = encapsulated(dicom(PIXELS), [bytes(stream[: len(stream) // 2])], JPEG_LS)
    path = saved(ds, tmp_path / "a.dcm")
    with pytest.raises(ImageError, match="damaged"):
        decode_frame(path, parse_file(path)[1][0])
    ds = encapsulated(dicom(PIXELS), [b"no image at all"], JPEG_LS)
    path = saved(ds, tmp_path / "b.dcm")
    with pytest.raises(ImageError, match="not what the transfer syntax says"):
        decode_frame(path, parse_file(path)[1][0])


def test_an_unknown_transfer_syntax_is_named(tmp_path: Path) -> None:
    ds = encapsulated(dicom(PIXELS), [b"1234"], "1.2.840.10008.1.2.4.100")
    path = saved(ds, tmp_path / "a.dcm")
    with pytest.raises(ImageError, match=r"This is a video"):
        decode_frame(path, parse_file(path)[1][0])


@pytest.mark.parametrize(
    ("elements", "reason"),
    [
        ({"BitsAllocated": 24}, "24 bits allocated"),
        ({"BitsAllocated": 64}, "64 bits allocated"),
        ({"BitsStored": 17}, "contradict"),
        ({"HighBit": 3}, "contradict"),
        ({"SamplesPerPixel": 4}, "4 samples per pixel"),
        ({"PhotometricInterpretation": "CMYK"}, "CMYK"),
        ({"Rows": 0}, "no Rows"),
    ],
)
def test_pixel_attributes_that_cannot_be(
    tmp_path: Path, elements: dict[str, object], reason: str
) -> None:
    with pytest.raises(ImageError, match=reason):
        parse_file(saved(dicom(PIXELS, **elements), tmp_path / "a.dcm"))


def test_a_deflated_file_is_inflated_under_a_cap(tmp_path: Path) -> None:
    ds = dicom(PIXELS)
    ds.file_meta.TransferSyntaxUID = pydicom.uid.DeflatedExplicitVRLittleEndian
    path = saved(ds, tmp_path / "a.dcm")
    _, (source,) = parse_file(path)
    assert source.deflated
    assert (decode_frame(path, source) == PIXELS).all()
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    bomb = deflater.compress(bytes(5 << 20)) + deflater.flush()
    with pytest.raises(ImageError, match="more than 1 MB"):
        inflated(io.BytesIO(bomb), 0, most=1 << 20)
    with pytest.raises(ImageError, match="end early"):
        inflated(io.BytesIO(bomb[: len(bomb) // 2]), 0)


def test_a_report_has_no_frames(tmp_path: Path) -> None:
    ds = dicom(SOPClassUID="1.2.840.10008.5.1.4.1.1.88.22")
    del ds.PixelData
    assert parse_file(saved(ds, tmp_path / "a.dcm"))[1] == []


def test_an_image_without_pixels_is_no_report(tmp_path: Path) -> None:
    ds = dicom()
    del ds.PixelData
    with pytest.raises(ImageError, match="no pixel data: its file may have been cut"):
        parse_file(saved(ds, tmp_path / "a.dcm"))


# ---- where frames lie ------------------------------------------------------------------------


def items(*contents: bytes, table: bytes = b"") -> bytes:
    parts = [struct.pack("<HHI", 0xFFFE, 0xE000, len(part)) + part for part in (table, *contents)]
    return b"".join(parts) + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)


def located(data: bytes, frames: int, extended: tuple[int, ...] = ()) -> list[bytes]:
    element = PixelElement(offset=0, length=0xFFFFFFFF)
    table = struct.pack(f"<{len(extended)}Q", *extended)
    found = encapsulated_frames(io.BytesIO(data), element, frames, len(data), table)
    return [b"".join(data[at : at + size] for at, size in ranges) for ranges in found]


def test_one_fragment_per_frame() -> None:
    assert located(items(b"aa", b"bbbb"), 2) == [b"aa", b"bbbb"]


def test_all_fragments_of_a_single_frame() -> None:
    assert located(items(b"aa", b"bbbb", b"cc"), 1) == [b"aabbbbcc"]


def test_the_basic_offset_table() -> None:
    table = struct.pack("<II", 0, 22)
    assert located(items(b"aa", b"bbbb", b"cc", table=table), 2) == [b"aabbbb", b"cc"]


def test_the_extended_offset_table() -> None:
    assert located(items(b"aa", b"bbbb", b"cc"), 2, (0, 10)) == [b"aa", b"bbbbcc"]


def test_start_markers_where_there_is_no_table() -> None:
    soi = b"\xff\xd8\xff\xe0"
    assert located(items(soi, b"xx", soi, b"yy"), 2) == [soi + b"xx", soi + b"yy"]


def test_missing_frames_are_counted() -> None:
    with pytest.raises(ImageError, match="holds 2 of 3 frames"):
        located(items(b"aa", b"bb"), 3)


def test_cut_items_are_said() -> None:
    with pytest.raises(ImageError, match="truncated"):
        located(items(b"a" * 50)[:40], 1)


def test_a_missing_closing_delimiter_is_forgiven() -> None:
    assert located(items(b"aa", b"bb")[:-8], 2) == [b"aa", b"bb"]


def test_single_bits_that_share_bytes_between_frames(tmp_path: Path) -> None:
    frames = np.array([[[1, 0, 1], [0, 1, 1]], [[0, 0, 1], [1, 0, 0]]], np.uint8)
    ds = dicom(frames[0], NumberOfFrames=2, BitsAllocated=1, BitsStored=1, HighBit=0)
    ds.PixelData = np.packbits(frames.ravel(), bitorder="little").tobytes()
    path = saved(ds, tmp_path / "a.dcm")
    _, sources = parse_file(path)
    assert [decode_frame(path, source).tolist() for source in sources] == frames.tolist()


# ---- real files against pydicom and DCMTK -------------------------------------------------------

READABLE = (
    "demo/ct_chest_lidc_0314_3mm/000006.dcm",
    "demo/dx_chest_nih/*.dcm",
    "ct_head_phantom_gantry_tilt/S2010/*.dcm",
    "ct_prior_current_sbu/A002304/*_ax_*",
    "mr_enhanced/XA10/*",
    "mr_enhanced/Philips/*",
    "mr_vendor_mix/generic/rgb/001/*",
    "transfer_syntaxes/dcm_qa_ts/*.dcm",
    "transfer_syntaxes/dicom2nifti_compressed_rle/*",
    "pydicom_data/*MR*.dcm",
    "pydicom_data/*HTJ2K*",
    "pydicom_test_files/test_files/MR_small*.dcm",
    "pydicom_test_files/test_files/SC_rgb*.dcm",
    "pydicom_data/693_*.dcm",
    "pydicom_test_files/test_files/J2K*.dcm",
    "pydicom_test_files/test_files/*rtdose*.dcm",
    "us_colour_and_misc/*",
    "objects_seg_sr_dcmqi/segmentations/*",
)


@pytest.mark.parametrize("pattern", READABLE)
@pytest.mark.filterwarnings("ignore")
def test_decoded_frames_equal_pydicoms(shared_data: Path, pattern: str) -> None:
    compared = 0
    for path in sorted(shared_data.glob(pattern))[:12]:
        try:
            _, sources = parse_file(path)
            pairs = [(s, decode_frame(path, coded(s))) for s in sources[:3]]
        except ImageError:
            continue  # refused files have their own tests
        for source, ours in pairs:
            try:
                theirs = pixel_array(path, index=source.frame - 1, raw=False)
            except (RuntimeError, AttributeError, ValueError):
                continue  # JPEG lossless: pydicom has no decoder here, DCMTK judges it below
            assert ours.shape == theirs.shape, path.name
            assert (ours == theirs).all(), (path.name, source.frame)
            compared += 1
    assert compared


@pytest.mark.parametrize(
    "name",
    [
        "dr_cr_mg/GH133.dcm",
        "pydicom_data/JPEG-LL.dcm",
        "pydicom_data/JPGLosslessP14SV1_1s_1f_8b.dcm",
        "pydicom_test_files/test_files/JPEG-lossy.dcm",
        "pydicom_test_files/test_files/JPGExtended.dcm",
        "pydicom_test_files/test_files/SC_rgb_jpeg_gdcm.dcm",
        "pydicom_test_files/test_files/SC_rgb_jpeg_dcmtk.dcm",
        "pydicom_test_files/test_files/SC_rgb_small_odd_jpeg.dcm",
        "transfer_syntaxes/dcm_qa_ts/5.dcm",
        "transfer_syntaxes/dcm_qa_ts/6.dcm",
        "transfer_syntaxes/dicom2nifti_compressed_jpeg/IM-0001-0001-0001.dcm",
    ],
)
def test_jpeg_equals_dcmtks(shared_data: Path, tmp_path: Path, name: str) -> None:
    path, plain = shared_data / name, tmp_path / "plain.dcm"
    subprocess.run([require_program("dcmdjpeg"), str(path), str(plain)], check=True)
    ours = decode_frame(path, parse_file(path)[1][0])
    theirs = decode_frame(plain, parse_file(plain)[1][0])
    assert (ours == theirs).all()


@pytest.mark.parametrize(
    "name",
    [
        "us_colour_and_misc/US-PAL-8-10x-echo",
        "us_colour_and_misc/jpeg-ls-Palette.dcm",
        "pydicom_data/gdcm-US-ALOKA-16.dcm",  # a segmented palette
        "pydicom_data/OBXXXX1A.dcm",
        "pydicom_test_files/test_files/examples_palette.dcm",
    ],
)
def test_palette_pictures_equal_pydicoms(shared_data: Path, name: str) -> None:
    path = shared_data / name
    source = parse_file(path)[1][0]
    ours = picture_of_frame(Frame(pixels=decode_frame(path, source), source=source), Presentation())
    theirs = apply_color_lut(pixel_array(path, index=0), pydicom.dcmread(path))
    assert (ours == theirs[..., :3] >> (8 * (theirs.dtype.itemsize - 1))).all()


def test_enhanced_frames_have_places_windows_and_rescale_of_their_own(shared_data: Path) -> None:
    path = shared_data / "mr_vendor_mix/philips_enhanced/anatomical/001/IM-0001-0170-0001.dcm"
    ds = pydicom.dcmread(path, stop_before_pixels=True)
    _, sources = parse_file(path)
    assert len(sources) == ds.NumberOfFrames
    for source, groups in zip(sources, ds.PerFrameFunctionalGroupsSequence, strict=True):
        place = groups.PlanePositionSequence[0].ImagePositionPatient
        assert source.position == tuple(float(value) for value in place)
        change = groups.PixelValueTransformationSequence[0]
        assert source.slope == float(change.RescaleSlope)
        window = groups.FrameVOILUTSequence[0]
        assert source.windows[0].center == float(window.WindowCenter)
    assert all(source.spacing_kind == "patient" for source in sources)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("pydicom_test_files/test_files/MR_truncated.dcm", "truncated: 8130 of 8192 bytes"),
        ("pydicom_test_files/test_files/badVR.dcm", "NumberOfFrames cannot be read"),
        ("README.md", "not DICOM"),
    ],
)
def test_real_bad_files_are_refused_by_name(shared_data: Path, name: str, reason: str) -> None:
    with pytest.raises(ImageError, match=reason):
        parse_file(shared_data / name)
