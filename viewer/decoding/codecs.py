"""Bytes of one frame to stored pixels.

Native pixels are views on the bytes; RLE, JPEG, JPEG-LS, JPEG 2000, HTJ2K and JPEG XL go through
imagecodecs, which works outside the interpreter's lock. The size a code stream claims is compared
with the header's before the decoder may allocate anything, and what comes back is brought to Bits
Stored and Pixel Representation (PS3.5 8.1, 8.2). Colour comes back as RGB. Knows no file.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from typing import Any

import imagecodecs
import numpy as np

from viewer.decoding.bits import Pixels, stored_values
from viewer.decoding.colour import SHARED, rgb, rgb_from_ybr
from viewer.decoding.native import native_cells, native_pixels
from viewer.decoding.run_length import run_length_cells, run_length_pixels
from viewer.decoding.streams import CodeStream, bare_jpeg_2000, code_stream, has_end
from viewer.decoding.syntaxes import (
    BIG_ENDIAN,
    DEFLATED_FRAMES,
    ENCAPSULATED_NATIVE,
    HTJ2K,
    JPEG_2000,
    JPEG_LS,
    JPEG_XL,
    LOSSLESS_HTJ2K,
    LOSSLESS_JPEG,
    LOSSY_JPEG,
    NATIVE,
    RLE,
    refuse_unknown,
)
from viewer.volume import FrameSource, ImageError

# OpenJPEG works in 32 bits, and the wavelet needs guard bits: above, it is not exact (measured).
_MOST_JPEG_2000_BITS = 24

_Decoder = Callable[[bytes, CodeStream, FrameSource, int], Pixels]


def decode(fragments: Sequence[bytes], source: FrameSource, threads: int = 1) -> Pixels:
    """Stored pixels of one coded frame: (rows, columns), or (rows, columns, 3) RGB.

    `fragments` are the bytes of `source.fragments`; `source.tile` is not looked at. JPEG 2000 may use
    `threads` threads. ImageError where the bytes are too few, damaged, of another size than the
    header says, or in a transfer syntax that is not known. The result may be read-only.
    """
    data = b"".join(fragments)
    syntax = source.transfer_syntax
    if syntax == DEFLATED_FRAMES:
        return native_pixels(_inflated_frame(data, source), source, is_alone=True)
    if syntax in NATIVE:
        return native_pixels(
            data,
            source,
            is_big_endian=syntax == BIG_ENDIAN,
            is_alone=syntax == ENCAPSULATED_NATIVE,
        )
    if syntax == RLE:
        return np.asarray(guarded(run_length_pixels, data, source))
    return _compressed(data, source, threads)


def cells(fragments: Sequence[bytes], source: FrameSource) -> Pixels | None:
    """(rows, columns) unsigned cells of Bits Allocated with all their bits, overlays included.

    None where the transfer syntax keeps no bits beside the pixels' (lossy ones, colour, 1 bit).
    """
    data = b"".join(fragments)
    if source.samples != 1 or source.bits_allocated not in {8, 16, 32}:
        return None
    if source.transfer_syntax == DEFLATED_FRAMES:
        return native_cells(_inflated_frame(data, source), source)
    if source.transfer_syntax in NATIVE:
        return native_cells(data, source, is_big_endian=source.transfer_syntax == BIG_ENDIAN)
    if source.transfer_syntax == RLE:
        return np.asarray(guarded(run_length_cells, data, source))[..., 0]
    if source.transfer_syntax in LOSSLESS_JPEG | JPEG_LS | JPEG_2000 | HTJ2K:
        found, _ = _decoded(data, source, 1)
        return found.view(f"u{found.dtype.itemsize}")
    return None


def _inflated_frame(data: bytes, source: FrameSource) -> bytes:
    """One frame of the deflated image frame syntax (PS3.5 A.4.13), never more than it may be."""
    bits = source.rows * source.columns * source.samples * source.bits_allocated
    if source.photometric in SHARED:
        bits = bits * 2 // 3
    needed = (bits + 7) // 8
    try:
        return zlib.decompressobj(wbits=-zlib.MAX_WBITS).decompress(data, needed)
    except zlib.error as error:
        raise ImageError("The image data are damaged ({kind}).", kind="deflate") from error


def _compressed(data: bytes, source: FrameSource, threads: int) -> Pixels:
    pixels, stream = _decoded(data, source, threads)
    if source.samples == 3:
        return np.ascontiguousarray(pixels)
    return stored_of_stream(pixels, stream, source)


def stored_of_stream(pixels: Pixels, stream: CodeStream, source: FrameSource) -> Pixels:
    """Grey samples of a code stream as stored values.

    A stream codes Bits Stored; where it codes more, up to High Bit, the cells are as they were.
    """
    precision = stream.precision or source.bits_stored
    is_whole_cell = precision > source.high_bit
    high_bit = source.high_bit if is_whole_cell else source.bits_stored - 1
    return stored_values(pixels, source, precision, high_bit)


def checked_stream(data: bytes, source: FrameSource) -> CodeStream:
    """The head of the code stream; ImageError where it is not the picture the header tells of."""
    stream = code_stream(data)
    if (stream.rows, stream.columns) != (source.rows, source.columns):
        raise ImageError(
            "The image is {real} pixels, its header says {said}.",
            real=f"{stream.rows} x {stream.columns}",
            said=f"{source.rows} x {source.columns}",
        )
    if stream.samples not in {0, source.samples}:
        raise ImageError(
            "The image has {real} samples per pixel, its header says {said}.",
            real=stream.samples,
            said=source.samples,
        )
    return stream


def _decoded(data: bytes, source: FrameSource, threads: int) -> tuple[Pixels, CodeStream]:
    decoder = _DECODERS.get(source.transfer_syntax)
    if decoder is None:
        refuse_unknown(source.transfer_syntax)
        raise AssertionError(source.transfer_syntax)
    stream = checked_stream(data, source)
    pixels = guarded(decoder, data, stream, source, threads)
    shape = (source.rows, source.columns, 3)[: 2 if source.samples == 1 else 3]
    if pixels.shape != shape or pixels.dtype.itemsize * 8 < min(stream.precision, 32):
        raise ImageError("The image data are damaged.")
    return pixels, stream


def guarded(function: Callable[..., Any], *args: Any) -> Any:
    """The function's result; whatever a codec raises becomes an ImageError."""
    try:
        return function(*args)
    except (ImageError, MemoryError):
        raise
    except Exception as error:  # each codec has exceptions of its own
        raise ImageError(
            "The image data are damaged ({kind}).", kind=type(error).__name__
        ) from error


