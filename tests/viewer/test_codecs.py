"""Every transfer syntax with every depth, sign and layout of pixels, from values known beforehand."""

from __future__ import annotations

import subprocess
import zlib
from pathlib import Path
from typing import Any

import gdcm
import imagecodecs
import numpy as np
import openjpeg
import pydicom
import pytest
from openjpeg.utils import encode_array
from pydicom.encaps import generate_frames

from tests.peers import require_program
from tests.viewer.gdcm_reader import masked
from tests.viewer.phantoms import dicom, encapsulated, saved
from tests.viewer.test_decoding import items
from viewer.decoding import decode_frame, parse_file
from viewer.volume import ImageError

SYNTAX = "1.2.840.10008.1.2"
RANDOM = np.random.default_rng(7)
Array = np.ndarray[Any, Any]


def stored(bits: int, signed: int, shape: tuple[int, ...] = (9, 14)) -> Array:
    """Random values over the whole range, both ends among them."""
    low = -(1 << (bits - 1)) if signed else 0
    values = RANDOM.integers(low, low + (1 << bits), shape)
    values.flat[0], values.flat[1] = low, low + (1 << bits) - 1
    return values


def grey(values: Array, allocated: int, bits: int, signed: int, shift: int = 0) -> pydicom.Dataset:
    """A data set of these stored values in cells; stray bits fill what Bits Stored leave free."""
    mask = (1 << bits) - 1
    stray = RANDOM.integers(0, 1 << allocated, values.shape, dtype=np.uint64).astype(np.int64)
    cells = (values & mask) << shift | stray & ~(mask << shift) & ((1 << allocated) - 1)
    ds = dicom(np.zeros(values.shape, np.uint16))
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = allocated, bits, bits + shift - 1
    ds.PixelRepresentation = signed
    ds.PixelData = cells.astype(f"<u{allocated // 8}").tobytes()
    ds["PixelData"].VR = "OW" if allocated > 8 else "OB"
    return ds


def decoded(ds: pydicom.Dataset, tmp_path: Path) -> Array:
    """The one frame of a data set through a file."""
    path = written(ds, tmp_path / "a.dcm")
    (source,) = parse_file(path)[1]
    found = decode_frame(path, source)
    assert found.ndim == 3 or found.dtype == source.stored_type
    return found


# pydicom refuses to write a transfer syntax it does not know; this one is put in its place.
KNOWN, UNKNOWN = SYNTAX + ".4.100", (".4.110", ".4.111", ".4.112", ".4.999", ".8.1")


def written(ds: pydicom.Dataset, path: Path) -> Path:
    """The data set as a file, also under a transfer syntax that pydicom does not know."""
    syntax = str(ds.file_meta.TransferSyntaxUID)
    if not syntax.endswith(UNKNOWN):
        return saved(ds, path)
    ds.file_meta.TransferSyntaxUID = pydicom.uid.UID(KNOWN)
    saved(ds, path)
    padded = syntax.encode().ljust(len(KNOWN) + 1, b"\0")
    path.write_bytes(path.read_bytes().replace(KNOWN.encode() + b"\0", padded, 1))
    return path


# ---- native -----------------------------------------------------------------------------------

CELLS = [
    (8, 8, 0),
    (8, 5, 2),
    (16, 10, 0),
    (16, 12, 0),
    (16, 12, 4),
    (16, 16, 0),
    (32, 20, 3),
    (32, 32, 0),
]


@pytest.mark.parametrize("syntax", ["", ".1", ".1.99", ".2"])
@pytest.mark.parametrize("signed", [0, 1])
@pytest.mark.parametrize(("allocated", "bits", "shift"), CELLS)
def test_native_cells(
    tmp_path: Path, syntax: str, signed: int, allocated: int, bits: int, shift: int
) -> None:
    values = stored(bits, signed)
    ds = grey(values, allocated, bits, signed, shift)
    ds.file_meta.TransferSyntaxUID = pydicom.uid.UID(SYNTAX + syntax)
    if syntax == ".2":
        cells = np.frombuffer(ds.PixelData, f"<u{allocated // 8}")
        words = cells.astype(f">u{allocated // 8}").tobytes()
        ds.PixelData = words if allocated > 8 else np.frombuffer(words, "u2").byteswap().tobytes()
        ds["PixelData"].VR = "OW"
    np.testing.assert_array_equal(decoded(ds, tmp_path), values)


