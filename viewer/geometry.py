"""Directions, planes and affines in the patient's space.

World means DICOM patient coordinates in millimetres: +x towards the patient's left, +y towards the
back, +z towards the head (PS3.3 C.7.6.2.1.1). Pixel and voxel coordinates have their integers at
the centres of pixels; (i, j, k) is (column, row, slice). Knows no pixels, files or screens.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
Vector = tuple[float, float, float]
PlaneName = Literal["axial", "coronal", "sagittal"]

# A direction that leans less than five degrees towards an axis does not name it.
_LEAST_NAMED_COMPONENT = math.sin(math.radians(5.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """A direction of view: where the screen's right and down point in the patient (unit vectors)."""

    right: Vector
    down: Vector

    @property
    def into_screen(self) -> Vector:
        """Unit vector from the viewer's eye into the screen: right x down."""
        return as_vector(np.cross(self.right, self.down))


# Radiological: the patient's right is on the left of the screen. Axial is seen from the feet,
# coronal from the front, sagittal from the patient's left with the front at the left of the screen.
AXIAL = Plane(right=(1.0, 0.0, 0.0), down=(0.0, 1.0, 0.0))
CORONAL = Plane(right=(1.0, 0.0, 0.0), down=(0.0, 0.0, -1.0))
SAGITTAL = Plane(right=(0.0, 1.0, 0.0), down=(0.0, 0.0, -1.0))


def plane_named(name: PlaneName) -> Plane:
    """The constant plane of that name."""
    if name == "axial":
        return AXIAL
    if name == "coronal":
        return CORONAL
    return SAGITTAL


def as_vector(values: Sequence[float] | Matrix) -> Vector:
    """Three numbers as a plain tuple of floats."""
    x, y, z = (float(value) for value in values)
    return (x, y, z)


def world_from_pixel(
    position: Vector, orientation: Sequence[float], spacing_rc_mm: tuple[float, float]
) -> Matrix:
    """The 4 x 4 affine from (column, row, 0, 1) of a frame to world (PS3.3 equation C.7.6.2.1-1).

    `position` is the centre of the first pixel, `orientation` the six cosines of Image Orientation
    (Patient), `spacing_rc_mm` Pixel Spacing: between rows first, then between columns.
    The third column is the unit normal, row direction x column direction.
    """
    along_row = np.asarray(orientation[:3], dtype=np.float64)
    along_column = np.asarray(orientation[3:6], dtype=np.float64)
    affine = np.eye(4)
    affine[:3, 0] = along_row * spacing_rc_mm[1]
    affine[:3, 1] = along_column * spacing_rc_mm[0]
    affine[:3, 2] = normal(orientation)
    affine[:3, 3] = position
    return affine


def normal(orientation: Sequence[float]) -> Matrix:
    """Unit vector row direction x column direction of six direction cosines."""
    across = np.cross(orientation[:3], orientation[3:6]).astype(np.float64)
    return np.asarray(across / np.linalg.norm(across), dtype=np.float64)


def slice_position(orientation: Sequence[float], position: Sequence[float]) -> float:
    """Millimetres along the frame's normal: what slices are sorted by."""
    return float(normal(orientation) @ np.asarray(position, dtype=np.float64))


def is_orientation(values: Sequence[float]) -> bool:
    """Whether six numbers are two unit vectors at a right angle, as far as headers are exact."""
    if len(values) != 6 or not all(math.isfinite(value) for value in values):
        return False
    row, column = np.asarray(values[:3]), np.asarray(values[3:])
    lengths_fit = all(abs(float(np.linalg.norm(v)) - 1.0) < 0.01 for v in (row, column))
    return lengths_fit and abs(float(row @ column)) < 0.01


def orientation_letters(direction: Sequence[float]) -> str:
    """The letters of Patient Orientation (0020,0020) for a direction in world, strongest first.

    L left, R right, P back, A front, H head, F feet; components under five degrees are not named.
    """
    named = [
        (abs(value), letters[0] if value > 0 else letters[1])
        for value, letters in zip(direction, ("LR", "PA", "HF"), strict=True)
        if abs(value) >= _LEAST_NAMED_COMPONENT * float(np.linalg.norm(direction))
    ]
    return "".join(letter for _, letter in sorted(named, key=lambda pair: -pair[0]))


def nearest_plane(orientation: Sequence[float]) -> PlaneName:
    """Which of the three planes a frame's normal is nearest to."""
    names: tuple[PlaneName, ...] = ("sagittal", "coronal", "axial")
    return names[int(np.argmax(np.abs(normal(orientation))))]


def transform(matrix: Matrix, point: Sequence[float]) -> Vector:
    """A point through a 4 x 4 affine."""
    return as_vector(matrix[:3, :3] @ np.asarray(point, dtype=np.float64) + matrix[:3, 3])


def inverse(matrix: Matrix) -> Matrix:
    """The inverse of a square affine."""
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)
