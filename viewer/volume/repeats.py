"""Several images at one place: what tells them apart, and the stacks they make in time.

Temporal position, cardiac phase, trigger time, acquisition, dimension indices or the order of the
instances explain repeats only where they part the images into stacks with one image at each place;
what merely differs from slice to slice does not. Splits nothing by kind: `splitting` does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from viewer.volume.finding import Part
from viewer.volume.frame_source import FrameSource, LocatedFrame
from viewer.volume.slices import LEAST_SLICES, Indices, Slices, is_even, orientation_groups

MOST_PHASES = 100
# Repeats are a rule, not an accident, where this share of all places is imaged again and again.
_SYSTEMATIC = 0.8
_SIDEWAYS_MM = 0.5
# One slice made again does not hide how a whole series repeats.
_UNEXPLAINED = 0.1
_MOST_RANGES = 20
_DENSE = 0.4
_MOST_DIRECTIONS = 1024
# A few stacks may lack a direction; where there are many more than a place has, each slice has its own.
_SHARED_DIRECTIONS = 1.5

Value = float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """How the images of one set repeat at their places.

    `kind` is "" (they do not, or nobody knows why), "cine" (a few places, many times), "phases"
    (more of them than can be offered apart) or "directions" (of diffusion). `ranks` numbers each
    frame at its place in order of time, `count` is how many there are.
    """

    kind: str = ""
    ranks: tuple[int, ...] = ()
    count: int = 1


NO_REPEATS = Repeats()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Frames of one phase, acquisition or instance, and what it is called."""

    frames: list[LocatedFrame]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attribute:
    """What may tell images at one place apart; `of` is None where an image does not say."""

    kind: str
    of: Callable[[FrameSource], Value | None]
    unit: str = ""
    relative: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Told:
    """What every frame says of an attribute, and the same as numbers from 0."""

    attribute: _Attribute
    values: list[Value]
    codes: npt.NDArray[np.int64]


# Of two attributes the coarser is told first, and its stacks stay together.
_COARSE = {"position": 0, "instance": 1, "acquisition": 2}
_ATTRIBUTES = (
    _Attribute(kind="phase", of=lambda s: s.temporal_position),
    _Attribute(kind="phase", of=lambda s: s.cardiac_phase, unit=" %"),
    _Attribute(kind="time", of=lambda s: s.time_ms, unit=" ms"),
    _Attribute(kind="acquisition", of=lambda s: s.acquisition),
    _Attribute(kind="time", of=lambda s: s.acquisition_time_s, unit=" s", relative=True),
)


def number_of(source: FrameSource) -> tuple[float, str, int, int, int]:
    """What images are read by where they have no place: instance number, then frame, then tile."""
    number = float("inf") if source.instance_number is None else source.instance_number
    tile = source.tile.number if source.tile else 0
    return (number, whole_image(source), source.in_concatenation or 0, source.frame, tile)


def whole_image(source: FrameSource) -> str:
    """The UID of a multi-frame image, also where it was cut into several instances."""
    return source.concatenation or source.sop_uid


def parted_in_time(
    frames: list[LocatedFrame], slices: Slices, *, directions: bool
) -> list[Stretch] | Repeats:
    """The phases of frames in number order, or how they repeat where they stay one set."""
    places = slices.places
    counts = np.bincount(places)
    most = int(counts.max())
    if most == 1:
        return NO_REPEATS
    if directions:
        return Repeats(kind="directions", ranks=_direction_ranks(frames, places), count=most)
    if len(counts) < LEAST_SLICES:
        return Repeats(kind="cine", ranks=_ranks(frames, places), count=most)
    explained = _explained(frames, slices, places) or _by_order(frames, places, counts)
    if len(explained) > MOST_PHASES:
        ranks = _ranks_of(frames, explained)
        return Repeats(kind="phases", ranks=ranks, count=len(explained))
    return explained or NO_REPEATS


def separated(frames: list[LocatedFrame], slices: Slices) -> list[Stretch]:
    """Ranges that are even only one by one; none where the whole is even or nothing parts them."""
    if is_even(np.sort(slices.along)):
        return []
    for attribute in (_ATTRIBUTES[0], _ATTRIBUTES[1], _ATTRIBUTES[3], *_instances(frames)):
        told = _told(frames, attribute)
        if told is None or int(told.codes.max()) > _MOST_RANGES:
            continue
        ranges = (slices.along[told.codes == code] for code in range(int(told.codes.max()) + 1))
        if all(is_even(np.sort(along)) for along in ranges):
            return _stretches(frames, [(value,) for value in told.values], [attribute])
    return []


