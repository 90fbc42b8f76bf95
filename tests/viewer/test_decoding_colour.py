"""Colour of every kind: planes, colour differences, palettes, and the device's own ICC profile."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import pytest
from PIL import Image, ImageCms
from pydicom.pixels import convert_color_space

from tests.viewer.dcmtk_pictures import apart, drawn
from tests.viewer.phantoms import dicom, encapsulated, saved
from tests.viewer.test_codecs import written
from viewer.decoding import decode_frame, parse_file
from viewer.render.plane import picture_of_frame
from viewer.view import Presentation
from viewer.volume import Frame, ImageError, LookupTable

RANDOM = np.random.default_rng(5)
Array = np.ndarray[Any, Any]
BASE = "1.2.840.10008.1.2"


def colour(samples: Array, photometric: str = "RGB", planar: int = 0) -> pydicom.Dataset:
    """Native colour of 8 or 16 bits."""
    ds = dicom(samples[..., 0])
    bits = 8 * samples.dtype.itemsize
    ds.SamplesPerPixel, ds.PlanarConfiguration = 3, planar
    ds.PhotometricInterpretation = photometric
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = bits, bits, bits - 1
    laid = samples.transpose(2, 0, 1) if planar else samples
    ds.PixelData = laid.astype(f"<u{bits // 8}").tobytes()
    ds["PixelData"].VR = "OW" if bits > 8 else "OB"
    return ds


def decoded(ds: pydicom.Dataset, tmp_path: Path) -> Array:
    path = saved(ds, tmp_path / "a.dcm")
    return decode_frame(path, parse_file(path)[1][0])


@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_native_planes(tmp_path: Path, planar: int, kind: type[np.generic]) -> None:
    samples = RANDOM.integers(0, np.iinfo(kind).max + 1, (6, 8, 3)).astype(kind)
    np.testing.assert_array_equal(decoded(colour(samples, planar=planar), tmp_path), samples)


@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL"])
def test_wide_colour_shows_its_upper_bits(tmp_path: Path, photometric: str) -> None:
    """32 bits per sample: the values are kept, and the picture is that of dcm2pnm."""
    samples = RANDOM.integers(0, 1 << 32, (20, 30, 3), dtype=np.uint32)
    if photometric != "RGB":
        samples[..., 1:] = (1 << 31) + (samples[..., 1:] >> 12)
        samples[..., 0] = samples[..., 0] // 2 + (1 << 30)
    path = saved(colour(samples, photometric), tmp_path / "a.dcm")
    source = parse_file(path)[1][0]
    pixels = decode_frame(path, source)
    if photometric == "RGB":
        np.testing.assert_array_equal(pixels, samples)
    picture = picture_of_frame(Frame(pixels=pixels, source=source), Presentation())
    assert apart(picture, drawn(path, tmp_path)) <= (0 if photometric == "RGB" else 1)


def test_retired_partial_colour(tmp_path: Path) -> None:
    """PS3.3-2009 C.7.6.3.1.2 turned around in double precision; dcm2pnm's picture beside it."""
    pairs = RANDOM.integers(16, 236, (10, 12, 4)).astype(np.uint8)
    pairs[..., 2:] = 96 + pairs[..., 2:] // 4
    ds = colour(np.zeros((10, 24, 3), np.uint8), "YBR_PARTIAL_422")
    ds.PixelData = pairs.tobytes()
    forward = np.array(
        [[0.2568, 0.5041, 0.0979], [-0.1482, -0.2910, 0.4392], [0.4392, -0.3678, -0.0714]]
    )
    ybr = np.repeat(pairs[..., [0, 2, 3]], 2, axis=1).astype(float)
    ybr[:, 1::2, 0] = pairs[..., 1]
    expected = np.clip((ybr - [16, 128, 128]) @ np.linalg.inv(forward).T, 0, 255)
    path = saved(ds, tmp_path / "a.dcm")
    source = parse_file(path)[1][0]
    pixels = decode_frame(path, source)
    assert np.abs(pixels - expected).max() < 0.7
    assert apart(pixels, drawn(path, tmp_path)) <= 2


