"""The reference for planes: the same picture through vtkImageReslice.

It samples in voxel index space through one affine, as `viewer.render.plane` does, so that tests
can hold the two side by side; it is always selectable. The only module that knows VTK's imaging
filters; VTK is imported when the first picture is made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.geometry import Matrix, PlaneName, Vector
from viewer.render.plane import (
    Picture,
    Size,
    hidden_padding,
    resolved_plane,
    slab_samples,
    slab_step_mm,
    voi_of_volume,
    voxel_from_canvas,
)
from viewer.view import Presentation, Slab, SlabMode, ViewState
from viewer.voi import grey_values
from viewer.volume import Volume

_OUTSIDE = -1.0e30
_VTK_DOUBLE = 11
_LEAST_WEIGHT = 0.5


def picture_of_plane(
    volume: Volume,
    plane: PlaneName,
    point_world: Vector | None,
    presentation: Presentation,
    state: ViewState | None = None,
    *,
    size: Size | None = None,
    slab: Slab | None = None,
) -> Picture:
    """As `viewer.render.plane.picture_of_plane`."""
    view = resolved_plane(volume, plane, point_world, state, size)
    matrix = voxel_from_canvas(volume, view, slab_step_mm(volume))
    voi = voi_of_volume(volume, presentation)
    padding = hidden_padding(volume, voi, slab, inverted=presentation.inverted)
    voxels = _rescaled(volume)
    sampling = _Sampling(
        size=view.canvas_size,
        samples=slab_samples(volume, slab),
        mode=slab.mode if slab is not None else "mean",
        is_nearest=presentation.interpolation == "nearest",
    )
    if padding is None:
        values = _resliced(voxels, matrix, sampling)
    else:
        padded = (volume.voxels >= padding[0]) & (volume.voxels <= padding[1])
        values = _without(padded, voxels, matrix, sampling)
    return grey_values(values, volume, voi, inverted=presentation.inverted)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sampling:
    """How a plane is sampled: on a canvas of (width, height), `samples` deep."""

    size: Size
    samples: int
    mode: SlabMode
    is_nearest: bool


def _rescaled(volume: Volume) -> npt.NDArray[Any]:
    """The voxels; a copy in rescaled values where slices have rescales of their own."""
    if volume.rescales is None:
        return volume.voxels
    slope, intercept = (volume.rescales[:, n, None, None] for n in range(2))
    return np.asarray(volume.voxels * slope + intercept, dtype=np.float64)


def _without(
    padded: npt.NDArray[np.bool_], voxels: npt.NDArray[Any], matrix: Matrix, sampling: _Sampling
) -> npt.NDArray[np.float64]:
    """The same without padded voxels: each sample divided by the weight of those that count."""
    kept = np.where(padded, 0.0, voxels)
    counts = (~padded).astype(np.float64)
    layers = []
    single = replace(sampling, samples=1)
    for sample in range(sampling.samples):
        at = matrix.copy()
        at[:, 3] += matrix[:, 2] * (sample - (sampling.samples - 1) / 2.0)
        weights = _resliced(counts, at, single)
        with np.errstate(invalid="ignore", divide="ignore"):
            found = _resliced(kept, at, single) / weights
        layers.append(np.where(weights >= _LEAST_WEIGHT, found, np.nan))
    if sampling.mode == "mean":
        number = np.sum(~np.isnan(layers), axis=0)
        return np.where(number, np.nansum(layers, axis=0) / np.maximum(number, 1), np.nan)
    combine = np.fmax if sampling.mode == "maximum" else np.fmin
    return np.asarray(combine.reduce(layers), dtype=np.float64)


def _resliced(
    voxels: npt.NDArray[Any], matrix: Matrix, sampling: _Sampling
) -> npt.NDArray[np.float64]:
    """Values of the voxels' own kind, NaN where there is no volume."""
    from vtkmodules.util import numpy_support
    from vtkmodules.vtkImagingCore import vtkImageReslice

    width, height = sampling.size
    reslice = vtkImageReslice()
    reslice.SetInputData(_image(voxels))
    reslice.SetResliceTransform(_transform(matrix))
    reslice.SetOutputDimensionality(2)
    reslice.SetOutputOrigin(0.5, 0.5, 0.0)
    reslice.SetOutputSpacing(1.0, 1.0, 1.0)
    reslice.SetOutputExtent(0, width - 1, 0, height - 1, 0, 0)
    reslice.SetOutputScalarType(_VTK_DOUBLE)  # interpolated values are not rounded
    reslice.SetBackgroundLevel(_OUTSIDE)
    reslice.BorderOn()
    if sampling.samples > 1:
        # VTK's shortcut for planes along the voxels makes other slabs than its general path.
        reslice.OptimizationOff()
    if sampling.is_nearest:
        reslice.SetInterpolationModeToNearestNeighbor()
    else:
        reslice.SetInterpolationModeToLinear()
    reslice.SetSlabNumberOfSlices(sampling.samples)
    set_mode = {
        "maximum": reslice.SetSlabModeToMax,
        "minimum": reslice.SetSlabModeToMin,
        "mean": reslice.SetSlabModeToMean,
    }[sampling.mode]
    set_mode()
    reslice.Update()
    to_numpy: Callable[[Any], Any] = numpy_support.vtk_to_numpy
    values = to_numpy(reslice.GetOutput().GetPointData().GetScalars())
    found = np.asarray(values, dtype=np.float64).reshape(height, width)
    return np.where(found <= _OUTSIDE / 2, np.nan, found)


def _image(voxels: npt.NDArray[Any]) -> Any:
    """The voxels as VTK image data in index space, sharing their memory."""
    from vtkmodules.util import numpy_support
    from vtkmodules.vtkCommonDataModel import vtkImageData

    slices, rows, columns = voxels.shape
    image = vtkImageData()
    image.SetDimensions(columns, rows, slices)
    flat = np.ascontiguousarray(voxels.view(np.ndarray)).reshape(-1)
    to_vtk: Callable[..., Any] = numpy_support.numpy_to_vtk
    image.GetPointData().SetScalars(to_vtk(flat, deep=False))
    return image


def _transform(matrix: Matrix) -> Any:
    from vtkmodules.vtkCommonMath import vtkMatrix4x4
    from vtkmodules.vtkCommonTransforms import vtkMatrixToLinearTransform

    elements = vtkMatrix4x4()
    elements.DeepCopy([float(value) for value in matrix.ravel()])
    transform = vtkMatrixToLinearTransform()
    transform.SetInput(elements)
    return transform
