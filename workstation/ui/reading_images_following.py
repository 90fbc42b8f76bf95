"""Viewports that follow another one: to the same point, and to the same look.

What follows is decided by `viewer.linking` and by the viewings alone; this only asks the viewports
and tells them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from viewer.linking import LinkedView, followed
from viewer.qt.viewport import Viewport
from viewer.tools import Viewing


def key_shown(viewport: Viewport | None) -> str | None:
    """The key of the display set in a viewport."""
    images = viewport.images if viewport is not None else None
    return images.display_set.key if images is not None else None


def follow(viewports: Sequence[Viewport], leader: Viewport) -> None:
    """Bring those that share the leader's space to its point."""
    views = {
        viewport: LinkedView(images=viewport.images.display_set, state=viewport.state)
        for viewport in viewports
        if viewport.images is not None
    }
    for viewport, state in followed(views, leader).items():
        viewport.show_viewing(replace(viewport.viewing, state=state))


def share_look(viewports: Sequence[Viewport], leader: Viewport, before: Viewing) -> None:
    """Planes of one set that looked alike before go on looking alike."""
    if leader.state.kind != "plane":
        return
    look = leader.viewing.presentation
    for viewport in viewports:
        alike = viewport.viewing.presentation == before.presentation
        same = viewport.state.kind == "plane" and key_shown(viewport) == key_shown(leader)
        if alike and same:
            viewport.show_viewing(replace(viewport.viewing, presentation=look))
