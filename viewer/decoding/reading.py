"""The bytes a frame source names, out of its file: plain, or inflated as far as is needed.

Knows where bytes lie, not what they mean. Refuses a file that holds fewer than it was said to hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from viewer.decoding.bits import too_few
from viewer.volume import FrameSource

Range = tuple[int, int]


def frame_bytes(path: Path, source: FrameSource) -> list[bytes]:
    """The bytes of every fragment of a frame; ImageError where the file ends before."""
    return ranges_of(path, source, source.fragments)


def ranges_of(path: Path, source: FrameSource, ranges: Sequence[Range]) -> list[bytes]:
    """The bytes of (offset, length) ranges in the file, or in what a deflated file inflates to."""
    with path.open("rb") as stream:
        found = _inflated(stream, ranges) if source.deflated else _plain(stream, ranges)
    for data, (_, length) in zip(found, ranges, strict=True):
        if len(data) < length:
            raise too_few(len(data), length)
    return found


def _plain(stream: BinaryIO, ranges: Sequence[Range]) -> list[bytes]:
    found = []
    for offset, length in ranges:
        stream.seek(offset)
        found.append(stream.read(length))
    return found


def _inflated(stream: BinaryIO, ranges: Sequence[Range]) -> list[bytes]:
    """Ranges of the inflated data; what lies before is passed by, what lies behind is not inflated."""
    # Brings pydicom along, which a child that decodes ordinary files never needs.
    from viewer.decoding.files import inflated_pieces, meta_end

    last = max(offset + length for offset, length in ranges)
    found = [bytearray() for _ in ranges]
    at = 0
    start, _ = meta_end(stream)
    for piece in inflated_pieces(stream, start):
        for part, (offset, length) in zip(found, ranges, strict=True):
            low, high = max(offset - at, 0), offset + length - at
            if high > 0:
                part.extend(piece[low:high])
        at += len(piece)
        if at >= last:
            break
    return [bytes(part) for part in found]
