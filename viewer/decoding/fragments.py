"""Where each frame's bytes lie inside a Pixel Data element, without decoding any.

Native pixels are found by arithmetic, encapsulated ones by walking the items (PS3.5 A.4), the
Basic or Extended Offset Table, or the codec's own start marker. Sizes are compared with what the
file really holds before anything is read. Knows no pydicom.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from viewer.volume import ImageError
from viewer.volume.frame_source import PixelType

Fragment = tuple[int, int]
UNDEFINED_LENGTH = 0xFFFFFFFF
_ITEM = 0xFFFEE000
_SEQUENCE_END = 0xFFFEE0DD
_LONG_FORMS = (b"OB", b"OW", b"OF", b"OD", b"UN", b"OV", b"OL")
PIXEL_TAGS: dict[int, PixelType] = {
    0x7FE00010: "integer",
    0x7FE00008: "float32",
    0x7FE00009: "float64",
}
# A frame starts with one of these: JPEG and JPEG-LS SOI, JPEG 2000 SOC, a JP2 box, JPEG XL.
_STARTS = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP", b"\xff\x0a", b"\0\0\0\x0cJXL")
# JPEG's EOI and JPEG 2000's EOC end one, before a byte of padding.
_ENDS = (b"\xff\xd9", b"\xff\xd9\0")
# Every item costs an object; a frame of a thousand pieces is odd, a million items are an attack.
MOST_ITEMS = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelElement:
    """The Pixel Data element: where its value starts, how long it says it is, bytes or words.

    `pixel_type` tells Pixel Data from Float and Double Float Pixel Data.
    """

    offset: int
    length: int
    is_words: bool = False
    pixel_type: PixelType = "integer"

    @property
    def is_encapsulated(self) -> bool:
        """Whether the value is a sequence of items."""
        return self.length == UNDEFINED_LENGTH


def pixel_element(
    stream: BinaryIO, *, is_little_endian: bool, is_implicit: bool
) -> PixelElement | None:
    """The element at the stream's position; None where there is none (the end of the file)."""
    start = stream.tell()
    head = stream.read(12)
    if len(head) < 8:
        return None
    order = "<" if is_little_endian else ">"
    group, element = struct.unpack(order + "HH", head[:4])
    tag = group << 16 | element
    if tag not in PIXEL_TAGS:
        return None
    kind = PIXEL_TAGS[tag]
    if is_implicit or head[4:6] not in _LONG_FORMS:
        (length,) = struct.unpack(order + "I", head[4:8])
        return PixelElement(offset=start + 8, length=length, pixel_type=kind)
    if len(head) < 12:
        raise ImageError("The file ends inside the header of its pixel data.")
    (length,) = struct.unpack(order + "I", head[8:12])
    is_words = head[4:6] == b"OW"
    return PixelElement(offset=start + 12, length=length, is_words=is_words, pixel_type=kind)


