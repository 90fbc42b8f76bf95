"""What the frames of a nuclear medicine image are: windows, detectors, phases (PS3.3 C.8.4.8).

Frame Increment Pointer names the vectors; each has one entry per frame. Slices are a place, times
are an order, all others tell frames apart that must not be mixed.
"""

from __future__ import annotations

from typing import Any

from pydicom.dataset import Dataset

from viewer.decoding.place import NUCLEAR_MEDICINE, frame_vector
from viewer.decoding.values import count, items, number, text, within

# Kinds of picture, with the letter that names them in a stack's name.
_KINDS = (
    ("E", "EnergyWindowVector"),
    ("D", "DetectorVector"),
    ("P", "PhaseVector"),
    ("R", "RotationVector"),
    ("I", "RRIntervalVector"),
)
_TIMES = ("TimeSlotVector", "TimeSliceVector")
_SLICES = "SliceVector"
_VIEWS = "AngularViewVector"


def nuclear_facts(ds: Dataset, frames: int) -> list[dict[str, Any]]:
    """Stack, time and slice of every frame, as fields of a `FrameSource`; [] for other objects.

    A phase of a dynamic study is a part of its own (another frame time); of one phase, energy
    window, detector, rotation and interval the frames follow in time. `dimensions` are the entries
    of all vectors that vary, in the standard's order.
    """
    if text(ds, "SOPClassUID") != NUCLEAR_MEDICINE or frames < 2:
        return []
    names = (*(keyword for _, keyword in _KINDS), *_TIMES, _SLICES, _VIEWS)
    found = {name: frame_vector(ds, name, frames) for name in names}
    vectors = {name: values[:frames] for name, values in found.items() if values}
    varying = {name: values for name, values in vectors.items() if len(set(values)) > 1}
    return [_frame_facts(vectors, varying, index) for index in range(frames)]


def phase_frame_time_ms(ds: Dataset) -> float | None:
    """Frame Time of a gated or dynamic image: in the sequences of C.8.4.14 and C.8.4.12."""
    gated = items(ds, "GatedInformationSequence")
    held = items(gated[0], "DataInformationSequence") if gated else []
    for item in (*held[:1], *items(ds, "PhaseInformationSequence")[:1]):
        for keyword in ("FrameTime", "ActualFrameDuration"):
            value = within(number(item, keyword), 1e-3, 1e9)
            if value is not None:
                return value
    duration = count(ds, "ActualFrameDuration")
    return float(duration) if duration and duration > 0 else None


def _frame_facts(
    vectors: dict[str, tuple[int, ...]], varying: dict[str, tuple[int, ...]], index: int
) -> dict[str, Any]:
    stack = "".join(f"{letter}{varying[name][index]}" for letter, name in _KINDS if name in varying)
    facts: dict[str, Any] = {
        "stack": stack,
        "dimensions": tuple(values[index] for values in varying.values()),
    }
    times = [varying[name][index] for name in _TIMES if name in varying]
    if times:
        facts["temporal_position"] = times[0]
    if _SLICES in vectors:
        facts["in_stack"] = vectors[_SLICES][index]
    elif _VIEWS in varying:
        facts["in_stack"] = varying[_VIEWS][index]
    return facts