@pytest.mark.parametrize(("syntax", "wrap"), [(".1.98", bytes), (".8.1", None)])
def test_frames_in_items_without_a_codec(tmp_path: Path, syntax: str, wrap: object) -> None:
    """Encapsulated uncompressed, and deflated frame by frame (PS3.5 A.4.11 and A.4.13)."""
    values = stored(12, 1, (3, 9, 15))
    ds = grey(values, 16, 12, 1)
    size = len(ds.PixelData) // 3
    frames = [ds.PixelData[n * size : (n + 1) * size] for n in range(3)]
    if wrap is None:
        frames = [raw_deflate(frame) for frame in frames]
    ds.NumberOfFrames = 3
    path = written(encapsulated(ds, frames, SYNTAX + syntax), tmp_path / "a.dcm")
    for source, expected in zip(parse_file(path)[1], values, strict=True):
        np.testing.assert_array_equal(decode_frame(path, source), expected)


def raw_deflate(data: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflater.compress(data) + deflater.flush()


@pytest.mark.parametrize("syntax", [".1.98", ".8.1"])
def test_single_bit_frames_in_items_start_at_a_byte_each(tmp_path: Path, syntax: str) -> None:
    bits = RANDOM.integers(0, 2, (3, 3, 7))
    frames = [np.packbits(frame.ravel(), bitorder="little").tobytes() for frame in bits]
    if syntax == ".8.1":
        frames = [raw_deflate(frame) for frame in frames]
    ds = dicom(np.zeros((3, 7), np.uint16), NumberOfFrames=3)
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 1, 1, 0
    path = written(encapsulated(ds, frames, SYNTAX + syntax), tmp_path / "a.dcm")
    found = [decode_frame(path, source) for source in parse_file(path)[1]]
    np.testing.assert_array_equal(found, bits)


def test_a_deflated_frame_never_inflates_to_more_than_a_frame(tmp_path: Path) -> None:
    bomb = raw_deflate(bytes(32 << 20))
    ds = encapsulated(dicom(np.zeros((4, 5), np.uint16)), [bomb], SYNTAX + ".8.1")
    assert not decoded(ds, tmp_path).any()
    ds = encapsulated(dicom(np.zeros((4, 5), np.uint16)), [raw_deflate(bytes(39))], SYNTAX + ".8.1")
    with pytest.raises(ImageError, match="truncated: 39 of 40 bytes"):
        decoded(ds, tmp_path)


@pytest.mark.parametrize("signed", [0, 1])
def test_twelve_bits_packed_without_gaps(tmp_path: Path, signed: int) -> None:
    """Retired Bits Allocated 12: cells follow one another from the lowest bit on (PS3.5-1993 8.1)."""
    values = stored(12, signed, (3, 3, 5))
    stream = sum(
        int(v) & 0xFFF << 0 and (int(v) & 0xFFF) << (12 * n) for n, v in enumerate(values.flat)
    )
    ds = dicom(np.zeros((3, 5), np.uint16), NumberOfFrames=3, PixelRepresentation=signed)
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 12, 12, 11
    ds.PixelData = stream.to_bytes(values.size * 12 // 8 + 1, "little") + b"\0"
    path = saved(ds, tmp_path / "a.dcm")
    found = [decode_frame(path, source) for source in parse_file(path)[1]]
    np.testing.assert_array_equal(found, values)


@pytest.mark.parametrize(
    ("name", "kind"), [("FloatPixelData", "f4"), ("DoubleFloatPixelData", "f8")]
)
@pytest.mark.parametrize("syntax", ["", ".1", ".1.99", ".2"])
def test_floats_keep_every_value(tmp_path: Path, name: str, kind: str, syntax: str) -> None:
    values = RANDOM.normal(0, 1e5, (4, 5)).astype(kind)
    values[0, :4] = np.nan, np.inf, -np.inf, -0.0
    ds = dicom(np.zeros((4, 5), np.uint16))
    del ds.PixelData, ds.BitsStored, ds.HighBit, ds.PixelRepresentation
    ds.BitsAllocated = 32 if kind == "f4" else 64
    ds.file_meta.TransferSyntaxUID = pydicom.uid.UID(SYNTAX + syntax)
    setattr(ds, name, values.astype(f"{'>' if syntax == '.2' else '<'}{kind}").tobytes())
    found = decoded(ds, tmp_path)
    assert found.dtype == kind
    np.testing.assert_array_equal(
        found.view(f"u{found.itemsize}"), values.view(f"u{values.itemsize}")
    )


# ---- lossless code streams ---------------------------------------------------------------------

DEPTHS = (2, 7, 8, 9, 10, 12, 15, 16)


def coded_cells(values: Array, bits: int) -> Array:
    return (values & ((1 << bits) - 1)).astype(np.uint8 if bits <= 8 else np.uint16)


def jpeg_ls(values: Array, bits: int, _signed: int) -> bytes:
    return bytes(imagecodecs.jpegls_encode(coded_cells(values, bits)))


def jpeg_lossless(values: Array, bits: int, _signed: int) -> bytes:
    cells = coded_cells(values, bits)
    return bytes(imagecodecs.jpeg8_encode(cells, lossless=True, predictor=1, bitspersample=bits))


def jpeg_2000(values: Array, bits: int, signed: int) -> bytes:
    kind = f"{'i' if signed else 'u'}{1 if bits <= 8 else 2}"
    return bytes(encode_array(values.astype(kind), bits_stored=bits, photometric_interpretation=2))


def htj2k(values: Array, bits: int, signed: int) -> bytes:
    kind = f"{'i' if signed else 'u'}{1 if bits <= 8 else 2}"
    return bytes(imagecodecs.htj2k_encode(values.astype(kind), reversible=True))


def jpeg_xl(values: Array, bits: int, _signed: int) -> bytes:
    return bytes(
        imagecodecs.jpegxl_encode(coded_cells(values, bits), lossless=True, bitspersample=bits)
    )


STREAMS = [
    (".4.57", jpeg_lossless),
    (".4.70", jpeg_lossless),
    (".4.80", jpeg_ls),
    (".4.81", jpeg_ls),
    (".4.90", jpeg_2000),
    (".4.91", jpeg_2000),
    (".4.92", jpeg_2000),
    (".4.201", htj2k),
    (".4.202", htj2k),
    (".4.203", htj2k),
    (".4.110", jpeg_xl),
    (".4.112", jpeg_xl),
]


@pytest.mark.parametrize("signed", [0, 1])
@pytest.mark.parametrize("bits", DEPTHS)
@pytest.mark.parametrize(("syntax", "encode"), STREAMS)
def test_lossless_streams(tmp_path: Path, syntax: str, encode: Any, bits: int, signed: int) -> None:
    values = stored(bits, signed, (33, 40))
    ds = grey(values, 8 if bits <= 8 else 16, bits, signed)
    ds = encapsulated(ds, [encode(values, bits, signed)], SYNTAX + syntax)
    np.testing.assert_array_equal(decoded(ds, tmp_path), values)


@pytest.mark.parametrize(("signed", "bits"), [(0, 20), (1, 20), (0, 24), (1, 24)])
def test_jpeg_2000_beyond_sixteen_bits(tmp_path: Path, signed: int, bits: int) -> None:
    values = stored(bits, signed, (33, 40))
    stream = imagecodecs.jpeg2k_encode(
        values.astype("i4" if signed else "u4"),
        level=0,
        codecformat="j2k",
        reversible=True,
        bitspersample=bits,
    )
    ds = encapsulated(grey(values, 32, bits, signed), [bytes(stream)], SYNTAX + ".4.90")
    np.testing.assert_array_equal(decoded(ds, tmp_path), values)


def test_jpeg_2000_too_deep_to_be_exact_is_refused(tmp_path: Path) -> None:
    values = stored(26, 0)
    stream = imagecodecs.jpeg2k_encode(
        values.astype("u4"), level=0, codecformat="j2k", reversible=True, bitspersample=26
    )
    ds = encapsulated(grey(values, 32, 26, 0), [bytes(stream)], SYNTAX + ".4.90")
    with pytest.raises(
        ImageError, match="JPEG 2000 of 26 bits per sample cannot be decoded exactly"
    ):
        decoded(ds, tmp_path)


@pytest.mark.parametrize("encode", [jpeg_2000, htj2k])
def test_both_decoders_of_a_lossless_high_throughput_stream_agree(
    encode: Any, tmp_path: Path
) -> None:
    """OpenJPEG by way of pylibjpeg reads what OpenJPH wrote, and the codec falls back to it."""
    values = stored(12, 0, (65, 70))
    stream = encode(values, 12, 0)
    np.testing.assert_array_equal(np.asarray(openjpeg.decode(stream)), values)
    ds = encapsulated(grey(values, 16, 12, 0), [stream], SYNTAX + ".4.201")
    np.testing.assert_array_equal(decoded(ds, tmp_path), values)


def test_lossy_high_throughput_white_stays_white(shared_data: Path) -> None:
    """A decoder that does not clip turns white into black here."""
    path = shared_data / "pydicom_data/HTJ2K_08_RGB.dcm"
    ours = decode_frame(path, parse_file(path)[1][0]).astype(int)
    theirs = openjpeg.decode(
        next(generate_frames(pydicom.dcmread(path).PixelData, number_of_frames=1))
    )
    assert np.abs(ours - theirs).max() <= 1


@pytest.mark.parametrize("transform", [0, 2])
@pytest.mark.parametrize("predictor", range(1, 8))
@pytest.mark.parametrize("name", ["MR_small.dcm", "SC_rgb_small_odd.dcm"])
def test_every_predictor_and_point_transform(
    shared_data: Path, tmp_path: Path, name: str, predictor: int, transform: int
) -> None:
    """DCMTK codes, and the values are known: with a point transform the lowest bits are gone."""
    original = shared_data / "pydicom_test_files/test_files" / name
    options = ["+el", "+sv", str(predictor), "+pt", str(transform)]
    coded = tmp_path / "coded.dcm"
    subprocess.run(
        [require_program("dcmcjpeg"), "-q", *options, str(original), str(coded)], check=True
    )
    plain = decode_frame(original, parse_file(original)[1][0])
    expected = plain >> transform << transform
    np.testing.assert_array_equal(decode_frame(coded, parse_file(coded)[1][0]), expected)


@pytest.mark.parametrize("signed", [0, 1])
@pytest.mark.parametrize(("allocated", "bits"), [(8, 8), (16, 12), (16, 16), (32, 32)])
def test_run_length_by_gdcm(tmp_path: Path, allocated: int, bits: int, signed: int) -> None:
    values = stored(bits, signed)
    values[3:6] = values[3, 0]  # runs as well as literals
    ds = grey(values, allocated, bits, signed)
    reader, change = gdcm.ImageReader(), gdcm.ImageChangeTransferSyntax()
    reader.SetFileName(str(saved(ds, tmp_path / "plain.dcm")))
    assert reader.Read()
    change.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.RLELossless))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    writer.SetFileName(str(tmp_path / "rle.dcm"))
    assert writer.Write()
    found = decode_frame(tmp_path / "rle.dcm", parse_file(tmp_path / "rle.dcm")[1][0])
    np.testing.assert_array_equal(found, values)


