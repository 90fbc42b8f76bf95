"""Where one viewport looks, how it looks, and what that means on its canvas.

The five nouns: `ViewState` (navigation, the source of truth), `ViewReference` (a place one can
save), `Presentation` (the look), `ResolvedView` (computed transforms); the render paths live in
`viewer.render`. Canvas points are in device pixels from the top left corner, so the centre of the
first canvas pixel is (0.5, 0.5); image points have integers at the centres of pixels. Changes are
pure functions. Knows no toolkit.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from viewer.geometry import (
    CORONAL,
    Matrix,
    PlaneName,
    Vector,
    as_vector,
    inverse,
    plane_named,
    transform,
    world_from_pixel,
)
from viewer.voi import Voi
from viewer.volume import FrameSource, Volume

Point = tuple[float, float]
Interpolation = Literal["linear", "nearest"]
SlabMode = Literal["maximum", "minimum", "mean"]

LEAST_ZOOM = 0.05
MOST_ZOOM = 64.0
_MOST_PLANE_PIXELS = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewState:
    """Navigation of one viewport.

    A "stack" shows frame `index` of its display set; a "plane" shows `plane` through `point_world`
    (None: the middle of the volume). `zoom` 1.0 fits the image into the canvas; `pan` moves its
    centre, in fractions of the canvas' shorter side, right and down; `rotation` is 0, 90, 180 or
    270 degrees clockwise, after `flip` mirrored left and right.
    """

    kind: Literal["stack", "plane"] = "stack"
    index: int = 0
    plane: PlaneName = "axial"
    point_world: Vector | None = None
    zoom: float = 1.0
    pan: Point = (0.0, 0.0)
    rotation: int = 0
    flip: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewReference:
    """A place one can save and find again, without zoom, pan or window."""

    frame_of_reference: str
    series_uid: str
    sop_uid: str | None = None
    frame: int | None = None
    point_world: Vector | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Presentation:
    """The look of one data set; `voi` None is the header's own."""

    voi: Voi | None = None
    inverted: bool = False
    interpolation: Interpolation = "linear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slab:
    """A thick plane: what is made of the samples within `thickness_mm` across it."""

    mode: SlabMode
    thickness_mm: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImageGeometry:
    """The image a viewport shows: a frame, or the pixel grid of a plane.

    `spacing_rc` is (between rows, between columns) in mm, or the pixel's shape alone where the
    image has no calibration. `world_from_pixel` is the 4 x 4 affine of (column, row, 0, 1), None
    for an image without a place. `patient_orientation` are letters along a row and down a column.
    """

    columns: int
    rows: int
    spacing_rc: tuple[float, float] = (1.0, 1.0)
    world_from_pixel: Matrix | None = None
    patient_orientation: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ResolvedView:
    """The transforms of one picture: 3 x 3 between image and canvas, and on to world."""

    geometry: ImageGeometry
    canvas_size: tuple[int, int]
    canvas_from_image: Matrix
    image_from_canvas: Matrix

    def image_point(self, canvas_point: Sequence[float]) -> Point:
        """(column, row) under a canvas point."""
        return _apply(self.image_from_canvas, canvas_point)

    def canvas_point(self, image_point: Sequence[float]) -> Point:
        """Canvas point of (column, row)."""
        return _apply(self.canvas_from_image, image_point)

    def canvas_from_world(self, point_world: Sequence[float]) -> Point | None:
        """Canvas point of a world point projected onto the image; None without a place."""
        if self.geometry.world_from_pixel is None:
            return None
        column, row, _ = transform(inverse(self.geometry.world_from_pixel), point_world)
        return self.canvas_point((column, row))

    def world_from_canvas(self, canvas_point: Sequence[float]) -> Vector | None:
        """World point under a canvas point, in the image's plane; None without a place."""
        if self.geometry.world_from_pixel is None:
            return None
        column, row = self.image_point(canvas_point)
        return transform(self.geometry.world_from_pixel, (column, row, 0.0))

    @property
    def canvas_px_per_image_px(self) -> float:
        """Magnification along a row of the image."""
        return float(np.hypot(self.canvas_from_image[0, 0], self.canvas_from_image[1, 0]))


