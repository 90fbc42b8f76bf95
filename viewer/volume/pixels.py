"""Pixels in memory: one frame, or the slices of a series stacked into a volume.

Both hold stored values as they lie in the file; the rescale stays a pair of numbers applied in the
grey table (PS3.3 C.11.1), so no floating-point copy of a series is ever made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from viewer.geometry import Matrix, Vector, inverse, transform
from viewer.volume.frame_source import FrameSource, LookupTable


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """The stored pixels of one frame, read-only.

    `pixels` is (rows, columns) of integers, or (rows, columns, 3) uint8/16/32 already RGB where
    the file holds colour samples. PALETTE COLOR keeps its indices.
    """

    pixels: npt.NDArray[Any]
    source: FrameSource


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OverlayPlane:
    """The bits of one overlay over a frame (PS3.3 C.9.2), read-only.

    `bits` is (rows, columns) of bool; its first pixel lies on image pixel (`origin` row - 1,
    column - 1), which may be outside the image. `kind` is "G" (graphics) or "R" (region).
    """

    bits: npt.NDArray[Any]
    origin: tuple[int, int]
    kind: str = "G"
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Volume:
    """The stored voxels of a series and where they lie.

    `voxels` is (slice, row, column) int16, uint16 or uint8, read-only, usually a memory map.
    Where slices have rescales of their own, `rescales` is (slice, 2) of slope and intercept; what
    is sampled between voxels is then in rescaled values, and `slope` and `intercept` are 1 and 0.
    `reduction` tells by how much columns, rows and slices were averaged together to stay inside
    the budget; (1, 1, 1) is the full resolution.
    `world_from_voxel` maps (i, j, k, 1) = (column, row, slice) to world millimetres;
    `spacing_mm` is the step along i, j and k. `source` is a frame in the middle: its header facts
    (windows, modality, photometric) stand for the series.
    """

    voxels: npt.NDArray[Any]
    world_from_voxel: Matrix
    slope: float
    intercept: float
    unit: str
    spacing_mm: Vector
    frame_of_reference: str
    series_uid: str
    stored_minimum: int
    stored_maximum: int
    source: FrameSource
    rescales: Matrix | None = None
    reduction: tuple[int, int, int] = (1, 1, 1)

    @property
    def voxel_from_world(self) -> Matrix:
        """The inverse affine."""
        return inverse(self.world_from_voxel)

    @property
    def inverse(self) -> bool:
        """Whether grey is inverted after the VOI."""
        return self.source.inverse

    @property
    def modality_lut(self) -> LookupTable | None:
        """None: a series with a modality lookup table forms no volume."""
        return None

    @property
    def center_world(self) -> Vector:
        """World point at the middle of the volume."""
        k, j, i = ((n - 1) / 2 for n in self.voxels.shape)
        return transform(self.world_from_voxel, (i, j, k))
