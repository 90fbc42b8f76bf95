"""Small pictures of large frames, tiles of mosaics, and frames that are parts of deflated files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from tests.viewer.phantoms import dicom, encapsulated, saved
from viewer.decoding import coded, decode_frame, decode_reduced, parse_file, part
from viewer.volume import FrameSource, ImageError, Tile

BASE = "1.2.840.10008.1.2.4"
Array = np.ndarray[Any, Any]


def smooth(rows: int, columns: int, bits: int, signed: int = 0) -> Array:
    """A soft random picture with some noise over most of the range."""
    random = np.random.default_rng(9)
    soft = gaussian_filter(random.normal(0, 1, (rows, columns)), 25)
    soft = (soft - soft.min()) / (soft.max() - soft.min())
    values = soft * 0.8 * (1 << bits) + 0.1 * (1 << bits) + random.normal(0, 2, soft.shape)
    low = -(1 << (bits - 1)) if signed else 0
    return np.clip(values, 0, (1 << bits) - 1).astype(np.int64) + low


def block_means(values: Array, factor: int) -> Array:
    rows, columns = values.shape[0] // factor, values.shape[1] // factor
    cut = values[: rows * factor, : columns * factor]
    return cut.reshape(rows, factor, columns, factor, *cut.shape[2:]).mean(axis=(1, 3))


def written(
    values: Array, bits: int, signed: int, syntax: str, path: Path
) -> tuple[Path, FrameSource]:
    kind = f"{'i' if signed else 'u'}{1 if bits <= 8 else 2}"
    if syntax == ".90":
        stream = imagecodecs.jpeg2k_encode(
            values.astype(kind),
            level=0,
            codecformat="j2k",
            reversible=True,
            bitspersample=bits,
            resolutions=6,
        )
    elif syntax == ".201":
        stream = imagecodecs.htj2k_encode(values.astype(kind), reversible=True)
    else:
        stream = imagecodecs.jpeg8_encode(values.astype(kind), 95)
    ds = dicom(np.zeros(values.shape[:2], np.uint16), PixelRepresentation=signed)
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 8 if bits <= 8 else 16, bits, bits - 1
    saved(encapsulated(ds, [bytes(stream)], BASE + syntax), path)
    return path, parse_file(path)[1][0]


@pytest.mark.parametrize("factor", [2, 4, 8])
@pytest.mark.parametrize(
    ("syntax", "bits", "signed"),
    [
        (".90", 8, 0),
        (".90", 12, 0),
        (".90", 12, 1),
        (".90", 16, 1),
        (".201", 12, 0),
        (".201", 16, 1),
        (".50", 8, 0),
    ],
)
def test_a_reduced_picture_is_the_mean_of_its_blocks(
    tmp_path: Path, syntax: str, bits: int, signed: int, factor: int
) -> None:
    values = smooth(403, 530, bits, signed)
    path, source = written(values, bits, signed, syntax, tmp_path / "a.dcm")
    found, reached = decode_reduced(path, source, 530 // factor)
    assert reached == factor
    assert found.shape == (-(-403 // factor), -(-530 // factor))
    assert found.dtype == source.stored_type
    means = block_means(values, factor)
    if syntax != ".50":
        # A wavelet's low band is centred on every n-th pixel, with weights that fall off.
        around = gaussian_filter(values.astype(float), factor / 3, mode="mirror")
        means = around[::factor, ::factor]
    near = np.abs(found[: means.shape[0], : means.shape[1]] - means)
    # A wavelet's low band is no box: it may differ where the picture bends, not in level.
    assert abs((found[: means.shape[0], : means.shape[1]] - means).mean()) < max(2, 2**bits / 2000)
    assert np.percentile(near, 99) < 0.02 * 2**bits


def test_saturated_edges_do_not_wrap_around(tmp_path: Path) -> None:
    """A low band shoots beyond the range beside an edge; black must not come out of white there."""
    values = np.zeros((256, 256), np.int64)
    values[:, 101:] = 4095
    for syntax in (".90", ".201"):
        path, source = written(values, 12, 0, syntax, tmp_path / "a.dcm")
        found, factor = decode_reduced(path, source, 64)
        assert factor == 4
        assert found[:, 30:].min() > 3500
        assert found[:, :20].max() < 500


def test_a_picture_that_is_small_enough_comes_whole(tmp_path: Path) -> None:
    values = smooth(100, 130, 12)
    path, source = written(values, 12, 0, ".90", tmp_path / "a.dcm")
    for most in (130, 66, 1000):
        found, factor = decode_reduced(path, source, most)
        assert factor == 1
        np.testing.assert_array_equal(found, values)
    assert decode_reduced(path, source, 65)[1] == 2


def test_what_holds_no_smaller_picture_comes_whole(tmp_path: Path) -> None:
    values = smooth(100, 130, 12).astype(np.uint16)
    stream = bytes(imagecodecs.jpegls_encode(values))
    ds = dicom(values, BitsStored=12, HighBit=11)
    plain = saved(ds, tmp_path / "plain.dcm")
    coded_too = saved(encapsulated(ds, [stream], BASE + ".80"), tmp_path / "jls.dcm")
    for path in (plain, coded_too):
        found, factor = decode_reduced(path, parse_file(path)[1][0], 16)
        assert factor == 1
        np.testing.assert_array_equal(found, values)


def test_no_smaller_than_the_streams_own_levels(tmp_path: Path) -> None:
    values = smooth(256, 256, 12)
    stream = imagecodecs.jpeg2k_encode(
        values.astype("u2"),
        level=0,
        codecformat="j2k",
        reversible=True,
        bitspersample=12,
        resolutions=2,
    )
    ds = encapsulated(dicom(values, BitsStored=12, HighBit=11), [bytes(stream)], BASE + ".90")
    path = saved(ds, tmp_path / "a.dcm")
    assert decode_reduced(path, parse_file(path)[1][0], 16)[1] == 2


def test_reduced_colour_keeps_its_colours(tmp_path: Path) -> None:
    samples = np.zeros((256, 256, 3), np.uint8)
    samples[:] = 200, 40, 90
    ds = dicom(
        samples[..., 0],
        SamplesPerPixel=3,
        PlanarConfiguration=0,
        BitsAllocated=8,
        BitsStored=8,
        HighBit=7,
    )
    j2k = imagecodecs.jpeg2k_encode(samples, level=0, codecformat="j2k", reversible=True)
    plain = imagecodecs.jpeg2k_encode(
        samples, level=0, codecformat="j2k", reversible=True, mct=False
    )
    jpeg = imagecodecs.jpeg8_encode(samples, 100)
    for name, stream, photometric in (
        (".90", j2k, "YBR_RCT"),
        (".50", jpeg, "YBR_FULL_422"),
        (".91", plain, "RGB"),
    ):
        ds.PhotometricInterpretation = photometric
        path = saved(encapsulated(ds, [bytes(stream)], BASE + name), tmp_path / "a.dcm")
        found, factor = decode_reduced(path, parse_file(path)[1][0], 64)
        assert (factor, found.shape) == (4, (64, 64, 3))
        assert np.abs(found.astype(int) - [200, 40, 90]).max() <= 2


def test_a_damaged_stream_is_said(tmp_path: Path) -> None:
    path, source = written(smooth(256, 256, 12), 12, 0, ".90", tmp_path / "a.dcm")
    ((offset, length),) = source.fragments
    cut = replace(source, fragments=((offset, length // 2),))
    with pytest.raises(ImageError, match="damaged"):
        decode_reduced(path, cut, 64)


# ---- tiles ------------------------------------------------------------------------------------


@pytest.mark.parametrize("syntax", ["", ".80"])
def test_tiles_are_cut_out_of_the_coded_frame(tmp_path: Path, syntax: str) -> None:
    values = np.arange(6 * 8, dtype=np.uint16).reshape(6, 8)
    ds = dicom(values)
    if syntax:
        ds = encapsulated(ds, [bytes(imagecodecs.jpegls_encode(values))], BASE + syntax)
    path = saved(ds, tmp_path / "a.dcm")
    (whole,) = parse_file(path)[1]
    tile = Tile(number=5, left=4, top=3, coded_columns=8, coded_rows=6)
    source = replace(whole, rows=3, columns=4, tile=tile)
    found = decode_frame(path, source)
    np.testing.assert_array_equal(found, values[3:6, 4:8])
    assert found.flags.c_contiguous
    assert coded(source) == whole
    np.testing.assert_array_equal(part(decode_frame(path, coded(source)), source), found)
    beyond = replace(source, tile=replace(tile, left=5))
    with pytest.raises(ImageError, match=r"^The mosaic has no slice 5\.$"):
        decode_frame(path, beyond)
