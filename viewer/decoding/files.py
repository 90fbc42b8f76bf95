"""A DICOM file opened without trusting it: its header, and where its frames lie.

The data set is read up to the pixels and never past them. Deflated files are inflated here under a
cap before anything is parsed (PS3.5 A.5); files without the PS3.10 preamble are accepted where
they plainly are DICOM. Every refusal is one `ImageError`.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pydicom import config, dcmread
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.uid import UID

from viewer.decoding.fragments import (
    PIXEL_TAGS,
    Fragment,
    PixelElement,
    encapsulated_frames,
    native_frames,
    pixel_element,
    whole_words,
)
from viewer.decoding.headers import frame_sources
from viewer.decoding.layout import PixelLayout, pixel_layout
from viewer.decoding.overlays import with_overlays
from viewer.decoding.syntaxes import (
    BIG_ENDIAN,
    DEFLATED,
    DEFLATED_FRAMES,
    ENCAPSULATED_NATIVE,
    EXPLICIT,
    IMPLICIT,
    RLE,
    refuse_unknown,
)
from viewer.decoding.value_places import value_place
from viewer.decoding.values import text
from viewer.volume import FrameSource, ImageError

# A quarter of what a child may use: inflated data are held once whole and once in pieces.
MOST_INFLATED_BYTES = 1 << 29
_PREAMBLE = 132
# Beside the classes called images: an object of these is nothing without its pixels (PS3.3 A.51, A.75, A.59).
_MADE_OF_PIXELS = (
    "Segmentation Storage",
    "Label Map Segmentation Storage",
    "Parametric Map Storage",
    "Enhanced US Volume Storage",
)
_CHECKED_BYTES = 1 << 16
_INFLATED_AT_ONCE = 1 << 20
_EXTENDED_OFFSET_TABLE = 0x7FE00001
_IN_ONE_PIECE = frozenset({IMPLICIT, EXPLICIT, DEFLATED, BIG_ENDIAN})
_BARE_ITEMS = frozenset({ENCAPSULATED_NATIVE, DEFLATED_FRAMES})
# Cells smaller than a word, written as OW in a big endian file, come in the other order.
_IN_WORDS = (1, 8, 12)


def parse_file(path: str | Path) -> tuple[Dataset, list[FrameSource]]:
    """The data set without pixel data, and one `FrameSource` per frame.

    Objects without pixels (reports, presentation states) give an empty list. ImageError names why
    a file is refused: no DICOM, truncated, sizes that lie, a pixel format that cannot be shown.
    """
    try:
        with BoundedFile(path) as stream, config.disable_value_validation():
            return _parse(stream)
    except (ImageError, MemoryError):
        raise
    except Exception as error:  # a damaged header can make the parser raise anything
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk's own error, not the parser's
        raise ImageError(
            "The header is damaged or ends early ({kind}).", kind=type(error).__name__
        ) from error


class BoundedFile(io.BufferedReader):
    """A file that never allocates more for a read than it has left: lengths in files lie."""

    def __init__(self, path: str | Path) -> None:
        super().__init__(io.FileIO(path))
        self._length = Path(path).stat().st_size

    def read(self, size: int | None = -1, /) -> bytes:
        """At most the bytes that are left."""
        if size is not None and size > _CHECKED_BYTES:
            size = max(0, min(size, self._length - self.tell()))
        return super().read(size)


def meta_end(stream: BinaryIO) -> tuple[int, str]:
    """Where the file meta information ends, and the transfer syntax it names (PS3.10 7.1)."""
    stream.seek(_PREAMBLE)
    syntax = ""
    while True:
        start = stream.tell()
        head = stream.read(8)
        if len(head) < 8:
            return start, syntax
        group, element, vr, length = struct.unpack("<HH2sH", head)
        if group != 2:
            return start, syntax
        if vr in {b"OB", b"OW", b"UN", b"UT", b"SQ", b"OF"}:
            (length,) = struct.unpack("<I", stream.read(4))
        if element == 0x0010:
            syntax = stream.read(length).decode("ascii", "replace").rstrip("\0 ")
        else:
            stream.seek(length, io.SEEK_CUR)


def inflated(stream: BinaryIO, offset: int, most: int = MOST_INFLATED_BYTES) -> bytes:
    """The data set of a deflated file from `offset` on (PS3.5 A.5), never more than `most` bytes."""
    pieces, size = [], 0
    for piece in inflated_pieces(stream, offset):
        size += len(piece)
        if size > most:
            raise ImageError("The file inflates to more than {most} MB.", most=most >> 20)
        pieces.append(piece)
    return b"".join(pieces)


def inflated_pieces(stream: BinaryIO, offset: int) -> Iterator[bytes]:
    """The same in pieces of at most a megabyte, each inflated when it is asked for."""
    stream.seek(offset)
    inflater = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    waiting = b""
    try:
        while not inflater.eof:
            waiting = waiting or stream.read(_CHECKED_BYTES)
            piece = inflater.decompress(waiting, _INFLATED_AT_ONCE)
            if not piece and not waiting:
                raise ImageError("The file is truncated: its compressed data end early.")
            waiting = inflater.unconsumed_tail
            yield piece
    except zlib.error as error:
        raise ImageError("The file is compressed but damaged.") from error


def _parse(stream: BinaryIO) -> tuple[Dataset, list[FrameSource]]:
    length = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    head = stream.read(_PREAMBLE)
    if head[128:] == b"DICM":
        end, syntax = meta_end(stream)
        if syntax == DEFLATED:
            return _parse_deflated(stream, end, syntax)
    elif _looks_bare(head):
        syntax = ""
    else:
        raise ImageError("The file is not DICOM.")
    stream.seek(0)
    dataset = dcmread(stream, stop_before_pixels=True, force=True)
    is_implicit, is_little = dataset.original_encoding
    if not syntax:
        syntax = _native_syntax(bool(is_implicit), bool(is_little))
    return dataset, _located(dataset, stream, length, syntax)


def _parse_deflated(stream: BinaryIO, end: int, syntax: str) -> tuple[Dataset, list[FrameSource]]:
    data = io.BytesIO(inflated(stream, end))
    dataset = read_dataset(
        data,
        is_implicit_VR=False,
        is_little_endian=True,
        stop_when=lambda tag, _vr, _length: tag in PIXEL_TAGS,
    )
    return dataset, _located(dataset, data, len(data.getvalue()), syntax)


def _looks_bare(head: bytes) -> bool:
    """A data set without preamble starts with a small element of group 0002 or 0008."""
    if len(head) < 16:
        return False
    little, big = struct.unpack("<H", head[:2])[0], struct.unpack(">H", head[:2])[0]
    if not {little, big} & {2, 8}:
        return False
    element = struct.unpack("<H" if little in {2, 8} else ">H", head[2:4])[0]
    return bool(element <= 0x0070)


def _native_syntax(is_implicit: bool, is_little: bool) -> str:
    if is_implicit:
        return IMPLICIT
    return EXPLICIT if is_little else BIG_ENDIAN


def _located(dataset: Dataset, stream: BinaryIO, length: int, syntax: str) -> list[FrameSource]:
    """Frame sources of the pixel data at the stream's position."""
    if "SOPInstanceUID" not in dataset or "SOPClassUID" not in dataset:
        if "DirectoryRecordSequence" in dataset:
            return []
        raise ImageError("The file is not DICOM: it names no SOP instance.")
    is_implicit, is_little = dataset.original_encoding
    element = pixel_element(
        stream,
        is_little_endian=bool(is_little if is_little is not None else True),
        is_implicit=bool(is_implicit),
    )
    if element is None:
        return _without_pixels(dataset, syntax)
    refuse_unknown(syntax)
    layout = pixel_layout(dataset, element.pixel_type)
    fragments = _fragments(dataset, stream, element, layout, length=length, syntax=syntax)
    swapped = syntax == BIG_ENDIAN and element.is_words and layout.bits_allocated in _IN_WORDS
    if swapped:
        fragments = [whole_words(ranges) for ranges in fragments]
    sources = frame_sources(
        dataset,
        layout,
        fragments,
        transfer_syntax=syntax,
        deflated=syntax == DEFLATED,
        word_swapped=swapped,
    )
    return with_overlays(sources, dataset)


