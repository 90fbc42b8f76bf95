"""Judges of planes: scipy's map_coordinates through world coordinates, and vtkImageReslice."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import map_coordinates

from viewer.geometry import PlaneName, plane_named
from viewer.render import vtk_reslice
from viewer.render.plane import (
    picture_of_plane,
    resolved_plane,
    slab_samples,
    slab_step_mm,
    voi_of_volume,
)
from viewer.view import Presentation, Slab, ViewState
from viewer.voi import grey_values
from viewer.volume import Volume

PLANES: tuple[PlaneName, ...] = ("axial", "coronal", "sagittal")


def true_values(box: Volume) -> np.ndarray:
    """The voxels as floats, rescaled where slices have rescales of their own."""
    if box.rescales is None:
        return box.voxels.astype(float)
    return box.voxels * box.rescales[:, 0, None, None] + box.rescales[:, 1, None, None]


def by_scipy(
    box: Volume,
    plane: PlaneName,
    point: tuple[float, float, float],
    state: ViewState,
    *,
    size: tuple[int, int] | None,
    slab: Slab | None = None,
    padding: tuple[float, float] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Values and which pixels lie clear of the volume's border, through world coordinates; stored values in `padding`
    have no weight."""
    view = resolved_plane(box, plane, point, state, size)
    width, height = view.canvas_size
    canvas = [(x + 0.5, y + 0.5) for y in range(height) for x in range(width)]
    corner = np.array(view.world_from_canvas((0.5, 0.5)))
    right = np.array(view.world_from_canvas((1.5, 0.5))) - corner
    down = np.array(view.world_from_canvas((0.5, 1.5))) - corner
    steps = np.array(canvas) - 0.5
    world = corner + steps[:, :1] * right + steps[:, 1:] * down
    samples = slab_samples(box, slab)
    true = true_values(box)
    counts = None
    if padding is not None:
        counts = 1.0 - ((box.voxels >= padding[0]) & (box.voxels <= padding[1]))
        true = true * counts
    values = []
    for n in range(samples):
        depth = (n - (samples - 1) / 2) * slab_step_mm(box)
        moved = world + np.array(plane_named(plane).into_screen) * depth
        ijk = np.linalg.inv(box.world_from_voxel) @ np.c_[moved, np.ones(len(moved))].T
        ends = np.array(box.voxels.shape[::-1])[:, None]
        outside = ((ijk[:3] < -0.5) | (ijk[:3] > ends - 0.5)).any(0)
        found = map_coordinates(true, ijk[2::-1], order=1, mode="nearest")
        if counts is not None:
            weight = map_coordinates(counts, ijk[2::-1], order=1, mode="nearest")
            outside |= weight < 0.5
            found = found / np.where(weight, weight, 1)
        values.append(np.where(outside, np.nan, found))
        near = ((np.abs(ijk[:3] + 0.5) < 1e-3) | (np.abs(ijk[:3] - ends + 0.5) < 1e-3)).any(0)
    combine = {"maximum": np.fmax, "minimum": np.fmin, "mean": np.fmax}[
        slab.mode if slab else "mean"
    ]
    result = combine.reduce(values)
    if slab is not None and slab.mode == "mean":
        counts = np.maximum(np.sum(~np.isnan(values), axis=0), 1)
        result = np.where(np.isnan(values).all(0), np.nan, np.nansum(values, axis=0) / counts)
    return result.reshape(height, width), ~near.reshape(height, width)


def as_grey(values: np.ndarray, box: Volume, presentation: Presentation) -> np.ndarray:
    outside = np.isnan(values)
    voi = voi_of_volume(box, presentation)
    grey = grey_values(np.where(outside, 0, values), box, voi, inverted=presentation.inverted)
    grey[outside] = 0
    return grey


def judge(
    box: Volume,
    plane: PlaneName,
    presentation: Presentation,
    *,
    size: tuple[int, int] | None = None,
    slab: Slab | None = None,
    padding: tuple[float, float] | None = None,
) -> None:
    """At most one grey level apart from both, wherever the border of the volume is not a tie."""
    x, y, z = box.center_world
    point = (x + 3.3, y - 2.7, z + 1.234)
    state = ViewState(kind="plane", plane=plane, zoom=1.3, pan=(0.05, -0.02))
    ours = picture_of_plane(box, plane, point, presentation, state, size=size, slab=slab)
    values, clear = by_scipy(box, plane, point, state, size=size, slab=slab, padding=padding)
    theirs = as_grey(values, box, presentation)
    vtk = vtk_reslice.picture_of_plane(box, plane, point, presentation, state, size=size, slab=slab)
    assert ours.shape == theirs.shape == vtk.shape
    assert np.abs(ours.astype(int) - theirs)[clear].max() <= 1
    assert np.abs(ours.astype(int) - vtk)[clear].max() <= 1
    assert clear.mean() > 0.9
    assert ours.any()
