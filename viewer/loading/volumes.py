"""Mapped pixels and a display set's geometry as one `Volume`.

Slices with rescales of their own keep them beside the voxels; a reduced volume lies where the full
one lies. Decodes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.geometry import Matrix
from viewer.loading.reduction import Reduction, reduced_affine
from viewer.volume import DisplaySet, FrameSource, ImageError, Volume


def volume_of(display_set: DisplaySet, pixels: npt.NDArray[Any], reduction: Reduction) -> Volume:
    """The volume of a set that forms one, `pixels` (slice, row, column) reduced as told."""
    spacing = display_set.spacing_mm
    if display_set.world_from_voxel is None or spacing is None:
        raise ImageError("The images form no volume.")
    sources = [frame.source for frame in display_set.frames]
    middle = sources[display_set.middle_index]
    rescales = _rescales(sources)
    low, high = _range(sources, rescales)
    columns, rows, slices = reduction
    return Volume(
        voxels=pixels,
        world_from_voxel=reduced_affine(display_set.world_from_voxel, reduction),
        slope=middle.slope if rescales is None else 1.0,
        intercept=middle.intercept if rescales is None else 0.0,
        unit=middle.unit,
        spacing_mm=(spacing[0] * columns, spacing[1] * rows, spacing[2] * slices),
        frame_of_reference=display_set.frame_of_reference,
        series_uid=display_set.series_uid,
        stored_minimum=low,
        stored_maximum=high,
        source=middle,
        rescales=None if rescales is None else rescales[::slices],
        reduction=reduction,
    )


def _rescales(sources: Sequence[FrameSource]) -> Matrix | None:
    """(slice, 2) of slope and intercept where they differ between slices (PS3.3 C.11.1)."""
    pairs = np.array([(s.slope, s.intercept) for s in sources], dtype=np.float64)
    return None if (pairs == pairs[0]).all() else pairs


def _range(sources: Sequence[FrameSource], rescales: Matrix | None) -> tuple[int, int]:
    """The least and the largest value a voxel can have: stored, or rescaled slice by slice."""
    lows, highs = [s.stored_minimum for s in sources], [s.stored_maximum for s in sources]
    if rescales is None:
        return min(lows), max(highs)
    ends = np.array([lows, highs], dtype=np.float64) * rescales[:, 0] + rescales[:, 1]
    return math.floor(ends.min()), math.ceil(ends.max())