def _explained(frames: list[LocatedFrame], slices: Slices, places: Indices) -> list[Stretch]:
    """By the first attribute, or pair of them, that leaves one image at each place; else none."""
    candidates = [
        *_ATTRIBUTES,
        *_dimensions(frames),
        *_instances(frames),
        _sideways(slices, frames),
    ]
    told = [each for each in (_told(frames, a) for a in candidates) if each is not None]
    coarse_first = sorted(told, key=lambda each: _COARSE.get(each.attribute.kind, len(_COARSE)))
    for telling in (*((one,) for one in told), *combinations(coarse_first, 2)):
        codes = np.zeros(len(frames), dtype=np.int64)
        for each in telling:
            codes = codes * (int(each.codes.max()) + 1) + each.codes
        if _is_explanation(codes, places):
            keys = list(zip(*(each.values for each in telling), strict=True))
            return _stretches(frames, keys, [each.attribute for each in telling])
    return []


def _told(frames: list[LocatedFrame], attribute: _Attribute) -> _Told | None:
    """Each frame's value; None where any does not say, all say the same or nearly all differ."""
    values = [attribute.of(frame.source) for frame in frames]
    known = [value for value in values if value is not None]
    distinct = set(known)
    if len(known) < len(values) or not 1 < len(distinct) <= len(values) // 2:
        return None
    numbers = {value: n for n, value in enumerate(distinct)}
    codes = np.array([numbers[value] for value in known], dtype=np.int64)
    return _Told(attribute=attribute, values=known, codes=codes)


def _is_explanation(codes: npt.NDArray[np.int64], places: Indices) -> bool:
    """Whether groups hold (nearly) one image per place, and are stacks rather than a slice or two.

    A stack runs on from place to place: a number that goes round and round while one stack is made
    tells no stacks apart.
    """
    count = int(places.max()) + 1
    least = min(LEAST_SLICES, 0.75 * count)
    groups, members, sizes = np.unique(codes, return_inverse=True, return_counts=True)
    if len(places) < least * len(groups):
        return False
    lowest, highest = np.full(len(groups), count), np.zeros(len(groups), dtype=np.intp)
    np.minimum.at(lowest, members, places)
    np.maximum.at(highest, members, places)
    if float(np.median(sizes / (highest - lowest + 1))) < _DENSE:
        return False
    unexplained = len(places) - len(np.unique(codes * count + places))
    return unexplained <= _UNEXPLAINED * (len(places) - count)


def _by_order(frames: list[LocatedFrame], places: Indices, counts: Indices) -> list[Stretch]:
    """Phases by the order of images at each place, where nearly every place has as many."""
    most = int(counts.max())
    if float(np.mean(counts >= max(2, most - 1))) < _SYSTEMATIC:
        return []
    groups: dict[int, list[LocatedFrame]] = defaultdict(list)
    for frame, rank in zip(frames, _ranks(frames, places), strict=True):
        groups[rank].append(frame)
    return [_numbered(rank + 1, groups[rank]) for rank in sorted(groups)]


def _ranks(frames: list[LocatedFrame], places: Indices) -> tuple[int, ...]:
    """The number of each frame among those at its place, in order of time."""
    order = sorted(range(len(frames)), key=lambda n: _time(frames[n].source))
    seen: dict[int, int] = defaultdict(int)
    ranks = [0] * len(frames)
    for index in order:
        place = int(places[index])
        ranks[index] = seen[place]
        seen[place] += 1
    return tuple(ranks)


