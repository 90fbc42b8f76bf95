"""The compiled loops, the same loops uncompiled and numpy give the same values."""

from __future__ import annotations

import functools
import subprocess
import sys
import warnings

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from viewer import resampling
from viewer.resampling import kernels, sampling
from viewer.view import ImageGeometry, ViewState, resolve

RANDOM = np.random.default_rng(3)
VOXELS = RANDOM.integers(-2048, 2048, (6, 7, 8)).astype(np.int16)
TURN = np.array(
    [
        [0.31, 0.05, 0.2, -0.7],
        [-0.04, 0.29, 0.1, 0.3],
        [0.07, 0.06, 0.4, 0.4],
    ]
)
SIZE = (23, 70)


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    resampling.warm_up()


def uncompiled_plane(samples: int, kind: int) -> np.ndarray:
    out = np.empty((SIZE[1], SIZE[0]), np.float32)
    kernels.plane_linear_rows(VOXELS.astype(float), TURN, (samples, kind), out, (0, SIZE[1]))
    return out


def in_numpy(source: tuple[object, ...], samples: int, kind: int) -> np.ndarray:
    out = np.empty((SIZE[1], SIZE[0]))
    layers = functools.partial(sampling._layer_rows, source, TURN, nearest=False)
    sampling._combine(layers, (samples, kind), out, (0, SIZE[1]))
    return out


@pytest.mark.parametrize(
    ("samples", "kind"), [(1, "mean"), (5, "mean"), (5, "maximum"), (4, "minimum")]
)
def test_planes(samples: int, kind: str) -> None:
    compiled = resampling.sample_plane(VOXELS, TURN, SIZE, samples=samples, kind=kind)  # type: ignore[arg-type]  # parametrised
    code = {"maximum": kernels.MAXIMUM, "minimum": kernels.MINIMUM, "mean": kernels.MEAN}[kind]
    plain = uncompiled_plane(samples, code)
    numpy = in_numpy((VOXELS, None, None), samples, code)
    for found in (compiled, numpy):
        assert (np.isnan(found) == np.isnan(plain)).all()
        assert np.nanmax(np.abs(found - plain)) < 1e-3
    assert np.isnan(plain).any()
    assert not np.isnan(plain).all()


def by_map_coordinates(values: np.ndarray, counts: np.ndarray, samples: int) -> list[np.ndarray]:
    """Each layer's trilinear values among the voxels that count; NaN outside and where few do."""
    layers = []
    for sample in range(samples):
        y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]] + 0.5
        depth = np.full(x.shape, sample - (samples - 1) / 2)
        u, v, w = np.tensordot(TURN, np.stack([x, y, depth, np.ones(x.shape)]), 1)
        ends = [n - 0.5 for n in VOXELS.shape[::-1]]
        inside = np.logical_and.reduce(
            [(a >= -0.5) & (a <= end) for a, end in zip((u, v, w), ends, strict=True)]
        )
        where = {"coordinates": [w, v, u], "order": 1, "mode": "nearest"}
        weight = map_coordinates(counts.astype(float), **where)
        value = map_coordinates(np.where(counts, values, 0.0), **where)
        known = inside & (weight >= 0.5)
        layers.append(np.where(known, value / np.where(weight, weight, 1), np.nan))
    return layers


RESCALES = np.column_stack([RANDOM.uniform(0.01, 4, 6), RANDOM.uniform(-500, 500, 6)])
RESCALED = VOXELS * RESCALES[:, 0, None, None] + RESCALES[:, 1, None, None]
PADDING = (-1500.0, -900.0)