def test_the_test_cells_are_what_plain_arithmetic_says() -> None:
    cells = np.array([0xF80, 0x7FF0], np.uint16)
    assert masked(cells, 12, 11, 1).tolist() == [0xF80 - 0x1000, 0xFF0 - 0x1000]
    assert masked(cells, 12, 15, 0).tolist() == [0x0F8, 0x7FF]


# ---- lossy JPEG, retired processes included ----------------------------------------------------


@pytest.mark.parametrize(
    ("options", "syntax"),
    [
        (["+eb"], ".4.50"),
        (["+ee", "+be"], ".4.51"),
        (["+ee", "+bt"], ".4.51"),
        (["+es", "+be"], ".4.53"),
        (["+es", "+bt"], ".4.53"),
        (["+ep", "+be"], ".4.55"),
        (["+ep", "+bt"], ".4.55"),
    ],
)
def test_dcmtks_lossy_jpeg(
    shared_data: Path, tmp_path: Path, options: list[str], syntax: str
) -> None:
    original = shared_data / "pydicom_test_files/test_files/MR_small.dcm"
    coded, plain = tmp_path / "coded.dcm", tmp_path / "plain.dcm"
    subprocess.run(
        [require_program("dcmcjpeg"), "-q", *options, str(original), str(coded)], check=True
    )
    subprocess.run([require_program("dcmdjpeg"), "-q", str(coded), str(plain)], check=True)
    (source,) = parse_file(coded)[1]
    assert source.transfer_syntax == SYNTAX + syntax
    # The inverse transform is not fixed by ISO 10918; both are libjpeg's accurate integer one.
    np.testing.assert_array_equal(decode_frame(coded, source), pydicom.dcmread(plain).pixel_array)


