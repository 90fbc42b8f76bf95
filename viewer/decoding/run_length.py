"""RLE compression (PS3.5 G): one segment of PackBits per byte of a sample, most significant first.

The header of 16 numbers names where each segment starts; what a segment unfolds to is bounded by the
picture. Colour comes plane by plane, whatever the planar configuration says.
"""

from __future__ import annotations

import itertools
import struct

import imagecodecs
import numpy as np

from viewer.decoding.bits import Pixels, stored_values, too_few
from viewer.decoding.colour import rgb
from viewer.decoding.native import colour_samples
from viewer.volume import FrameSource, ImageError

_HEADER_BYTES = 64
_MOST_SEGMENTS = 15


def run_length_pixels(data: bytes, source: FrameSource) -> Pixels:
    """Stored pixels of one frame: (rows, columns), or (rows, columns, 3) RGB."""
    if source.bits_allocated == 1:
        return run_length_cells(data, source)[..., 0]
    cells = run_length_cells(data, source)
    if source.samples == 3:
        return rgb(colour_samples(cells, source), source)
    return stored_values(cells[..., 0], source, source.high_bit + 1, source.high_bit)


def run_length_cells(data: bytes, source: FrameSource) -> Pixels:
    """(rows, columns, samples) unsigned cells with all their bits."""
    size = max(1, source.bits_allocated // 8)
    pixels = source.rows * source.columns
    # Each byte into its place at once: turning whole planes around costs more than the unfolding.
    cells = np.empty((pixels, source.samples, size), dtype=np.uint8)
    for n, segment in enumerate(_segments(data, source.samples * size)):
        # Rows of an odd count may leave a byte behind the last pixel.
        unfolded = imagecodecs.packbits_decode(segment, out=bytearray(pixels + 2))
        if len(unfolded) < pixels:
            raise too_few(len(unfolded), pixels)
        cells[:, n // size, size - 1 - n % size] = np.frombuffer(unfolded, np.uint8, pixels)
    return cells.view(f"<u{size}")[..., 0].reshape(source.rows, source.columns, source.samples)


def _segments(data: bytes, expected: int) -> list[bytes]:
    if (
        len(data) < _HEADER_BYTES
        or expected > _MOST_SEGMENTS
        or struct.unpack("<I", data[:4])[0] != expected
    ):
        raise ImageError("The RLE data do not hold the {count} planes expected.", count=expected)
    offsets = [*struct.unpack(f"<{expected}I", data[4 : 4 + 4 * expected]), len(data)]
    pairs = list(itertools.pairwise(offsets))
    if not all(_HEADER_BYTES <= start <= end <= len(data) for start, end in pairs):
        raise ImageError("The RLE data are damaged.")
    return [data[start:end] for start, end in pairs]
