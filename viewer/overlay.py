"""What is written and drawn over a picture, as values in canvas coordinates.

Corner texts follow IHE BIR 5.8: patient top left, place and time top right, series bottom right;
window and zoom bottom left. Qt paints these values on screen, other painters into PNG and PDF.
Knows no toolkit and no colours: each value says what it is (`role`), a painter says how it looks.
Words pass through the caller's `words` for translation; names, numbers and letters do not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from viewer.geometry import orientation_letters
from viewer.view import Point, ResolvedView, ViewState
from viewer.voi import LutVoi, Voi
from viewer.volume import FrameSource

Corner = Literal["top-left", "top-right", "bottom-left", "bottom-right"]
Side = Literal["left", "right", "top", "bottom"]
Words = Callable[[str], str]

MARGIN_PX = 8.0
_CROSSHAIR_GAP_PX = 14.0
# Notes stand top centre, under the letter of the side.
_BELOW_THE_LETTERS_PX = 24.0
_OPPOSITE = str.maketrans("LRPAHF", "RLAPFH")
_SPACINGS = {
    "patient": "",
    "none": "not calibrated",
    "detector": "detector plane",
    "magnified": "magnification corrected",
    "fiducial": "calibrated (fiducial)",
    "geometry": "calibrated (geometry)",
}


def _as_written(text: str) -> str:
    """The English words, where no translation is given."""
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Lines of text in a corner, or centred at a side, of the canvas.

    `anchor` is that corner's or side's point, a margin inside; lines run downwards from a top
    anchor, end at a bottom one, and are aligned to the side they stand at.
    """

    anchor: Point
    lines: tuple[str, ...]
    corner: Corner | Side
    role: str = "annotation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A straight line between canvas points."""

    start: Point
    end: Point
    role: str = "crosshair"


@dataclass(frozen=True, slots=True, kw_only=True)
class Polyline:
    """A line through canvas points, closed or open."""

    points: tuple[Point, ...]
    closed: bool = False
    role: str = "measurement"