# The same 16 x 16 picture, written by IJG's cjpeg and brought losslessly into arithmetic coding by
# jpegtran: sequential and progressive. The transform's coefficients are the same in all three.
HUFFMAN = (
    "ffd8ffe000104a46494600010100000100010000ffdb0043000d090a0b0a080d0b0a0b0e0e0d0f1320151312"
    "1213271c1e17202e2931302e292d2c333a4a3e333646372c2d405741464c4e525352323e5a615a50604a5152"
    "4fffc0000b080010001001011100ffc4001500010100000000000000000000000000000506ffc40021100001"
    "0304020301000000000000000000010203110405122100311481f106ffda0008010100003f0022cb45e163ac"
    "f3f511f797b6aa1728da219292e38938294990923a244ec6fa91c12cb45e163acf3f511f784fedaaa91d52e8"
    "9aaa5155bdd420b4920a5f7140c98cb4101241304e4b881d9fffd9"
)
ARITHMETIC = (
    "ffd8ffe000104a46494600010100000100010000ffdb0043000d090a0b0a080d0b0a0b0e0e0d0f1320151312"
    "1213271c1e17202e2931302e292d2c333a4a3e333646372c2d405741464c4e525352323e5a615a50604a5152"
    "4fffc9000b080010001001011100ffcc000600101005ffda0008010100003f00fee485d94650172708092c85"
    "86a6e3676b7c53db68f7bdc517afbbc5f662797525472ea9de76d3d04aa581171edca8dd08ec1526cd01be92"
    "4a8fc593d035ce0ca566aa8500205dab8a14dd02816d7d53ff00500c01bc0bda0bc5bdf24669ffd9"
)
PROGRESSIVE_ARITHMETIC = (
    "ffd8ffe000104a46494600010100000100010000ffdb0043000d090a0b0a080d0b0a0b0e0e0d0f1320151312"
    "1213271c1e17202e2931302e292d2c333a4a3e333646372c2d405741464c4e525352323e5a615a50604a5152"
    "4fffca000b080010001001011100ffcc00040010ffda0008010100000001fdc920a62c40ffcc00041005ffda"
    "000801010001050213909259abeb3341c4b1ef84ffcc00041005ffda0008010100063f02f8fbcdf46ea7774e"
    "19c0ffcc00041005ffda0008010100013f21a802c267b12bc431fb48fb82fcce79732819e1ea20ffda000801"
    "0100000010d0ffcc00041005ffda0008010100013f1036694250958e86f7bc9ff13c1a0e0865e3d9477315d1"
    "3d4988c44828daf8c8ff007db68be0ffd9"
)