def native_frames(
    element: PixelElement, frame_bits: int, frames: int, stream_length: int
) -> list[tuple[Fragment, ...]]:
    """One fragment per frame; with single-bit pixels neighbours share a byte."""
    needed = (frame_bits * frames + 7) // 8
    present = min(element.length, stream_length - element.offset)
    if present < min(needed, element.length):
        raise ImageError(
            "The file is truncated: {present} of {needed} bytes of pixel data are there.",
            present=max(present, 0),
            needed=max(needed, element.length),
        )
    if present < needed:
        raise ImageError(
            "The pixel data are smaller than rows x columns say: {present} of {needed} bytes.",
            present=max(present, 0),
            needed=needed,
        )
    bounds = [(n * frame_bits // 8, ((n + 1) * frame_bits + 7) // 8) for n in range(frames)]
    return [((element.offset + low, high - low),) for low, high in bounds]


def whole_words(ranges: tuple[Fragment, ...]) -> tuple[Fragment, ...]:
    """Byte ranges to the end of their last word; a frame that starts inside one is refused."""
    if any(offset % 2 for offset, _ in ranges):
        raise ImageError("Big endian frames that start inside a word cannot be shown.")
    return tuple((offset, length + length % 2) for offset, length in ranges)


def encapsulated_frames(
    stream: BinaryIO,
    element: PixelElement,
    frames: int,
    stream_length: int,
    extended_table: bytes = b"",
) -> list[tuple[Fragment, ...]]:
    """The fragments of every frame.

    `extended_table` is the value of the Extended Offset Table. A table that does not fit the items
    is not believed. Frames beyond `frames` are left alone; ImageError where there are fewer.
    """
    items = _items(stream, element.offset, stream_length)
    if not items:
        raise ImageError("The pixel data are empty.")
    table, fragments = items[0], items[1:]
    if len(fragments) < frames:
        raise _too_few_frames(len(fragments), frames)
    if frames == 1:
        return [tuple(fragments)]
    if len(fragments) == frames:
        return [(fragment,) for fragment in fragments]
    for offsets in (_offsets(extended_table, "Q", frames), _basic_table(stream, table, frames)):
        grouped = _by_offsets(fragments, offsets)
        if grouped:
            return grouped
    return _by_markers(stream, fragments, frames)


def _offsets(table: bytes, kind: str, frames: int) -> Sequence[int]:
    """The numbers of a table of `frames` entries; none where it is of another size."""
    size = struct.calcsize("<" + kind)
    if len(table) // size != frames:
        return ()
    return struct.unpack(f"<{frames}{kind}", table[: frames * size])


def _basic_table(stream: BinaryIO, table: Fragment, frames: int) -> Sequence[int]:
    offset, length = table
    if length // 4 != frames:
        return ()
    stream.seek(offset)
    return _offsets(stream.read(length), "I", frames)


def _items(stream: BinaryIO, offset: int, stream_length: int) -> list[Fragment]:
    """(offset, length) of the value of every item, the offset table's first."""
    items: list[Fragment] = []
    while offset + 8 <= stream_length:
        stream.seek(offset)
        group, element, length = struct.unpack("<HHI", stream.read(8))
        tag = group << 16 | element
        if tag == _SEQUENCE_END:
            return items
        if tag != _ITEM or length == UNDEFINED_LENGTH:
            raise ImageError("The pixel data are damaged after {count} items.", count=len(items))
        if offset + 8 + length > stream_length:
            raise ImageError(
                "The file is truncated: {present} of {needed} bytes of pixel data are there.",
                present=stream_length - offset - 8,
                needed=length,
            )
        if len(items) == MOST_ITEMS:
            raise ImageError("The pixel data are in more than {most} pieces.", most=MOST_ITEMS)
        items.append((offset + 8, length))
        offset += 8 + length
    # Some writers leave out the closing delimiter: what is whole is taken.
    return items


def _by_offsets(fragments: list[Fragment], offsets: Sequence[int]) -> list[tuple[Fragment, ...]]:
    """Fragments grouped by frame starts; [] where the table does not fit the items."""
    base = fragments[0][0] - 8
    starts = {offset - 8 - base: index for index, (offset, _) in enumerate(fragments)}
    known = [starts[offset] for offset in offsets if offset in starts]
    if len(known) != len(offsets) or known[:1] != [0] or known != sorted(set(known)):
        return []
    ends = [*known[1:], len(fragments)]
    return [tuple(fragments[a:b]) for a, b in zip(known, ends, strict=True)]


def _by_markers(
    stream: BinaryIO, fragments: list[Fragment], frames: int
) -> list[tuple[Fragment, ...]]:
    """Without an offset table a frame starts where a code stream starts.

    A piece from the middle of a stream may look like a start (a preview inside a header); where that
    makes too many, only those count before which a stream has ended.
    """
    looks = [index for index, piece in enumerate(fragments) if _looks_like_start(stream, piece)]
    starts = sorted({0, *looks})
    if len(starts) > frames:
        starts = [n for n in starts if n == 0 or _looks_like_end(stream, fragments[n - 1])]
    if len(starts) < frames:
        raise _too_few_frames(len(starts), frames)
    ends = [*starts[1:], len(fragments)]
    return [tuple(fragments[a:b]) for a, b in zip(starts, ends, strict=True)][:frames]


def _looks_like_start(stream: BinaryIO, fragment: Fragment) -> bool:
    stream.seek(fragment[0])
    return stream.read(min(8, fragment[1])).startswith(_STARTS)


def _looks_like_end(stream: BinaryIO, fragment: Fragment) -> bool:
    offset, length = fragment
    read = min(3, length)
    stream.seek(offset + length - read)
    return stream.read(read).endswith(_ENDS)


def _too_few_frames(present: int, needed: int) -> ImageError:
    return ImageError(
        "The file holds {present} of {needed} frames.", present=present, needed=needed
    )
