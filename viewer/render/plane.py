"""Pictures without a toolkit: one frame, or a plane through a volume, as grey or RGB bytes.

Without a size a frame's picture has one pixel per stored pixel and goes through the grey table
alone; with a size it is sampled through the same `ResolvedView` the overlay uses, stored values
first, grey after (PS3.3 C.11). Outside the image, pixel padding (C.7.5.1.1.2) and values that are
no number are black, inverted too, and are not interpolated into their neighbours where they would
be bright. The tested picture is the shown one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt

from viewer.geometry import Matrix, PlaneName, Vector
from viewer.render.graphics import painted
from viewer.resampling import map_linear, sample_frame, sample_grey, sample_plane
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
    voxel_steps_mm,
)
from viewer.voi import (
    Voi,
    default_voi,
    grey_table,
    grey_values,
    header_vois,
    linear_grey,
    padding_to_hide,
    spanning_voi,
)
from viewer.volume import Frame, FrameSource, LookupTable, OverlayPlane, Volume

Picture = npt.NDArray[np.uint8]
Size = tuple[int, int]

_MOST_PARTS = 8
_SLICES_TO_SPAN = 16
# Infinite float pixels are ends of the grey scale; interpolation needs them finite.
_ENDLESS = 1e300
_LEAST_WEIGHT = 0.5
# Samples of colour are whole numbers already.
_ROUNDED = (1.0, 0.5)


def picture_of_frame(
    frame: Frame,
    presentation: Presentation,
    state: ViewState | None = None,
    size: Size | None = None,
    *,
    overlays: Sequence[OverlayPlane] = (),
) -> Picture:
    """(height, width) grey, or (height, width, 3) RGB, of one frame.

    `size` is (width, height) of the canvas; None gives one pixel per stored pixel and ignores
    `state`. A reduced picture is averaged, an enlarged one interpolated as `presentation` says.
    `overlays` (PS3.3 C.9.2) are drawn over it in white, whether it is inverted or not.
    """
    if frame.source.is_colour:
        picture = _colour_picture(frame, presentation, state, size)
    elif size is None:
        voi = voi_of_frame(frame, presentation)
        picture = _through_table(frame, voi, presentation.inverted)
    else:
        picture = _sampled_grey(frame, presentation, state or ViewState(), size)
    if not overlays:
        return picture
    geometry = frame_geometry(frame.source)
    view = resolve(geometry, state or ViewState(), size) if size else resolve_exactly(geometry)
    return painted(picture, overlays, view)


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
    Slices with rescales of their own are sampled in rescaled values.
    """
    view = resolved_plane(volume, plane, point_world, state, size)
    samples = slab_samples(volume, slab)
    voi = voi_of_volume(volume, presentation)
    values = sample_plane(
        volume.voxels,
        voxel_from_canvas(volume, view, slab_step_mm(volume)),
        view.canvas_size,
        samples=samples,
        kind=slab.mode if slab is not None else "mean",
        nearest=presentation.interpolation == "nearest",
        rescales=volume.rescales,
        padding=hidden_padding(volume, voi, slab, inverted=presentation.inverted),
    )
    return _grey(values, volume, voi, presentation.inverted)


def voi_of_frame(frame: Frame, presentation: Presentation) -> Voi:
    """The VOI in use: the presentation's, else the header's, else what the pixels span."""
    return presentation.voi or default_voi(frame.source, frame.pixels)


