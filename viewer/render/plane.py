"""Pictures without a toolkit: one frame, or a plane through a volume, as grey or RGB bytes.

Without a size a frame's picture has one pixel per stored pixel and goes through the grey table
alone; with a size it is sampled through the same `ResolvedView` the overlay uses, stored values
first, grey after (PS3.3 C.11). Outside the image is black. The tested picture is the shown one.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.geometry import Matrix, PlaneName, Vector
from viewer.resampling import map_linear, sample_frame, sample_plane
from viewer.view import (
    ImageGeometry,
    Presentation,
    ResolvedView,
    Slab,
    ViewState,
    frame_geometry,
    plane_geometry,
    resolve,
    resolve_exactly,
)
from viewer.voi import Voi, default_voi, grey_table, grey_values, linear_grey
from viewer.volume import Frame, FrameSource, LookupTable, Volume

Picture = npt.NDArray[np.uint8]
Size = tuple[int, int]

_MOST_PARTS = 8
_SLICES_TO_SPAN = 16


def picture_of_frame(
    frame: Frame,
    presentation: Presentation,
    state: ViewState | None = None,
    size: Size | None = None,
) -> Picture:
    """(height, width) grey, or (height, width, 3) RGB, of one frame.

    `size` is (width, height) of the canvas; None gives one pixel per stored pixel and ignores
    `state`. A reduced picture is averaged, an enlarged one interpolated as `presentation` says.
    """
    if frame.source.is_colour:
        return _colour_picture(frame, presentation, state, size)
    voi = voi_of_frame(frame, presentation)
    inverted = presentation.inverted
    if size is None:
        return _through_table(frame.pixels, frame.source, voi, inverted)
    values = _sampled(frame.pixels, frame.source, presentation, state or ViewState(), size)
    return _grey(values, frame.source, voi, inverted)


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
    """(height, width) grey of an axial, coronal or sagittal plane through a world point.

    `point_world` None is the middle. Trilinear between voxels, black outside the volume. `size`
    None gives square pixels of the smallest voxel spacing in the plane and ignores `state`.
    """
    view = resolved_plane(volume, plane, point_world, state, size)
    samples = slab_samples(volume, slab)
    values = sample_plane(
        volume.voxels,
        voxel_from_canvas(volume, view, slab_step_mm(volume)),
        view.canvas_size,
        samples=samples,
        kind=slab.mode if slab is not None else "mean",
        nearest=presentation.interpolation == "nearest",
    )
    return _grey(values, volume, voi_of_volume(volume, presentation), presentation.inverted)


def voi_of_frame(frame: Frame, presentation: Presentation) -> Voi:
    """The VOI in use: the presentation's, else the header's, else what the pixels span."""
    return presentation.voi or default_voi(frame.source, frame.pixels)


def voi_of_volume(volume: Volume, presentation: Presentation) -> Voi:
    """The VOI in use; where the header has none, what the volume spans, from a part of it."""
    if presentation.voi is not None:
        return presentation.voi
    every = max(1, volume.voxels.shape[0] // _SLICES_TO_SPAN)
    return default_voi(volume.source, volume.voxels[::every, ::2, ::2])


def resolved_plane(
    volume: Volume,
    plane: PlaneName,
    point_world: Vector | None,
    state: ViewState | None,
    size: Size | None,
) -> ResolvedView:
    """The transforms of a plane's picture."""
    geometry = plane_geometry(volume, plane, point_world)
    if size is None:
        return resolve_exactly(geometry)
    return resolve(geometry, state or ViewState(kind="plane", plane=plane), size)


def voxel_from_canvas(volume: Volume, view: ResolvedView, step_mm: float) -> Matrix:
    """4 x 4 from (x, y, sample, 1) on the canvas to (i, j, k, 1); samples are `step_mm` apart."""
    canvas = np.eye(4)
    canvas[:2, :2] = view.image_from_canvas[:2, :2]
    canvas[:2, 3] = view.image_from_canvas[:2, 2]
    canvas[2, 2] = step_mm
    return np.asarray(
        volume.voxel_from_world @ _world_from_pixel(view.geometry) @ canvas, dtype=np.float64
    )


def slab_step_mm(volume: Volume) -> float:
    """Distance between the samples of a slab: the smallest voxel spacing."""
    return min(volume.spacing_mm)


def slab_samples(volume: Volume, slab: Slab | None) -> int:
    """How many samples make a slab; one for a thin plane."""
    if slab is None:
        return 1
    return max(1, round(slab.thickness_mm / slab_step_mm(volume)))


def _world_from_pixel(geometry: ImageGeometry) -> Matrix:
    if geometry.world_from_pixel is None:  # pragma: no cover - planes always have a place
        return np.eye(4)
    return geometry.world_from_pixel


def _sampled(
    pixels: npt.NDArray[Any],
    source: FrameSource,
    presentation: Presentation,
    state: ViewState,
    size: Size,
) -> npt.NDArray[np.float32]:
    view = resolve(frame_geometry(source), state, size)
    nearest = presentation.interpolation == "nearest"
    reduction = float(np.linalg.norm(view.image_from_canvas[:2, :2], axis=0).max())
    parts = 1 if nearest else min(max(1, math.ceil(reduction - 1e-6)), _MOST_PARTS)
    return sample_frame(pixels, view.image_from_canvas, size, parts=parts, nearest=nearest)


def _grey(
    values: npt.NDArray[np.float32], facts: FrameSource | Volume, voi: Voi, inverted: bool
) -> Picture:
    """Grey of sampled stored values; NaN, the outside, is black."""
    line = linear_grey(facts, voi, inverted=inverted)
    if line is not None:
        return map_linear(values, *line)
    outside = np.isnan(values)
    grey = grey_values(np.where(outside, 0.0, values), facts, voi, inverted=inverted)
    grey[outside] = 0
    return grey


def _through_table(
    pixels: npt.NDArray[Any], source: FrameSource, voi: Voi, inverted: bool
) -> Picture:
    if source.bits_stored > 16:
        return grey_values(pixels, source, voi, inverted=inverted)
    table = grey_table(source, voi, inverted=inverted)
    return table[pixels.astype(np.int32) - source.stored_minimum]


def _colour_picture(
    frame: Frame, presentation: Presentation, state: ViewState | None, size: Size | None
) -> Picture:
    rgb = _rgb(frame)
    if presentation.inverted:
        rgb = 255 - rgb
    if size is None:
        return rgb
    channels = [
        map_linear(
            _sampled(rgb[..., n], frame.source, presentation, state or ViewState(), size), 1.0, 0.5
        )
        for n in range(3)
    ]
    return np.stack(channels, axis=-1)


def _rgb(frame: Frame) -> Picture:
    """8 bit RGB of colour samples or palette indices."""
    palette = frame.source.palette
    if palette is None:
        down = max(0, frame.source.bits_stored - 8)
        return np.asarray(frame.pixels >> down, dtype=np.uint8)
    tables = (palette.red, palette.green, palette.blue)
    return np.stack([_looked_up(frame.pixels, table) for table in tables], axis=-1)


def _looked_up(pixels: npt.NDArray[Any], table: LookupTable) -> Picture:
    """Palette entries of indices; 16 bit entries keep their upper byte (C.7.6.3.1.5)."""
    entries = table.values
    if table.bits > 8 and int(entries.max()) > 255:
        entries = (entries >> 8).astype(np.uint16)
    index = np.clip(pixels.astype(np.int64) - table.first_mapped, 0, len(entries) - 1)
    return np.asarray(entries[index], dtype=np.uint8)
