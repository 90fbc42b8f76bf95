"""What the hand does to a view: (viewing, event) -> viewing, pure.

The mouse follows IHE BIR 4.16.4.2.2.4-6: scrolling is what the left button does at first; to the
right a window widens, upwards its centre falls (brighter); upwards a zoom goes out, downwards in.
Drags are told as a whole, from where the button went down to where the hand is now, and applied to
the viewing of that moment: what a slow machine skips on the way changes nothing. Knows no toolkit,
no widget and no other viewport; `viewer.linking` tells the others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from viewer.view import (
    Point,
    Presentation,
    ResolvedView,
    ViewState,
    moved_to,
    panned,
    reset,
    scrolled,
    scrolled_plane,
    zoomed,
)
from viewer.voi import LutVoi, Voi, WindowVoi
from viewer.volume import Volume

ZOOM_PER_NOTCH = 1.15
# A hand's breadth on the screen: how far one drags to double the zoom, in shares of the canvas.
_DOUBLING = 0.25
# A drag as wide as the canvas changes a window by three times its width.
_WINDOW_PER_CANVAS = 3.0
_LEAST_WIDTH = 1.0
_LUT_LENGTHS = (16, 1 << 16)
# A drag over this share of the canvas runs through a whole series, within sensible steps.
_SERIES_PER_CANVAS = 0.75
_PX_PER_FRAME = (2.0, 14.0)


class Tool(StrEnum):
    """What the left button does."""

    SCROLL = "scroll"
    WINDOW = "window"
    ZOOM = "zoom"
    PAN = "pan"
    CROSSHAIR = "crosshair"


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewing:
    """What one viewport shows of its images: where, and with which look."""

    state: ViewState
    presentation: Presentation


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is being looked at, as far as tools need it.

    `count` frames of the display set; `volume` where it is ready; `voi` the one on the screen now
    (the header's where the presentation has none); `resolved` the view on the screen now.
    """

    count: int
    volume: Volume | None
    voi: Voi | None
    resolved: ResolvedView


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Forward (positive) or back through the series, in frames or voxels."""

    steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToEnd:
    """To the last image, or the first."""

    last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Magnify:
    """Zoom by a factor; what lies under the canvas point stays."""

    factor: float
    anchor: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Drag:
    """A tool's drag from one canvas point to another, in device pixels."""

    tool: Tool
    start: Point
    now: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class UseVoi:
    """A window or table by choice; None is the header's own."""

    voi: Voi | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invert:
    """Black for white."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """Zoom, pan and look as at first; the place scrolled to stays (BIR display reset)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsePreset:
    """The n-th preset of what is shown, from 1; 0 is the header's own window."""

    number: int


class Command(StrEnum):
    """What keys ask for beyond one view."""

    ANNOTATION = "annotation"
    OVERLAYS = "overlays"
    PREVIOUS_SERIES = "previous series"
    NEXT_SERIES = "next series"
    PREVIOUS_SET = "previous set"
    NEXT_SET = "next set"
    SINGLE = "single"
    FOUR = "four"
    PLANES = "planes"


Event = Step | ToEnd | Magnify | Drag | UseVoi | Invert | Reset


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """A key, named as Qt writes it, and what it does."""

    key: str
    does: Tool | Event | UsePreset | Command


# IHE BIR's letters (4.16.4.2.2.13) where it has one. BIR gives the page keys to series; here they
# leaf through a long series and the arrows to the sides change it.
SHORTCUTS: tuple[Shortcut, ...] = (
    Shortcut(key="S", does=Tool.SCROLL),
    Shortcut(key="W", does=Tool.WINDOW),
    Shortcut(key="Z", does=Tool.ZOOM),
    Shortcut(key="T", does=Tool.PAN),
    Shortcut(key="J", does=Tool.CROSSHAIR),
    Shortcut(key="I", does=Command.ANNOTATION),
    Shortcut(key="B", does=Command.OVERLAYS),
    Shortcut(key="N", does=Invert()),
    Shortcut(key="Esc", does=Reset()),
    Shortcut(key="Up", does=Step(steps=-1)),
    Shortcut(key="Down", does=Step(steps=1)),
    Shortcut(key="PgUp", does=Step(steps=-10)),
    Shortcut(key="PgDown", does=Step(steps=10)),
    Shortcut(key="Home", does=ToEnd(last=False)),
    Shortcut(key="End", does=ToEnd(last=True)),
    Shortcut(key="Left", does=Command.PREVIOUS_SERIES),
    Shortcut(key="Right", does=Command.NEXT_SERIES),
    Shortcut(key=",", does=Command.PREVIOUS_SET),
    Shortcut(key=".", does=Command.NEXT_SET),
    Shortcut(key="F", does=Command.SINGLE),
    Shortcut(key="G", does=Command.FOUR),
    Shortcut(key="M", does=Command.PLANES),
    *(Shortcut(key=str(number), does=UsePreset(number=number)) for number in range(10)),
)


