"""The picture the window shows, made without a window: what to draw is said in patient terms.

The render paths are the viewer's own, so that the command line and the screen cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from viewer.loading import Loader
from viewer.sandbox import Callee, SandboxError
from viewer.view import Presentation, Slab, SlabMode, ViewState
from viewer.voi import header_window
from viewer.volume import DisplaySet, LocatedFrame, display_sets, parse_frames
from workstation.documents.headers import ParsedFile
from workstation.domain.errors import BadInput

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from viewer.geometry import PlaneName, Vector

_AXIS = {"sagittal": 0, "coronal": 1, "axial": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to draw.

    ``frame`` counts from 1 in reading order; ``plane`` with ``at_mm`` asks for a plane through the volume instead,
    across the patient's axis at that coordinate (LPS; None: the middle). ``window`` is centre and width in the image's
    unit; ``size`` width and height of the canvas in pixels, None one pixel per image pixel.
    """

    frame: int = 1
    plane: str | None = None
    at_mm: float | None = None
    slab: tuple[str, float] | None = None
    window: tuple[float, float] | None = None
    size: tuple[int, int] | None = None


def display_sets_of_file(sandbox: Callee, path: Path) -> list[DisplaySet]:
    """The images of a file that lies anywhere, parsed in the child.

    Raises:
        BadInput: no DICOM image, saying why.
    """
    try:
        parsed: ParsedFile = sandbox.call("workstation.documents.headers:parse", str(path))
    except SandboxError as error:
        raise BadInput(error.template, **error.fields) from error
    if parsed.fault is not None:
        raise BadInput(parsed.fault.template, **dict(parsed.fault.fields))
    frames = parse_frames(parsed.frames) if parsed.frames else []
    return display_sets([LocatedFrame(path=str(path), source=source) for source in frames])


def draw(loader: Loader, shown: DisplaySet, order: Order) -> NDArray[np.uint8]:
    """The picture as (height, width) grey or (height, width, 3) RGB.

    Raises:
        BadInput: the series has no such frame.
        ImageError: the frame cannot be decoded, or the series forms no volume.
    """
    from viewer.render.plane import picture_of_frame, picture_of_plane

    look = Presentation()
    if order.window is not None and shown.frames:
        look = Presentation(voi=header_window(shown.frames[0].source, *order.window))
    if order.plane is None:
        if not 1 <= order.frame <= len(shown.frames):
            raise BadInput(
                "There is no frame {frame}: the series has {count}",
                frame=order.frame,
                count=len(shown.frames),
            )
        state = ViewState(kind="stack", index=order.frame - 1)
        located = shown.frames[order.frame - 1]
        frame, overlays = loader.load_frame(located), loader.load_overlays(located)
        return picture_of_frame(frame, look, state, order.size, overlays=overlays)
    if shown.refusal is not None:
        raise shown.refusal
    volume = loader.load_volume(shown)
    point = _point(volume.center_world, order)
    plane = cast("PlaneName", order.plane)
    state = ViewState(kind="plane", plane=plane, point_world=point)
    slab = None
    if order.slab is not None:
        slab = Slab(mode=cast("SlabMode", order.slab[0]), thickness_mm=order.slab[1])
    return picture_of_plane(volume, plane, point, look, state, size=order.size, slab=slab)


def _point(center: Vector, order: Order) -> Vector:
    point = [float(c) for c in center]
    if order.at_mm is not None and order.plane is not None:
        point[_AXIS[order.plane]] = order.at_mm
    return (point[0], point[1], point[2])
