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
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from viewer.resampling import kernels
from viewer.resampling.kernels import Careful, Matrix, Rows, Values

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
    rescales: Matrix | None = None,
    padding: tuple[float, float] | None = None,
) -> npt.NDArray[Any]:
    """Values of (slice, row, column) `voxels` at the pixels of a (width, height) canvas.

    `voxel_from_canvas` is 4 x 4 (or 3 x 4) from (x, y, sample, 1) to (i, j, k); `samples` lie
    evenly around sample 0 and are combined by `kind`. Outside is NaN. Stored values in float32;
    with `rescales`, (slices, 2) of slope and intercept, rescaled values in float64, interpolated
    between slices after each one's own rescale. Stored values within `padding`, both ends
    included, count as outside: they are neither interpolated nor combined.
    """
    source = _plain(voxels)
    matrix = np.ascontiguousarray(voxel_from_canvas[:3], dtype=np.float64)
    slab = (samples, _KINDS[kind])
    if size[0] * size[1] * samples > _WORTH_COMPILING and not nearest:
        warm_up()
    is_careful = rescales is not None or padding is not None
    if is_warm() and not nearest and not is_careful:
        out = np.empty((size[1], size[0]), dtype=np.float32)
        kernel = _compiled().plane_linear
        in_blocks(lambda block: kernel(source, matrix, slab, out, block), size[1])
        return out
    layer: Callable[..., None] = functools.partial(_layer_rows, nearest=nearest)
    careful: Any = (source, rescales, padding)
    if is_careful and _careful_warmth().is_set() and not nearest:
        layer = _compiled().careful_layer
        careful = _whole(source, rescales, padding)
    layers = functools.partial(layer, careful, matrix)
    combined = np.empty((size[1], size[0]), dtype=np.float64 if is_careful else np.float32)
    in_blocks(lambda block: _combine(layers, slab, combined, block), size[1])
    return combined


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

    Until they are ready planes go through numpy; those of slices with one rescale are ready first.
    """
    if _careful_warmth().is_set():
        return
    if cache_dir is not None:
        os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_dir))
    compiled = _compiled()
    matrix = np.eye(4)[:3].copy()
    out, precise = np.empty((2, 2), dtype=np.float32), np.empty((2, 2))
    grey = np.empty((2, 2), dtype=np.uint8)
    boxes = [_plain(np.zeros((2, 2, 2), dtype=kind)) for kind in (np.uint8, np.int16, np.uint16)]
    for voxels in boxes:
        compiled.plane_linear(voxels, matrix, (1, 0), out, (0, 2))
    compiled.linear_grey(out, 1.0, 0.0, grey, (0, 2))
    _warmth().set()
    for voxels in boxes:
        compiled.careful_layer(_whole(voxels, None, None), matrix, 0.0, precise, (0, 2))
    compiled.linear_grey(precise, 1.0, 0.0, grey, (0, 2))
    _careful_warmth().set()


def is_warm() -> bool:
    """Whether the compiled kernels are in use."""
    return _warmth().is_set()


class _Compiled:
    """The kernels through numba: without the interpreter's lock, kept on disk."""

    def __init__(self) -> None:
        import numba

        njit: Callable[..., Any] = numba.njit(nogil=True, cache=True, error_model="numpy")
        self.plane_linear = njit(kernels.plane_linear_rows)
        self.careful_layer = njit(kernels.careful_layer_rows)
        self.linear_grey = njit(kernels.linear_grey_rows)


@functools.cache
def _compiled() -> _Compiled:
    return _Compiled()


@functools.cache
def _warmth() -> threading.Event:
    return threading.Event()


@functools.cache
def _careful_warmth() -> threading.Event:
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


def _whole(
    voxels: npt.NDArray[Any], rescales: Matrix | None, padding: tuple[float, float] | None
) -> Careful:
    """What the careful kernel takes: arrays also where there is nothing to say."""
    if rescales is None:
        rescales = np.tile((1.0, 0.0), (len(voxels), 1))
    ends = np.array(padding or (np.inf, -np.inf), dtype=np.float64)
    return voxels, np.ascontiguousarray(rescales, dtype=np.float64), ends


def _combine(
    layers: Callable[[float, Matrix, Rows], None],
    slab: tuple[int, int],
    out: npt.NDArray[Any],
    block: Rows,
) -> None:
    """The samples across a plane, one layer after the other; what is NaN takes no part."""
    samples, kind = slab
    first, last = block
    merge = (np.fmax, np.fmin, np.add)[kind]
    layer = np.empty((last - first, out.shape[1]))
    result = np.full(layer.shape, np.nan)
    count = np.zeros(layer.shape, dtype=np.int64)
    for sample in range(samples):
        layers(sample - (samples - 1) / 2.0, layer, (first, last))
        found = ~np.isnan(layer)
        met = found & (count > 0)
        result = np.where(met, merge(result, layer), np.where(found, layer, result))
        count += found
    out[first:last] = result / np.maximum(count, 1) if kind == kernels.MEAN else result


def _layer_rows(  # the layer kernel in numpy
    source: tuple[npt.NDArray[Any], Matrix | None, tuple[float, float] | None],
    m: Matrix,
    depth: float,
    out: Matrix,
    block: Rows,
    *,
    nearest: bool,
) -> None:
    y, x = np.meshgrid(
        np.arange(block[0], block[1]) + 0.5, np.arange(out.shape[1]) + 0.5, indexing="ij"
    )
    u, v, w = (row[0] * x + row[1] * y + row[2] * depth + row[3] for row in m)
    inside = np.ones(x.shape, dtype=np.bool_)
    lows, highs, shares = [], [], []
    for axis, count in zip((u, v, w), source[0].shape[::-1], strict=True):
        inside &= (axis >= -kernels.EDGE) & (axis <= count - 1 + kernels.EDGE)
        kept = np.clip(axis, 0.0, count - 1.0)
        low = (kept + 0.5 if nearest else kept).astype(np.int64)
        lows.append(low)
        highs.append(np.minimum(low + 1, count - 1))
        shares.append(np.zeros(kept.shape) if nearest else kept - low)
    total, weights = np.zeros(x.shape), np.zeros(x.shape)
    for corner in itertools.product((False, True), repeat=3):
        weight = np.ones(x.shape)
        for is_high, share in zip(corner, shares, strict=True):
            weight = weight * (share if is_high else 1.0 - share)
        if not weight.any():
            continue
        pairs = zip(corner, lows, highs, strict=True)
        value, kept_share = _voxels(source, [h if is_high else low for is_high, low, h in pairs])
        total += weight * value
        weights += weight * kept_share
    with np.errstate(invalid="ignore"):
        out[...] = np.where(
            inside & (weights >= 0.5), total / np.where(weights, weights, 1), np.nan
        )


def _voxels(
    source: tuple[npt.NDArray[Any], Matrix | None, tuple[float, float] | None],
    index: Sequence[npt.NDArray[np.int64]],
) -> tuple[Matrix, npt.NDArray[Any] | float]:
    """Rescaled values at whole (i, j, k), 0 where padded, and whether they count."""
    voxels, rescales, padding = source
    i, j, k = index
    value = voxels[k, j, i].astype(np.float64)
    counts: npt.NDArray[Any] | float = 1.0
    if padding is not None:
        counts = (value < padding[0]) | (value > padding[1])
    if rescales is not None:
        value = value * rescales[k, 0] + rescales[k, 1]
    return value * counts, counts
