"""What a reader must know about the slices of a sorted set, as findings with numbers.

Missing slices, duplicates, mixed spacing, overlap, jitter, numbering against the positions, and the
tilt of the gantry against what the header says. Refuses nothing: `forming` decides about volumes,
the stack is shown whatever is found.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from viewer.geometry import Matrix, slice_position
from viewer.volume.finding import Finding, finding
from viewer.volume.frame_source import FrameSource
from viewer.volume.repeats import Repeats
from viewer.volume.slices import (
    LEAST_SLICES,
    Slices,
    deviation_mm,
    gaps,
    is_even,
    is_even_but_for_gaps,
)

_TILT_DEGREES = 0.5
_TILT_AGREES_DEGREES = 1.0
_OVERLAP = 1.01
# Rounding in headers stays below this part of a step.
_JITTER = 0.02
_MOST_GAPS_TOLD = 3
# Which way is down in the room, in patient coordinates (C.7.3.1.1.2): supine the back, prone the front,
# decubitus the side that the patient lies on.
_DOWN = {"S": (0.0, 1.0, 0.0), "P": (0.0, -1.0, 0.0), "DL": (1.0, 0.0, 0.0), "DR": (-1.0, 0.0, 0.0)}


def missing_after(slices: Slices | None, repeats: Repeats) -> tuple[int, ...]:
    """Indices i where slices are missing between frame i and i + 1 of frames in reading order."""
    if slices is None or repeats.kind:
        return ()
    places = slices.places
    if (np.diff(places) < 0).any():
        return ()
    last_of_place = np.searchsorted(places, np.arange(int(places.max()) + 1), side="right") - 1
    return tuple(int(last_of_place[n]) for n in sorted(gaps(slices.one_per_place().along)))


def findings_of(
    sources: Sequence[FrameSource], slices: Slices | None, repeats: Repeats
) -> tuple[Finding, ...]:
    """Findings on frames in reading order, the gravest first; none where they have no place."""
    if slices is None or sources[0].is_localizer:
        return ()
    found = _duplicates(slices, repeats)
    lone = slices.one_per_place()
    if len(lone.along) >= LEAST_SLICES:
        found += _spacing(lone, sources[0]) + _tilt(lone, sources[0]) + _overlap(lone, sources)
    if not repeats.kind:
        found += _numbering(sources, slices)
    return tuple(sorted(found, key=lambda each: not each.warns))


def _duplicates(slices: Slices, repeats: Repeats) -> list[Finding]:
    counts = np.bincount(slices.places)
    if repeats.kind or int(counts.max()) == 1:
        return []
    return [
        finding(
            "Several images lie at the same position ({count} images, {places} positions).",
            warns=True,
            count=len(slices.along),
            places=len(counts),
        )
    ]


def _spacing(lone: Slices, first: FrameSource) -> list[Finding]:
    """Missing slices, mixed spacing or jitter of places in reading order."""
    along = lone.along
    missing = gaps(along)
    found = _gaps_told(lone, missing, first)
    steps = np.abs(np.diff(along))
    if not is_even(along) and not is_even_but_for_gaps(along, missing):
        told = {"smallest": f"{steps.min():.2f}", "largest": f"{steps.max():.2f}"}
        found.append(
            finding("The slice spacing changes: {smallest} to {largest} mm.", warns=True, **told)
        )
    elif not missing and deviation_mm(along) > _JITTER * float(steps.mean()):
        found.append(
            finding(
                "Slices lie up to {deviation} mm off an even spacing of {step} mm.",
                warns=False,
                deviation=f"{deviation_mm(along):.2f}",
                step=f"{steps.mean():.2f}",
            )
        )
    return found


def _gaps_told(lone: Slices, missing: dict[int, int], first: FrameSource) -> list[Finding]:
    """One sentence for each of a few gaps, or one for all; ends in mm along the normal."""
    if not missing:
        return []
    orientation = first.orientation or ()
    ends = [
        tuple(slice_position(orientation, lone.positions[n]) for n in (index, index + 1))
        for index in sorted(missing)
    ]
    if len(ends) <= _MOST_GAPS_TOLD:
        return [
            finding(
                "Slices are missing ({count}) between {start} and {end} mm.",
                warns=True,
                count=missing[index],
                start=f"{start:.1f}",
                end=f"{end:.1f}",
            )
            for index, (start, end) in zip(sorted(missing), ends, strict=True)
        ]
    return [
        finding(
            "Slices are missing ({count}) in {gaps} gaps between {start} and {end} mm.",
            warns=True,
            count=sum(missing.values()),
            gaps=len(missing),
            start=f"{ends[0][0]:.1f}",
            end=f"{ends[-1][1]:.1f}",
        )
    ]


def tilt_degrees(lone: Slices, first: FrameSource) -> float:
    """How far the stack leans, signed as the gantry's tilt in the room.

    `lone` are slices in order, one per place. Positive where slices nearer to the gantry are shifted
    downwards in the room within their plane: for a supine patient, head first, backwards as one goes
    headwards. Gantry/Detector Tilt (0018,1120) has no sign of its own in the standard; the scanners
    whose data are at hand write it so.
    """
    step = lone.positions[-1] - lone.positions[0]
    head_first, down = _room(first.patient_position)
    if step[2] * head_first < 0:
        step = -step
    across = lone.across if float(step @ lone.across) > 0 else -lone.across
    sideways = step - across * float(step @ across)
    lean = float(np.degrees(np.arctan2(np.linalg.norm(sideways), float(step @ across))))
    return lean if float(sideways @ down) >= 0 else -lean


def _written(degrees: float) -> str:
    """One decimal, and no minus before nought."""
    return f"{round(degrees, 1) + 0.0:.1f}"


def _room(patient_position: str) -> tuple[float, Matrix]:
    """+1 for head first and -1 for feet first; and the room's down in the patient."""
    known = patient_position.strip().upper()
    down = _DOWN.get(known[2:], _DOWN["S"])
    return (-1.0 if known.startswith("FF") else 1.0), np.array(down)


