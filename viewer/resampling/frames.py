"""Single frames on a canvas, in numpy.

A frame is only ever moved, scaled, mirrored and turned by quarters, so its rows and its columns
are sampled one after the other: as quick as a compiled loop, and ready for the first picture after
the program's start. A reduced picture is the mean of several points per canvas pixel. The work is
done in strips that stay in a core's cache, and only where the canvas shows the frame.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.resampling.kernels import EDGE, Matrix, Rows
from viewer.resampling.sampling import in_blocks

Grey = npt.NDArray[np.uint8]
Write = Callable[[npt.NDArray[Any], npt.NDArray[Any]], None]
# Values in one strip: a few of them at once fit into a core's own cache.
_STRIP_VALUES = 1 << 17
_LEAST_STRIP_ROWS = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Axis:
    """For the canvas positions along one axis that show the frame, and each of their parts.

    Attributes:
        first, last: the canvas positions, `last` excluded.
        low: (parts, positions) the pixel at or before the part; the next one follows it.
        share: (parts, positions) how much of the next pixel; None for the nearest pixel alone.
        inside: (parts, positions) 1 or 0; None where all parts are inside.
        count: (positions) parts inside.
    """

    first: int
    last: int
    low: npt.NDArray[np.intp]
    share: npt.NDArray[Any] | None
    inside: npt.NDArray[Any] | None
    count: npt.NDArray[np.intp]

    def cut(self, first: int, last: int) -> _Axis:
        """Some of the positions, counted from the first one here."""
        some = slice(first, last)
        return _Axis(
            first=self.first + first,
            last=self.first + last,
            low=self.low[:, some],
            share=None if self.share is None else self.share[:, some],
            inside=None if self.inside is None else self.inside[:, some],
            count=self.count[some],
        )

    def moved(self, by: int) -> _Axis:
        """The same over a source that begins `by` pixels later."""
        return _Axis(
            first=self.first,
            last=self.last,
            low=self.low - by,
            share=self.share,
            inside=self.inside,
            count=self.count,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Plan:
    """A frame and where its pixels go; values are computed as `kind`.

    Where the frame `is_turned` a quarter its rows lie along the canvas's columns: it is read as it
    lies in memory, and what comes out is turned.
    """

    is_turned: bool
    source: npt.NDArray[Any]
    rows: _Axis
    columns: _Axis
    kind: np.dtype[Any]

    def fill(self, out: npt.NDArray[Any], write: Write) -> None:
        """`write(values, part of out)` for strips of what the canvas shows, on every core."""
        upright = out.T if self.is_turned else out
        shown = upright[self.rows.first : self.rows.last, self.columns.first : self.columns.last]
        if shown.size:
            in_blocks(lambda block: self._fill_block(block, shown, write), len(shown))

    def _fill_block(self, block: Rows, shown: npt.NDArray[Any], write: Write) -> None:
        parts = len(self.rows.low)
        widest = max(self.columns.last - self.columns.first, self.source.shape[1] * parts)
        step = max(_STRIP_VALUES // widest, _LEAST_STRIP_ROWS)
        for first in range(block[0], block[1], step):
            last = min(first + step, block[1])
            write(self._values(self.rows.cut(first, last)), shown[first:last])

    def _values(self, rows: _Axis) -> npt.NDArray[Any]:
        """Enlarged pictures have fewer rows before than after: their columns come first."""
        start, stop = _reach(rows, len(self.source))
        strip = self.source[start:stop].astype(self.kind, order="C")
        rows = rows.moved(start)
        if len(strip) < rows.last - rows.first:
            values = _along_rows(_along_columns(strip, self.columns), rows)
        else:
            values = _along_columns(_along_rows(strip, rows), self.columns)
        if len(rows.low) > 1:
            values /= (rows.count[:, None] * self.columns.count).astype(self.kind)
        return values


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
    plan = _plan(pixels, image_from_canvas, size, parts=parts, nearest=nearest)
    out = np.full((size[1], size[0]), np.nan, dtype=plan.kind)
    plan.fill(out, lambda values, strip: np.copyto(strip, values))
    return out


def sample_grey(
    pixels: npt.NDArray[Any],
    image_from_canvas: Matrix,
    size: tuple[int, int],
    line: tuple[float, float],
    *,
    parts: int = 1,
    nearest: bool = False,
) -> Grey:
    """`map_linear` of `sample_frame` in one go: `line` is its (gain, offset); outside is 0."""
    plan = _plan(pixels, image_from_canvas, size, parts=parts, nearest=nearest)
    out = np.zeros((size[1], size[0]), dtype=np.uint8)
    gain, offset = line

    def write(values: npt.NDArray[Any], strip: npt.NDArray[Any]) -> None:
        grey = np.multiply(values, gain, dtype=np.float64)
        grey += offset
        np.clip(grey, 0.0, 255.0, out=grey)
        np.copyto(strip, grey, casting="unsafe")

    plan.fill(out, write)
    return out


def _plan(
    pixels: npt.NDArray[Any],
    m: Matrix,
    size: tuple[int, int],
    *,
    parts: int,
    nearest: bool,
) -> _Plan:
    is_turned = abs(m[0, 0]) < abs(m[0, 1])
    x, y = (1, 0) if is_turned else (0, 1)  # the canvas axis along the frame's columns, rows
    if abs(m[0, y]) > 1e-9 * abs(m[0, x]) or abs(m[1, x]) > 1e-9 * abs(m[1, y]):
        raise ValueError("a frame is turned by quarters only")
    kind = np.dtype(np.float32 if pixels.dtype.itemsize <= 2 else np.float64)
    columns = _axis((m[0, x], m[0, 2]), (size[x], pixels.shape[1]), parts, kind, nearest)
    rows = _axis((m[1, y], m[1, 2]), (size[y], pixels.shape[0]), parts, kind, nearest)
    start, stop = _reach(columns, pixels.shape[1])
    return _Plan(
        is_turned=is_turned,
        source=pixels[:, start:stop],
        rows=rows,
        columns=columns.moved(start),
        kind=kind,
    )


def _axis(
    line: tuple[float, float],
    counts: tuple[int, int],
    parts: int,
    kind: np.dtype[Any],
    nearest: bool,
) -> _Axis:
    """`line` is (scale, shift); `counts` are (canvas pixels, image pixels) along the axis."""
    canvas, count = counts
    offsets = (np.arange(parts) + 0.5) / parts
    at = line[0] * (np.arange(canvas) + offsets[:, None]) + line[1]
    inside = (at >= -EDGE) & (at <= count - 1 + EDGE)
    seen = np.flatnonzero(inside.any(axis=0))
    some = slice(int(seen[0]), int(seen[-1]) + 1) if len(seen) else slice(0, 0)
    at, inside = at[:, some], inside[:, some]
    kept = np.clip(at, 0.0, count - 1.0)
    low = (kept + 0.5 if nearest else kept).astype(np.intp)
    return _Axis(
        first=some.start,
        last=some.stop,
        low=low,
        share=None if nearest else (kept - low).astype(kind),
        inside=None if inside.all() else inside.astype(kind),
        count=inside.sum(axis=0),
    )


def _reach(axis: _Axis, count: int) -> Rows:
    """The first pixel an axis needs, and the one behind the last."""
    if not axis.low.size:
        return 0, 0
    return int(axis.low.min()), min(int(axis.low.max()) + 2, count)


def _along_rows(source: npt.NDArray[Any], rows: _Axis) -> npt.NDArray[Any]:
    """The sum of each row's parts. `low + share * (high - low)` keeps even areas exactly even."""
    if rows.share is None:
        nearest: npt.NDArray[Any] = np.take(source, rows.low[0], axis=0, mode="clip")
        return nearest
    rise = np.zeros_like(source)
    np.subtract(source[1:], source[:-1], out=rise[:-1])
    total: npt.NDArray[Any] | None = None
    for part, low in enumerate(rows.low):
        values = rise.take(low, axis=0, mode="clip")
        values *= rows.share[part, :, None]
        values += source.take(low, axis=0, mode="clip")
        if rows.inside is not None:
            values *= rows.inside[part, :, None]
        total = values if total is None else np.add(total, values, out=total)
    assert total is not None  # noqa: S101 - there is at least one part
    return total


def _along_columns(source: npt.NDArray[Any], columns: _Axis) -> npt.NDArray[Any]:
    """As `_along_rows`; a pixel and the rise to the next are fetched together, as one number."""
    if columns.share is None:
        nearest: npt.NDArray[Any] = np.take(source, columns.low[0], axis=1, mode="clip")
        return nearest
    pairs = np.zeros(source.shape, dtype=np.result_type(source.dtype, np.complex64))
    pairs.real = source
    np.subtract(source[:, 1:], source[:, :-1], out=pairs.imag[:, :-1])
    total: npt.NDArray[Any] | None = None
    for part, low in enumerate(columns.low):
        fetched = pairs.take(low, axis=1, mode="clip")
        values = fetched.imag * columns.share[part]
        values += fetched.real
        if columns.inside is not None:
            values *= columns.inside[part]
        total = values if total is None else np.add(total, values, out=total)
    assert total is not None  # noqa: S101 - there is at least one part
    return total
