"""DICOM files in, frame sources and stored pixels out. Runs in the killable child.

Public names: `parse_file` (header facts and where every frame lies), `decode` (bytes of one frame
to stored pixels), `decode_frame` (the same from a file), `coded` and `part` (a mosaic's whole frame,
a tile of it), `decode_reduced` (a large picture smaller and sooner), `decode_small` (for a list),
`decode_overlays`, `decode_frames`, `fill` and `fill_reduced` (a series into a decoded file, batch by
batch). Only here are pydicom and imagecodecs known; refuses with `ImageError`. Names are imported
when they are used: a child that only decodes never holds pydicom (25 MB, a quarter of a second).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from viewer.decoding.codecs import decode
    from viewer.decoding.files import parse_file
    from viewer.decoding.filling import decode_frames, decode_small, fill, fill_reduced
    from viewer.decoding.frames import coded, decode_frame, part
    from viewer.decoding.overlay_bits import decode_overlays
    from viewer.decoding.reduced import decode_reduced

__all__ = [
    "coded",
    "decode",
    "decode_frame",
    "decode_frames",
    "decode_overlays",
    "decode_reduced",
    "decode_small",
    "fill",
    "fill_reduced",
    "parse_file",
    "part",
]

_HOMES = {
    "coded": "frames",
    "decode": "codecs",
    "decode_frame": "frames",
    "decode_frames": "filling",
    "decode_overlays": "overlay_bits",
    "decode_reduced": "reduced",
    "decode_small": "filling",
    "fill": "filling",
    "fill_reduced": "filling",
    "parse_file": "files",
    "part": "frames",
}


def __getattr__(name: str) -> Any:
    """A public name from the module it lives in."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
