"""Bytes of one frame to stored pixels.

Native pixels are views on the bytes; RLE, JPEG, JPEG-LS and JPEG 2000 go through imagecodecs,
which works outside the interpreter's lock. The size a code stream claims is compared with the
header's before the decoder may allocate anything, and what comes back is brought to Bits Stored
and Pixel Representation (PS3.5 8.1, 8.2). Colour comes back as RGB.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt

from viewer.volume import FrameSource, ImageError

Pixels = npt.NDArray[Any]

NATIVE = frozenset(
    {
        "1.2.840.10008.1.2",
        "1.2.840.10008.1.2.1",
        "1.2.840.10008.1.2.1.98",
        "1.2.840.10008.1.2.1.99",
        "1.2.840.10008.1.2.2",
    }
)
_BIG_ENDIAN = "1.2.840.10008.1.2.2"
_RLE = "1.2.840.10008.1.2.5"
_JPEG = frozenset({"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"})
_JPEG_LOSSLESS = frozenset({"1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"})
_JPEG_LS = frozenset({"1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"})
_J2K = frozenset({"1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"})
_HTJ2K = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (201, 202, 203))
_SOF = frozenset({*range(0xC0, 0xD0), 0xF7}) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeStream:
    """What a code stream says of itself before it is decoded."""

    rows: int
    columns: int
    samples: int
    precision: int
    is_rgb: bool | None = None


def decode(fragments: Sequence[bytes], source: FrameSource) -> Pixels:
    """Stored pixels of one frame: (rows, columns) integers, or (rows, columns, 3) RGB.

    `fragments` are the bytes of `source.fragments`. ImageError where they are too few, damaged, of
    another size than the header says, or in a transfer syntax that is not known.
    """
    data = b"".join(fragments)
    if source.transfer_syntax in NATIVE:
        return _native(data, source)
    if source.transfer_syntax == _RLE:
        return _run_length(data, source)
    return _compressed(data, source)


def _native(data: bytes, source: FrameSource) -> Pixels:
    if source.bits_allocated == 1:
        return _single_bits(data, source)
    order = ">" if source.transfer_syntax == _BIG_ENDIAN else "<"
    kind = np.dtype(f"{order}u{source.bits_allocated // 8}")
    samples = 2 if source.photometric == "YBR_FULL_422" else source.samples
    count = source.rows * source.columns * samples
    if len(data) < count * kind.itemsize:
        raise _too_few(len(data), count * kind.itemsize)
    if source.word_swapped:
        data = np.frombuffer(data[: len(data) // 2 * 2], dtype="u2").byteswap().tobytes()
    flat = np.frombuffer(data, dtype=kind, count=count).astype(kind.newbyteorder("="))
    if source.photometric == "YBR_FULL_422":
        return _rgb_from_ybr(_upsampled(flat, source))
    shape: tuple[int, ...] = (source.rows, source.columns)
    if source.samples == 3:
        planes = flat.reshape((3, *shape)).transpose(1, 2, 0) if source.planar else flat
        return _colour(planes.reshape((*shape, 3)), source)
    return _stored(flat.reshape(shape), source, source.high_bit + 1, source.high_bit)


def _single_bits(data: bytes, source: FrameSource) -> Pixels:
    """Single bits, first pixel in the lowest bit; a frame may start inside a byte (PS3.5 8.1.1)."""
    count = source.rows * source.columns
    first = (source.frame - 1) * count % 8
    bits = np.unpackbits(np.frombuffer(data, dtype=np.uint8), bitorder="little")
    if len(bits) < first + count:
        raise _too_few(len(data), (first + count + 7) // 8)
    return bits[first : first + count].reshape(source.rows, source.columns)


def _upsampled(flat: Pixels, source: FrameSource) -> Pixels:
    """Y1 Y2 Cb Cr of two neighbours to (rows, columns, 3) (C.7.6.3.1.2)."""
    if source.columns % 2:
        raise ImageError("YBR_FULL_422 with an odd number of columns cannot be shown.")
    pairs = flat.reshape(source.rows, source.columns // 2, 4)
    out = np.empty((source.rows, source.columns, 3), dtype=flat.dtype)
    out[:, 0::2, 0], out[:, 1::2, 0] = pairs[..., 0], pairs[..., 1]
    for channel in (1, 2):
        out[:, :, channel] = np.repeat(pairs[..., channel + 1], 2, axis=1)
    return out


def _run_length(data: bytes, source: FrameSource) -> Pixels:
    """RLE (PS3.5 G): one segment per byte of a sample, most significant first."""
    size = source.bits_allocated // 8
    expected = source.samples * size
    if len(data) < 64 or struct.unpack("<I", data[:4])[0] != expected:
        raise ImageError("The RLE data do not hold the {count} planes expected.", count=expected)
    offsets = [*struct.unpack(f"<{expected}I", data[4 : 4 + 4 * expected]), len(data)]
    pixels = source.rows * source.columns
    planes = np.empty((source.samples, pixels, size), dtype=np.uint8)
    for n, (start, end) in enumerate(itertools.pairwise(offsets)):
        if not 64 <= start <= end <= len(data):
            raise ImageError("The RLE data are damaged.")
        # A pad byte may follow the segment; the output's size bounds what a segment can unfold to.
        plane = _guarded(_unpacked, data[start:end], pixels + 2)
        if len(plane) < pixels:
            raise _too_few(len(plane), pixels)
        planes[n // size, :, size - 1 - n % size] = np.frombuffer(plane, np.uint8, pixels)
    words = np.ascontiguousarray(planes).view(f"<u{size}")[..., 0]
    shape = (source.rows, source.columns)
    if source.samples == 3:
        return _colour(words.T.reshape((*shape, 3)), source)
    return _stored(words[0].reshape(shape), source, source.high_bit + 1, source.high_bit)


def _unpacked(segment: bytes, most: int) -> Any:
    return imagecodecs.packbits_decode(segment, out=bytearray(most))


def _compressed(data: bytes, source: FrameSource) -> Pixels:
    decoder = _DECODERS.get(source.transfer_syntax)
    if decoder is None:
        raise ImageError(
            "The transfer syntax {syntax} is not supported.", syntax=source.transfer_syntax
        )
    stream = code_stream(data)
    if (stream.rows, stream.columns) != (source.rows, source.columns):
        raise ImageError(
            "The image is {real} pixels, its header says {said}.",
            real=f"{stream.rows} x {stream.columns}",
            said=f"{source.rows} x {source.columns}",
        )
    if stream.samples != source.samples:
        raise ImageError(
            "The image has {real} samples per pixel, its header says {said}.",
            real=stream.samples,
            said=source.samples,
        )
    pixels = _guarded(decoder, data, stream, source)
    if source.samples == 3:
        return _checked(np.ascontiguousarray(pixels), (source.rows, source.columns, 3))
    pixels = _checked(pixels, (source.rows, source.columns))
    return _stored(pixels, source, stream.precision, source.bits_stored - 1)


def _checked(pixels: Pixels, shape: tuple[int, ...]) -> Pixels:
    if pixels.shape != shape:
        raise ImageError("The image data are damaged.")
    return pixels


def _guarded(function: Callable[..., Any], *args: Any) -> Any:
    try:
        return function(*args)
    except (ImageError, MemoryError):
        raise
    except Exception as error:  # each codec has exceptions of its own
        raise ImageError(
            "The image data are damaged ({kind}).", kind=type(error).__name__
        ) from error


def _stored(pixels: Pixels, source: FrameSource, precision: int, high_bit: int) -> Pixels:
    """The lowest bits that are meant, with their sign, in the smallest type."""
    bits = min(precision - (high_bit + 1 - source.bits_stored), source.bits_stored)
    down = high_bit + 1 - source.bits_stored
    width = pixels.dtype.itemsize * 8
    raw = pixels.view(f"u{pixels.dtype.itemsize}")
    if source.pixel_representation:
        wide = raw if width >= source.bits_stored else raw.astype(np.uint16)
        width = wide.dtype.itemsize * 8
        signed = (wide >> down << (width - bits)).view(f"i{wide.dtype.itemsize}") >> (width - bits)
        return signed.astype(source.stored_type, copy=False)
    if down or bits < width:
        raw = (raw >> down) & raw.dtype.type((1 << bits) - 1)
    return raw.astype(source.stored_type, copy=False)


def _colour(pixels: Pixels, source: FrameSource) -> Pixels:
    """RGB of native or losslessly coded colour."""
    if source.photometric == "RGB":
        return np.ascontiguousarray(pixels)
    return _rgb_from_ybr(pixels)


def _rgb_from_ybr(ybr: Pixels) -> Pixels:
    """YBR_FULL to RGB (C.7.6.3.1.2), for 8 and 16 bits."""
    half = 1 << (ybr.dtype.itemsize * 8 - 1)
    y, blue, red = (ybr[..., n].astype(np.float32) for n in range(3))
    blue -= half
    red -= half
    rgb = np.stack(
        [y + 1.402 * red, y - 0.344136 * blue - 0.714136 * red, y + 1.772 * blue], axis=-1
    )
    return np.clip(np.floor(rgb + 0.5), 0, 2 * half - 1).astype(ybr.dtype)


def _jpeg(data: bytes, stream: CodeStream, source: FrameSource) -> Pixels:
    if source.samples == 1:
        return np.asarray(imagecodecs.jpeg8_decode(data))
    is_rgb = stream.is_rgb if stream.is_rgb is not None else source.photometric == "RGB"
    space = "RGB" if is_rgb else "YCBCR"
    return np.asarray(imagecodecs.jpeg8_decode(data, colorspace=space, outcolorspace="RGB"))


def _jpeg_lossless(data: bytes, _stream: CodeStream, source: FrameSource) -> Pixels:
    if source.samples == 1:
        return np.asarray(imagecodecs.ljpeg_decode(data))
    return _colour(np.ascontiguousarray(imagecodecs.jpegsof3_decode(data)), source)


def _jpeg_ls(data: bytes, _stream: CodeStream, source: FrameSource) -> Pixels:
    pixels = np.asarray(imagecodecs.jpegls_decode(data))
    if source.samples == 1:
        return pixels
    if pixels.shape != (source.rows, source.columns, 3) and pixels.shape[:1] == (3,):
        pixels = np.ascontiguousarray(pixels.transpose(1, 2, 0))
    return _colour(pixels, source)


def _jpeg_2000(data: bytes, _stream: CodeStream, source: FrameSource) -> Pixels:
    pixels = np.asarray(imagecodecs.jpeg2k_decode(data, numthreads=1))
    # The decoder has undone the code stream's own colour transformation (YBR_RCT, YBR_ICT).
    return _rgb_from_ybr(pixels) if source.photometric.startswith("YBR_FULL") else pixels


_DECODERS: dict[str, Callable[[bytes, CodeStream, FrameSource], Pixels]] = {
    **dict.fromkeys(_JPEG, _jpeg),
    **dict.fromkeys(_JPEG_LOSSLESS, _jpeg_lossless),
    **dict.fromkeys(_JPEG_LS, _jpeg_ls),
    **dict.fromkeys(_J2K | _HTJ2K, _jpeg_2000),
}


def code_stream(data: bytes) -> CodeStream:
    """Size and depth from the head of a JPEG, JPEG-LS or JPEG 2000 stream; ImageError if none."""
    try:
        if data[:2] == b"\xff\xd8":
            return _jpeg_head(data)
        start = data.find(b"\xff\x4f\xff\x51", 0, 4096)
        if start >= 0:
            return _jpeg_2000_head(data[start:])
    except (struct.error, IndexError) as error:
        raise ImageError("The image data are damaged or end early.") from error
    raise ImageError("The image data are not what the transfer syntax says.")


def _jpeg_head(data: bytes) -> CodeStream:
    """The frame header (ISO 10918-1 B.2.2) and the Adobe marker's word on colour."""
    at, adobe = 2, None
    while True:
        while data[at] == 0xFF and data[at + 1] == 0xFF:
            at += 1
        marker, (length,) = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])
        if data[at] != 0xFF:
            raise IndexError
        if marker == 0xEE and data[at + 4 : at + 9] == b"Adobe":
            adobe = data[at + 15]
        if marker in _SOF:
            precision, rows, columns, samples = struct.unpack(">BHHB", data[at + 4 : at + 10])
            names = bytes(data[at + 10 + 3 * n] for n in range(samples))
            is_rgb = True if names == b"RGB" else None
            if adobe is not None:
                is_rgb = adobe == 0
            return CodeStream(
                rows=rows, columns=columns, samples=samples, precision=precision, is_rgb=is_rgb
            )
        at += 2 + length


def _jpeg_2000_head(data: bytes) -> CodeStream:
    """The SIZ marker segment (ISO 15444-1 A.5.1)."""
    right, bottom, left, top = struct.unpack(">4I", data[8:24])
    (samples,) = struct.unpack(">H", data[40:42])
    depth = data[42]
    return CodeStream(
        rows=bottom - top,
        columns=right - left,
        samples=samples,
        precision=(depth & 0x7F) + 1,
    )


def _too_few(present: int, needed: int) -> ImageError:
    return ImageError(
        "The pixel data are truncated: {present} of {needed} bytes.",
        present=present,
        needed=needed,
    )
