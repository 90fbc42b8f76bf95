"""Volumes that would not fit the budget, made smaller by averaging blocks of voxels.

The least reduction that fits is chosen; a reduced volume lies exactly where the full one lies. What
is averaged are stored values, so slices are only joined where their rescale is the same. Decodes
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from viewer.cache import DecodedLayout
from viewer.geometry import Matrix, transform, world_from_pixel
from viewer.volume import FrameSource

Reduction = tuple[int, int, int]
FULL: Reduction = (1, 1, 1)


def least_reduction(
    layout: DecodedLayout, sources: Sequence[FrameSource], budget_bytes: int
) -> Reduction:
    """How many columns, rows and slices have to become one for the volume to fit the budget."""
    for reduction in _reductions():
        in_budget = reduced_layout(layout, reduction).size_bytes <= budget_bytes
        if in_budget and _same_rescale(sources, reduction[2]):
            return reduction
    return FULL  # pragma: no cover - one voxel per slice fits any budget


def reduced_layout(layout: DecodedLayout, reduction: Reduction) -> DecodedLayout:
    """The layout of the reduced volume; blocks at the far ends may be smaller."""
    columns, rows, slices = reduction
    shape = layout.shape
    return replace(
        layout, shape=(-(-shape[0] // slices), -(-shape[1] // rows), -(-shape[2] // columns))
    )


def reduced_affine(world_from_voxel: Matrix, reduction: Reduction) -> Matrix:
    """World from reduced voxel: a voxel's centre is the centre of its whole block."""
    from_reduced = np.eye(4)
    for axis, count in enumerate(reduction):
        from_reduced[axis, axis] = count
        from_reduced[axis, 3] = (count - 1) / 2
    affine: Matrix = world_from_voxel @ from_reduced
    return affine


def reduced_source(source: FrameSource, factor: int, shape: Sequence[int]) -> FrameSource:
    """The facts of one frame shown with `factor` pixels as one, (rows, columns, ...) of them.

    It covers the same place: its first pixel's centre is that of the first block.
    """
    position = source.position
    if position is not None and source.orientation and source.pixel_spacing_mm:
        affine = world_from_pixel(position, source.orientation, source.pixel_spacing_mm)
        middle = (factor - 1) / 2
        position = transform(affine, (middle, middle, 0.0))
    spacing = source.pixel_spacing_mm
    return replace(
        source,
        rows=int(shape[0]),
        columns=int(shape[1]),
        position=position,
        pixel_spacing_mm=None if spacing is None else (spacing[0] * factor, spacing[1] * factor),
        overlays=(),
        regions=(),
    )


def _reductions() -> Iterator[Reduction]:
    """In the plane first, as readers look at planes: 1, 2x2x1, 2x2x2, 4x4x2, 4x4x4, ...

    Where slices cannot be joined, those with one slice per block follow: 4x4x1, 8x8x1, ...
    """
    yield FULL
    for power in range(13):
        plane = 2 << power
        yield (plane, plane, plane // 2)
        yield (plane, plane, plane)
        yield (plane, plane, 1)


def _same_rescale(sources: Sequence[FrameSource], slices: int) -> bool:
    """Whether all blocks of so many slices share one rescale each."""
    if slices == 1:
        return True
    facts = [(source.slope, source.intercept) for source in sources]
    return all(facts[n] == facts[n - n % slices] for n in range(len(facts)))
