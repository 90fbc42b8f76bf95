"""Values that describe images: frames where they lie in files, series sorted for reading, voxels.

Public names: `ImageError`, `FrameSource`, `LocatedFrame`, `LookupTable`, `Palette`, `VoiWindow`,
`Tile`, `OverlaySource`, `UltrasoundRegion`, `dump_frames`, `parse_frames`, `DisplaySet`,
`display_sets`, `Finding`, `Part`, `Frame`, `OverlayPlane`, `Volume`. Parses no DICOM and opens no
file: `viewer.decoding` makes these values, `viewer.loading` fills them with pixels.
"""

from viewer.volume.display_set import DisplaySet, display_sets
from viewer.volume.error import ImageError
from viewer.volume.finding import Finding, Part
from viewer.volume.frame_source import (
    FrameSource,
    LocatedFrame,
    LookupTable,
    OverlaySource,
    Palette,
    Tile,
    UltrasoundRegion,
    VoiWindow,
)
from viewer.volume.frame_text import dump_frames, parse_frames
from viewer.volume.pixels import Frame, OverlayPlane, Volume

__all__ = [
    "DisplaySet",
    "Finding",
    "Frame",
    "FrameSource",
    "ImageError",
    "LocatedFrame",
    "LookupTable",
    "OverlayPlane",
    "OverlaySource",
    "Palette",
    "Part",
    "Tile",
    "UltrasoundRegion",
    "VoiWindow",
    "Volume",
    "display_sets",
    "dump_frames",
    "parse_frames",
]