def voi_of_volume(volume: Volume, presentation: Presentation) -> Voi:
    """The VOI in use; where the header has none, what the volume spans, from a part of it."""
    if presentation.voi is not None:
        return presentation.voi
    every = max(1, volume.voxels.shape[0] // _SLICES_TO_SPAN)
    part = volume.voxels[::every, ::2, ::2]
    if volume.rescales is None:
        return default_voi(volume.source, part)
    found = header_vois(volume.source, volume.voxels[len(volume.voxels) // 2])
    if found:
        return found[0]
    rescales = volume.rescales[::every, :, None, None]
    shown = part * rescales[:, 0] + rescales[:, 1]
    if volume.source.pixel_padding is not None:
        low, high = volume.source.pixel_padding
        shown[(part >= low) & (part <= high)] = np.nan
    return spanning_voi(shown)


def hidden_padding(
    volume: Volume, voi: Voi, slab: Slab | None, *, inverted: bool
) -> tuple[float, float] | None:
    """Padding to leave out of a plane: bright one always, and any where a slab would combine it.

    A maximum is not dimmed by dark padding, a minimum or a mean is. Where slices have rescales of
    their own every sample is weighed by itself, and leaving padding out costs nothing.
    """
    padding = volume.source.pixel_padding
    is_mixed = slab is not None and slab.mode != "maximum"
    if padding is None or is_mixed or volume.rescales is not None:
        return padding
    return padding_to_hide(padding, volume, voi, inverted=inverted)


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
    return min(voxel_steps_mm(volume))


def slab_samples(volume: Volume, slab: Slab | None) -> int:
    """How many samples make a slab; one for a thin plane."""
    if slab is None:
        return 1
    return max(1, round(slab.thickness_mm / slab_step_mm(volume)))


def _world_from_pixel(geometry: ImageGeometry) -> Matrix:
    if geometry.world_from_pixel is None:  # pragma: no cover - planes always have a place
        return np.eye(4)
    return geometry.world_from_pixel


def _sampled_grey(
    frame: Frame, presentation: Presentation, state: ViewState, size: Size
) -> Picture:
    """Grey of a frame on a canvas; pixels that do not count have no weight in their neighbours."""
    source = frame.source
    voi = voi_of_frame(frame, presentation)
    padding = padding_to_hide(source.pixel_padding, source, voi, inverted=presentation.inverted)
    missing = _missing(frame, padding)
    line = linear_grey(source, voi, inverted=presentation.inverted)
    sampling = _sampling(source, presentation, state, size)
    pixels = frame.pixels
    if source.pixel_type != "integer":
        pixels = np.nan_to_num(pixels.astype(np.float64), posinf=_ENDLESS, neginf=-_ENDLESS)
    if missing is None and line is not None:
        return sample_grey(pixels, line=line, **sampling)
    if missing is None:
        values = sample_frame(pixels, **sampling)
    else:
        kept = np.where(missing, np.zeros((), dtype=pixels.dtype), pixels)
        values = sample_frame(kept, **sampling)
        weights = sample_frame((~missing).astype(np.uint8), **sampling)
        with np.errstate(invalid="ignore", divide="ignore"):
            values = np.where(weights >= _LEAST_WEIGHT, values / weights, np.nan)
    return _grey(values, source, voi, presentation.inverted)


def _missing(frame: Frame, padding: tuple[float, float] | None) -> npt.NDArray[np.bool_] | None:
    """Pixels that are no image: padding to hide and floats that are no number; None for none."""
    missing: npt.NDArray[np.bool_] | None = None
    if frame.pixels.dtype.kind == "f":
        missing = np.isnan(frame.pixels)
    if padding is not None:
        padded = (frame.pixels >= padding[0]) & (frame.pixels <= padding[1])
        missing = padded if missing is None else missing | padded
    return missing if missing is not None and missing.any() else None


class _Sampling(TypedDict):
    """How `sample_frame` and `sample_grey` are to bring a frame to a canvas."""

    image_from_canvas: Matrix
    size: Size
    parts: int
    nearest: bool


def _sampling(
    source: FrameSource, presentation: Presentation, state: ViewState, size: Size
) -> _Sampling:
    view = resolve(frame_geometry(source), state, size)
    nearest = presentation.interpolation == "nearest"
    reduction = float(np.linalg.norm(view.image_from_canvas[:2, :2], axis=0).max())
    parts = 1 if nearest else min(max(1, math.ceil(reduction - 1e-6)), _MOST_PARTS)
    return {
        "image_from_canvas": view.image_from_canvas,
        "size": size,
        "parts": parts,
        "nearest": nearest,
    }


def _grey(
    values: npt.NDArray[Any], facts: FrameSource | Volume, voi: Voi, inverted: bool
) -> Picture:
    """Grey of sampled stored values; NaN, the outside, is black."""
    line = linear_grey(facts, voi, inverted=inverted)
    if line is not None:
        return map_linear(values, *line)
    return grey_values(values, facts, voi, inverted=inverted)


def _through_table(frame: Frame, voi: Voi, inverted: bool) -> Picture:
    """Grey of every pixel as it is; padding is black."""
    pixels, source = frame.pixels, frame.source
    padding = padding_to_hide(source.pixel_padding, source, voi, inverted=inverted)
    if source.pixel_type != "integer" or source.bits_stored > 16:
        grey = grey_values(pixels, source, voi, inverted=inverted)
        missing = _missing(frame, padding)
        if missing is not None:
            grey[missing] = 0
        return grey
    table = grey_table(source, voi, inverted=inverted)
    if padding is not None:
        low = max(math.ceil(padding[0]) - source.stored_minimum, 0)
        table[low : max(math.floor(padding[1]) - source.stored_minimum + 1, low)] = 0
    return table[pixels.astype(np.int32) - source.stored_minimum]


def _colour_picture(
    frame: Frame, presentation: Presentation, state: ViewState | None, size: Size | None
) -> Picture:
    rgb = _rgb(frame)
    if presentation.inverted:
        rgb = 255 - rgb
    if size is None:
        return rgb
    sampling = _sampling(frame.source, presentation, state or ViewState(), size)
    channels = [sample_grey(rgb[..., n], line=_ROUNDED, **sampling) for n in range(3)]
    return np.stack(channels, axis=-1)


def _rgb(frame: Frame) -> Picture:
    """8 bit RGB of colour samples or palette indices."""
    palette = frame.source.palette
    if palette is None:
        return _eight_bits(frame.pixels, frame.source.bits_stored)
    tables = (palette.red, palette.green, palette.blue)
    return np.stack([_looked_up(frame.pixels, table) for table in tables], axis=-1)


def _eight_bits(samples: npt.NDArray[Any], bits: int) -> Picture:
    """Colour samples of more bits keep their upper eight; fewer are stretched to full white."""
    if bits < 8:
        white = (1 << bits) - 1
        return np.asarray(np.minimum(samples, white).astype(np.uint16) * 255 // white, np.uint8)
    return np.asarray(samples >> (bits - 8), dtype=np.uint8)


def _looked_up(pixels: npt.NDArray[Any], table: LookupTable) -> Picture:
    """Palette entries of indices; 16 bit entries keep their upper byte (C.7.6.3.1.5)."""
    entries = table.values
    if table.bits > 8 and int(entries.max()) > 255:
        entries = (entries >> 8).astype(np.uint16)
    index = np.clip(pixels.astype(np.int64) - table.first_mapped, 0, len(entries) - 1)
    return np.asarray(entries[index], dtype=np.uint8)