@pytest.mark.parametrize(
    ("syntax", "text"), [(".4.52", ARITHMETIC), (".4.56", PROGRESSIVE_ARITHMETIC)]
)
def test_arithmetic_coding(tmp_path: Path, syntax: str, text: str) -> None:
    ds = dicom(np.zeros((16, 16), np.uint16), BitsAllocated=8, BitsStored=8, HighBit=7)
    huffman = decoded(encapsulated(ds, [bytes.fromhex(HUFFMAN)], SYNTAX + ".4.50"), tmp_path)
    assert huffman.std() > 20
    found = decoded(encapsulated(ds, [bytes.fromhex(text)], SYNTAX + syntax), tmp_path)
    np.testing.assert_array_equal(found, huffman)


def test_twelve_bit_colour_jpeg(tmp_path: Path) -> None:
    smooth = np.linspace(100, 3900, 32 * 32 * 3).reshape(32, 32, 3).astype(np.uint16)
    stream = imagecodecs.jpeg8_encode(
        smooth, 100, bitspersample=12, colorspace="RGB", outcolorspace="YCBCR", subsampling="444"
    )
    ds = encapsulated(dicom(smooth[..., 0]), [bytes(stream)], SYNTAX + ".4.51")
    ds.SamplesPerPixel, ds.PlanarConfiguration, ds.PhotometricInterpretation = 3, 0, "YBR_FULL"
    ds.BitsStored, ds.HighBit = 12, 11
    # Quality 100 has steps of one, the colour transform rounds twice: four levels of 4096.
    assert np.abs(decoded(ds, tmp_path).astype(int) - smooth).max() <= 4


