"""One drawing for one viewport: the picture and what is written over it, from the same transforms.

`draw` runs on a worker thread and touches no widget. It takes what a viewport has been given (the
images, the viewing, the size of the canvas) and returns the finished pixels with the display list,
so that text, letters and lines always belong to the picture they lie on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from viewer.geometry import Vector, plane_named
from viewer.overlay import (
    MARGIN_PX,
    Drawing,
    Line,
    PatientFacts,
    Shown,
    Text,
    Words,
    corner_annotations,
    crosshair,
    orientation_markers,
)
from viewer.qt.starting import Start, start_of
from viewer.render.plane import picture_of_frame, picture_of_plane
from viewer.tools import Viewing
from viewer.view import (
    ResolvedView,
    ViewState,
    frame_geometry,
    plane_geometry,
    reading_direction,
    resolve,
    voxel_steps_mm,
)
from viewer.voi import Voi
from viewer.volume import (
    DisplaySet,
    Frame,
    FrameSource,
    ImageError,
    LocatedFrame,
    OverlayPlane,
    Volume,
)

# A plane that leans less than this towards a frame and lies within half a step shows that frame.
_SAME_PLANE_COSINE = 0.9998


# From this many pixels on a frame may be worth a smaller picture first. The first look is a quarter
# of a large radiograph's sides, however large the canvas: half of them takes three times as long.
_LARGE_PX = 1 << 21
_PREVIEW_PX = 700
_FULL = (1, 1, 1)


def _no_overlays(_located: LocatedFrame) -> Sequence[OverlayPlane]:
    return ()


def _no_preview(_located: LocatedFrame, _most_px: int) -> Frame | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    """Where pixels come from; every call may block. `preview` answers None where it saves no time."""

    load: Callable[[LocatedFrame], Frame]
    overlays: Callable[[LocatedFrame], Sequence[OverlayPlane]] = _no_overlays
    preview: Callable[[LocatedFrame, int], Frame | None] = _no_preview


class Annotation(StrEnum):
    """How much is written over the images (IHE BIR 5.8: full, minimal, off)."""

    FULL = "full"
    MINIMAL = "minimal"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Images:
    """The images of one viewport. `start` is the look the set starts with, None until one was drawn."""

    display_set: DisplaySet
    volume: Volume | None = None
    start: Start | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Request:
    """What to draw. `canvas_size` is in device pixels, `patient` ready texts for the corner.

    `notes` are ready sentences that stay on the picture whatever else is hidden, `part` ready words
    for what tells the set apart in its series. With `overlays`
    the frame's overlay planes are drawn; with `is_quick` a smaller picture will do for now.
    """

    images: Images
    viewing: Viewing
    canvas_size: tuple[int, int]
    patient: PatientFacts
    annotation: Annotation
    words: Words
    notes: tuple[str, ...] = ()
    part: str = ""
    overlays: bool = True
    is_quick: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """A finished drawing.

    `picture` is uint8 (height, width) or (height, width, 3); `voi` the one it was made with, which
    the reader may have chosen (`is_voi_chosen`) or the header; `start` what the header offers;
    `frame` the acquired frame it shows, None for a reformat that lies in no frame's plane and for a
    picture that is not all of the frame (`is_preview`);
    `place` how far through the series of `count` images it is, 0-1.
    """

    picture: npt.NDArray[np.uint8]
    resolved: ResolvedView
    drawings: tuple[Drawing, ...]
    voi: Voi
    start: Start
    is_voi_chosen: bool
    frame: FrameSource | None
    place: float
    count: int
    is_preview: bool = False


def number_in_instance(source: FrameSource) -> int:
    """The frame's number among those of its instance, from 1: a mosaic's slices count one by one."""
    return source.frame if source.tile is None else source.tile.number


def is_large(images: Images, index: int) -> bool:
    """Whether a quick drawing of a frame may be worth asking for."""
    frames = images.display_set.frames
    source = frames[min(max(index, 0), len(frames) - 1)].source
    return source.rows * source.columns >= _LARGE_PX


def draw(request: Request, frames: Frames) -> Drawn:
    """The picture and its display list; ImageError where the pixels cannot be had."""
    if request.viewing.state.kind == "plane":
        return _drawn_plane(request)
    return _drawn_frame(request, frames)


def _drawn_frame(request: Request, frames: Frames) -> Drawn:
    """The display list is that of the whole frame, also over a smaller picture of it."""
    state, all_frames = request.viewing.state, request.images.display_set.frames
    located = all_frames[min(max(state.index, 0), len(all_frames) - 1)]
    source = located.source
    preview = None
    if request.is_quick:
        preview = frames.preview(located, min(max(request.canvas_size), _PREVIEW_PX))
    frame = preview or _frame_of(request, located, frames)
    start = start_of(request.images.start, source, frame.pixels)
    voi = request.viewing.presentation.voi or start.voi
    look = replace(request.viewing.presentation, voi=voi)
    resolved = resolve(frame_geometry(source), state, request.canvas_size)
    overlays, notes = _overlays(request, located, frames) if preview is None else ((), ())
    return Drawn(
        picture=picture_of_frame(frame, look, state, request.canvas_size, overlays=overlays),
        resolved=resolved,
        drawings=(
            *_texts(request, source, resolved, voi, notes=notes),
            *_stack_crosshair(request, resolved),
        ),
        voi=voi,
        start=start,
        is_voi_chosen=request.viewing.presentation.voi is not None,
        frame=source if preview is None else None,
        place=state.index / max(len(all_frames) - 1, 1),
        count=len(all_frames),
        is_preview=preview is not None,
    )


def _frame_of(request: Request, located: LocatedFrame, frames: Frames) -> Frame:
    """Out of the volume where that holds the acquired slices, else loaded."""
    volume = request.images.volume
    if volume is None or volume.reduction != _FULL:
        return frames.load(located)
    return Frame(pixels=volume.voxels[request.viewing.state.index], source=located.source)


def _overlays(
    request: Request, located: LocatedFrame, frames: Frames
) -> tuple[Sequence[OverlayPlane], tuple[str, ...]]:
    """The overlay planes to draw; a damaged one never costs the picture, only a sentence on it."""
    if not request.overlays or not located.source.overlays:
        return (), ()
    try:
        return frames.overlays(located), ()
    except ImageError:
        return (), (request.words("The overlay of this image cannot be read."),)


def _drawn_plane(request: Request) -> Drawn:
    images, state = request.images, request.viewing.state
    volume = images.volume
    if volume is None:
        raise ValueError("a plane is drawn of a volume")
    point = state.point_world or volume.center_world
    nearest = images.display_set.nearest_index(point) or 0
    source = images.display_set.frames[nearest].source
    middle = volume.voxels[len(volume.voxels) // 2]
    start = start_of(request.images.start, volume.source, middle)
    voi = request.viewing.presentation.voi or start.voi
    look = replace(request.viewing.presentation, voi=voi)
    is_frame = volume.reduction == _FULL and _lies_in(source, state, point, volume)
    number = f"{nearest + 1} / {len(images.display_set.frames)}  " if is_frame else ""
    resolved = resolve(plane_geometry(volume, state.plane, point), state, request.canvas_size)
    return Drawn(
        picture=picture_of_plane(volume, state.plane, point, look, state, size=request.canvas_size),
        resolved=resolved,
        drawings=(
            *_placed(
                _texts(request, source, resolved, voi, reduction=volume.reduction),
                state,
                point,
                number,
            ),
            *_plane_crosshair(state, resolved, point),
        ),
        voi=voi,
        start=start,
        is_voi_chosen=request.viewing.presentation.voi is not None,
        frame=source if is_frame else None,
        place=_depth_share(volume, state, point),
        count=len(images.display_set.frames),
    )


def _texts(
    request: Request,
    source: FrameSource,
    resolved: ResolvedView,
    voi: Voi,
    *,
    notes: tuple[str, ...] = (),
    reduction: tuple[int, int, int] = _FULL,
) -> list[Text]:
    """Corners and letters as far as they are wanted; what warns of the picture is never hidden."""
    viewing = request.viewing
    shown = Shown(
        canvas_size=request.canvas_size,
        count=len(request.images.display_set.frames),
        voi=None if source.is_colour else voi,
        is_inverted=viewing.presentation.inverted,
        canvas_px_per_image_px=resolved.canvas_px_per_image_px,
        notes=(*request.notes, *notes),
        reduction=reduction,
        part=request.part,
    )
    corners = corner_annotations(source, viewing.state, request.patient, shown, request.words)
    warnings = [text for text in corners if text.role == "warning"]
    if request.annotation is Annotation.OFF:
        return warnings
    if request.annotation is Annotation.MINIMAL:
        corners = [*_few(corners, request), *warnings]
    return [*corners, *orientation_markers(resolved)]


def _few(corners: list[Text], request: Request) -> list[Text]:
    """The last lines bottom left (window and place) only, and what plane it is."""
    few = [replace(c, lines=c.lines[-2:]) for c in corners if c.corner == "bottom-left"]
    state = request.viewing.state
    if state.kind == "plane":
        name = Text(
            anchor=(MARGIN_PX, MARGIN_PX),
            corner="top-left",
            lines=(request.words(state.plane),),
            role=f"plane-{state.plane}",
        )
        few.insert(0, name)
    return few


def _placed(texts: list[Text], state: ViewState, point: Vector, number: str) -> list[Text]:
    """A plane's place in the patient as the last line bottom left; its image number where it has one."""
    axis = {"sagittal": 0, "coronal": 1, "axial": 2}[state.plane]
    letter = ("RL", "AP", "FH")[axis][point[axis] >= 0]
    line = f"{number}{letter} {abs(point[axis]):.1f} mm"
    return [
        replace(text, lines=(*text.lines, line)) if text.corner == "bottom-left" else text
        for text in texts
    ]


