"""One frame from its file: its bytes read, decoded, cut out of a mosaic, its colours made sRGB.

The parent calls these functions in the child by import path. A mosaic is one coded frame of many
slices: who wants several of them decodes `coded(source)` once and takes each `part`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from viewer.decoding.bits import Pixels
from viewer.decoding.codecs import decode
from viewer.decoding.colour import srgb
from viewer.decoding.reading import frame_bytes, ranges_of
from viewer.volume import FrameSource, ImageError


def decode_frame(path: str | Path, source: FrameSource, threads: int = 1) -> Pixels:
    """The stored pixels of one frame of a file, a mosaic's tile cut out; it may be read-only.

    (rows, columns) of `source.stored_type`, or (rows, columns, 3) sRGB. JPEG 2000 and JPEG XL may use
    `threads` threads. ImageError where the file does not hold them.
    """
    whole = coded(source)
    pixels = decode(frame_bytes(Path(path), whole), whole, threads)
    return part(in_srgb(pixels, path, whole), source)


def coded(source: FrameSource) -> FrameSource:
    """The source of the whole coded frame a tile is a part of; the same source without a tile."""
    if source.tile is None:
        return source
    rows, columns = source.tile.coded_rows, source.tile.coded_columns
    return replace(source, rows=rows, columns=columns, tile=None)


def part(pixels: Pixels, source: FrameSource) -> Pixels:
    """The contiguous (rows, columns) of a tile out of its decoded frame; all of it without a tile.

    ImageError where the tile does not lie inside.
    """
    tile = source.tile
    if tile is None:
        return pixels
    bottom, right = tile.top + source.rows, tile.left + source.columns
    if min(tile.top, tile.left) < 0 or bottom > len(pixels) or right > pixels.shape[1]:
        raise ImageError("The mosaic has no slice {number}.", number=tile.number)
    return np.ascontiguousarray(pixels[tile.top : bottom, tile.left : right])


def in_srgb(pixels: Pixels, path: str | Path, source: FrameSource) -> Pixels:
    """Colour pixels through the file's ICC profile; all others as they are."""
    if source.icc_profile is None or pixels.ndim != 3:
        return pixels
    (profile,) = ranges_of(Path(path), source, (source.icc_profile,))
    return srgb(pixels, profile, source.bits_stored)
