"""Where the slices of one direction lie: positions as arrays, and what is regular about them.

Sets of thousands of frames are judged here in whole arrays, never frame by frame. Positions count,
not Slice Thickness, Slice Location or Spacing Between Slices (PS3.3 C.7.6.2.1.1). Knows no series
and no reader: `splitting`, `judging` and `forming` ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.geometry import Matrix, nearest_plane, normal
from viewer.volume.frame_source import FrameSource

LEAST_SLICES = 3
# Headers write positions with five to six digits; the finest slices of clinical machines are 0.1 mm apart.
SAME_PLACE_MM = 0.01
SAME_DIRECTION = 5e-4
# A kilometre away is a damaged header, and squares of such numbers may be no numbers.
_FARTHEST_MM = 1e6
# A slice may lie this part of a step away from where an even stack has it.
UNEVEN = 0.1
# A step from this multiple of the usual one on is a place where slices are missing.
_GAP = 1.5
# This many equal steps in a row, unlike the usual one, are a range with a spacing of its own.
_RANGE_STEPS = 3

Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slices:
    """Frames of one direction in some order.

    `positions` is (frames, 3) in world mm, `across` the unit normal of their planes, `along` their
    (frames,) millimetres along it, `direction` +1 where reading goes along the normal, else -1:
    head to feet, front to back, right to left.
    """

    positions: Matrix
    across: Matrix
    along: Matrix
    direction: float

    @property
    def places(self) -> Indices:
        """For each frame the number of its place in reading order, from 0; one for equal places."""
        order = np.argsort(self.along * self.direction, kind="stable")
        new = np.abs(np.diff(self.along[order], prepend=self.along[order[0]])) > SAME_PLACE_MM
        places = np.empty(len(order), dtype=np.intp)
        places[order] = np.cumsum(new)
        return places

    def taken(self, indices: Indices) -> Slices:
        """Some of the frames, in that order."""
        return Slices(
            positions=self.positions[indices],
            across=self.across,
            along=self.along[indices],
            direction=self.direction,
        )

    def one_per_place(self) -> Slices:
        """The first frame of every place, in reading order."""
        return self.taken(np.unique(self.places, return_index=True)[1])


def slices_of(sources: Sequence[FrameSource]) -> Slices | None:
    """The slices of frames that share one direction; None where any has no place, or one in no scanner."""
    orientation = sources[0].orientation
    positions = [source.position for source in sources]
    if orientation is None or None in positions:
        return None
    across = normal(orientation)
    axis, sign = {"sagittal": (0, 1.0), "coronal": (1, 1.0), "axial": (2, -1.0)}[
        nearest_plane(orientation)
    ]
    points = np.array(positions, dtype=np.float64)
    if float(np.abs(points).max()) > _FARTHEST_MM:
        return None
    return Slices(
        positions=points,
        across=across,
        along=points @ across,
        direction=sign if across[axis] > 0 else -sign,
    )


def orientation_groups(orientations: Sequence[tuple[float, ...]], most: int) -> list[int] | None:
    """For each orientation the number of its group of equal ones; None for more than `most` groups.

    Equal is within 0.0005 in every cosine: 0.03 degrees, what rounding in headers makes.
    """
    known: dict[tuple[float, ...], int] = {}
    distinct = np.array([known.setdefault(o, len(known)) for o in orientations])
    table = np.array(list(known), dtype=np.float64)
    groups = np.full(len(table), -1)
    for group in range(most):
        left = np.flatnonzero(groups < 0)
        if not len(left):
            return [int(n) for n in groups[distinct]]
        near = np.abs(table[left] - table[left[0]]).max(axis=1) <= SAME_DIRECTION
        groups[left[near]] = group
    return None if (groups < 0).any() else [int(n) for n in groups[distinct]]


def deviation_mm(along: Matrix) -> float:
    """How far the worst slice lies from where an even stack between the same ends has it."""
    even = np.linspace(along[0], along[-1], len(along))
    return float(np.abs(along - even).max())


def is_even(along: Matrix) -> bool:
    """Whether sorted places are one even stack of at least three slices."""
    if len(along) < LEAST_SLICES:
        return False
    step = abs(along[-1] - along[0]) / (len(along) - 1)
    return bool(step > SAME_PLACE_MM and deviation_mm(along) <= UNEVEN * step)


def usual_step_mm(along: Matrix) -> float:
    """The step that most neighbours share, in mm, always positive."""
    steps = np.sort(np.abs(np.diff(along)))
    likes = np.searchsorted(steps, steps * (1 + UNEVEN)) - np.searchsorted(
        steps, steps * (1 - UNEVEN)
    )
    alike = np.abs(steps - steps[int(np.argmax(likes))]) <= UNEVEN * steps[int(np.argmax(likes))]
    return float(np.median(steps[alike]))


def gaps(along: Matrix) -> dict[int, int]:
    """Where slices are missing in sorted places: index of the slice before -> how many are missing.

    Single larger steps are gaps. Several equal ones in a row are a range of another spacing.
    """
    if len(along) < LEAST_SLICES:
        return {}
    usual = usual_step_mm(along)
    steps = np.abs(np.diff(along))
    changes = np.abs(np.diff(steps)) > UNEVEN * steps[:-1]
    runs = np.concatenate(([0], np.cumsum(changes)))
    alone = np.bincount(runs)[runs] < _RANGE_STEPS
    found = np.flatnonzero((steps > _GAP * usual) & alone)
    return {int(n): max(1, round(float(steps[n]) / usual) - 1) for n in found}


def is_even_but_for_gaps(along: Matrix, missing: dict[int, int]) -> bool:
    """Whether the places would be even if the missing slices were there."""
    if not missing:
        return False
    counts = np.ones(len(along) - 1)
    counts[list(missing)] += list(missing.values())
    numbers = np.concatenate(([0.0], np.cumsum(counts)))
    step = (along[-1] - along[0]) / numbers[-1]
    worst = np.abs(along - (along[0] + step * numbers)).max()
    return bool(worst <= UNEVEN * abs(step))


def planes(sources: Sequence[FrameSource]) -> Matrix:
    """(frames, 4): unit normal and distance from the origin of each frame's plane; NaN without place."""
    nowhere = (float("nan"),) * 3
    none = nowhere * 2
    points = np.array([s.position or nowhere for s in sources], dtype=np.float64)
    cosines = np.array([s.orientation or none for s in sources], dtype=np.float64)
    points[np.abs(points) > _FARTHEST_MM] = np.nan
    across: npt.NDArray[Any] = np.cross(cosines[:, :3], cosines[:, 3:])
    across = across / np.linalg.norm(across, axis=1, keepdims=True)
    return np.hstack([across, (across * points).sum(axis=1, keepdims=True)])