def _stack_crosshair(request: Request, resolved: ResolvedView) -> list[Line]:
    """The shared point on the frame nearest to it; on the others there is nothing to point at."""
    state = request.viewing.state
    if state.point_world is None:
        return []
    if request.images.display_set.nearest_index(state.point_world) != state.index:
        return []
    return crosshair(resolved, state.point_world)


def _plane_crosshair(state: ViewState, resolved: ResolvedView, point: Vector) -> list[Line]:
    """Each line takes the role of the plane it stands for, so that planes keep their colours."""
    level, upright = {
        "axial": ("coronal", "sagittal"),
        "coronal": ("axial", "sagittal"),
        "sagittal": ("axial", "coronal"),
    }[state.plane]
    if state.rotation % 180:
        level, upright = upright, level
    return [
        replace(line, role=f"plane-{level if line.start[1] == line.end[1] else upright}")
        for line in crosshair(resolved, point)
    ]


def _lies_in(source: FrameSource, state: ViewState, point: Vector, volume: Volume) -> bool:
    """Whether the plane is the frame's own, not a cut across or between frames."""
    if source.orientation is None or source.position is None:
        return False
    across = np.cross(source.orientation[:3], source.orientation[3:6])
    if abs(float(across @ plane_named(state.plane).into_screen)) < _SAME_PLANE_COSINE:
        return False
    offset = abs(float(across @ (np.asarray(point) - np.asarray(source.position))))
    return offset <= voxel_steps_mm(volume)[2] / 2


def _depth_share(volume: Volume, state: ViewState, point: Vector) -> float:
    """How far the plane is through the volume in reading direction, 0-1."""
    across = reading_direction(state.plane)
    half = (
        np.abs(across @ volume.world_from_voxel[:3, :3]) @ np.array(volume.voxels.shape[::-1]) / 2
    )
    offset = float(across @ (np.asarray(point) - np.asarray(volume.center_world)))
    return min(max(0.5 + offset / (2.0 * float(half)), 0.0), 1.0) if half > 0 else 0.0