@pytest.mark.parametrize("planar", [0, 1])
def test_ybr_full_is_what_the_formula_says(tmp_path: Path, planar: int) -> None:
    """C.7.6.3.1.2 inverted in double precision; pydicom agrees within its rounding."""
    samples = RANDOM.integers(0, 256, (40, 50, 3)).astype(np.uint8)
    forward = np.array([[0.299, 0.587, 0.114], [-0.1687, -0.3313, 0.5], [0.5, -0.4187, -0.0813]])
    expected = (samples - [0.0, 128, 128]) @ np.linalg.inv(forward).T
    found = decoded(colour(samples, "YBR_FULL", planar), tmp_path).astype(int)
    assert np.abs(found - np.clip(expected, 0, 255)).max() < 0.6
    theirs = convert_color_space(samples, "YBR_FULL", "RGB").astype(int)
    assert np.abs(found - theirs).max() <= 1


def test_ybr_full_of_twelve_bits_is_centred_at_2048(tmp_path: Path) -> None:
    samples = np.full((4, 4, 3), 2048, np.uint16)
    samples[0, 0] = 1000, 2048, 2048 + 100
    ds = colour(samples, "YBR_FULL")
    ds.BitsStored, ds.HighBit = 12, 11
    found = decoded(ds, tmp_path)
    assert found[1, 1].tolist() == [2048, 2048, 2048]
    assert found[0, 0].tolist() == [1140, 929, 1000]


def test_shared_colour_differences(tmp_path: Path) -> None:
    ds = colour(np.zeros((1, 4, 3), np.uint8), "YBR_FULL_422")
    ds.PixelData = bytes([10, 20, 128, 128, 30, 40, 128, 228])
    found = decoded(ds, tmp_path)
    assert found[0, :2].tolist() == [[10] * 3, [20] * 3]
    # R = Y + 1.402 * 100, G = Y - 0.714136 * 100, both inside 0 to 255.
    assert found[0, 2:].tolist() == [[170, 0, 30], [180, 0, 40]]


@pytest.mark.parametrize(
    ("photometric", "samples"),
    [("YBR_PARTIAL_420", 3), ("HSV", 3), ("ARGB", 4), ("CMYK", 4)],
)
def test_retired_colour_is_refused_by_name(tmp_path: Path, photometric: str, samples: int) -> None:
    ds = colour(np.zeros((4, 4, 3), np.uint8), photometric)
    ds.SamplesPerPixel = samples
    with pytest.raises(ImageError) as caught:
        decoded(ds, tmp_path)
    assert str(caught.value) == f"{samples} samples per pixel as {photometric} cannot be shown."


LOSSLESS_COLOUR = [
    (
        ".4.57",
        lambda a: imagecodecs.jpeg8_encode(
            a,
            lossless=True,
            predictor=4,
            bitspersample=8 * a.itemsize,
            colorspace="RGB",
            outcolorspace="RGB",
        ),
    ),
    (".4.80", imagecodecs.jpegls_encode),
    (".4.90", lambda a: imagecodecs.jpeg2k_encode(a, level=0, codecformat="j2k", reversible=True)),
    (".4.201", lambda a: imagecodecs.htj2k_encode(a, reversible=True)),
    (".4.110", lambda a: imagecodecs.jpegxl_encode(a, lossless=True)),
]


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize(("syntax", "encode"), LOSSLESS_COLOUR)
def test_lossless_colour(tmp_path: Path, syntax: str, encode: Any, kind: type[np.generic]) -> None:
    samples = RANDOM.integers(0, np.iinfo(kind).max + 1, (33, 41, 3)).astype(kind)
    ds = encapsulated(colour(samples), [bytes(encode(samples))], BASE + syntax)
    path = written(ds, tmp_path / "a.dcm")
    np.testing.assert_array_equal(decode_frame(path, parse_file(path)[1][0]), samples)


