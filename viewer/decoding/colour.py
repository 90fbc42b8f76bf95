"""Colour samples to RGB: the colour differences of YBR, and ICC profiles.

Conversions follow PS3.3 C.7.6.3.1.2. A profile (C.11.15) is applied once, here, so that the rest of
the program knows sRGB only: relative colorimetric with black point compensation, as browsers and
image editors do by default. A profile that is damaged, no RGB device's, or sRGB anyway leaves the pixels.
"""

from __future__ import annotations

import functools
from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt

from viewer.decoding.bits import Pixels
from viewer.volume import FrameSource, ImageError

MOST_PROFILE_BYTES = 4 << 20
_HEADER_BYTES = 128
_CLASSES = frozenset({b"scnr", b"mntr", b"spac"})
_RELATIVE_COLORIMETRIC = 1
_BLACK_POINT_COMPENSATION = 0x2000
# Without it lcms replaces curves of 16 bits by a coarse table: ten levels of 255 off in the shadows.
_NO_SHORTCUTS = 0x0100
# What any device's white and black become (of 255); beyond, the profile's tables are rubbish.
_LEAST_WHITE, _MOST_BLACK = 224, 32
_ROWS_AT_ONCE = 256
# Retired with PS3.3-2017; still in archives of ultrasound.
PARTIAL = "YBR_PARTIAL_422"
SHARED = frozenset({"YBR_FULL_422", PARTIAL})
_MOST_PROFILE_BITS = 16


def rgb(samples: Pixels, source: FrameSource) -> Pixels:
    """(rows, columns, 3) RGB of native or losslessly coded colour in the header's own space."""
    if source.photometric == "RGB":
        return np.ascontiguousarray(samples)
    return rgb_from_ybr(samples, source.bits_stored, is_partial=source.photometric == PARTIAL)


def rgb_from_ybr(ybr: Pixels, bits: int, *, is_partial: bool = False) -> Pixels:
    """YBR_FULL to RGB (C.7.6.3.1.2) for samples of `bits` bits, rounded to the nearest.

    `is_partial`: the retired YBR_PARTIAL, whose brightness runs from 16 to 235 and whose colour
    differences run from 16 to 240 of 255.
    """
    half = 1 << (bits - 1)
    exact = np.float32 if bits <= 16 else np.float64
    planes: list[Pixels] = [ybr[..., n].astype(exact) for n in range(3)]
    y, blue, red = planes
    blue -= half
    red -= half
    if is_partial:
        # In levels of eight bits: 219 steps of brightness above 16, 224 of each colour difference.
        scale = np.float32((2 * half - 1) * 128.0 / half)
        y, blue, red = (y - half / 8.0) * (scale / 219), blue * (scale / 224), red * (scale / 224)
    mixed = np.stack(
        [y + 1.402 * red, y - 0.344136 * blue - 0.714136 * red, y + 1.772 * blue], axis=-1
    )
    return np.clip(np.floor(mixed + 0.5), 0, 2 * half - 1).astype(ybr.dtype)


def upsampled(flat: Pixels, source: FrameSource) -> Pixels:
    """Y1 Y2 Cb Cr of two neighbours to (rows, columns, 3) (C.7.6.3.1.2)."""
    if source.columns % 2:
        raise ImageError("YBR_FULL_422 with an odd number of columns cannot be shown.")
    pairs = flat.reshape(source.rows, source.columns // 2, 4)
    out = np.empty((source.rows, source.columns, 3), dtype=flat.dtype)
    out[:, 0::2, 0], out[:, 1::2, 0] = pairs[..., 0], pairs[..., 1]
    for channel in (1, 2):
        out[:, :, channel] = np.repeat(pairs[..., channel + 1], 2, axis=1)
    return out


def srgb(pixels: Pixels, profile: bytes, bits: int) -> Pixels:
    """RGB of a device with this ICC profile as sRGB; the same pixels where it changes nothing.

    `pixels` are (rows, columns, 3) of `bits` bits; shape, type and range stay.
    """
    if not _changes(profile):
        return pixels
    if bits > _MOST_PROFILE_BITS:
        # lcms knows no wider samples; what a profile is measured to lies far above their low bits.
        down = bits - _MOST_PROFILE_BITS
        upper = srgb((pixels >> down).astype(np.uint16), profile, _MOST_PROFILE_BITS)
        return _rescaled(upper, (1 << _MOST_PROFILE_BITS) - 1, (1 << bits) - 1, pixels.dtype)
    wide = 8 * pixels.dtype.itemsize
    out = np.empty_like(pixels, order="C")
    # In bands: a float copy of a whole slide of colour would be many times its size.
    for top in range(0, len(pixels), _ROWS_AT_ONCE):
        band = np.ascontiguousarray(pixels[top : top + _ROWS_AT_ONCE])
        if bits < wide:
            band = _rescaled(band, (1 << bits) - 1, (1 << wide) - 1)
        band = _transformed(band, profile)
        if bits < wide:
            band = _rescaled(band, (1 << wide) - 1, (1 << bits) - 1)
        out[top : top + _ROWS_AT_ONCE] = band
    return out


def is_usable(profile: bytes) -> bool:
    """Whether the header is one of an RGB device's profile (ICC.1 7.2)."""
    if not _HEADER_BYTES < len(profile) <= MOST_PROFILE_BYTES or profile[36:40] != b"acsp":
        return False
    return (
        int.from_bytes(profile[:4], "big") <= len(profile)
        and profile[12:16] in _CLASSES
        and profile[16:20] == b"RGB "
        and profile[20:24] in {b"XYZ ", b"Lab "}
    )


@functools.lru_cache(maxsize=8)
def _changes(profile: bytes) -> bool:
    """Whether the profile moves any colour of a coarse cube by more than one level of 255."""
    if not is_usable(profile):
        return False
    steps = np.arange(0, 256, 17, dtype=np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(16, -1, 3)
    try:
        moved = _transformed(cube, profile)
    except Exception:  # noqa: BLE001 - lcms raises its own; a damaged profile is as none
        return False
    return _is_plausible(moved) and bool(np.abs(moved.astype(np.int16) - cube).max() > 1)


def _is_plausible(moved: Pixels) -> bool:
    """Whether white stays white, black black, and grey grows with grey: tables may be damaged too."""
    greys = moved.reshape(-1, 3)[:: 16 * 16 + 16 + 1].astype(np.int16)
    is_rising = bool((np.diff(greys.sum(axis=1)) >= 0).all())
    return bool(greys[0].max() <= _MOST_BLACK and greys[-1].min() >= _LEAST_WHITE and is_rising)


def _transformed(pixels: Pixels, profile: bytes) -> Pixels:
    moved: npt.NDArray[Any] = imagecodecs.cms_transform(
        pixels,
        profile,
        _srgb_profile(),
        colorspace="rgb",
        outcolorspace="rgb",
        intent=_RELATIVE_COLORIMETRIC,
        flags=_BLACK_POINT_COMPENSATION | (_NO_SHORTCUTS if pixels.itemsize > 1 else 0),
    )
    return np.asarray(moved).reshape(pixels.shape)


@functools.cache
def _srgb_profile() -> bytes:
    return bytes(imagecodecs.cms_profile("srgb"))


def _rescaled(
    pixels: Pixels, old_most: int, new_most: int, kind: np.dtype[Any] | None = None
) -> Pixels:
    scaled = pixels.astype(np.uint64) * new_most + old_most // 2
    return (scaled // old_most).astype(kind or pixels.dtype)
