"""Single frames on a canvas, in numpy.

A frame is only ever moved, scaled, mirrored and turned by quarters, so its rows and its columns
are sampled one after the other: as quick as a compiled loop, and ready for the first picture after
the program's start. A reduced picture is the mean of several points per canvas pixel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.resampling.kernels import EDGE, Matrix, Rows
from viewer.resampling.sampling import in_blocks


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Axis:
    """For each canvas position along one axis and each of its parts: which pixels, and how much.

    `low`, `high` and `share` are (parts, canvas); `inside` is 1.0 or 0.0; `count` sums it.
    """

    low: npt.NDArray[np.intp]
    high: npt.NDArray[np.intp]
    share: npt.NDArray[Any]
    inside: npt.NDArray[Any]
    count: npt.NDArray[Any]


def sample_frame(
    pixels: npt.NDArray[Any],
    image_from_canvas: Matrix,
    size: tuple[int, int],
    *,
    parts: int = 1,
    nearest: bool = False,
) -> npt.NDArray[Any]:
    """Stored values of (rows, columns) `pixels` at the pixels of a (width, height) canvas.

    `image_from_canvas` is 3 x 3, turned by quarters only. Each canvas pixel is the mean of `parts`
    x `parts` bilinear samples in it, or the `nearest` pixel. float32 (float64 for 32 bit pixels),
    NaN outside.
    """
    m = image_from_canvas
    is_turned = abs(m[0, 0]) < abs(m[0, 1])
    source = pixels.T if is_turned else pixels
    along_x, along_y = (m[1], m[0]) if is_turned else (m[0], m[1])
    if abs(along_x[1]) > 1e-9 * abs(along_x[0]) or abs(along_y[0]) > 1e-9 * abs(along_y[1]):
        raise ValueError("a frame is turned by quarters only")
    kind = np.float32 if pixels.dtype.itemsize <= 2 else np.float64
    columns = _axis(along_x[0], along_x[2], (size[0], source.shape[1]), parts, nearest)
    rows = _axis(along_y[1], along_y[2], (size[1], source.shape[0]), parts, nearest)
    out = np.empty((size[1], size[0]), dtype=kind)
    in_blocks(lambda block: _sample(source, rows, columns, out, block), size[1])
    return out


def _axis(scale: float, shift: float, counts: tuple[int, int], parts: int, nearest: bool) -> _Axis:
    """`counts` are (canvas pixels, image pixels) along the axis."""
    canvas, count = counts
    offsets = (np.arange(parts) + 0.5) / parts
    at = scale * (np.arange(canvas) + offsets[:, None]) + shift
    inside = (at >= -EDGE) & (at <= count - 1 + EDGE)
    kept = np.clip(at, 0.0, count - 1.0)
    low = (kept + 0.5 if nearest else kept).astype(np.intp)
    share = np.zeros(at.shape) if nearest else kept - low
    return _Axis(
        low=low,
        high=np.minimum(low + 1, count - 1),
        share=share,
        inside=inside.astype(np.float32),
        count=inside.sum(axis=0),
    )


def _sample(
    source: npt.NDArray[Any], rows: _Axis, columns: _Axis, out: npt.NDArray[Any], block: Rows
) -> None:
    """Rows first, then columns. `low + share * (high - low)` keeps even areas exactly even."""
    kind = out.dtype
    first, last = block
    by_rows = np.zeros((last - first, source.shape[1]), dtype=kind)
    for part in range(len(rows.low)):
        low = source[rows.low[part, first:last]].astype(kind)
        high = source[rows.high[part, first:last]].astype(kind)
        low += rows.share[part, first:last, None].astype(kind) * (high - low)
        by_rows += rows.inside[part, first:last, None] * low
    total = np.zeros((last - first, out.shape[1]), dtype=kind)
    for part in range(len(columns.low)):
        low = by_rows[:, columns.low[part]]
        low += columns.share[part].astype(kind) * (by_rows[:, columns.high[part]] - low)
        total += columns.inside[part] * low
    count = rows.count[first:last, None] * columns.count
    with np.errstate(invalid="ignore"):
        out[first:last] = total / np.where(count, count, np.nan).astype(kind)