Drawing = Text | Line | Polyline


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientFacts:
    """Who and which examination: ready texts, "" where unknown. Never translated."""

    name: str = ""
    patient_id: str = ""
    sex: str = ""
    age: str = ""
    birth_date: str = ""
    institution: str = ""
    study_description: str = ""
    study_id: str = ""
    accession: str = ""
    study_time: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What of a series is on the canvas: the n-th of `count` images or a plane, and how.

    `notes` are ready sentences a reader must see with the picture: a reduced volume, a gap between
    slices. `reduction` is that of the volume a plane is made of (`Volume.reduction`). `part` are ready
    words for what tells the images apart in their series, as "b 1000"; "" where they are all of it.
    """

    canvas_size: tuple[int, int]
    count: int = 1
    voi: Voi | None = None
    is_inverted: bool = False
    canvas_px_per_image_px: float | None = None
    notes: tuple[str, ...] = ()
    reduction: tuple[int, int, int] = (1, 1, 1)
    part: str = ""


def corner_annotations(
    source: FrameSource,
    state: ViewState,
    patient: PatientFacts,
    shown: Shown,
    words: Words = _as_written,
) -> list[Text]:
    """The four corner texts and, top centre as "warning", the notes; what is empty is left out."""
    width, height = shown.canvas_size
    left, right, top, bottom = MARGIN_PX, width - MARGIN_PX, MARGIN_PX, height - MARGIN_PX
    texts = (
        Text(
            anchor=(width / 2, top + _BELOW_THE_LETTERS_PX),
            corner="top",
            lines=_filled(reduction_text(shown.reduction, words), *shown.notes),
            role="warning",
        ),
        Text(anchor=(left, top), corner="top-left", lines=_patient_lines(patient)),
        Text(anchor=(right, top), corner="top-right", lines=_study_lines(source, patient)),
        Text(
            anchor=(left, bottom),
            corner="bottom-left",
            lines=_look_lines(source, state, shown, words),
        ),
        Text(
            anchor=(right, bottom),
            corner="bottom-right",
            lines=_series_lines(source, state, shown.part, words),
        ),
    )
    return [text for text in texts if text.lines]


def orientation_markers(resolved: ResolvedView) -> list[Text]:
    """The letters at the four sides (Patient Orientation (0020,0020)); none where unknown."""
    width, height = resolved.canvas_size
    right, down = _letters(resolved, (1.0, 0.0)), _letters(resolved, (0.0, 1.0))
    sides: tuple[tuple[Side, str, Point], ...] = (
        ("left", right.translate(_OPPOSITE), (MARGIN_PX, height / 2)),
        ("right", right, (width - MARGIN_PX, height / 2)),
        ("top", down.translate(_OPPOSITE), (width / 2, MARGIN_PX)),
        ("bottom", down, (width / 2, height - MARGIN_PX)),
    )
    return [
        Text(anchor=anchor, lines=(letters,), corner=side, role="orientation")
        for side, letters, anchor in sides
        if letters
    ]


def crosshair(resolved: ResolvedView, point_world: tuple[float, float, float]) -> list[Line]:
    """Lines across the canvas through a world point, open around it; none without a place."""
    point = resolved.canvas_from_world(point_world)
    if point is None:
        return []
    x, y = point
    width, height = (float(side) for side in resolved.canvas_size)
    gap = _CROSSHAIR_GAP_PX
    spans: list[Line] = []
    if 0 <= y <= height:
        spans += [
            Line(start=(a, y), end=(b, y))
            for a, b in ((0.0, min(x - gap, width)), (max(x + gap, 0.0), width))
            if b > a
        ]
    if 0 <= x <= width:
        spans += [
            Line(start=(x, a), end=(x, b))
            for a, b in ((0.0, min(y - gap, height)), (max(y + gap, 0.0), height))
            if b > a
        ]
    return spans


def window_text(voi: Voi, unit: str = "") -> str:
    """Center and width as "C 40 W 400 HU", or the name of a lookup table."""
    if isinstance(voi, LutVoi):
        return voi.name or "LUT"
    return f"C {_number(voi.center)} W {_number(voi.width)} {unit}".rstrip()


def reduction_text(reduction: tuple[int, int, int], words: Words = _as_written) -> str:
    """What was averaged down to stay inside the budget: "Reduced 1:2"; "" for a whole volume.

    Where directions differ all three are named: "Reduced 2 x 2 x 1" (columns, rows, slices).
    """
    if max(reduction) <= 1:
        return ""
    if len(set(reduction)) == 1:
        return f"{words('Reduced')} 1:{reduction[0]}"
    return f"{words('Reduced')} " + " x ".join(str(part) for part in reduction)


def spacing_text(source: FrameSource, words: Words = _as_written) -> str:
    """In which plane lengths on this frame are true (PS3.3 10.7.1.3), "" in the patient's own.

    "detector plane": Imager Pixel Spacing as it is, so that what lies before the detector measures
    too long; "magnification corrected": divided by the estimated magnification; "calibrated
    (fiducial)" and "calibrated (geometry)": by an object of known size or for an assumed depth.
    "not calibrated" where there are only pixels.
    """
    text = words(_SPACINGS[source.spacing_kind]) if _SPACINGS[source.spacing_kind] else ""
    is_calibrated = source.spacing_kind in {"fiducial", "geometry", "magnified"}
    return f"{text}: {source.spacing_note}" if is_calibrated and source.spacing_note else text


def _patient_lines(patient: PatientFacts) -> tuple[str, ...]:
    second = "  ".join(part for part in (patient.patient_id, patient.sex, patient.age) if part)
    return _filled(patient.name, second, patient.birth_date)


def _study_lines(source: FrameSource, patient: PatientFacts) -> tuple[str, ...]:
    numbers = "  ".join(part for part in (patient.study_id, patient.accession) if part)
    time = source.acquired or patient.study_time
    return _filled(patient.institution, patient.study_description, numbers, time)


def _look_lines(
    source: FrameSource, state: ViewState, shown: Shown, words: Words
) -> tuple[str, ...]:
    technique = "  ".join(f"{name} {value}" for name, value in source.facts)
    window = window_text(shown.voi, source.unit) if shown.voi is not None else ""
    if window and shown.is_inverted:
        window = f"{window}  {words('inverted')}"
    zoom = ""
    if shown.canvas_px_per_image_px is not None:
        zoom = f"{words('Zoom')} {shown.canvas_px_per_image_px * 100:.0f} %"
    place = f"{state.index + 1} / {shown.count}" if state.kind == "stack" else ""
    return _filled(technique, source.lossy, zoom, window, place)


def _series_lines(
    source: FrameSource, state: ViewState, part: str, words: Words
) -> tuple[str, ...]:
    number = "" if source.series_number is None else f"{words('Series')} {source.series_number}"
    number = f"{number}  {part}".strip()
    side = " ".join(part for part in (source.laterality, source.view_position) if part)
    if state.kind == "plane":
        return _filled(source.series_description, f"{number}  {words(state.plane)}".strip())
    contrast = f"{words('Contrast')} {source.contrast}" if source.contrast else ""
    return _filled(number, side, contrast, source.series_description, _slice_line(source, words))


def _slice_line(source: FrameSource, words: Words) -> str:
    """Slice thickness, and the place along the axis the slice lies across."""
    parts = []
    if source.slice_thickness_mm is not None:
        parts.append(f"{words('Thickness')} {_number(source.slice_thickness_mm)} mm")
    if source.position is not None and source.orientation is not None:
        parts.append(f"{words('Location')} {_location(source)} mm")
    return "  ".join(parts)


def _location(source: FrameSource) -> str:
    """The frame's centre along the patient axis nearest to its normal, with that axis' letter."""
    row, column = np.array(source.orientation[:3]), np.array(source.orientation[3:])  # type: ignore[index]  # both are checked by the caller
    tall, wide = source.pixel_spacing_mm or (0.0, 0.0)
    centre = np.asarray(source.position, dtype=np.float64)
    centre = centre + row * wide * (source.columns - 1) / 2 + column * tall * (source.rows - 1) / 2
    axis = int(np.argmax(np.abs(np.cross(row, column))))
    direction = np.zeros(3)
    direction[axis] = 1.0 if centre[axis] >= 0 else -1.0
    return f"{orientation_letters(direction.tolist())} {abs(centre[axis]):.1f}"


def _letters(resolved: ResolvedView, canvas_direction: Point) -> str:
    """Which way in the patient a canvas direction points."""
    delta = resolved.image_from_canvas[:2, :2] @ np.array(canvas_direction)
    affine = resolved.geometry.world_from_pixel
    if affine is not None:
        return orientation_letters((affine[:3, :2] @ delta).tolist())
    if resolved.geometry.patient_orientation is None:
        return ""
    axis = int(np.argmax(np.abs(delta)))
    letters = resolved.geometry.patient_orientation[axis]
    return letters if delta[axis] > 0 else letters.translate(_OPPOSITE)


def _filled(*lines: str) -> tuple[str, ...]:
    return tuple(line for line in lines if line)


def _number(value: float) -> str:
    """Up to two decimals, without trailing zeros."""
    if not math.isfinite(value):
        return ""
    return f"{value:.2f}".rstrip("0").rstrip(".")