@pytest.mark.parametrize(
    ("rescales", "padding"), [(RESCALES, None), (None, PADDING), (RESCALES, PADDING)]
)
@pytest.mark.parametrize(
    ("samples", "kind"), [(1, "mean"), (5, "mean"), (5, "maximum"), (4, "minimum")]
)
def test_planes_of_slices_with_their_own_rescale_and_of_padded_ones(
    rescales: np.ndarray | None, padding: tuple[float, float] | None, samples: int, kind: str
) -> None:
    values = VOXELS.astype(float) if rescales is None else RESCALED
    padded = np.zeros(VOXELS.shape, bool)
    if padding is not None:
        padded = (padding[0] <= VOXELS) & (padding[1] >= VOXELS)
        assert padded.mean() > 0.1
    layers = by_map_coordinates(values, ~padded, samples)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # numpy's word on pixels without a value
        expected = {"mean": np.nanmean, "maximum": np.nanmax, "minimum": np.nanmin}[kind](layers, 0)
    compiled = resampling.sample_plane(
        VOXELS,
        TURN,
        SIZE,
        samples=samples,
        kind=kind,
        rescales=rescales,
        padding=padding,  # type: ignore[arg-type]  # parametrised
    )
    code = {"maximum": kernels.MAXIMUM, "minimum": kernels.MINIMUM, "mean": kernels.MEAN}[kind]
    for found in (compiled, in_numpy((VOXELS, rescales, padding), samples, code)):
        assert (np.isnan(found) == np.isnan(expected)).all()
        assert np.nanmax(np.abs(found - expected)) < 1e-8
    assert np.isnan(expected).any()
    assert not np.isnan(expected).all()


def test_the_careful_kernel_uncompiled() -> None:
    """The very lines numba compiles, run by Python, so that they are covered and stepped through."""
    whole = sampling._whole(VOXELS, RESCALES, PADDING)
    plain, compiled = np.empty((20, SIZE[0])), np.empty((20, SIZE[0]))
    kernels.careful_layer_rows(whole, TURN, 0.5, plain, (5, 25))
    sampling._compiled().careful_layer(whole, TURN, 0.5, compiled, (5, 25))
    assert np.array_equal(plain, compiled, equal_nan=True)
    assert np.isnan(plain).any()
    assert not np.isnan(plain).all()


def test_nearest_rescales_and_leaves_padding_out() -> None:
    at = np.array([[1, 0, 0, -0.6], [0, 1, 0, -0.4], [0, 0, 1.0, 3.2]])
    found = resampling.sample_plane(
        VOXELS, at, (8, 7), nearest=True, rescales=RESCALES, padding=PADDING
    )
    padded = (PADDING[0] <= VOXELS[3]) & (PADDING[1] >= VOXELS[3])
    assert np.array_equal(found, np.where(padded, np.nan, RESCALED[3]), equal_nan=True)


@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("flip", [False, True])
def test_frames(parts: int, turn: int, flip: bool) -> None:
    """The mean of scipy's bilinear values at parts x parts points of each canvas pixel."""
    pixels = RANDOM.integers(-2048, 2048, (30, 40)).astype(np.int16)
    geometry = ImageGeometry(columns=40, rows=30, spacing_rc=(1.2, 1.0))
    state = ViewState(rotation=turn, flip=flip, zoom=1.37, pan=(0.11, -0.07))
    view = resolve(geometry, state, SIZE)
    found = resampling.sample_frame(pixels, view.image_from_canvas, SIZE, parts=parts)
    total, count = np.zeros(found.shape), np.zeros(found.shape)
    for part_y, part_x in np.ndindex(parts, parts):
        y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
        canvas = np.stack(
            [x + (part_x + 0.5) / parts, y + (part_y + 0.5) / parts, np.ones(x.shape)]
        )
        u, v, _ = np.tensordot(view.image_from_canvas, canvas, 1)
        inside = (u >= -0.5) & (u <= 39.5) & (v >= -0.5) & (v <= 29.5)
        values = map_coordinates(pixels.astype(float), [v, u], order=1, mode="nearest")
        total += np.where(inside, values, 0)
        count += inside
    expected = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    assert (np.isnan(found) == np.isnan(expected)).all()
    assert np.nanmax(np.abs(found - expected)) < 2e-3
    assert np.isnan(found).any()


