"""Overlay planes of the header painted into a picture (PS3.3 C.9.2).

Bits are painted in full white, over grey, colour and inverted pictures alike; of a region (type R)
only its outline, so that it does not cover what it marks. A canvas pixel is set where its centre
lies on a set bit or where any set bit's centre lies in it, so that thin graphics keep their lines
when the picture is reduced and their shape when it is enlarged. What an overlay has beyond the image
is not painted. Knows no headers and chooses no overlays.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from viewer.geometry import Matrix
from viewer.view import ResolvedView
from viewer.volume import OverlayPlane

_WHITE = 255

Bits = npt.NDArray[np.bool_]


def painted(
    picture: npt.NDArray[np.uint8], overlays: Sequence[OverlayPlane], view: ResolvedView
) -> npt.NDArray[np.uint8]:
    """A copy of a (height, width) or (height, width, 3) picture seen through `view`, with the bits."""
    rows, columns = view.geometry.rows, view.geometry.columns
    bits = np.zeros((rows, columns), dtype=np.bool_)
    for overlay in overlays:
        _place(overlay, bits)
    out = picture.copy()
    out[_on_canvas(bits, view)] = _WHITE
    return out


def _place(overlay: OverlayPlane, image: Bits) -> None:
    """Set the overlay's bits in the image's own pixels; its origin may lie outside."""
    bits = np.asarray(overlay.bits, dtype=np.bool_)
    if overlay.kind == "R":
        bits = bits & ~_inner(bits)
    into, part = [], []
    for origin, count, limit in zip(overlay.origin, bits.shape, image.shape, strict=True):
        first = origin - 1
        into.append(slice(max(first, 0), max(min(first + count, limit), 0)))
        part.append(slice(max(-first, 0), max(min(count, limit - first), 0)))
    image[into[0], into[1]] |= bits[part[0], part[1]]


def _inner(bits: Bits) -> Bits:
    """Bits whose four neighbours are all set."""
    wide = np.pad(bits, 1)
    return wide[:-2, 1:-1] & wide[2:, 1:-1] & wide[1:-1, :-2] & wide[1:-1, 2:]


def _on_canvas(bits: Bits, view: ResolvedView) -> Bits:
    width, height = view.canvas_size
    y, x = np.mgrid[0:height, 0:width]
    column, row = _through(view.image_from_canvas, x + 0.5, y + 0.5)
    inside = (column >= 0) & (column < bits.shape[1]) & (row >= 0) & (row < bits.shape[0])
    canvas = np.zeros((height, width), dtype=np.bool_)
    canvas[inside] = bits[row[inside], column[inside]]
    # Every set bit also marks the canvas pixel its centre falls into.
    set_rows, set_columns = np.nonzero(bits)
    at_x, at_y = _through(view.canvas_from_image, set_columns, set_rows, shift=0.0)
    seen = (at_x >= 0) & (at_x < width) & (at_y >= 0) & (at_y < height)
    canvas[at_y[seen], at_x[seen]] = True
    return canvas


def _through(
    matrix: Matrix, x: npt.NDArray[np.generic], y: npt.NDArray[np.generic], shift: float = 0.5
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Points through a 3 x 3 affine, to the pixel each lies in; image pixels begin half before."""
    across = np.floor(matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2] + shift)
    down = np.floor(matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2] + shift)
    return across.astype(np.intp), down.astype(np.intp)
