"""One series taken apart into the stacks a reader expects; never merged with another series.

What makes images different in kind (scouts, colour, matrix, direction, image type, kernel, echo,
b-value, stack) always splits. Where several images then lie at one place, `repeats` looks for what
tells them apart in time. Attributes that change from slice to slice split nothing: a stack is not
shattered by them. PS3.3 C.7.6.16 names the dimensions; vendors use few of them alike.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from viewer.geometry import nearest_plane
from viewer.volume.finding import Part
from viewer.volume.frame_source import FrameSource, LocatedFrame
from viewer.volume.repeats import (
    MOST_PHASES,
    NO_REPEATS,
    Repeats,
    number_of,
    parted_in_time,
    separated,
    whole_image,
)
from viewer.volume.slices import Indices, is_even, orientation_groups, slices_of

_MOST_GROUPS = 100
_LEAST_IMAGES = 3
# Echo times and b-values that lie closer than this are one value written with jitter.
_ECHO_JITTER_MS = 0.02
_ECHO_JITTER = 0.005
_B_JITTER = 3.0
_B_JITTER_SHARE = 0.02

Frames = list[LocatedFrame]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubStack:
    """Frames that belong together, not sorted yet, what sets them apart, and how they repeat."""

    frames: Frames
    parts: tuple[Part, ...] = ()
    repeats: Repeats = NO_REPEATS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """One group of a level: its label and its frames."""

    value: str
    frames: Frames


Level = Callable[[Frames], "list[_Group]"]


def split(frames: Sequence[LocatedFrame]) -> list[SubStack]:
    """The stacks of one series in the order in which they are offered for reading."""
    stacks = [SubStack(frames=sorted(frames, key=lambda f: number_of(f.source)))]
    for kind, level in _LEVELS:
        stacks = [part for stack in stacks for part in _parted(stack, kind, level(stack.frames))]
    diffusion = any((frame.source.b_value or 0) > 0 for frame in frames)
    parted = [_in_time(stack, diffusion=diffusion) for stack in stacks]
    if sum(len(parts) for parts in parted if len(parts) > 1) > MOST_PHASES:
        parted = [
            [_kept_together(stack, parts)] for stack, parts in zip(stacks, parted, strict=True)
        ]
    return [stack for parts in parted for stack in parts]


def _parted(stack: SubStack, kind: str, groups: list[_Group]) -> list[SubStack]:
    """One stack per group; images beside the localizers, or without the value, get no label."""
    if len(groups) < 2:
        return [stack]
    parted = []
    for group in groups:
        told = bool(group.value) or (kind in _FLAGS and _FLAGS[kind](group.frames[0].source))
        own = (Part(kind=kind, value=group.value),) if told else ()
        parted.append(SubStack(frames=group.frames, parts=(*stack.parts, *own)))
    return parted


def _in_time(stack: SubStack, *, diffusion: bool) -> list[SubStack]:
    """A stack by phases, where several images lie at one place and something tells them apart."""
    slices = slices_of([frame.source for frame in stack.frames])
    if slices is None or len(stack.frames) < _LEAST_IMAGES or _turns(stack.frames):
        return [stack]
    directions = diffusion and stack.frames[0].source.b_value is not None
    found = parted_in_time(stack.frames, slices, directions=directions)
    if isinstance(found, Repeats):
        if found.kind:
            return [replace(stack, repeats=found)]
        found = separated(stack.frames, slices)
    return [SubStack(frames=part.frames, parts=(*stack.parts, *part.parts)) for part in found] or [
        stack
    ]


def _turns(frames: Frames) -> bool:
    """Whether the frames were kept in one set though they point in different directions."""
    return orientation_groups([frame.source.orientation or () for frame in frames], 1) is None


def _kept_together(stack: SubStack, parts: list[SubStack]) -> SubStack:
    """The stack undivided, in order of time: more phases than can be offered one by one."""
    if len(parts) < 2:
        return parts[0]
    ranks = {id(frame): n for n, part in enumerate(parts) for frame in part.frames}
    order = tuple(ranks[id(frame)] for frame in stack.frames)
    return replace(stack, repeats=Repeats(kind="phases", ranks=order, count=len(parts)))


def _by_flag(flag: Callable[[FrameSource], bool], *, first: bool) -> Level:
    """Two groups at most: with and without a property; `first` puts those with it in front."""

    def level(frames: Frames) -> list[_Group]:
        groups = _grouped(frames, lambda source: flag(source) == first)
        groups.sort(key=lambda group: flag(group.frames[0].source) != first)
        return groups

    return level


def _is_clip(source: FrameSource) -> bool:
    is_moving = source.number_of_frames > 1 or bool(source.concatenation)
    return is_moving and source.position is None and source.tile is None


def _by_clip(frames: Frames) -> list[_Group]:
    """Moving pictures without a place in the patient: each instance is a set of its own.

    One that was cut into several instances (a concatenation) is one.
    """
    groups = _grouped(frames, lambda source: whole_image(source) if _is_clip(source) else "")
    return [replace(group, value=_instance(group.frames[0].source)) for group in groups]


def _instance(source: FrameSource) -> str:
    known = _is_clip(source) and source.instance_number is not None
    return str(source.instance_number) if known else ""


def _by_matrix(frames: Frames) -> list[_Group]:
    groups = _grouped(frames, lambda source: (source.columns, source.rows))
    return [replace(group, value=_size(group.frames[0].source)) for group in groups]


def _size(source: FrameSource) -> str:
    return f"{source.columns} x {source.rows}"


def _by_orientation(frames: Frames) -> list[_Group]:
    """By direction; images that each have their own (a turn, three scouts) stay together."""
    placed = [f for f in frames if f.source.orientation is not None and f.source.position]
    if not placed:
        return [_Group(value="", frames=frames)]
    numbers = orientation_groups([f.source.orientation or () for f in placed], _MOST_GROUPS)
    if numbers is None:
        return [_Group(value="", frames=frames)]
    count = max(numbers) + 1
    if count == len(frames):
        return [_Group(value="", frames=frames)]
    groups: list[Frames] = [[] for _ in range(count)]
    for frame, number in zip(placed, numbers, strict=True):
        groups[number].append(frame)
    names = _plane_names(groups)
    found = [_Group(value=name, frames=g) for name, g in zip(names, groups, strict=True)]
    if len(placed) < len(frames):
        known = {id(frame) for frame in placed}
        rest = [frame for frame in frames if id(frame) not in known]
        found.append(_Group(value="", frames=rest))
    return found


def _plane_names(groups: list[Frames]) -> list[str]:
    """The plane each group is nearest to, numbered where several have one name."""
    planes = [nearest_plane(group[0].source.orientation or ()) for group in groups]
    seen: dict[str, int] = {}
    names: list[str] = []
    for plane in planes:
        seen[plane] = seen.get(plane, 0) + 1
        names.append(plane if planes.count(plane) == 1 else f"{plane} {seen[plane]}")
    return names


def _image_type(source: FrameSource) -> tuple[str, ...]:
    values = [value.strip().upper() for value in (*source.image_type, source.component)]
    while values and not values[-1]:
        values.pop()
    return tuple(values)


def _by_type(frames: Frames) -> list[_Group]:
    """By image type and component; the label tells the words that not all groups share."""
    groups = _kept_whole(frames, _grouped(frames, _image_type))
    words = [_image_type(group.frames[0].source) for group in groups]
    shared = set.intersection(*(set(each) for each in words)) if words else set()
    told = (" ".join(dict.fromkeys(w for w in each if w and w not in shared)) for each in words)
    return [replace(group, value=value) for group, value in zip(groups, told, strict=True)]


def _by_text(name: str) -> Level:
    def level(frames: Frames) -> list[_Group]:
        groups = _kept_whole(frames, _grouped(frames, lambda source: getattr(source, name)))
        return [replace(g, value=str(getattr(g.frames[0].source, name))) for g in groups]

    return level


def _by_value(name: str, unit: str, jitter: float, share: float) -> Level:
    """By a number, the smallest first and those without it last; near values are one value."""

    def level(frames: Frames) -> list[_Group]:
        values = sorted({v for f in frames if (v := getattr(f.source, name)) is not None})
        if not any(values):  # some vendors write b = 0 into images that are no diffusion images
            return [_Group(value="", frames=frames)]
        groups = clustered(values, jitter, share)
        found = _grouped(frames, lambda source: groups.get(getattr(source, name), len(values)))
        found.sort(key=lambda group: groups.get(getattr(group.frames[0].source, name), len(values)))
        return [replace(g, value=_told(g, name, unit)) for g in _kept_whole(frames, found)]

    return level


def _told(group: _Group, name: str, unit: str) -> str:
    values = sorted(v for frame in group.frames if (v := getattr(frame.source, name)) is not None)
    if not values:
        return ""
    middle = float(values[len(values) // 2])
    return f"{middle:.4g}{unit}" if unit else f"{round(middle):.6g}"


def clustered(values: Sequence[float], jitter: float, share: float) -> dict[float, int]:
    """Sorted values -> number of their cluster: a new one where the next lies further than jitter."""
    found: dict[float, int] = {}
    last = None
    for value in values:
        step = 0.0 if last is None else value - last
        apart = last is not None and step > max(jitter, share * abs(value))
        found[value] = (found[last] if last is not None else 0) + apart
        last = value
    return found


def _grouped(
    frames: Iterable[LocatedFrame], key: Callable[[FrameSource], Hashable]
) -> list[_Group]:
    groups: dict[Hashable, Frames] = {}
    for frame in frames:
        groups.setdefault(key(frame.source), []).append(frame)
    return [_Group(value="", frames=group) for group in groups.values()]


def _kept_whole(frames: Frames, groups: list[_Group]) -> list[_Group]:
    """The groups, or all frames as one where the attribute belongs to slices and not to stacks.

    Images without a place are not split by how they were made: a reader turns their pages.
    """
    whole = [_Group(value="", frames=frames)]
    if len(groups) < 2:
        return groups
    if len(groups) > _MOST_GROUPS or any(frame.source.position is None for frame in frames):
        return whole
    slices = slices_of([frame.source for frame in frames])
    if slices is None:
        return groups
    places = slices.places
    if int(places.max()) + 1 < len(frames):
        return groups
    if len(frames) < _LEAST_IMAGES * len(groups):
        return whole
    return (
        whole if is_even(np.sort(slices.along)) and _interleaved(groups, frames, places) else groups
    )


def _interleaved(groups: list[_Group], frames: Frames, places: Indices) -> bool:
    """Whether images of the groups take turns from place to place, rather than range by range."""
    numbers = {id(frame): n for n, group in enumerate(groups) for frame in group.frames}
    order = np.array([numbers[id(frame)] for frame in frames])[np.argsort(places)]
    return int(np.count_nonzero(np.diff(order))) > 2 * len(groups)


# A group with this property has a label though it has no value.
_FLAGS: dict[str, Callable[[FrameSource], bool]] = {
    "localizer": lambda source: source.is_localizer,
    "color": lambda source: source.is_colour,
}
_LEVELS: tuple[tuple[str, Level], ...] = (
    ("localizer", _by_flag(lambda source: source.is_localizer, first=True)),
    ("color", _by_flag(lambda source: source.is_colour, first=False)),
    ("instance", _by_clip),
    ("matrix", _by_matrix),
    ("orientation", _by_orientation),
    ("type", _by_type),
    ("kernel", _by_text("kernel")),
    ("stack", _by_text("stack")),
    ("echo", _by_value("echo_ms", " ms", _ECHO_JITTER_MS, _ECHO_JITTER)),
    ("b-value", _by_value("b_value", "", _B_JITTER, _B_JITTER_SHARE)),
)
