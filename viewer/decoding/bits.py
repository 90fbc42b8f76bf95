"""Bits of allocated pixels: the stored value out of its cell, bits packed without cells.

PS3.5 8.1 puts Bits Stored at High Bit inside Bits Allocated; what lies above or below (overlays of
old, rubbish) is no pixel. Works on arrays only and knows no file.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.volume import FrameSource, ImageError

Pixels = npt.NDArray[Any]


def stored_values(cells: Pixels, source: FrameSource, precision: int, high_bit: int) -> Pixels:
    """The lowest bits that are meant, with their sign, in the smallest type.

    `precision` is how many bits of a cell the code stream filled, `high_bit` where Bits Stored end.
    """
    bits = min(precision - (high_bit + 1 - source.bits_stored), source.bits_stored)
    down = high_bit + 1 - source.bits_stored
    width = cells.dtype.itemsize * 8
    raw = cells.view(f"u{cells.dtype.itemsize}")
    if source.pixel_representation:
        wide = raw if width >= source.bits_stored else raw.astype(np.uint16)
        width = wide.dtype.itemsize * 8
        if down == 0 and bits == width:
            return wide.view(f"i{wide.dtype.itemsize}").astype(source.stored_type, copy=False)
        signed = (wide << (width - bits - down)).view(f"i{wide.dtype.itemsize}") >> (width - bits)
        return signed.astype(source.stored_type, copy=False)
    if down or bits < width:
        raw = (raw >> down) & raw.dtype.type((1 << bits) - 1)
    return raw.astype(source.stored_type, copy=False)


def single_bits(data: bytes, first: int, count: int) -> Pixels:
    """`count` pixels of one bit from bit `first` on, the first in the lowest bit (PS3.5 8.1.1)."""
    if len(data) * 8 < first + count:
        raise too_few(len(data), (first + count + 7) // 8)
    packed = np.frombuffer(data, dtype=np.uint8)
    return np.unpackbits(packed, bitorder="little", count=first + count)[first:]


def packed_values(data: bytes, first: int, count: int, bits: int) -> Pixels:
    """`count` cells of 9 to 15 bits packed without gaps, from bit `first` on (retired, little endian).

    Cells follow one another from the lowest bit on: two of 12 bits take three bytes.
    """
    needed = (first + count * bits + 7) // 8
    if len(data) < needed:
        raise too_few(len(data), needed)
    stream = np.frombuffer(data + b"\0\0", dtype=np.uint8).astype(np.uint32)
    at = first + np.arange(count, dtype=np.int64) * bits
    byte = at >> 3
    three = stream[byte] | stream[byte + 1] << 8 | stream[byte + 2] << 16
    values: Pixels = three >> (at & 7).astype(np.uint32) & ((1 << bits) - 1)
    return values.astype(np.uint16)


def swapped_words(data: bytes) -> bytes:
    """Bytes of 16 bit words in the other order (OW of big endian files)."""
    return np.frombuffer(data[: len(data) // 2 * 2], dtype="u2").byteswap().tobytes()


def too_few(present: int, needed: int) -> ImageError:
    """The refusal of pixel data that end early."""
    return ImageError(
        "The pixel data are truncated: {present} of {needed} bytes.",
        present=present,
        needed=needed,
    )