def shortcut_of(key: str) -> Shortcut | None:
    """The line of the table for a key."""
    return next((line for line in SHORTCUTS if line.key == key), None)


def key_of(does: Tool | Event | UsePreset | Command) -> str:
    """The key for something; empty where it has none."""
    return next((line.key for line in SHORTCUTS if line.does == does), "")


def applied(viewing: Viewing, event: Event, subject: Subject) -> Viewing:
    """The viewing after one event. For a `Drag`, `viewing` is that of the button going down."""
    state, look = viewing.state, viewing.presentation
    match event:
        case Step(steps=steps):
            return replace(viewing, state=_stepped(state, steps, subject))
        case ToEnd(last=last):
            far = subject.count + max(subject.volume.voxels.shape if subject.volume else (0,))
            return replace(viewing, state=_stepped(state, far if last else -far, subject))
        case Magnify(factor=factor, anchor=anchor):
            size = subject.resolved.canvas_size
            zoom = zoomed(state, factor, anchor_canvas=anchor, canvas_size=size)
            return replace(viewing, state=zoom)
        case Drag():
            return _dragged(viewing, event, subject)
        case UseVoi(voi=voi):
            return replace(viewing, presentation=replace(look, voi=voi))
        case Invert():
            return replace(viewing, presentation=replace(look, inverted=not look.inverted))
        case Reset():
            plain = replace(look, voi=None, inverted=False)
            return Viewing(state=reset(state), presentation=plain)


def _stepped(state: ViewState, steps: int, subject: Subject) -> ViewState:
    if state.kind == "plane":
        return state if subject.volume is None else scrolled_plane(state, steps, subject.volume)
    return scrolled(state, steps, subject.count)


def _dragged(viewing: Viewing, drag: Drag, subject: Subject) -> Viewing:
    state = viewing.state
    width, height = subject.resolved.canvas_size
    right, down = drag.now[0] - drag.start[0], drag.now[1] - drag.start[1]
    if drag.tool is Tool.WINDOW:
        voi = subject.voi if viewing.presentation.voi is None else viewing.presentation.voi
        if voi is None:
            return viewing
        wider = 1.0 + _WINDOW_PER_CANVAS * right / width
        lower = _WINDOW_PER_CANVAS * down / height
        changed = windowed(voi, width_factor=wider, center_shift=lower)
        return replace(viewing, presentation=replace(viewing.presentation, voi=changed))
    if drag.tool is Tool.SCROLL:
        state = _stepped(state, round(down / px_per_frame(subject.count, height)), subject)
    elif drag.tool is Tool.ZOOM:
        factor = 2.0 ** (down / (_DOUBLING * height))
        state = zoomed(state, factor, anchor_canvas=drag.start, canvas_size=(width, height))
    elif drag.tool is Tool.PAN:
        state = panned(state, (right, down), (width, height))
    else:
        point = subject.resolved.world_from_canvas(drag.now)
        state = state if point is None else moved_to(state, point)
    return replace(viewing, state=state)


def px_per_frame(count: int, height: int) -> float:
    """How far one drags for one frame: less in long series, so that one sweep runs through all."""
    least, most = _PX_PER_FRAME
    return min(max(_SERIES_PER_CANVAS * height / max(count, 1), least), most)


def windowed(voi: Voi, *, width_factor: float, center_shift: float) -> Voi:
    """A window made wider by a factor, its centre moved by a share of its width.

    A lookup table keeps its curve: it is stretched and moved along its inputs. Windows wide enough
    for it stay whole numbers, as readers say and write them.
    """
    if isinstance(voi, LutVoi):
        return _stretched(voi, width_factor, center_shift)
    least = min(_LEAST_WIDTH, voi.width)
    width = max(voi.width * width_factor, least)
    center = voi.center + center_shift * voi.width
    if voi.width >= 20.0:
        width, center = max(round(width), 1), round(center)
    return WindowVoi(center=float(center), width=float(width), function=voi.function)


def _stretched(voi: LutVoi, width_factor: float, center_shift: float) -> LutVoi:
    old = len(voi.values)
    least, most = _LUT_LENGTHS
    new = min(max(round(old * width_factor), min(least, old)), most)
    middle = voi.first_mapped + old / 2 + center_shift * old
    places = np.linspace(0.0, old - 1.0, new)
    values = np.interp(places, np.arange(old), np.asarray(voi.values, dtype=np.float64))
    return LutVoi(
        first_mapped=round(middle - new / 2),
        bits=voi.bits,
        values=tuple(np.rint(values).astype(np.int64).tolist()),
        name=voi.name,
    )