def bilinear(pixels: np.ndarray, matrix: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """scipy's values at the middles of the canvas pixels, NaN outside."""
    y, x = np.mgrid[0 : size[1], 0 : size[0]] + 0.5
    u, v, _ = np.tensordot(matrix, np.stack([x, y, np.ones(x.shape)]), 1)
    rows, columns = pixels.shape
    inside = (u >= -0.5) & (u <= columns - 0.5) & (v >= -0.5) & (v <= rows - 0.5)
    found = map_coordinates(pixels.astype(float), [v, u], order=1, mode="nearest")
    return np.where(inside, found, np.nan)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize(
    ("zoom", "pan"), [(1.0, (0.0, 0.0)), (5.3, (0.9, -1.3)), (0.9, (0.7, 0.6))]
)
def test_enlarged_frames_on_canvases_of_many_strips(
    turn: int, zoom: float, pan: tuple[float, float]
) -> None:
    pixels = RANDOM.integers(0, 4096, (180, 150)).astype(np.uint16)
    size = (700, 500)
    geometry = ImageGeometry(columns=150, rows=180)
    state = ViewState(rotation=turn, flip=turn > 90, zoom=zoom, pan=pan)
    matrix = resolve(geometry, state, size).image_from_canvas
    expected = bilinear(pixels, matrix, size)
    found = resampling.sample_frame(pixels, matrix, size)
    assert (np.isnan(found) == np.isnan(expected)).all()
    assert np.nanmax(np.abs(found - expected)) < 2e-3
    # Grey is cut downwards: where a value lies on a whole grey, float32 may fall on either side.
    exact = np.clip(np.nan_to_num(0.06 * expected - 3.0, nan=0.0), 0.0, 255.0)
    grey = resampling.sample_grey(pixels, matrix, size, (0.06, -3.0))
    assert grey.dtype == np.uint8
    assert (grey >= np.floor(exact - 1e-3)).all()
    assert (grey <= np.floor(exact + 1e-3)).all()
    assert 0 < np.count_nonzero(grey) < grey.size


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.int32, np.float64])
@pytest.mark.parametrize(("parts", "nearest"), [(1, False), (3, False), (1, True)])
@pytest.mark.parametrize("turn", [0, 270])
def test_grey_in_one_go_is_the_grey_of_the_values(
    kind: type, parts: int, *, nearest: bool, turn: int
) -> None:
    pixels = RANDOM.integers(0, 256, (90, 120)).astype(kind)
    state = ViewState(rotation=turn, zoom=1.3, pan=(0.2, 0.4))
    size = (44, 71)
    matrix = resolve(ImageGeometry(columns=120, rows=90), state, size).image_from_canvas
    values = resampling.sample_frame(pixels, matrix, size, parts=parts, nearest=nearest)
    expected = resampling.map_linear(values, 1.7, -20.0)
    found = resampling.sample_grey(pixels, matrix, size, (1.7, -20.0), parts=parts, nearest=nearest)
    assert (found == expected).all()
    assert np.isnan(values).any()
    assert len(np.unique(found)) > 100


def test_a_canvas_beside_the_frame_is_empty() -> None:
    matrix = np.array([[1.0, 0.0, 500.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    pixels = np.full((8, 9), 100, np.uint16)
    assert np.isnan(resampling.sample_frame(pixels, matrix, (5, 4))).all()
    assert not resampling.sample_grey(pixels, matrix, (5, 4), (1.0, 50.0)).any()


def test_even_areas_stay_exactly_even() -> None:
    pixels = np.full((30, 40), 60001, np.uint16)
    view = resolve(ImageGeometry(columns=40, rows=30), ViewState(), (37, 53))
    for parts in (1, 2, 3, 7):
        found = resampling.sample_frame(pixels, view.image_from_canvas, (37, 53), parts=parts)
        assert set(found[~np.isnan(found)].tolist()) == {60001.0}


def test_a_frame_is_turned_by_quarters_only() -> None:
    with pytest.raises(ValueError, match="quarters"):
        resampling.sample_frame(VOXELS[0], np.array([[1, 0.5, 0], [-0.5, 1, 0], [0, 0, 1]]), (3, 3))


def test_grey_on_a_line() -> None:
    values = np.array([[np.nan, -5.0, 0.0, 0.4, 127.999, 254.99, 255.0, 300.0]], np.float32)
    out = np.empty(values.shape, np.uint8)
    kernels.linear_grey_rows(values, 1.0, 0.0, out, (0, 1))
    assert out.tolist() == [[0, 0, 0, 0, 127, 254, 255, 255]]
    assert (resampling.map_linear(values, 1.0, 0.0) == out).all()


def test_a_value_at_a_voxel_is_that_voxel() -> None:
    at = np.array([[1, 0, 0, -0.5], [0, 1, 0, -0.5], [0, 0, 1.0, 3.0]])
    found = resampling.sample_plane(VOXELS, at, (8, 7))
    assert (found == VOXELS[3]).all()


def test_numba_is_not_imported_before_it_is_asked_for() -> None:
    code = (
        "import sys, viewer.render.plane, viewer.render.vtk_reslice, viewer.loading, viewer.overlay;"
        "heavy = {'numba', 'vtkmodules', 'pydicom', 'imagecodecs', 'PySide6'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
