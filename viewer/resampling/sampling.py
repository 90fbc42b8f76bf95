"""Planes in blocks of rows on threads: by compiled kernels once warm, by numpy until then.

Both compute the same values; the tests compare them. The pool is this module's own, because
numba's threads abort when two Python threads enter them. Compiled code is kept in numba's cache
folder, so that only the first start on a machine pays for it.
"""

from __future__ import annotations

import functools
import itertools
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from viewer.resampling import kernels
from viewer.resampling.kernels import Matrix, Rows, Values

SlabKind = Literal["maximum", "minimum", "mean"]

_KINDS: dict[SlabKind, int] = {
    "maximum": kernels.MAXIMUM,
    "minimum": kernels.MINIMUM,
    "mean": kernels.MEAN,
}
_LEAST_ROWS = 32
# Beyond this many samples compiling first is quicker than numpy.
_WORTH_COMPILING = 16_000_000


def sample_plane(
    voxels: npt.NDArray[Any],
    voxel_from_canvas: Matrix,
    size: tuple[int, int],
    *,
    samples: int = 1,
    kind: SlabKind = "mean",
    nearest: bool = False,
) -> Values:
    """Stored values of (slice, row, column) `voxels` at the pixels of a (width, height) canvas.

    `voxel_from_canvas` is 4 x 4 (or 3 x 4) from (x, y, sample, 1) to (i, j, k); `samples` lie
    evenly around sample 0 and are combined by `kind`. Outside is NaN.
    """
    out = np.empty((size[1], size[0]), dtype=np.float32)
    source = _plain(voxels)
    matrix = np.ascontiguousarray(voxel_from_canvas[:3], dtype=np.float64)
    slab = (samples, _KINDS[kind])
    if size[0] * size[1] * samples > _WORTH_COMPILING and not nearest:
        warm_up()
    kernel = functools.partial(_plane_block, nearest=nearest)
    if is_warm() and not nearest:
        kernel = _compiled().plane_linear
    in_blocks(lambda block: kernel(source, matrix, slab, out, block), size[1])
    return out


def map_linear(values: Values, gain: float, offset: float) -> npt.NDArray[np.uint8]:
    """`gain * value + offset` kept in 0-255 and cut to a whole number; NaN is 0."""
    out = np.empty(values.shape, dtype=np.uint8)
    if is_warm():
        kernel = _compiled().linear_grey
        in_blocks(lambda block: kernel(values, gain, offset, out, block), values.shape[0])
        return out
    grey = values.astype(np.float64) * gain + offset
    return np.asarray(np.clip(np.nan_to_num(grey), 0, 255), dtype=np.uint8)


def warm_up(cache_dir: Path | None = None) -> None:
    """Compiles the kernels, or loads them from `cache_dir`; call it on a background thread.

    Until it has returned once, planes go through numpy.
    """
    if is_warm():
        return
    if cache_dir is not None:
        os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_dir))
    compiled = _compiled()
    matrix = np.eye(4)
    out = np.empty((2, 2), dtype=np.float32)
    for kind in (np.uint8, np.int16, np.uint16):
        voxels = _plain(np.zeros((2, 2, 2), dtype=kind))
        compiled.plane_linear(voxels, matrix[:3].copy(), (1, 0), out, (0, 2))
    compiled.linear_grey(out, 1.0, 0.0, np.empty((2, 2), dtype=np.uint8), (0, 2))
    _warmth().set()


def is_warm() -> bool:
    """Whether the compiled kernels are in use."""
    return _warmth().is_set()


class _Compiled:
    """The kernels through numba: without the interpreter's lock, kept on disk."""

    def __init__(self) -> None:
        import numba

        njit: Callable[..., Any] = numba.njit(nogil=True, cache=True, error_model="numpy")
        self.plane_linear = njit(kernels.plane_linear_rows)
        self.linear_grey = njit(kernels.linear_grey_rows)


@functools.cache
def _compiled() -> _Compiled:
    return _Compiled()


@functools.cache
def _warmth() -> threading.Event:
    return threading.Event()


@functools.cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count() or 2, thread_name_prefix="resampling")


def in_blocks(work: Callable[[Rows], object], rows: int) -> None:
    """`work((first, last))` over all rows, on every core."""
    blocks = max(1, min(2 * (os.cpu_count() or 2), rows // _LEAST_ROWS))
    if blocks == 1:
        work((0, rows))
        return
    bounds = [rows * n // blocks for n in range(blocks + 1)]
    for block in [_pool().submit(work, pair) for pair in itertools.pairwise(bounds)]:
        block.result()


def _plain(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A contiguous, read-only plain array: one compiled variant per type serves all."""
    plain = np.ascontiguousarray(values.view(np.ndarray)).view()
    plain.flags.writeable = False
    return plain


def _plane_block(  # the plane kernel in numpy
    voxels: npt.NDArray[Any],
    m: Matrix,
    slab: tuple[int, int],
    out: Values,
    block: Rows,
    *,
    nearest: bool,
) -> None:
    samples, kind = slab
    y, x = np.meshgrid(
        np.arange(block[0], block[1]) + 0.5, np.arange(out.shape[1]) + 0.5, indexing="ij"
    )
    combine = (np.fmax, np.fmin, np.add)[kind]
    result = np.full(x.shape, np.nan)
    count = np.zeros(x.shape, dtype=np.int64)
    for sample in range(samples):
        depth = sample - (samples - 1) / 2.0
        u, v, w = (row[0] * x + row[1] * y + row[2] * depth + row[3] for row in m)
        value, inside = _samples(voxels, (u, v, w), nearest=nearest)
        met = inside & (count > 0)
        result = np.where(met, combine(result, value), np.where(inside, value, result))
        count += inside
    if kind == kernels.MEAN:
        result /= np.maximum(count, 1)
    out[block[0] : block[1]] = result


def _samples(
    voxels: npt.NDArray[Any], point: tuple[Matrix, Matrix, Matrix], *, nearest: bool
) -> tuple[Matrix, npt.NDArray[np.bool_]]:
    """Values at (i, j, k) and whether they lie inside."""
    inside = np.ones(point[0].shape, dtype=np.bool_)
    lows, highs, shares = [], [], []
    for axis, count in zip(point, voxels.shape[::-1], strict=True):
        inside &= (axis >= -kernels.EDGE) & (axis <= count - 1 + kernels.EDGE)
        kept = np.clip(axis, 0.0, count - 1.0)
        low = (kept + 0.5 if nearest else kept).astype(np.int64)
        lows.append(low)
        highs.append(np.minimum(low + 1, count - 1))
        shares.append(kept - low)
    if nearest:
        return voxels[lows[2], lows[1], lows[0]].astype(np.float64), inside
    value = np.zeros(point[0].shape)
    for corner in itertools.product((False, True), repeat=3):
        pairs = list(zip(corner, lows, highs, strict=True))
        i, j, k = (high if is_high else low for is_high, low, high in pairs)
        weight = np.ones(value.shape)
        for is_high, share in zip(corner, shares, strict=True):
            weight = weight * (share if is_high else 1.0 - share)
        value += weight * voxels[k, j, i]
    return value, inside