def refuse_cut(data: bytes) -> None:
    """ImageError for a stream without its end marker: most decoders would invent the rest."""
    if not has_end(data):
        raise ImageError("The image data are damaged or end early.")


def _jpeg(data: bytes, stream: CodeStream, source: FrameSource, _threads: int) -> Pixels:
    refuse_cut(data)
    if source.samples == 1:
        return np.asarray(imagecodecs.jpeg8_decode(data))
    space = "RGB" if stream_is_rgb(stream, source) else "YCBCR"
    return np.asarray(imagecodecs.jpeg8_decode(data, colorspace=space, outcolorspace="RGB"))


def stream_is_rgb(stream: CodeStream, source: FrameSource) -> bool:
    """Whether lossy JPEG samples are RGB: the stream's own word goes before the header's."""
    return stream.is_rgb if stream.is_rgb is not None else source.photometric == "RGB"


def _jpeg_lossless(data: bytes, _stream: CodeStream, source: FrameSource, _threads: int) -> Pixels:
    """libjpeg-turbo knows all predictors, depths and point transforms, and is the fastest."""
    refuse_cut(data)
    if source.samples == 1:
        return np.asarray(imagecodecs.jpeg8_decode(data))
    # The same space in and out: the samples as they are.
    pixels = imagecodecs.jpeg8_decode(data, colorspace="RGB", outcolorspace="RGB")
    return rgb(np.asarray(pixels), source)


def _jpeg_ls(data: bytes, _stream: CodeStream, source: FrameSource, _threads: int) -> Pixels:
    refuse_cut(data)  # CharLS may count zeros behind a cut for some 20 seconds before it gives up
    pixels = np.asarray(imagecodecs.jpegls_decode(data))
    if source.samples == 1:
        return pixels
    if pixels.shape != (source.rows, source.columns, 3) and pixels.shape[:1] == (3,):
        pixels = np.ascontiguousarray(pixels.transpose(1, 2, 0))
    return rgb(pixels, source)


def _jpeg_2000(data: bytes, stream: CodeStream, source: FrameSource, threads: int) -> Pixels:
    if stream.precision > _MOST_JPEG_2000_BITS:
        raise ImageError(
            "JPEG 2000 of {bits} bits per sample cannot be decoded exactly.", bits=stream.precision
        )
    bare = bare_jpeg_2000(data)
    return own_rgb(np.asarray(imagecodecs.jpeg2k_decode(bare, numthreads=threads)), source)


def own_rgb(pixels: Pixels, source: FrameSource) -> Pixels:
    """JPEG 2000 samples as RGB: the decoder has undone the stream's own YBR_RCT or YBR_ICT."""
    if source.samples == 3 and source.photometric.startswith("YBR_FULL"):
        return rgb_from_ybr(pixels, source.bits_stored)
    return pixels


def _high_throughput(data: bytes, stream: CodeStream, source: FrameSource, threads: int) -> Pixels:
    """Lossless frames by OpenJPH, the faster; others, and blocks of plain JPEG 2000, by OpenJPEG.

    A lossy sample may come out beyond its range; through OpenJPH it would wrap around (measured:
    white turns black), OpenJPEG clips it.
    """
    refuse_cut(data)
    if source.transfer_syntax not in LOSSLESS_HTJ2K:
        return _jpeg_2000(data, stream, source, threads)
    try:
        return own_rgb(np.asarray(imagecodecs.htj2k_decode(bare_jpeg_2000(data))), source)
    except imagecodecs.Htj2kError:
        return _jpeg_2000(data, stream, source, threads)


def _jpeg_xl(data: bytes, _stream: CodeStream, source: FrameSource, threads: int) -> Pixels:
    # Photometric of JPEG XL is RGB or YBR, and the decoder gives RGB either way (PS3.5 8.2.16).
    pixels = np.asarray(imagecodecs.jpegxl_decode(data, numthreads=threads, keeporientation=True))
    if source.samples == 1 and pixels.ndim == 3 and pixels.shape[2] == 1:
        return pixels[..., 0]
    return pixels


_DECODERS: dict[str, _Decoder] = {
    **dict.fromkeys(LOSSY_JPEG, _jpeg),
    **dict.fromkeys(LOSSLESS_JPEG, _jpeg_lossless),
    **dict.fromkeys(JPEG_LS, _jpeg_ls),
    **dict.fromkeys(JPEG_2000, _jpeg_2000),
    **dict.fromkeys(HTJ2K, _high_throughput),
    **dict.fromkeys(JPEG_XL, _jpeg_xl),
}
