"""How the viewports of a reading window stand: places in a grid, and what each of them shows.

Values only. `single`, `four` and `planes` are what the layout buttons mean; `hung` turns what a
hanging protocol found into the same value. Knows no widget and no picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from hanging_protocols.match import Layout
from viewer.geometry import PlaneName, transform
from viewer.linking import pointed_at
from viewer.tools import Viewing
from viewer.view import Presentation, ViewState
from viewer.voi import presets
from viewer.volume import DisplaySet, LocatedFrame

_NOTHING = Viewing(state=ViewState(), presentation=Presentation())

LayoutName = Literal["1x1", "2x2", "mpr", "hung"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One viewport's rectangle in the grid, and what it shows (None: empty)."""

    row: int
    column: int
    rows: int = 1
    columns: int = 1
    key: str | None = None
    viewing: Viewing = _NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """A screenful. `widths` are the columns' shares of the window."""

    name: LayoutName
    places: tuple[Place, ...]
    widths: tuple[int, ...] = ()


def start(images: DisplaySet) -> Viewing:
    """A set as it first appears: fitted, with the header's window, at its middle or its first image.

    A stack through the patient starts in the middle, also where it is too uneven for a volume;
    views and cine runs start with the first.
    """
    is_through_patient = all(frame.source.position is not None for frame in images.frames)
    index = len(images.frames) // 2 if is_through_patient else images.middle_index
    return Viewing(state=ViewState(kind="stack", index=index), presentation=Presentation())


def single(key: str, viewing: Viewing, images: DisplaySet) -> Arrangement:
    """One viewport, at the image where the reader was."""
    place = Place(row=0, column=0, key=key, viewing=as_stack(viewing, images))
    return Arrangement(name="1x1", places=(place,))


def four(key: str, viewing: Viewing, sets: Mapping[str, DisplaySet]) -> Arrangement:
    """Two by two: the active set first, then the others of `sets` in their order.

    A volume that is alone fills the rest itself: its other planes, and for CT the axial one again
    through the next window.
    """
    others = [other for other in sets if other != key][:3]
    shown: list[tuple[str | None, Viewing]] = [(key, as_stack(viewing, sets[key]))]
    shown += [(other, start(sets[other])) for other in others]
    if not others and sets[key].is_volume:
        shown = [(key, seen) for seen in _alone(viewing, sets[key])]
    shown += [(None, _NOTHING)] * (4 - len(shown))
    places = tuple(
        Place(row=number // 2, column=number % 2, key=name, viewing=seen)
        for number, (name, seen) in enumerate(shown)
    )
    return Arrangement(name="2x2", places=places)


def _alone(viewing: Viewing, images: DisplaySet) -> list[Viewing]:
    axial, coronal, sagittal = (
        as_plane(viewing, images, plane) for plane in ("axial", "coronal", "sagittal")
    )
    soft = with_preset(axial, images, "mediastinum")
    return [axial, coronal, sagittal] if soft == axial else [axial, soft, coronal, sagittal]


def planes(key: str, viewing: Viewing, images: DisplaySet) -> Arrangement:
    """Axial large at the left, coronal over sagittal at the right, through where the reader was."""
    spots: tuple[tuple[PlaneName, int, int, int], ...] = (
        ("axial", 0, 0, 2),
        ("coronal", 0, 1, 1),
        ("sagittal", 1, 1, 1),
    )
    places = tuple(
        Place(row=row, column=column, rows=rows, key=key, viewing=as_plane(viewing, images, plane))
        for plane, row, column, rows in spots
    )
    return Arrangement(name="mpr", places=places, widths=(3, 2))


def opening(layout: Layout | None, sets: Mapping[str, DisplaySet]) -> Arrangement | None:
    """How a study is first shown: as its protocol hangs it, else its first series alone; None without images."""
    if layout is not None and any(layout.cells):
        return hung(layout, sets)
    if not sets:
        return None
    key, images = next(iter(sets.items()))
    return single(key, start(images), images)


def first_frames(arrangement: Arrangement, sets: Mapping[str, DisplaySet]) -> list[LocatedFrame]:
    """The frames that an arrangement shows first, without those of planes across the acquired ones."""
    shown = []
    for place in arrangement.places:
        if place.key is not None:
            images = sets[place.key]
            index = as_stack(place.viewing, images).state.index
            shown.append(images.frames[min(index, len(images.frames) - 1)])
    return shown


def hung(layout: Layout, sets: Mapping[str, DisplaySet]) -> Arrangement:
    """What a hanging protocol found, for the sets that are here."""
    places = []
    for number, cell in enumerate(layout.cells):
        row, column = divmod(number, layout.columns)
        if cell is None or cell.series_key not in sets:
            places.append(Place(row=row, column=column))
            continue
        images = sets[cell.series_key]
        viewing = with_preset(start(images), images, cell.preset)
        if cell.kind == "plane" and images.is_volume:
            viewing = as_plane(viewing, images, cell.plane or "axial")
        place = Place(row=row, column=column, key=cell.series_key, viewing=viewing)
        places.append(place)
    return Arrangement(name=_name(layout), places=tuple(places))


def _name(layout: Layout) -> LayoutName:
    return {(1, 1): "1x1", (2, 2): "2x2"}.get((layout.rows, layout.columns), "hung")  # type: ignore[return-value]  # the two values are LayoutNames


def with_preset(viewing: Viewing, images: DisplaySet, preset: str | None) -> Viewing:
    """The viewing with a named window, where the images have one of that name."""
    found = (p for p in presets(images.frames[0].source.modality) if p.key == preset)
    voi = next((p.voi for p in found), None)
    return (
        viewing if voi is None else Viewing(state=viewing.state, presentation=Presentation(voi=voi))
    )


def as_stack(viewing: Viewing, images: DisplaySet) -> Viewing:
    """The acquired images, at the one nearest to where the planes met."""
    state = viewing.state
    if state.kind == "stack":
        return viewing
    stack = ViewState(kind="stack", index=images.middle_index)
    if state.point_world is not None:
        stack = ViewState(kind="stack", index=pointed_at(images, stack, state.point_world).index)
    return Viewing(state=stack, presentation=viewing.presentation)


def as_plane(viewing: Viewing, images: DisplaySet, plane: PlaneName) -> Viewing:
    """A plane through the crosshair, or through the middle of the image that was on the screen."""
    state = viewing.state
    point = state.point_world
    if point is None and images.world_from_voxel is not None:
        source = images.frames[min(state.index, len(images.frames) - 1)].source
        middle: Sequence[float] = ((source.columns - 1) / 2, (source.rows - 1) / 2, state.index)
        point = transform(images.world_from_voxel, middle)
    plane_state = ViewState(kind="plane", plane=plane, point_world=point)
    return Viewing(state=plane_state, presentation=viewing.presentation)
