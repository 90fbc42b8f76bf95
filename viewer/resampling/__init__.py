"""Stored values between the stored values: frames and volumes sampled on a canvas.

Public names: `sample_frame`, `sample_grey`, `sample_plane`, `map_linear`, `warm_up`, `is_warm`. The
hot loops of planes are plain functions compiled by numba, which is imported only by `warm_up`;
before that numpy computes the same values more slowly. Knows arrays and affines only: no DICOM, no
screens.
"""

from viewer.resampling.frames import sample_frame, sample_grey
from viewer.resampling.sampling import (
    SlabKind,
    is_warm,
    map_linear,
    sample_plane,
    warm_up,
)

__all__ = [
    "SlabKind",
    "is_warm",
    "map_linear",
    "sample_frame",
    "sample_grey",
    "sample_plane",
    "warm_up",
]