@pytest.mark.parametrize(
    ("space", "markers", "photometric"),
    [
        ("YCBCR", "JFIF", "RGB"),  # the header lies, JFIF is always YCbCr
        ("YCBCR", "JFIF", "YBR_FULL"),
        ("RGB", "Adobe", "YBR_FULL"),  # the other way round
        ("RGB", "Adobe", "RGB"),
    ],
)
def test_a_jpegs_own_word_on_colour_goes_first(
    tmp_path: Path, space: str, markers: str, photometric: str
) -> None:
    samples = np.zeros((16, 16, 3), np.uint8)
    samples[:] = 200, 40, 90
    stream = bytes(
        imagecodecs.jpeg8_encode(
            samples, 100, colorspace="RGB", outcolorspace=space, subsampling="444"
        )
    )
    assert markers.encode() in stream[:40]
    ds = encapsulated(colour(samples, photometric), [stream], BASE + ".4.50")
    assert np.abs(decoded(ds, tmp_path).astype(int) - samples).max() <= 2


# ---- palettes ---------------------------------------------------------------------------------


def palette_image(signed: int = 0, **elements: Any) -> pydicom.Dataset:
    ds = dicom(np.array([[0, 1], [2, 3]], np.uint16), PhotometricInterpretation="PALETTE COLOR")
    ds.PixelRepresentation = signed
    for name in ("Red", "Green", "Blue"):
        setattr(
            ds, f"{name}PaletteColorLookupTableDescriptor", elements.get("descriptor", [4, 0, 16])
        )
        if "segmented" in elements:
            setattr(ds, f"Segmented{name}PaletteColorLookupTableData", elements["segmented"])
        else:
            data = elements.get("data", np.arange(4, dtype="<u2").tobytes())
            setattr(ds, f"{name}PaletteColorLookupTableData", data)
    return ds


def red(ds: pydicom.Dataset, tmp_path: Path) -> LookupTable:
    (source,) = parse_file(saved(ds, tmp_path / "a.dcm"))[1]
    assert source.palette is not None
    return source.palette.red


def words(*values: int) -> bytes:
    return np.array(values, "<u2").tobytes()


def test_segments_discrete_linear_and_indirect(tmp_path: Path) -> None:
    """C.7.9.2: two entries; four on a line from 20 to 60; the first segment once more."""
    data = words(0, 2, 10, 20) + words(1, 4, 60) + words(2, 1, 0, 0)
    table = red(palette_image(descriptor=[8, 0, 16], segmented=data), tmp_path)
    assert table.values.tolist() == [10, 20, 30, 40, 50, 60, 10, 20]


@pytest.mark.parametrize(
    "data",
    [
        words(1, 4, 60),  # a line from nowhere
        words(0, 9, 1, 2),  # fewer entries than it says
        words(2, 1, 0, 0),  # an indirect segment that leads to itself
        words(0, 1, 5, 2, 1, 6, 0),  # and one after a good one
        words(7, 1, 1),  # no such segment
        words(1, 0, 60),
    ],
)
def test_damaged_segments_are_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ImageError, match="red palette is missing or too short"):
        red(palette_image(descriptor=[8, 0, 16], segmented=data), tmp_path)


def test_a_linear_segment_cannot_outgrow_the_table(tmp_path: Path) -> None:
    data = words(0, 1, 5) + words(1, 65535, 9) * 1000
    assert len(red(palette_image(descriptor=[4, 0, 16], segmented=data), tmp_path).values) == 4


@pytest.mark.parametrize(("signed", "expected"), [(0, 65534), (1, -2)])
def test_the_first_mapped_value_has_the_pixels_sign(
    tmp_path: Path, signed: int, expected: int
) -> None:
    ds = palette_image(signed, descriptor=[4, 65534, 16])
    for name in ("Red", "Green", "Blue"):
        ds[f"{name}PaletteColorLookupTableDescriptor"].VR = "US"
    assert red(ds, tmp_path).first_mapped == expected


def test_eight_bits_said_of_sixteen_bit_entries(tmp_path: Path) -> None:
    ds = palette_image(descriptor=[4, 0, 8], data=words(0, 0x5500, 0xAA00, 0xFF00))
    assert red(ds, tmp_path).bits == 16


def test_zero_entries_mean_65536(tmp_path: Path) -> None:
    data = np.arange(65536, dtype="<u2").tobytes()
    assert len(red(palette_image(descriptor=[0, 0, 16], data=data), tmp_path).values) == 65536


# ---- ICC profiles -----------------------------------------------------------------------------

