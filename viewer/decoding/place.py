"""Where frames lie in the patient: position and orientation from every kind of header.

Plain attributes and functional groups (PS3.3 C.7.6.2, C.7.6.16.2.3, .4), the detectors of nuclear
medicine (C.8.4.11, C.8.4.15) and the grid of a dose (C.8.8.3.2). What is not a place in the room
(a number that is none, ten kilometres, six numbers that are no directions) counts as absent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from pydicom.dataset import Dataset

from viewer.decoding.groups import FunctionalGroups
from viewer.decoding.values import items, number, numbers, text, within
from viewer.geometry import Vector, as_vector, is_orientation, normal

NUCLEAR_MEDICINE = "1.2.840.10008.5.1.4.1.1.20"
DOSE = "1.2.840.10008.5.1.4.1.1.481.2"
FARTHEST_MM = 1e5
_SAME_MM = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Image Position and Image Orientation (Patient), both or none."""

    position: Vector | None = None
    orientation: tuple[float, ...] | None = None

    def moved(self, offset_mm: Vector) -> Place:
        """The same plane, its first pixel shifted by a vector in world."""
        if self.position is None:
            return self
        x, y, z = (a + b for a, b in zip(self.position, offset_mm, strict=True))
        return Place(position=(x, y, z), orientation=self.orientation)


def place(groups: FunctionalGroups, index: int) -> Place:
    """Where a frame (counted from 0) lies; an empty place where the header does not say so."""
    sop_class = groups.whole(_sop_class)
    if sop_class == NUCLEAR_MEDICINE:
        return _in_stack(_detector_place(groups.dataset, index), groups.whole(_slices), index)
    if sop_class == DOSE:
        return _in_stack(groups.whole(_plain_place), groups.whole(_dose_offsets), index)
    position = groups.ask(index, "PlanePositionSequence", _position)
    orientation = groups.ask(index, "PlaneOrientationSequence", _orientation)
    return _place(position, orientation)


def placed_at(position: tuple[float, ...], orientation: tuple[float, ...]) -> Place:
    """A place from bare numbers; an empty one where they are none."""
    return _place(_near(position), _directions(orientation))


def slice_thickness_mm(dataset: Dataset) -> float | None:
    """Slice Thickness, where it can be one."""
    value = number(dataset, "SliceThickness")
    return within(value, 0.0, FARTHEST_MM) or None


def frame_vector(dataset: Dataset, keyword: str, frames: int) -> tuple[int, ...]:
    """A vector of nuclear medicine with one entry per frame (C.8.4.9); () where it has others."""
    values = tuple(int(value) for value in numbers(dataset, keyword))
    return values if len(values) >= frames else ()


def _place(position: Vector | None, orientation: tuple[float, ...] | None) -> Place:
    if position is None or orientation is None:
        return Place()
    return Place(position=position, orientation=orientation)


def _position(item: Dataset) -> Vector | None:
    return _near(numbers(item, "ImagePositionPatient"))


def _near(values: tuple[float, ...]) -> Vector | None:
    if len(values) != 3 or max(abs(value) for value in values) > FARTHEST_MM:
        return None
    return (values[0], values[1], values[2])


def _orientation(item: Dataset) -> tuple[float, ...] | None:
    return _directions(numbers(item, "ImageOrientationPatient"))


def _directions(values: tuple[float, ...]) -> tuple[float, ...] | None:
    if len(values) != 6 or max(abs(value) for value in values) > 2.0:
        return None
    return values if is_orientation(values) else None


def _plain_place(ds: Dataset) -> Place:
    return _place(_position(ds), _orientation(ds))


def _sop_class(ds: Dataset) -> str:
    return text(ds, "SOPClassUID")


def _in_stack(first: Place, offsets_mm: tuple[float, ...], index: int) -> Place:
    """A plane moved along its normal; no place where the frame's offset is not known."""
    if first.orientation is None or index >= len(offsets_mm):
        return Place()
    return first.moved(as_vector(normal(first.orientation) * offsets_mm[index]))


def _detector_place(ds: Dataset, index: int) -> Place:
    """The place of the detector (C.8.4.11) whose frame it is; older files have a plain one."""
    detectors = items(ds, "DetectorInformationSequence")
    vector = numbers(ds, "DetectorVector")
    which = int(vector[index]) - 1 if index < len(vector) else 0
    if not 0 <= which < len(detectors):
        return _plain_place(ds)
    found = _plain_place(detectors[which])
    return found if found.position is not None else _plain_place(ds)


def _slices(ds: Dataset) -> tuple[float, ...]:
    """Every frame's offset along the normal of the first slice (C.8.4.15).

    Slice Vector numbers the slices; a negative Spacing Between Slices stacks them in front of the
    first. Only reconstructed slices are a stack: other frames look from one place, so that a
    single frame alone has one.
    """
    frames = max(1, int(number(ds, "NumberOfFrames") or 1))
    vector = frame_vector(ds, "SliceVector", frames)
    if not vector:
        return (0.0,) if frames == 1 else ()
    step = number(ds, "SpacingBetweenSlices")
    if step is None and max(vector) > 1:
        step = slice_thickness_mm(ds)
    if max(vector) > 1 and within(abs(step or 0.0), 1e-3, FARTHEST_MM) is None:
        return ()
    return tuple((step or 0.0) * (number - 1) for number in vector)


def _dose_offsets(ds: Dataset) -> tuple[float, ...]:
    """Every plane's offset along the normal, from either form of Grid Frame Offset Vector.

    Relative, the first entry is zero; absolute, it is the z of Image Position (Patient) and the
    planes are axial (C.8.8.3.2). Anything else has no meaning in the standard.
    """
    offsets = numbers(ds, "GridFrameOffsetVector")
    first = _plain_place(ds)
    if not offsets:
        return (0.0,) if (number(ds, "NumberOfFrames") or 1) == 1 else ()
    if max(abs(value) for value in offsets) > FARTHEST_MM:
        return ()
    if abs(offsets[0]) <= _SAME_MM:
        return offsets
    if first.position is None or first.orientation is None:
        return ()
    across = np.asarray(normal(first.orientation))
    is_axial = abs(abs(float(across[2])) - 1.0) < 1e-4
    if not is_axial or abs(offsets[0] - first.position[2]) > _SAME_MM:
        return ()
    towards = 1.0 if across[2] > 0 else -1.0
    return tuple((value - offsets[0]) * towards for value in offsets)


def place_fields(found: Place) -> dict[str, Any]:
    """The fields of a `FrameSource`."""
    return {"position": found.position, "orientation": found.orientation}