# ---- refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (".4.100", "This is a video (MPEG-2 Main Level); videos cannot be shown."),
        (".4.101", "This is a video (MPEG-2 High Level); videos cannot be shown."),
        (".4.102", "This is a video (MPEG-4 AVC/H.264); videos cannot be shown."),
        (".4.105.1", "This is a video (MPEG-4 AVC/H.264); videos cannot be shown."),
        (".4.106", "This is a video (MPEG-4 AVC/H.264 Stereo); videos cannot be shown."),
        (".4.107", "This is a video (HEVC/H.265 Main Profile); videos cannot be shown."),
        (".4.108", "This is a video (HEVC/H.265 Main 10 Profile); videos cannot be shown."),
        (".7.1", "This is a video (SMPTE ST 2110-20 progressive); videos cannot be shown."),
        (
            ".4.58",
            (
                "The image is in a retired kind of JPEG (Lossless, arithmetic coding, Process 15) "
                "that no decoder here can read."
            ),
        ),
        (
            ".4.65",
            (
                "The image is in a retired kind of JPEG (Lossless Hierarchical, Process 28) "
                "that no decoder here can read."
            ),
        ),
        (".4.94", "The pixels are on a JPIP server, not in this file; they cannot be shown."),
        (".4.999", "The transfer syntax 1.2.840.10008.1.2.4.999 is not supported."),
    ],
)
def test_what_cannot_be_decoded_is_said(tmp_path: Path, number: str, sentence: str) -> None:
    ds = encapsulated(dicom(NumberOfFrames=7), [b"1234"], SYNTAX + number)
    with pytest.raises(ImageError) as caught:
        parse_file(written(ds, tmp_path / "a.dcm"))
    assert str(caught.value) == sentence


def test_an_image_whose_pixels_are_on_a_server_is_no_report(tmp_path: Path) -> None:
    ds = dicom()
    del ds.PixelData
    ds.file_meta.TransferSyntaxUID = pydicom.uid.UID(SYNTAX + ".4.94")
    with pytest.raises(ImageError, match="JPIP server"):
        parse_file(saved(ds, tmp_path / "a.dcm"))


@pytest.mark.parametrize(
    ("syntax", "encode"), [(s, e) for s, e in STREAMS if s not in {".4.81", ".4.91"}]
)
def test_a_cut_stream_is_no_picture(tmp_path: Path, syntax: str, encode: Any) -> None:
    """Decoders fill what is missing with grey; a reader must not take that for tissue."""
    values = stored(12, 0, (65, 70))
    whole = encode(values, 12, 0)
    for kept in (len(whole) // 3, len(whole) - 20):
        ds = encapsulated(grey(values, 16, 12, 0), [whole[:kept]], SYNTAX + syntax)
        with pytest.raises(ImageError, match="damaged"):
            decoded(ds, tmp_path)


def test_a_retired_hierarchical_stream_under_a_known_name_is_said(tmp_path: Path) -> None:
    frame = b"\xff\xd8\xff\xde\0\x0b\x08\0\x04\0\x05\x01\x01\x11\0" + b"\xff\xd9"
    with pytest.raises(ImageError, match="damaged"):
        decoded(encapsulated(dicom(), [frame], SYNTAX + ".4.51"), tmp_path)


def test_native_pixels_under_a_compressed_name_are_said(tmp_path: Path) -> None:
    path = saved(dicom(), tmp_path / "a.dcm")
    content = path.read_bytes()
    path.write_bytes(content.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.5\0", 1))
    with pytest.raises(ImageError, match="not what the transfer syntax says"):
        parse_file(path)


def test_items_under_a_native_name_are_said(tmp_path: Path) -> None:
    path = saved(dicom(), tmp_path / "a.dcm")
    content = path.read_bytes()
    at = content.index(b"\xe0\x7f\x10\0OW")
    head = content[at : at + 8] + b"\xff\xff\xff\xff"
    path.write_bytes(content[:at] + head + items(b"1234"))
    with pytest.raises(ImageError, match="not what the transfer syntax says"):
        parse_file(path)