def _tilt(lone: Slices, first: FrameSource) -> list[Finding]:
    degrees = tilt_degrees(lone, first)
    header = first.gantry_tilt_degrees
    found = []
    if abs(degrees) > _TILT_DEGREES:
        template = (
            "The gantry was tilted by {degrees} degrees; planes through the volume are corrected."
            if first.modality == "CT"
            else "The stack leans by {degrees} degrees; planes through the volume are corrected."
        )
        found.append(finding(template, warns=False, degrees=_written(degrees)))
    if header is None or first.modality != "CT" or _is_reformatted(first):
        return found
    apart = abs(abs(header) - abs(degrees)) > _TILT_AGREES_DEGREES
    if apart or (header * degrees < 0 and abs(degrees) > _TILT_AGREES_DEGREES):
        found.append(
            finding(
                "The header tells a gantry tilt of {header} degrees, the positions show {degrees}.",
                warns=apart,
                header=_written(header),
                degrees=_written(degrees),
            )
        )
    return found


def _is_reformatted(source: FrameSource) -> bool:
    """Derived slices keep the header of what they were made from, the gantry's tilt too."""
    return "DERIVED" in source.image_type


def _overlap(lone: Slices, sources: Sequence[FrameSource]) -> list[Finding]:
    thickness = sources[len(sources) // 2].slice_thickness_mm
    step_mm = float(np.median(np.linalg.norm(np.diff(lone.positions, axis=0), axis=1)))
    if thickness is None or thickness <= _OVERLAP * step_mm or step_mm <= 0:
        return []
    return [
        finding(
            "Slices of {thickness} mm overlap at a spacing of {step} mm.",
            warns=False,
            thickness=f"{thickness:.2f}",
            step=f"{step_mm:.2f}",
        )
    ]


def _numbering(sources: Sequence[FrameSource], slices: Slices) -> list[Finding]:
    """Whether image numbers follow the reading direction; frames of one instance have no numbers."""
    numbers = [s.instance_number for s in sources]
    known = np.array([n for n in numbers if n is not None], dtype=np.float64)
    if (
        len(known) < len(numbers)
        or len({s.sop_uid for s in sources}) < len(sources)
        or len(known) < 2
    ):
        return []
    steps = np.diff(known)
    moved = np.diff(slices.places) > 0
    if (steps[moved] > 0).all():
        return []
    template = (
        "The image numbers run against the order of reading."
        if (steps[moved] < 0).all()
        else "The image numbers do not follow the positions."
    )
    return [finding(template, warns=False)]