def frame_geometry(source: FrameSource) -> ImageGeometry:
    """The geometry of one frame as it lies in its file."""
    spacing = source.pixel_spacing_mm or source.pixel_aspect or (1.0, 1.0)
    affine = None
    if source.position is not None and source.orientation is not None:
        affine = world_from_pixel(source.position, source.orientation, spacing)
        affine = affine if source.pixel_spacing_mm is not None else None
    return ImageGeometry(
        columns=source.columns,
        rows=source.rows,
        spacing_rc=spacing,
        world_from_pixel=affine,
        patient_orientation=source.patient_orientation,
    )


def plane_geometry(
    volume: Volume, plane: PlaneName, point_world: Vector | None = None
) -> ImageGeometry:
    """The pixel grid of a plane through a point: square pixels, the whole volume inside.

    The pixel is the smallest voxel spacing lying in the plane; on a plane along the voxels the
    grid falls on the voxels' centres.
    """
    view = plane_named(plane)
    right, down, across = (np.asarray(v) for v in (view.right, view.down, view.into_screen))
    corners = _corners(volume)
    pixel = _in_plane_spacing(volume, across)
    ends = [(float((corners @ v).min()), float((corners @ v).max())) for v in (right, down)]
    pixel = max(pixel, *((high - low) / _MOST_PLANE_PIXELS for low, high in ends))
    columns, rows = (max(1, math.ceil((high - low) / pixel - 1e-6)) for low, high in ends)
    first = [
        (low + high) / 2 - (count - 1) / 2 * pixel
        for (low, high), count in zip(ends, (columns, rows), strict=True)
    ]
    depth = float(across @ np.asarray(point_world or volume.center_world))
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1], affine[:3, 2] = right * pixel, down * pixel, across
    affine[:3, 3] = right * first[0] + down * first[1] + across * depth
    return ImageGeometry(
        columns=columns, rows=rows, spacing_rc=(pixel, pixel), world_from_pixel=affine
    )


def resolve(
    geometry: ImageGeometry, state: ViewState, canvas_size: tuple[int, int]
) -> ResolvedView:
    """The transforms of an image seen through `state` on a canvas of (width, height) pixels."""
    width, height = canvas_size
    tall, wide = geometry.spacing_rc
    extent = (geometry.columns * wide, geometry.rows * tall)
    if state.rotation % 180:
        extent = (extent[1], extent[0])
    scale = min(width / extent[0], height / extent[1]) * state.zoom
    shorter = min(width, height)
    centred = np.array(
        [
            [scale * wide, 0.0, -scale * wide * (geometry.columns - 1) / 2],
            [0.0, scale * tall, -scale * tall * (geometry.rows - 1) / 2],
            [0.0, 0.0, 1.0],
        ]
    )
    flip = np.diag([-1.0 if state.flip else 1.0, 1.0, 1.0])
    placed = np.eye(3)
    placed[:2, 2] = (width / 2 + state.pan[0] * shorter, height / 2 + state.pan[1] * shorter)
    canvas_from_image = placed @ _rotation(state.rotation) @ flip @ centred
    return ResolvedView(
        geometry=geometry,
        canvas_size=canvas_size,
        canvas_from_image=canvas_from_image,
        image_from_canvas=inverse(canvas_from_image),
    )


def resolve_exactly(geometry: ImageGeometry) -> ResolvedView:
    """One canvas pixel per image pixel, whatever the pixel's shape: the picture without a size."""
    shift = np.eye(3)
    shift[:2, 2] = 0.5
    return ResolvedView(
        geometry=geometry,
        canvas_size=(geometry.columns, geometry.rows),
        canvas_from_image=shift,
        image_from_canvas=inverse(shift),
    )


def scrolled(state: ViewState, steps: int, count: int) -> ViewState:
    """A stack moved by frames, staying between the first and the last of `count`."""
    return replace(state, index=min(max(state.index + steps, 0), max(count - 1, 0)))


def scrolled_plane(state: ViewState, steps: int, volume: Volume) -> ViewState:
    """A plane moved by voxels across itself: feetwards, backwards, leftwards; kept inside."""
    across = reading_direction(state.plane)
    point = np.asarray(state.point_world or volume.center_world)
    depths = _corners(volume) @ across
    margin = plane_step_mm(volume, state.plane) / 2
    depth = float(point @ across) + steps * plane_step_mm(volume, state.plane)
    depth = min(max(depth, float(depths.min()) + margin), float(depths.max()) - margin)
    return replace(state, point_world=as_vector(point + across * (depth - float(point @ across))))