def _direction_ranks(frames: list[LocatedFrame], places: Indices) -> tuple[int, ...]:
    """The same number for the same gradient direction at every place, in the order of the first images.

    Repeats of a direction follow each other. Where directions are not those of whole stacks, the
    order of time at each place is what is left.
    """
    none = (0.0, 0.0, 0.0)
    towards = [frame.source.diffusion_direction or none for frame in frames]
    numbers = orientation_groups(towards, _MOST_DIRECTIONS)
    in_time = _ranks(frames, places)
    if numbers is None:
        return in_time
    seen: dict[tuple[int, int], int] = defaultdict(int)
    keys = [(0, 0)] * len(frames)
    for index in sorted(range(len(frames)), key=lambda n: in_time[n]):
        again = (numbers[index], int(places[index]))
        keys[index] = (numbers[index], seen[again])
        seen[again] += 1
    order = {key: n for n, key in enumerate(sorted(set(keys)))}
    if len(order) > _SHARED_DIRECTIONS * (max(in_time) + 1):
        return in_time
    return tuple(order[key] for key in keys)


def _ranks_of(frames: list[LocatedFrame], stretches: list[Stretch]) -> tuple[int, ...]:
    ranks = {id(frame): n for n, stretch in enumerate(stretches) for frame in stretch.frames}
    return tuple(ranks[id(frame)] for frame in frames)


def _time(source: FrameSource) -> tuple[float, ...]:
    known = (source.temporal_position, source.cardiac_phase, source.time_ms)
    when = tuple(-1.0 if value is None else float(value) for value in known)
    number, _, piece, frame, tile = number_of(source)
    return (*when, number, piece, frame, tile)


def _stretches(
    frames: list[LocatedFrame], keys: Sequence[tuple[Value, ...]], attributes: list[_Attribute]
) -> list[Stretch]:
    """Frames of each key, smallest key first."""
    groups: dict[tuple[Value, ...], list[LocatedFrame]] = defaultdict(list)
    for frame, key in zip(frames, keys, strict=True):
        groups[key].append(frame)
    first = min(groups)
    if len({attribute.kind for attribute in attributes}) < len(attributes):
        return [_numbered(n, groups[key]) for n, key in enumerate(sorted(groups), start=1)]
    return [
        Stretch(frames=groups[key], parts=tuple(map(_part, attributes, key, first)))
        for key in sorted(groups)
    ]


def _numbered(number: int, frames: list[LocatedFrame]) -> Stretch:
    return Stretch(frames=frames, parts=(Part(kind="phase", value=str(number)),))


def _part(attribute: _Attribute, value: Value, start: Value) -> Part:
    if isinstance(value, str):
        return Part(kind=attribute.kind, value=value)
    shown = value - start if attribute.relative and not isinstance(start, str) else value
    return Part(kind=attribute.kind, value=f"{shown:.6g}{attribute.unit}")


def _dimensions(frames: list[LocatedFrame]) -> list[_Attribute]:
    """Each Dimension Index Value (C.7.6.17) of enhanced images, where all have as many."""
    widths = {len(frame.source.dimensions) for frame in frames}
    if len(widths) > 1:
        return []
    return [
        _Attribute(kind="phase", of=lambda source, n=n: source.dimensions[n])  # type: ignore[misc]  # n is bound per attribute
        for n in range(next(iter(widths)))
    ]


def _instances(frames: list[LocatedFrame]) -> list[_Attribute]:
    """The instance, in order of numbers, where one holds several frames."""
    numbered: dict[str, int] = {}
    for frame in frames:
        numbered.setdefault(frame.source.sop_uid, len(numbered) + 1)
    if not 1 < len(numbered) <= len(frames) / LEAST_SLICES:
        return []
    return [_Attribute(kind="instance", of=lambda source: numbered[source.sop_uid])]


def _sideways(slices: Slices, frames: list[LocatedFrame]) -> _Attribute:
    """Stacks side by side: slices at one depth whose corners lie apart within their plane."""
    inside = slices.positions - np.outer(slices.along, slices.across)
    column = np.zeros(len(inside), dtype=np.intp)
    for values in inside.T:
        order = np.argsort(values, kind="stable")
        new = np.diff(values[order], prepend=values[order[0]]) > _SIDEWAYS_MM
        groups = np.empty(len(order), dtype=np.intp)
        groups[order] = np.cumsum(new)
        column = column * (int(groups.max()) + 1) + groups
    numbers = {int(value): n for n, value in enumerate(dict.fromkeys(column.tolist()), start=1)}
    known = {id(f.source): numbers[int(c)] for f, c in zip(frames, column, strict=True)}
    return _Attribute(kind="position", of=lambda source: known.get(id(source)))
