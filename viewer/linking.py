"""Viewports that move together: one crosshair point, seen by all that share a frame of reference.

Pure: given what each viewport looks at and which of them was moved, the states of the others.
Images whose headers name no frame of reference are linked only within their own series: a shared
empty UID is no shared space (PS3.3 C.7.4.1). Knows no widget and no tool.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from viewer.geometry import Vector
from viewer.view import ViewState
from viewer.volume import DisplaySet

Seat = TypeVar("Seat")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinkedView:
    """One viewport as its neighbours know it."""

    images: DisplaySet
    state: ViewState

    @property
    def space(self) -> tuple[str, str]:
        """What names the space its points are in."""
        return space_of(self.images)


def space_of(images: DisplaySet) -> tuple[str, str]:
    """The frame of reference, or the series where there is none."""
    frame_of_reference = images.frames[0].source.frame_of_reference
    return (frame_of_reference, "" if frame_of_reference else images.series_uid)


def followed(views: Mapping[Seat, LinkedView], moved: Seat) -> dict[Seat, ViewState]:
    """The new states of the viewports that follow the one whose point moved; the mover is left out.

    Planes go through its point, stacks to the frame nearest to it. A mover without a point, such as
    a stack that was only scrolled, moves nobody.
    """
    leader = views[moved]
    point = leader.state.point_world
    if point is None:
        return {}
    states = {
        seat: pointed_at(view.images, view.state, point)
        for seat, view in views.items()
        if seat != moved and view.space == leader.space
    }
    return {seat: state for seat, state in states.items() if state != views[seat].state}


def pointed_at(images: DisplaySet, state: ViewState, point_world: Vector) -> ViewState:
    """A view brought to a world point."""
    if state.kind == "plane":
        return replace(state, point_world=point_world)
    nearest = images.nearest_index(point_world)
    index = state.index if nearest is None else nearest
    return replace(state, index=index, point_world=point_world)
