"""Uncompressed pixels: cells in either byte order, single and packed bits, planes, floats.

PS3.5 8.1.1 and 8.2, PS3.3 C.7.6.3.1.2 to .4; Float and Double Float Pixel Data keep every value,
infinities and not-a-number included. Knows no code stream.
"""

from __future__ import annotations

import numpy as np

from viewer.decoding.bits import (
    Pixels,
    packed_values,
    single_bits,
    stored_values,
    swapped_words,
    too_few,
)
from viewer.decoding.colour import SHARED, rgb, upsampled
from viewer.volume import FrameSource

PACKED_BITS = 12


def native_pixels(
    data: bytes, source: FrameSource, *, is_big_endian: bool = False, is_alone: bool = False
) -> Pixels:
    """Stored pixels of one frame's bytes: (rows, columns), or (rows, columns, 3) RGB.

    `is_alone` says that every frame starts at a byte of its own (PS3.5 A.4); otherwise frames of
    single or packed bits follow one another without a gap.
    """
    shape = (source.rows, source.columns)
    count = source.rows * source.columns
    if source.bits_allocated in {1, PACKED_BITS}:
        first = 0 if is_alone else (source.frame - 1) * count * source.bits_allocated % 8
        if source.word_swapped:
            data = swapped_words(data)
        if source.bits_allocated == 1:
            return single_bits(data, first, count).reshape(shape)
        cells = packed_values(data, first, count, PACKED_BITS)
        return stored_values(cells.reshape(shape), source, source.high_bit + 1, source.high_bit)
    if source.pixel_type != "integer":
        order = ">" if is_big_endian else "<"
        kind = np.dtype(f"{order}f{source.bits_allocated // 8}")
        return _flat(data, kind, count).reshape(shape)
    if source.samples == 3:
        return _colour(data, source, is_big_endian=is_big_endian)
    cells = native_cells(data, source, is_big_endian=is_big_endian)
    return stored_values(cells, source, source.high_bit + 1, source.high_bit)


def native_cells(data: bytes, source: FrameSource, *, is_big_endian: bool = False) -> Pixels:
    """(rows, columns) unsigned cells of 8, 16 or 32 bits with all their bits."""
    kind = _kind(source, is_big_endian=is_big_endian)
    if source.word_swapped:
        data = swapped_words(data)
    return _flat(data, kind, source.rows * source.columns).reshape(source.rows, source.columns)


def _kind(source: FrameSource, *, is_big_endian: bool) -> np.dtype[np.unsignedinteger]:
    return np.dtype(f"{'>' if is_big_endian else '<'}u{source.bits_allocated // 8}")


def _flat(data: bytes, kind: np.dtype[np.generic], count: int) -> Pixels:
    if len(data) < count * kind.itemsize:
        raise too_few(len(data), count * kind.itemsize)
    flat = np.frombuffer(data, dtype=kind, count=count)
    return flat.astype(kind.newbyteorder("="), copy=False)


def _colour(data: bytes, source: FrameSource, *, is_big_endian: bool) -> Pixels:
    is_shared = source.photometric in SHARED
    count = source.rows * source.columns * (2 if is_shared else 3)
    if source.word_swapped:
        data = swapped_words(data)
    flat = _flat(data, _kind(source, is_big_endian=is_big_endian), count)
    flat = colour_samples(flat, source)
    if is_shared:
        return rgb(upsampled(flat, source), source)
    shape = (source.rows, source.columns)
    samples = flat.reshape((3, *shape)).transpose(1, 2, 0) if source.planar else flat
    return rgb(samples.reshape((*shape, 3)), source)


def colour_samples(samples: Pixels, source: FrameSource) -> Pixels:
    """Colour samples without what lies beside their stored bits."""
    down = source.high_bit + 1 - source.bits_stored
    if not down and source.bits_stored == source.bits_allocated:
        return samples
    masked: Pixels = samples >> down & samples.dtype.type((1 << source.bits_stored) - 1)
    return masked
