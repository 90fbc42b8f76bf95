"""The reference for planes: the same picture through vtkImageReslice.

It samples in voxel index space through one affine, as `viewer.render.plane` does, so that tests
can hold the two side by side; it is always selectable. The only module that knows VTK's imaging
filters; VTK is imported when the first picture is made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.geometry import Matrix, PlaneName, Vector
from viewer.render.plane import (
    Picture,
    Size,
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
_VTK_FLOAT = 10


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
    values = _resliced(
        volume.voxels,
        matrix,
        view.canvas_size,
        samples=slab_samples(volume, slab),
        mode=slab.mode if slab is not None else "mean",
        nearest=presentation.interpolation == "nearest",
    )
    outside = values <= _OUTSIDE / 2
    voi = voi_of_volume(volume, presentation)
    stored = np.where(outside, 0.0, values)
    grey = grey_values(stored, volume, voi, inverted=presentation.inverted)
    grey[outside] = 0
    return grey


def _resliced(
    voxels: npt.NDArray[Any],
    matrix: Matrix,
    size: Size,
    *,
    samples: int,
    mode: SlabMode,
    nearest: bool,
) -> npt.NDArray[np.float64]:
    """Float stored values, `_OUTSIDE` where there is no volume."""
    from vtkmodules.util import numpy_support
    from vtkmodules.vtkImagingCore import vtkImageReslice

    width, height = size
    reslice = vtkImageReslice()
    reslice.SetInputData(_image(voxels))
    reslice.SetResliceTransform(_transform(matrix))
    reslice.SetOutputDimensionality(2)
    reslice.SetOutputOrigin(0.5, 0.5, 0.0)
    reslice.SetOutputSpacing(1.0, 1.0, 1.0)
    reslice.SetOutputExtent(0, width - 1, 0, height - 1, 0, 0)
    reslice.SetOutputScalarType(_VTK_FLOAT)  # interpolated values are not rounded
    reslice.SetBackgroundLevel(_OUTSIDE)
    reslice.BorderOn()
    if samples > 1:
        # VTK's shortcut for planes along the voxels makes other slabs than its general path.
        reslice.OptimizationOff()
    if nearest:
        reslice.SetInterpolationModeToNearestNeighbor()
    else:
        reslice.SetInterpolationModeToLinear()
    reslice.SetSlabNumberOfSlices(samples)
    set_mode = {
        "maximum": reslice.SetSlabModeToMax,
        "minimum": reslice.SetSlabModeToMin,
        "mean": reslice.SetSlabModeToMean,
    }[mode]
    set_mode()
    reslice.Update()
    to_numpy: Callable[[Any], Any] = numpy_support.vtk_to_numpy
    values = to_numpy(reslice.GetOutput().GetPointData().GetScalars())
    return np.asarray(values, dtype=np.float64).reshape(height, width)


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
