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

Fragment = tuple[int, int]
UNDEFINED_LENGTH = 0xFFFFFFFF
_ITEM = 0xFFFEE000
_SEQUENCE_END = 0xFFFEE0DD
_LONG_FORMS = (b"OB", b"OW", b"OF", b"OD", b"UN", b"OV", b"OL")
_PIXEL_TAGS = {0x7FE00010: "", 0x7FE00008: "Float Pixel Data", 0x7FE00009: "Double Pixel Data"}
# A frame starts with one of these: JPEG and JPEG-LS SOI, JPEG 2000 SOC, a JP2 box, an RLE header.
_STARTS = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP")


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelElement:
    """The Pixel Data element: where its value starts, how long it says it is, bytes or words."""

    offset: int
    length: int
    is_words: bool = False

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
    if tag not in _PIXEL_TAGS:
        return None
    if _PIXEL_TAGS[tag]:
        raise ImageError("{kind} cannot be shown yet.", kind=_PIXEL_TAGS[tag])
    if is_implicit or head[4:6] not in _LONG_FORMS:
        (length,) = struct.unpack(order + "I", head[4:8])
        return PixelElement(offset=start + 8, length=length)
    if len(head) < 12:
        raise ImageError("The file ends inside the header of its pixel data.")
    (length,) = struct.unpack(order + "I", head[8:12])
    return PixelElement(offset=start + 12, length=length, is_words=head[4:6] == b"OW")


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
    extended_offsets: Sequence[int] = (),
) -> list[tuple[Fragment, ...]]:
    """The fragments of every frame."""
    items = _items(stream, element.offset, stream_length)
    if not items:
        raise ImageError("The pixel data are empty.")
    table_offset, table_length = items[0]
    fragments = items[1:]
    if len(fragments) < frames:
        raise ImageError(
            "The file holds {present} of {needed} frames.", present=len(fragments), needed=frames
        )
    if frames == 1:
        return [tuple(fragments)]
    if len(fragments) == frames:
        return [(fragment,) for fragment in fragments]
    stream.seek(table_offset)
    table = stream.read(table_length)
    basic = struct.unpack(f"<{len(table) // 4}I", table[: len(table) // 4 * 4])
    for offsets in (extended_offsets, basic):
        grouped = _by_offsets(fragments, offsets, frames)
        if grouped:
            return grouped
    return _by_markers(stream, fragments, frames)


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
        items.append((offset + 8, length))
        offset += 8 + length
    # Some writers leave out the closing delimiter: what is whole is taken.
    return items


def _by_offsets(
    fragments: list[Fragment], offsets: Sequence[int], frames: int
) -> list[tuple[Fragment, ...]]:
    """Fragments grouped by frame starts; [] where the table does not fit the items."""
    if len(offsets) != frames:
        return []
    base = fragments[0][0] - 8
    starts = {offset - 8 - base: index for index, (offset, _) in enumerate(fragments)}
    found = [starts.get(offset) for offset in offsets]
    known = [index for index in found if index is not None]
    if len(known) != frames or known[0] != 0 or known != sorted(set(known)):
        return []
    ends = [*known[1:], len(fragments)]
    return [tuple(fragments[a:b]) for a, b in zip(known, ends, strict=True)]


def _by_markers(
    stream: BinaryIO, fragments: list[Fragment], frames: int
) -> list[tuple[Fragment, ...]]:
    """Without an offset table a frame starts where a code stream starts."""
    groups: list[list[Fragment]] = []
    for offset, length in fragments:
        stream.seek(offset)
        if stream.read(8).startswith(_STARTS) or not groups:
            groups.append([])
        groups[-1].append((offset, length))
    if len(groups) != frames:
        raise ImageError(
            "The file holds {present} of {needed} frames.", present=len(groups), needed=frames
        )
    return [tuple(group) for group in groups]
