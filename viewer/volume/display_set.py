"""One series' frames sorted for reading, and whether they form a volume.

A series may be split (scouts, orientations, matrices, multi-frame instances), series are never
merged (IHE BIR, FrameSets). Slices are sorted by where they lie, not by their numbers: head to
feet, front to back, right to left. A set that is no even, straight stack says why in one sentence.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from viewer.geometry import Matrix, Vector, nearest_plane, normal, world_from_pixel
from viewer.volume.error import ImageError
from viewer.volume.frame_source import FrameSource, LocatedFrame

LEAST_SLICES = 3
_SAME_DIRECTION = 5e-4
_SAME_PLACE_MM = 1e-3
_UNEVEN = 0.1  # of a step
_TILT_DEGREES = 0.5
_SHIFT_MM = 0.5
# From this many single-image orientations on, a series is a turn around an axis, not a mixture.
_ROTATING_SERIES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What tells a set apart from the others of its series, for its label: a kind and its value.

    `kind` is an English word that is translated ("b-value", "echo", "phase", ...), `value` is not.
    """

    kind: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a reader must know about a set's slices, as a sentence for translation.

    Gaps, duplicates, mixed spacing, reversed numbering, a tilted gantry: `template` is the English
    sentence with `{fields}`, as in `ImageError`. With `warns` it is shown without being asked for.
    """

    template: str
    fields: tuple[tuple[str, str], ...] = ()
    warns: bool = True

    def __str__(self) -> str:
        return self.template.format(**dict(self.fields))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DisplaySet:
    """Frames of one series in reading order.

    `key` names the set's content (a digest of instances and byte ranges): the name under which its
    decoded pixels may be kept. `refusal` says why there is no volume; None where there is one, and
    then `world_from_voxel` maps (column, row, index in `frames`, 1) to world. With a tilted gantry
    its third column leans: it is a shear, and no slice is moved.
    """

    key: str
    series_uid: str
    frames: tuple[LocatedFrame, ...]
    refusal: ImageError | None
    world_from_voxel: Matrix | None
    parts: tuple[Part, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def is_volume(self) -> bool:
        """Whether MPR can be made of this set."""
        return self.refusal is None

    @property
    def frame_of_reference(self) -> str:
        """The one for the whole set, also where each image wrongly has its own."""
        return self.frames[0].source.frame_of_reference

    @property
    def middle_index(self) -> int:
        """The frame shown first."""
        return len(self.frames) // 2 if self.is_volume else 0

    @property
    def spacing_mm(self) -> Vector | None:
        """The step along column index, row index and slice, where there is a volume."""
        if self.world_from_voxel is None:
            return None
        x, y, z = np.linalg.norm(self.world_from_voxel[:3, :3], axis=0)
        return (float(x), float(y), float(z))

    def nearest_index(self, point_world: Sequence[float]) -> int | None:
        """The frame whose plane lies nearest to a world point; None where frames have no place."""
        distances = [_plane_distance(frame.source, point_world) for frame in self.frames]
        known = [(d, index) for index, d in enumerate(distances) if d is not None]
        return min(known)[1] if known else None


def display_sets(frames: Iterable[LocatedFrame]) -> list[DisplaySet]:
    """Frames of any number of series as sets: by series number, then as split, in file order."""
    groups: dict[tuple[object, ...], list[LocatedFrame]] = {}
    for frame in frames:
        groups.setdefault(_kind(frame.source), []).append(frame)
    sets = [_display_set(part) for group in groups.values() for part in _by_orientation(group)]
    return sorted(sets, key=lambda a: (a.frames[0].source.series_number or 0, a.series_uid))


def _kind(source: FrameSource) -> tuple[object, ...]:
    """What may not be mixed in one set. A multi-frame instance is a set of its own."""
    return (
        source.series_uid,
        source.sop_uid if source.number_of_frames > 1 else "",
        source.is_localizer,
        source.rows,
        source.columns,
        source.is_colour,
    )


def _by_orientation(frames: list[LocatedFrame]) -> list[list[LocatedFrame]]:
    """Split by direction; a turn of single images around an axis stays together."""
    groups: list[list[LocatedFrame]] = []
    for frame in frames:
        for group in groups:
            if _same_direction(group[0].source, frame.source):
                group.append(frame)
                break
        else:
            groups.append([frame])
    rotating = len(groups) >= _ROTATING_SERIES and all(len(group) == 1 for group in groups)
    return [frames] if rotating else groups


def _same_direction(a: FrameSource, b: FrameSource) -> bool:
    if a.orientation is None or b.orientation is None:
        return a.orientation is b.orientation
    pairs = zip(a.orientation, b.orientation, strict=True)
    return all(abs(x - y) <= _SAME_DIRECTION for x, y in pairs)


def _display_set(frames: list[LocatedFrame]) -> DisplaySet:
    ordered = tuple(_sorted_for_reading(frames))
    refusal: ImageError | None = None
    affine: Matrix | None = None
    try:
        affine = _volume_affine([frame.source for frame in ordered])
    except ImageError as error:
        refusal = error
    return DisplaySet(
        key=_key(ordered),
        series_uid=ordered[0].source.series_uid,
        frames=ordered,
        refusal=refusal,
        world_from_voxel=affine,
    )


def _key(frames: tuple[LocatedFrame, ...]) -> str:
    sources = (frame.source for frame in frames)
    content = [(s.sop_uid, s.frame, s.transfer_syntax, s.fragments) for s in sources]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:40]


def _sorted_for_reading(frames: list[LocatedFrame]) -> list[LocatedFrame]:
    """Along the patient where every frame has a place of its own, else by number."""
    by_number = sorted(frames, key=lambda f: _number(f.source))
    places = [_reading_place(frame.source) for frame in by_number]
    known = [place for place in places if place is not None]
    if len(known) < len(places) or len({round(p / _SAME_PLACE_MM) for p in known}) < len(known):
        return by_number
    return [frame for _, frame in sorted(zip(known, by_number, strict=True), key=lambda p: p[0])]


def _number(source: FrameSource) -> tuple[int, str, int]:
    number = source.instance_number if source.instance_number is not None else 1 << 30
    return (number, source.sop_uid, source.frame)


def _reading_place(source: FrameSource) -> float | None:
    """Millimetres in reading direction: feetwards, backwards or leftwards."""
    if source.position is None or source.orientation is None:
        return None
    axis, sign = {"sagittal": (0, 1.0), "coronal": (1, 1.0), "axial": (2, -1.0)}[
        nearest_plane(source.orientation)
    ]
    across = normal(source.orientation)
    towards = sign if across[axis] > 0 else -sign
    return float(across @ np.asarray(source.position)) * towards


def _plane_distance(source: FrameSource, point_world: Sequence[float]) -> float | None:
    if source.position is None or source.orientation is None:
        return None
    offset = np.asarray(point_world, dtype=np.float64) - np.asarray(source.position)
    return abs(float(normal(source.orientation) @ offset))


def _volume_affine(sources: list[FrameSource]) -> Matrix:
    """(column, row, slice, 1) to world, or ImageError with the reason why there is no volume."""
    _refuse_by_header(sources)
    positions = np.array([source.position for source in sources], dtype=np.float64)
    first = sources[0]
    if first.orientation is None or first.pixel_spacing_mm is None:  # pragma: no cover - refused
        raise ImageError("The images carry no position in the patient.")
    _refuse_by_positions(positions, normal(first.orientation))
    affine = world_from_pixel(
        (positions[0][0], positions[0][1], positions[0][2]),
        first.orientation,
        first.pixel_spacing_mm,
    )
    affine[:3, 2] = (positions[-1] - positions[0]) / (len(sources) - 1)
    return affine


def _refuse_by_header(sources: list[FrameSource]) -> None:
    first = sources[0]
    if first.is_localizer:
        raise ImageError("Localizer images form no volume.")
    if first.is_colour:
        raise ImageError("Color images form no volume.")
    if any(s.bits_allocated > 16 or s.modality_lut for s in sources):
        raise ImageError("Images with this pixel format form no volume.")
    if any(s.position is None or s.orientation is None for s in sources):
        raise ImageError("The images carry no position in the patient.")
    if any(s.pixel_spacing_mm is None or s.spacing_kind != "patient" for s in sources):
        raise ImageError("The images carry no pixel spacing in the patient.")
    if not all(_same_direction(first, s) for s in sources):
        raise ImageError("The images point in different directions.")
    if len(sources) < LEAST_SLICES:
        raise ImageError("{count} images are too few for a volume.", count=len(sources))
    _refuse_mixture(sources)


def _refuse_mixture(sources: list[FrameSource]) -> None:
    """Facts that must be the same on every slice."""
    spacings = np.array([source.pixel_spacing_mm for source in sources])
    if float(np.ptp(spacings, axis=0).max()) > 1e-3 * float(spacings.min()):
        raise ImageError("The pixel spacing differs between images.")
    # The frame of reference belongs to the series (C.7.4.1). Some de-identification gives every
    # image one of its own; a few different ones are really different places.
    if 1 < len({source.frame_of_reference for source in sources}) < len(sources):
        raise ImageError("The images do not share one frame of reference.")
    if len({(s.slope, s.intercept, s.unit, s.photometric) for s in sources}) > 1:
        raise ImageError("The rescale of pixel values differs between images.")
    if len({s.pixel_representation for s in sources}) > 1:
        raise ImageError("The pixel format differs between images.")


def _refuse_by_positions(positions: Matrix, across: Matrix) -> None:
    """Positions must be an even, straight stack along the normal."""
    along = positions @ across
    count = len(along)
    if _repeated(along):
        raise ImageError("Several images lie at the same position.")
    step = (along[-1] - along[0]) / (count - 1)
    uneven = np.abs(along - (along[0] + step * np.arange(count))).max()
    if uneven > _UNEVEN * abs(step):
        steps = np.abs(np.diff(along))
        raise ImageError(
            "Slices are missing or unevenly spaced: steps from {smallest} to {largest} mm.",
            smallest=f"{steps.min():.2f}",
            largest=f"{steps.max():.2f}",
        )
    whole = positions[-1] - positions[0]
    sideways = whole - across * (along[-1] - along[0])
    tilt = float(np.degrees(np.arctan2(np.linalg.norm(sideways), abs(along[-1] - along[0]))))
    if tilt > _TILT_DEGREES:
        raise ImageError(
            "The gantry was tilted by {degrees} degrees; a tilted stack is not corrected yet.",
            degrees=f"{tilt:.1f}",
        )
    straight = positions[0] + np.outer(np.arange(count) / (count - 1), whole)
    if float(np.linalg.norm(positions - straight, axis=1).max()) > _SHIFT_MM:
        raise ImageError("The slices are shifted against each other.")


def _repeated(along: Matrix) -> bool:
    return bool(np.abs(np.diff(np.sort(along))).min() <= _SAME_PLACE_MM)
