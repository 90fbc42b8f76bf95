"""The inner loops, written for numba: scalars, plain loops, no calls between them.

Each works on the rows `[first, last)` of its output, so that blocks run on several threads. A
sample counts as inside up to half a pixel beyond the outermost centres and is clamped to them
there; outside is NaN. `viewer.resampling.sampling` compiles them; the tests also run them as they
are.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

MAXIMUM, MINIMUM, MEAN = 0, 1, 2
EDGE = 0.5 + 1e-6

Values = npt.NDArray[np.float32]
Matrix = npt.NDArray[np.float64]
Rows = tuple[int, int]
# Voxels, (slices, 2) slopes and intercepts, and (2,) both ends of the padding (inf, -inf: none).
Careful = tuple[npt.NDArray[Any], Matrix, Matrix]


def plane_linear_rows(
    voxels: npt.NDArray[Any], m: Matrix, slab: tuple[int, int], out: Values, block: Rows
) -> None:
    """Trilinear samples of a volume, `slab` = (samples across the plane, how to combine them).

    `m` is 3 x 4: (i, j, k) of (x, y, sample, 1); samples lie evenly around sample 0.
    """
    slices, rows, columns = voxels.shape
    samples, kind = slab
    for y in range(block[0], block[1]):
        for x in range(out.shape[1]):
            result = math.nan
            count = 0
            for sample in range(samples):
                depth = sample - (samples - 1) / 2.0
                u = m[0, 0] * (x + 0.5) + m[0, 1] * (y + 0.5) + m[0, 2] * depth + m[0, 3]
                v = m[1, 0] * (x + 0.5) + m[1, 1] * (y + 0.5) + m[1, 2] * depth + m[1, 3]
                w = m[2, 0] * (x + 0.5) + m[2, 1] * (y + 0.5) + m[2, 2] * depth + m[2, 3]
                if min(u, v, w) < -EDGE or u > columns - 1 + EDGE:
                    continue
                if v > rows - 1 + EDGE or w > slices - 1 + EDGE:
                    continue
                u = min(max(u, 0.0), columns - 1.0)
                v = min(max(v, 0.0), rows - 1.0)
                w = min(max(w, 0.0), slices - 1.0)
                i, j, k = int(u), int(v), int(w)
                p, q, r = min(i + 1, columns - 1), min(j + 1, rows - 1), min(k + 1, slices - 1)
                fu, fv, fw = u - i, v - j, w - k
                a = voxels[k, j, i] * (1.0 - fu) + voxels[k, j, p] * fu
                b = voxels[k, q, i] * (1.0 - fu) + voxels[k, q, p] * fu
                c = voxels[r, j, i] * (1.0 - fu) + voxels[r, j, p] * fu
                d = voxels[r, q, i] * (1.0 - fu) + voxels[r, q, p] * fu
                value = (a * (1.0 - fv) + b * fv) * (1.0 - fw) + (c * (1.0 - fv) + d * fv) * fw
                count += 1
                if count == 1:
                    result = value
                elif kind == MEAN:
                    result += value
                else:
                    result = max(result, value) if kind == MAXIMUM else min(result, value)
            out[y, x] = result / count if kind == MEAN and count > 1 else result


def careful_layer_rows(source: Careful, m: Matrix, depth: float, out: Matrix, block: Rows) -> None:
    """One trilinear sample per pixel, of slices with rescales of their own and without padding.

    Each voxel is rescaled by its own slice's slope and intercept before it is weighed, so that
    samples between two slices lie between their true values. Padded voxels have no weight; where
    less than half of the weight is left there is no sample, as there is none outside: NaN.
    `m` is 3 x 4 as in `plane_linear_rows`, `depth` the place across the plane in samples.
    `out` holds the rows of this block only.
    """
    voxels, rescales, padding = source
    slices, rows, columns = voxels.shape
    for y in range(block[0], block[1]):
        for x in range(out.shape[1]):
            out[y - block[0], x] = math.nan
            u = m[0, 0] * (x + 0.5) + m[0, 1] * (y + 0.5) + m[0, 2] * depth + m[0, 3]
            v = m[1, 0] * (x + 0.5) + m[1, 1] * (y + 0.5) + m[1, 2] * depth + m[1, 3]
            w = m[2, 0] * (x + 0.5) + m[2, 1] * (y + 0.5) + m[2, 2] * depth + m[2, 3]
            if min(u, v, w) < -EDGE or u > columns - 1 + EDGE:
                continue
            if v > rows - 1 + EDGE or w > slices - 1 + EDGE:
                continue
            u = min(max(u, 0.0), columns - 1.0)
            v = min(max(v, 0.0), rows - 1.0)
            w = min(max(w, 0.0), slices - 1.0)
            i, j, k = int(u), int(v), int(w)
            fu, fv, fw = u - i, v - j, w - k
            p, q, r = min(i + 1, columns - 1), min(j + 1, rows - 1), min(k + 1, slices - 1)
            a, b, c, d = voxels[k, j, i], voxels[k, j, p], voxels[k, q, i], voxels[k, q, p]
            e, f, g, h = voxels[r, j, i], voxels[r, j, p], voxels[r, q, i], voxels[r, q, p]
            if min(a, b, c, d, e, f, g, h) > padding[1] or max(a, b, c, d, e, f, g, h) < padding[0]:
                near = (a * (1.0 - fu) + b * fu) * (1.0 - fv) + (c * (1.0 - fu) + d * fu) * fv
                far = (e * (1.0 - fu) + f * fu) * (1.0 - fv) + (g * (1.0 - fu) + h * fu) * fv
                near = near * rescales[k, 0] + rescales[k, 1]
                far = far * rescales[r, 0] + rescales[r, 1]
                out[y - block[0], x] = near * (1.0 - fw) + far * fw
                continue
            total = 0.0
            kept = 0.0
            for corner in range(8):
                p, q, r = corner & 1, (corner >> 1) & 1, corner >> 2
                share = abs(1 - p - fu) * abs(1 - q - fv) * abs(1 - r - fw)
                p, q, r = min(i + p, columns - 1), min(j + q, rows - 1), min(k + r, slices - 1)
                stored = float(voxels[r, q, p])
                if share > 0.0 and not padding[0] <= stored <= padding[1]:
                    total += share * (stored * rescales[r, 0] + rescales[r, 1])
                    kept += share
            if kept >= 0.5:
                out[y - block[0], x] = total / kept


def linear_grey_rows(
    values: Values, gain: float, offset: float, out: npt.NDArray[np.uint8], block: Rows
) -> None:
    """`gain * value + offset` kept in 0-255 and cut to a whole number; NaN is 0."""
    for y in range(block[0], block[1]):
        for x in range(values.shape[1]):
            grey = gain * values[y, x] + offset
            if grey >= 255.0:
                out[y, x] = 255
            elif grey >= 1.0:
                out[y, x] = int(grey)
            else:
                out[y, x] = 0