def _without_pixels(dataset: Dataset, syntax: str) -> list[FrameSource]:
    """No frames, unless the header promises some: on a server (JPIP), or lost with the file's end."""
    if "Rows" in dataset and "Columns" in dataset and syntax not in {DEFLATED, ""}:
        refuse_unknown(syntax)
    kind = UID(text(dataset, "SOPClassUID")).name
    if "Image Storage" in kind or kind in _MADE_OF_PIXELS:
        raise ImageError("The image has no pixel data: its file may have been cut.")
    return []


def _fragments(
    dataset: Dataset,
    stream: BinaryIO,
    element: PixelElement,
    layout: PixelLayout,
    *,
    length: int,
    syntax: str,
) -> list[tuple[Fragment, ...]]:
    """The byte ranges of every frame, native or in items; what cannot go together is refused."""
    is_odd = layout.pixel_type != "integer" or layout.bits_allocated % 8
    if not element.is_encapsulated:
        if syntax not in _IN_ONE_PIECE:
            raise ImageError("The image data are not what the transfer syntax says.")
        return native_frames(element, layout.frame_bits, layout.frames, length)
    if syntax in _IN_ONE_PIECE or (is_odd and syntax == RLE):
        raise ImageError("The image data are not what the transfer syntax says.")
    if layout.pixel_type != "integer" and syntax not in _BARE_ITEMS:
        raise ImageError("The image data are not what the transfer syntax says.")
    place = value_place(dataset, _EXTENDED_OFFSET_TABLE)
    table = b""
    if place is not None and place[1] // 8 == layout.frames:
        stream.seek(place[0])
        table = stream.read(place[1])
    return encapsulated_frames(stream, element, layout.frames, length, table)