def reading_direction(plane: PlaneName) -> Matrix:
    """Unit vector of scrolling forward: head to feet, front to back, right to left."""
    into = np.asarray(plane_named(plane).into_screen)
    return into if plane_named(plane) is CORONAL else -into


def plane_step_mm(volume: Volume, plane: PlaneName) -> float:
    """One scroll step: the voxel spacing that runs most across the plane."""
    across = np.asarray(plane_named(plane).into_screen)
    directions = _voxel_directions(volume)
    return voxel_steps_mm(volume)[int(np.argmax(np.abs(across @ directions)))]


def voxel_steps_mm(volume: Volume) -> Vector:
    """The spacing of columns, of rows, and of slices across themselves.

    In a stack sheared by a tilted gantry the slices lie closer together than their positions are
    apart: it is the distance between their planes that counts.
    """
    columns = volume.world_from_voxel[:3, :3]
    across = _voxel_directions(volume)[:, 2]
    along_row, along_column = np.linalg.norm(columns[:, :2], axis=0)
    return (float(along_row), float(along_column), abs(float(across @ columns[:, 2])))


def zoomed(
    state: ViewState, factor: float, *, anchor_canvas: Point | None, canvas_size: tuple[int, int]
) -> ViewState:
    """Magnified by a factor; what lies under `anchor_canvas` (None: the centre) stays there."""
    zoom = min(max(state.zoom * factor, LEAST_ZOOM), MOST_ZOOM)
    if anchor_canvas is None:
        return replace(state, zoom=zoom)
    shorter = min(canvas_size)
    real = zoom / state.zoom
    anchor = [(a - side / 2) / shorter for a, side in zip(anchor_canvas, canvas_size, strict=True)]
    x, y = (a + (p - a) * real for a, p in zip(anchor, state.pan, strict=True))
    return replace(state, zoom=zoom, pan=(x, y))


def panned(state: ViewState, delta_canvas: Point, canvas_size: tuple[int, int]) -> ViewState:
    """Moved by canvas pixels."""
    shorter = min(canvas_size)
    x, y = state.pan
    return replace(state, pan=(x + delta_canvas[0] / shorter, y + delta_canvas[1] / shorter))


def moved_to(state: ViewState, point_world: Vector) -> ViewState:
    """A plane through another point (the crosshair)."""
    return replace(state, point_world=point_world)


def reset(state: ViewState) -> ViewState:
    """Zoom, pan, rotation and flip as at first; the place scrolled to stays (IHE BIR)."""
    return replace(state, zoom=1.0, pan=(0.0, 0.0), rotation=0, flip=False)


def _apply(matrix: Matrix, point: Sequence[float]) -> Point:
    x, y, _ = matrix @ np.array([point[0], point[1], 1.0])
    return (float(x), float(y))


def _rotation(degrees: int) -> Matrix:
    """Clockwise on a canvas whose y points down, in whole quarters."""
    quarter = (degrees // 90) % 4
    cosine, sine = ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[quarter]
    return np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])


def _corners(volume: Volume) -> Matrix:
    """World points of the eight outer corners, half a voxel beyond the centres; (8, 3)."""
    slices, rows, columns = volume.voxels.shape
    ends = [(-0.5, n - 0.5) for n in (columns, rows, slices)]
    points = np.array([(*corner, 1.0) for corner in itertools.product(*ends)])
    return np.asarray((volume.world_from_voxel @ points.T)[:3].T, dtype=np.float64)


def _voxel_directions(volume: Volume) -> Matrix:
    """Unit vectors in columns: along a row, along a column, and across the slices."""
    along = volume.world_from_voxel[:3, :2] / np.linalg.norm(
        volume.world_from_voxel[:3, :2], axis=0
    )
    across = np.cross(along[:, 0], along[:, 1])
    return np.column_stack([along, across / np.linalg.norm(across)])


def _in_plane_spacing(volume: Volume, across: Matrix) -> float:
    """The smallest spacing among voxel axes that lie nearer to the plane than to its normal."""
    lengths = np.array(voxel_steps_mm(volume))
    leaning = np.abs(across @ _voxel_directions(volume))
    flat = lengths[leaning < math.cos(math.radians(45.0))]
    return float(flat.min() if flat.size else lengths.min())
