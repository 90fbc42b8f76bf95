"""A large picture at a half, a quarter or an eighth of its size, without decoding the whole.

JPEG 2000 and HTJ2K hold their lower resolutions by themselves (ISO 15444-1 B.5: a level's low band is
the picture, its mean kept), lossy JPEG is transformed back at fewer points. Everything else is decoded
whole. What comes is for looking at while the full picture arrives, never for measuring grey values.
"""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path

import numpy as np
from PIL import Image

from viewer.decoding.bits import Pixels
from viewer.decoding.codecs import (
    checked_stream,
    guarded,
    own_rgb,
    refuse_cut,
    stored_of_stream,
)
from viewer.decoding.frames import decode_frame, in_srgb
from viewer.decoding.reading import frame_bytes
from viewer.decoding.streams import CodeStream, bare_jpeg_2000
from viewer.decoding.syntaxes import HTJ2K, JPEG_2000, LOSSY_JPEG
from viewer.volume import FrameSource, ImageError

_JPEG_FACTORS = (8, 4, 2)
_MOST_JPEG_2000_BITS = 16
_threads_named = threading.Lock()


def decode_reduced(
    path: str | Path, source: FrameSource, most_px: int, threads: int = 2
) -> tuple[Pixels, int]:
    """The frame and the factor it is reduced by: 1, 2, 4, 8, ...

    The factor is the largest for which the longer side still has `most_px` pixels; the picture is
    (ceil(rows / factor), ceil(columns / factor)) of the type `decode_frame` gives. Grey values are
    local means of the picture. Pixel (i, j) of JPEG 2000 lies on pixel (i, j) * factor of the whole,
    not amid its block. ImageError as in `decode_frame`.
    """
    factor = _factor(source, most_px)
    if factor > 1 and source.tile is None:
        data = b"".join(frame_bytes(Path(path), source))
        stream = _reducible(data, source)
        if stream is not None:
            try:
                found = guarded(_reduced, data, stream, source, factor, threads)
            except ImageError:
                found = None  # the whole frame's decoder has the last word: it reads more streams
            if found is not None:
                pixels, factor = found
                return in_srgb(pixels, path, source), factor
    return decode_frame(path, source, threads), 1


def _factor(source: FrameSource, most_px: int) -> int:
    """The largest power of two that leaves the longer side `most_px` pixels."""
    longer, factor = max(source.rows, source.columns), 1
    while longer // (factor * 2) >= max(most_px, 1):
        factor *= 2
    return factor


def _reducible(data: bytes, source: FrameSource) -> CodeStream | None:
    """The head of a stream that holds smaller pictures; None of any other."""
    if source.transfer_syntax not in JPEG_2000 | HTJ2K | LOSSY_JPEG:
        return None
    stream = checked_stream(data, source)
    if source.transfer_syntax in LOSSY_JPEG:
        # Pillow decides the colour space by the markers; where the header would decide, it may differ.
        is_sure = stream.samples == 1 or stream.is_rgb is not None
        return stream if stream.precision == 8 and is_sure else None
    most_bits = _MOST_JPEG_2000_BITS if stream.samples == 1 else 8
    return stream if stream.is_plain and stream.precision <= most_bits else None


def _reduced(
    data: bytes, stream: CodeStream, source: FrameSource, factor: int, threads: int
) -> tuple[Pixels, int] | None:
    """The smaller picture and its factor; None where the decoder at hand cannot."""
    refuse_cut(data)
    if source.transfer_syntax in LOSSY_JPEG:
        pixels, factor = _jpeg(data, stream, source, factor)
    else:
        factor = min(factor, 1 << stream.levels)
        pixels = _jpeg_2000(data, stream, factor, threads)
    shape = (-(-source.rows // factor), -(-source.columns // factor))
    if factor == 1 or pixels.shape[:2] != shape or pixels.ndim != (2, 3)[source.samples == 3]:
        return None
    if source.samples == 3:
        is_rgb = source.transfer_syntax in LOSSY_JPEG
        return np.ascontiguousarray(pixels if is_rgb else own_rgb(pixels, source)), factor
    return stored_of_stream(pixels, stream, source), factor


def _jpeg(data: bytes, stream: CodeStream, source: FrameSource, factor: int) -> tuple[Pixels, int]:
    """Lossy JPEG of 8 bits, through the smaller inverse transforms of libjpeg."""
    factor = next((each for each in _JPEG_FACTORS if each <= factor), 1)
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
        # libjpeg rounds its size up; Pillow takes the largest factor that leaves what is asked for.
        size = (source.columns // factor, source.rows // factor)
        mode = "L" if stream.samples == 1 else "RGB"
        image.draft(mode, size)
        return np.asarray(image.convert(mode)), factor


def _jpeg_2000(data: bytes, stream: CodeStream, factor: int, threads: int) -> Pixels:
    """JPEG 2000 and HTJ2K through Pillow, which can stop at a lower resolution; its scaling undone.

    OpenJPEG clips what a low band shoots beyond the range (OpenJPH lets it wrap around), and takes
    its number of threads from the environment where nobody tells it one. Pillow shifts samples up to 8
    or 16 bits and signed ones above zero.
    """
    with _threads_named:
        os.environ["OPJ_NUM_THREADS"] = str(threads)
        try:
            with Image.open(io.BytesIO(bare_jpeg_2000(data)), formats=("JPEG2000",)) as image:
                image.reduce = factor.bit_length() - 1  # type: ignore[method-assign, assignment]  # its documented use
                # Pillow rounds the smaller size to the nearest, ISO 15444-1 B-15 rounds it up.
                wide, high = (-(-side // factor) * factor for side in image.size)
                image._size = (wide, high)  # noqa: SLF001 - no public way to say it
                image.load()
                pixels = np.asarray(image)
        finally:
            del os.environ["OPJ_NUM_THREADS"]
    width = 8 * pixels.dtype.itemsize
    values: Pixels = pixels >> (width - stream.precision)
    if stream.is_signed:
        # Wraps around as two's complement does; the codecs mask what lies above the precision.
        values = values - pixels.dtype.type(1 << (stream.precision - 1))
    return values
