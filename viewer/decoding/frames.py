"""One frame from its file: the bytes of its fragments read, then decoded.

The parent calls these functions in the child by import path. Knows where bytes lie, not what they
mean: that is the codecs' part. Refuses a file that holds fewer bytes than its frame sources say.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy.typing as npt

from viewer.decoding.codecs import decode
from viewer.decoding.files import inflated, meta_end
from viewer.volume import FrameSource, ImageError


def decode_frame(path: str | Path, source: FrameSource) -> npt.NDArray[Any]:
    """The stored pixels of one frame of a file; ImageError where the file does not hold them."""
    return decode(_fragments(Path(path), source), source)


def _fragments(path: Path, source: FrameSource) -> list[bytes]:
    with path.open("rb") as stream:
        if source.deflated:
            end, _ = meta_end(stream)
            data = inflated(stream, end)
            found = [data[at : at + length] for at, length in source.fragments]
        else:
            found = []
            for at, length in source.fragments:
                stream.seek(at)
                found.append(stream.read(length))
    for data, (_, length) in zip(found, source.fragments, strict=True):
        if len(data) < length:
            raise ImageError(
                "The pixel data are truncated: {present} of {needed} bytes.",
                present=len(data),
                needed=length,
            )
    return found
