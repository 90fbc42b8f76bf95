"""One set of a series' frames sorted for reading, and whether they form a volume.

A series may be split into sets, series are never merged (IHE BIR, FrameSets). Slices are sorted by
where they lie, not by their numbers: head to feet, front to back, right to left. A set that is no
even stack says why in one sentence, and is a stack to be read all the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from viewer.geometry import Matrix, Vector, normal
from viewer.volume.error import ImageError
from viewer.volume.finding import Finding, Part, finding
from viewer.volume.forming import volume_affine
from viewer.volume.frame_source import FrameSource, LocatedFrame
from viewer.volume.judging import findings_of, missing_after
from viewer.volume.repeats import number_of
from viewer.volume.slices import Slices, orientation_groups, planes, slices_of
from viewer.volume.splitting import SubStack, split


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DisplaySet:
    """Frames of one series in reading order.

    `key` names the set's content (a digest of instances, tiles and byte ranges): the name under
    which its decoded pixels may be kept. `refusal` says why there is no volume; None where there is
    one, and then `world_from_voxel` maps (column, row, index in `frames`, 1) to world. With a tilted
    gantry its third column leans: it is a shear, and no slice is moved.
    `parts` say what tells the set apart in its series, `findings` what its reader must know, `gaps`
    after which frames slices are missing (index i: between frame i and i + 1).
    `planes` is (frames, 4): each frame's unit normal and its distance from the origin in mm, NaN
    without a place.
    """

    key: str
    series_uid: str
    frames: tuple[LocatedFrame, ...]
    refusal: ImageError | None
    world_from_voxel: Matrix | None
    planes: Matrix
    parts: tuple[Part, ...] = ()
    findings: tuple[Finding, ...] = ()
    gaps: tuple[int, ...] = ()

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
        """The step along column index, row index and slice, where there is a volume.

        The last is the length of the way from slice to slice; with a tilted gantry it is longer than
        `slice_distance_mm`.
        """
        if self.world_from_voxel is None:
            return None
        x, y, z = np.linalg.norm(self.world_from_voxel[:3, :3], axis=0)
        return (float(x), float(y), float(z))

    @property
    def slice_distance_mm(self) -> float | None:
        """The distance between the planes of neighbouring slices, where there is a volume."""
        orientation = self.frames[0].source.orientation
        if self.world_from_voxel is None or orientation is None:
            return None
        return abs(float(self.world_from_voxel[:3, 2] @ normal(orientation)))

    def nearest_index(self, point_world: Sequence[float]) -> int | None:
        """The frame whose plane lies nearest to a world point; None where frames have no place."""
        away = np.abs(self.planes[:, :3] @ np.asarray(point_world) - self.planes[:, 3])
        return None if bool(np.isnan(away).all()) else int(np.nanargmin(away))


def display_sets(frames: Iterable[LocatedFrame]) -> list[DisplaySet]:
    """Frames of any number of series as sets: by series number, then as `splitting` orders them."""
    series: dict[str, list[LocatedFrame]] = {}
    for frame in frames:
        # Files that name no series are no series: each is on its own.
        series.setdefault(frame.source.series_uid or frame.path, []).append(frame)
    sets: list[DisplaySet] = []
    for group in series.values():
        lone = _once(group)
        sets += [_display_set(stack, len(group) - len(lone)) for stack in split(lone)]
    return sorted(sets, key=lambda a: (a.frames[0].source.series_number or 0, a.series_uid))


def _once(frames: list[LocatedFrame]) -> list[LocatedFrame]:
    """Each frame once, the first wins: an instance that came twice is one instance (PS3.3 C.12.1)."""
    known: dict[tuple[object, ...], LocatedFrame] = {}
    for index, frame in enumerate(frames):
        source = frame.source
        name = source.sop_uid or index
        known.setdefault((name, source.frame, source.tile and source.tile.number), frame)
    return list(known.values())


def _display_set(stack: SubStack, copies: int) -> DisplaySet:
    frames, repeats = _sorted_for_reading(stack), stack.repeats
    sources = [frame.source for frame in frames]
    slices = _slices(sources)
    refusal: ImageError | None = None
    affine: Matrix | None = None
    try:
        affine = volume_affine(sources, slices, repeats)
    except ImageError as error:
        refusal = error
    told = findings_of(sources, slices, repeats)
    if copies:
        told += (
            finding("Images that came twice are shown once ({count}).", warns=False, count=copies),
        )
    return DisplaySet(
        key=_key(sources),
        series_uid=sources[0].series_uid,
        frames=tuple(frames),
        refusal=refusal,
        world_from_voxel=affine,
        planes=planes(sources),
        parts=stack.parts,
        findings=told,
        gaps=missing_after(slices, repeats),
    )


def _slices(sources: Sequence[FrameSource]) -> Slices | None:
    """Where the frames lie, if all of them have a place and one direction."""
    slices = slices_of(sources)
    if slices is None or orientation_groups([s.orientation or () for s in sources], 1) is None:
        return None
    return slices


def _key(sources: Sequence[FrameSource]) -> str:
    content = [
        (s.sop_uid, s.frame, s.tile and (s.tile.left, s.tile.top), s.transfer_syntax, s.fragments)
        for s in sources
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:40]


def _sorted_for_reading(stack: SubStack) -> list[LocatedFrame]:
    """Along the patient, then in time; a long run of phases in time first; without places by number."""
    frames, repeats = stack.frames, stack.repeats
    slices = _slices([frame.source for frame in frames])
    if slices is None:
        return sorted(frames, key=lambda frame: number_of(frame.source))
    places = slices.places
    ranks = repeats.ranks or (0,) * len(frames)
    in_time = repeats.kind in {"phases", "directions"}
    order = sorted(
        range(len(frames)),
        key=lambda n: (
            ranks[n] if in_time else 0,
            places[n],
            ranks[n],
            number_of(frames[n].source),
        ),
    )
    return [frames[n] for n in order]