PICTURE = (
    np.stack(np.meshgrid(*[np.arange(0, 256, 15)] * 3), axis=-1).reshape(18, -1, 3).astype("u1")
)


def adobe_rgb() -> bytes:
    """Adobe RGB (1998): its primaries, D65 and gamma 563/256."""
    return bytes(
        imagecodecs.cms_profile(
            "rgb",
            whitepoint=[0.3127, 0.3290, 1.0],
            primaries=[0.64, 0.33, 1.0, 0.21, 0.71, 1.0, 0.15, 0.06, 1.0],
            gamma=563 / 256,
        )
    )


def as_input_device(profile: bytes) -> bytes:
    return profile[:12] + b"scnr" + profile[16:]


def test_a_profile_is_applied_as_lcms_by_pillow_does(tmp_path: Path) -> None:
    profile = as_input_device(adobe_rgb())
    found = decoded(with_profile(PICTURE, profile), tmp_path)
    theirs = ImageCms.profileToProfile(
        Image.fromarray(PICTURE),
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    assert np.abs(found.astype(int) - np.asarray(theirs)).max() <= 1
    assert np.abs(found.astype(int) - PICTURE).max() > 20


def test_a_saturated_green_follows_the_published_matrices(tmp_path: Path) -> None:
    """Half of Adobe's green through XYZ into sRGB, by the matrices of both standards."""
    device = np.zeros((2, 2, 3), np.uint8)
    device[:] = 150, 160, 140
    linear = (device[0, 0] / 255) ** (563 / 256)
    adobe = [[0.57667, 0.18556, 0.18823], [0.29734, 0.62736, 0.07529], [0.02703, 0.07069, 0.99134]]
    to_srgb = [[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]]
    light = np.array(to_srgb) @ np.array(adobe) @ linear
    expected = 255 * (1.055 * light ** (1 / 2.4) - 0.055)
    found = decoded(with_profile(device, adobe_rgb()), tmp_path)[0, 0]
    assert np.abs(found - expected).max() <= 1.5


def with_profile(samples: Array, profile: bytes) -> pydicom.Dataset:
    ds = colour(samples)
    ds.ICCProfile = profile + b"\0" * (len(profile) % 2)
    return ds


def test_sixteen_bits_keep_their_range(tmp_path: Path) -> None:
    wide = PICTURE.astype(np.uint16) * 257
    found = decoded(with_profile(wide, adobe_rgb()), tmp_path)
    narrow = decoded(with_profile(PICTURE, adobe_rgb()), tmp_path)
    assert found.dtype == np.uint16
    assert np.abs(found / 257 - narrow).max() <= 1
    twelve = with_profile(wide >> 4, adobe_rgb())
    twelve.BitsStored, twelve.HighBit = 12, 11
    assert np.abs(decoded(twelve, tmp_path) / 4095 * 255 - narrow).max() <= 1
    widest = with_profile(PICTURE.astype(np.uint32) * 0x01010101, adobe_rgb())
    assert np.abs(decoded(widest, tmp_path) / 0x01010101 - narrow).max() <= 1


@pytest.mark.parametrize(
    "profile",
    [
        bytes(imagecodecs.cms_profile("srgb")),
        b"\0" * 4,
        b"\0" * 4000,
        adobe_rgb()[:200],
        adobe_rgb()[:-40].ljust(len(adobe_rgb()), b"\xff"),
        adobe_rgb()[:12] + b"prtr" + adobe_rgb()[16:],
        adobe_rgb()[:16] + b"CMYK" + adobe_rgb()[20:],
    ],
    ids=["sRGB", "tiny", "zeros", "cut", "damaged", "a printer's", "of CMYK"],
)
def test_profiles_that_change_nothing_or_are_damaged_leave_the_pixels(
    tmp_path: Path, profile: bytes
) -> None:
    found = decoded(with_profile(PICTURE, profile), tmp_path)
    np.testing.assert_array_equal(found, PICTURE)


def test_a_profile_of_many_megabytes_is_not_read(tmp_path: Path) -> None:
    path = saved(with_profile(PICTURE, adobe_rgb().ljust(5 << 20, b"\0")), tmp_path / "a.dcm")
    assert parse_file(path)[1][0].icc_profile is None
