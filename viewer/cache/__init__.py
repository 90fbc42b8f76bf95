"""What has been decoded: frames in memory, and whole series in files that outlive the program.

Public names: `FrameCache`, `FrameKey`, `frame_key`; `DecodedArea`, `DecodedLayout`, `layout_of`,
`fingerprint_of`, `mapped`, `read_frame`, `no_room`. Decodes nothing itself.
"""

from viewer.cache.decoded import (
    DecodedArea,
    DecodedLayout,
    fingerprint_of,
    layout_of,
    mapped,
    no_room,
    read_frame,
)
from viewer.cache.frames import FrameCache, FrameKey, frame_key

__all__ = [
    "DecodedArea",
    "DecodedLayout",
    "FrameCache",
    "FrameKey",
    "fingerprint_of",
    "frame_key",
    "layout_of",
    "mapped",
    "no_room",
    "read_frame",
]
