"""What a code stream says of itself, read from its head before a decoder may allocate anything.

JPEG and JPEG-LS (ISO 10918-1 B.2, 14495-1 C), JPEG 2000 and HTJ2K (15444-1 A.5) and JPEG XL
(18181-1) know their size; it is compared with the DICOM header's by those who ask. Decodes nothing.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from viewer.volume import ImageError

J2K_START = b"\xff\x4f\xff\x51"
_JXL_STARTS = (b"\xff\x0a", b"\0\0\0\x0cJXL ")
_SOF = frozenset({*range(0xC0, 0xD0), 0xF7}) - {0xC4, 0xC8, 0xCC}
_SIZ_SEARCH_BYTES = 4096
_END = b"\xff\xd9"
# A pad byte, and what writers add to a multiple of their block.
_MOST_TRAILING_BYTES = 4096
_JXL_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeStream:
    """What a code stream says of itself before it is decoded.

    `precision` is in bits per sample, 0 where the head does not tell; `is_rgb` None where the stream
    leaves the colour space to the header. `levels` is how often JPEG 2000 can halve its picture,
    `is_plain` whether its components all have the size of the picture. `process` is the JPEG
    marker (0xC0 to 0xCF, 0xF7).
    """

    rows: int
    columns: int
    samples: int
    precision: int
    is_rgb: bool | None = None
    is_signed: bool = False
    is_plain: bool = True
    levels: int = 0
    process: int = 0


def code_stream(data: bytes) -> CodeStream:
    """Size and depth from the head of a JPEG, JPEG-LS, JPEG 2000 or JPEG XL stream.

    ImageError where there is none of them, or its head is damaged.
    """
    try:
        if data[:2] == b"\xff\xd8":
            return _jpeg_head(data)
        start = data.find(J2K_START, 0, _SIZ_SEARCH_BYTES)
        if start >= 0:
            return _jpeg_2000_head(data[start : start + (1 << 16)])
        if data.startswith(_JXL_STARTS):
            return _jpeg_xl_head(data)
    except (struct.error, IndexError) as error:
        raise ImageError("The image data are damaged or end early.") from error
    raise ImageError("The image data are not what the transfer syntax says.")


def bare_jpeg_2000(data: bytes) -> bytes:
    """The code stream without the boxes of a JP2 file around its start."""
    start = data.find(J2K_START, 0, _SIZ_SEARCH_BYTES)
    return data[start:] if start > 0 else data


def has_end(data: bytes) -> bool:
    """Whether the end marker of JPEG and JPEG 2000 is there, before at most some padding.

    Decoders fill what is missing with grey and say nothing.
    """
    return data.rfind(_END, max(0, len(data) - _MOST_TRAILING_BYTES)) >= 0


def _jpeg_head(data: bytes) -> CodeStream:
    """The frame header (ISO 10918-1 B.2.2) and what the markers before it say of colour.

    Adobe's marker tells the transform (0: none); JFIF's says by being there that it is YCbCr.
    """
    at, is_rgb = 2, None
    while True:
        while data[at] == 0xFF and data[at + 1] == 0xFF:
            at += 1
        marker, (length,) = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])
        if data[at] != 0xFF:
            raise IndexError
        # A segment too short for the transform says nothing of it: the byte behind is not its own.
        if marker == 0xEE and length >= 14 and data[at + 4 : at + 9] == b"Adobe":
            is_rgb = data[at + 15] == 0
        elif marker == 0xE0 and data[at + 4 : at + 8] == b"JFIF" and is_rgb is None:
            is_rgb = False
        if marker in _SOF:
            return _jpeg_frame(data[at + 4 : at + 2 + length], marker, is_rgb)
        at += 2 + length


def _jpeg_frame(head: bytes, marker: int, is_rgb: bool | None) -> CodeStream:
    precision, rows, columns, samples = struct.unpack(">BHHB", head[:6])
    names = bytes(head[6 + 3 * n] for n in range(samples))
    sampling = {head[7 + 3 * n] for n in range(samples)}
    if is_rgb is None and names == b"RGB":
        is_rgb = True
    if is_rgb is None and len(sampling) > 1:
        is_rgb = False  # nobody halves red and blue alone: these are colour differences
    return CodeStream(
        rows=rows,
        columns=columns,
        samples=samples,
        precision=precision,
        is_rgb=is_rgb,
        is_plain=len(sampling) == 1,
        process=marker,
    )


def _jpeg_2000_head(data: bytes) -> CodeStream:
    """The SIZ marker segment (ISO 15444-1 A.5.1) and the levels of COD (A.6.1)."""
    right, bottom, left, top = struct.unpack(">4I", data[8:24])
    (samples,) = struct.unpack(">H", data[40:42])
    depth = data[42]
    steps = data[42 : 42 + 3 * samples]
    return CodeStream(
        rows=bottom - top,
        columns=right - left,
        samples=samples,
        precision=(depth & 0x7F) + 1,
        is_signed=bool(depth & 0x80),
        # Every component of the same depth, and of one sample per point of a grid that starts at 0.
        is_plain=steps == bytes((depth, 1, 1)) * samples and left == top == 0,
        levels=_levels(data),
    )


def _levels(data: bytes) -> int:
    at = 2
    while data[at] == 0xFF and data[at + 1] not in {0x90, 0xD9}:
        if data[at + 1] == 0x52:
            return data[at + 9]
        at += 2 + int(struct.unpack(">H", data[at + 2 : at + 4])[0])
    return 0


def _jpeg_xl_head(data: bytes) -> CodeStream:
    """The size header (ISO 18181-1 D.2); samples and depth are known once decoded."""
    rows, columns = _jpeg_xl_size(_Bits(_bare_jpeg_xl(data)))
    return CodeStream(rows=rows, columns=columns, samples=0, precision=0)


def _bare_jpeg_xl(data: bytes) -> bytes:
    """The start of the code stream, out of the boxes of a container (ISO 18181-2)."""
    at = 0
    while not data.startswith(b"\xff\x0a", at):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        head = 8
        if length == 1:
            head, (length,) = 16, struct.unpack(">Q", data[at + 8 : at + 16])
        if kind == b"jxlc":
            return data[at + head : at + head + 64]
        if kind == b"jxlp":
            return data[at + head + 4 : at + head + 68]
        if length < head:
            raise IndexError
        at += length
    return data[at : at + 64]


class _Bits:
    """Fields of some bits, least significant first, behind the two signature bytes."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data[2:], "little")
        self._left = 8 * len(data) - 16

    def take(self, count: int) -> int:
        """The next `count` bits; IndexError at the end."""
        if self._left < count:
            raise IndexError
        found = self._value & ((1 << count) - 1)
        self._value >>= count
        self._left -= count
        return found


def _jpeg_xl_size(bits: _Bits) -> tuple[int, int]:
    is_small = bits.take(1)
    rows = _jpeg_xl_length(bits, is_small)
    ratio = bits.take(3)
    if ratio == 0:
        return rows, _jpeg_xl_length(bits, is_small)
    across, down = _JXL_RATIOS[ratio - 1]
    return rows, rows * across // down


def _jpeg_xl_length(bits: _Bits, is_small: int) -> int:
    if is_small:
        return 8 * (bits.take(5) + 1)
    return bits.take((9, 13, 18, 30)[bits.take(2)]) + 1
