"""Planes through what real series are made of: slices with rescales of their own, tilted gantries, padding.

Judged by scipy, by vtkImageReslice and by arithmetic on a phantom whose true values are known.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.viewer.phantoms import even_positions, only_set, rotated, source, stack, volume
from tests.viewer.resliced import PLANES, by_scipy, judge, true_values
from viewer.geometry import PlaneName, as_vector
from viewer.render import vtk_reslice
from viewer.render.plane import (
    picture_of_frame,
    picture_of_plane,
    resolved_plane,
    slab_samples,
    slab_step_mm,
    voi_of_volume,
    voxel_from_canvas,
)
from viewer.resampling import sample_plane
from viewer.view import (
    Presentation,
    Slab,
    ViewState,
    plane_geometry,
    plane_step_mm,
    resolve_exactly,
    scrolled_plane,
    voxel_steps_mm,
)
from viewer.voi import WindowVoi
from viewer.volume import Frame, VoiWindow, Volume

SHAPE = (12, 30, 40)
RANDOM = np.random.default_rng(11)


def plain(orientation: tuple[float, ...] = rotated(0.0), **facts: object) -> Volume:
    """12 slices of 30 x 40 voxels, 0.5 x 0.5 x 2 mm, of random 12 bit values."""
    frames = stack(even_positions(12, 2.0, orientation), orientation, rows=30, columns=40, **facts)
    return volume(only_set(frames), RANDOM.integers(0, 4096, SHAPE).astype(np.uint16))


# ---- slices with rescales of their own -----------------------------------------------------------

SLOPES = RANDOM.uniform(0.2, 3.0, 12)
RESCALES = np.column_stack([SLOPES, RANDOM.uniform(-300.0, 0.0, 12)])
# A smooth ramp along every axis, 0 to 1840 in steps much finer than the slopes.
RAMP = np.add.outer(np.add.outer(np.arange(12) * 120.0, np.arange(30) * 10.0), np.arange(40) * 5.77)
WINDOW = WindowVoi(center=900.0, width=1800.0, function="LINEAR_EXACT")


def rescaled_box(orientation: tuple[float, ...] = rotated(0.0), **facts: object) -> Volume:
    """The ramp, quantised slice by slice with each one's own slope."""
    stored = np.rint((RAMP - RESCALES[:, 1, None, None]) / RESCALES[:, 0, None, None])
    middle = source(
        slope=SLOPES[6], intercept=RESCALES[6, 1], bits_stored=16, modality="PT", **facts
    )
    return replace(
        plain(orientation), voxels=stored.astype(np.uint16), rescales=RESCALES, source=middle,
        stored_minimum=-300, stored_maximum=196605,
    )  # fmt: skip


@pytest.mark.parametrize("plane", PLANES)
def test_a_ramp_quantised_slice_by_slice_has_no_bands(plane: PlaneName) -> None:
    """Off by no more than half the coarsest step from the true values, which scipy interpolates."""
    box = rescaled_box(rotated(17.0))
    exact = replace(box, voxels=RAMP, rescales=None)
    x, y, z = box.center_world
    point = (x + 0.3, y - 0.7, z + 0.234)
    state = ViewState(kind="plane", plane=plane, zoom=1.3)
    view = resolved_plane(box, plane, point, state, (90, 80))
    matrix = voxel_from_canvas(box, view, slab_step_mm(box))
    found = sample_plane(box.voxels, matrix, view.canvas_size, rescales=box.rescales)
    true, clear = by_scipy(exact, plane, point, state, size=(90, 80))
    assert np.isfinite(true[clear]).sum() > 500
    assert np.nanmax(np.abs(found - true)[clear]) <= SLOPES.max() / 2 + 1e-6
    # One rescale for all, which is what made bands, is far off: the test can fail.
    wrong = sample_plane(box.voxels, matrix, view.canvas_size) * SLOPES[6] + RESCALES[6, 1]
    assert np.nanmax(np.abs(wrong - true)[clear]) > 100


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize(
    "slab", [None, *(Slab(mode=m, thickness_mm=5) for m in ("maximum", "minimum", "mean"))]
)  # type: ignore[arg-type]  # three literals
def test_planes_of_rescaled_slices(plane: PlaneName, slab: Slab | None) -> None:
    judge(rescaled_box(rotated(17.0)), plane, Presentation(voi=WINDOW), size=(120, 90), slab=slab)


def test_every_slices_picture_is_the_axial_planes() -> None:
    """The stack of one set and its axial planes are the same pictures, at one window in the displayed unit."""
    box = rescaled_box()
    look = Presentation(voi=WINDOW)
    for k in range(12):
        slope, intercept = RESCALES[k]
        frame = Frame(
            pixels=box.voxels[k],
            source=source(rows=30, columns=40, slope=slope, intercept=intercept, bits_stored=16),
        )
        point = as_vector((box.world_from_voxel @ (0, 0, k, 1))[:3])
        assert (picture_of_plane(box, "axial", point, look) == picture_of_frame(frame, look)).all()


def test_voi_of_rescaled_slices_is_in_the_displayed_unit() -> None:
    """Without a window what the true values span; with one of stored values, that of the middle slice."""
    spanned = voi_of_volume(rescaled_box(), Presentation())
    assert isinstance(spanned, WindowVoi)
    low, high = np.percentile(RAMP, (0.1, 99.9))
    # A quarter of the voxels of every slice was looked at.
    assert spanned.center == pytest.approx((low + high) / 2, abs=15)
    assert spanned.width == pytest.approx(high - low, abs=30)
    box = rescaled_box()
    low, high = box.voxels[6].min(), box.voxels[6].max()
    windows = (VoiWindow(center=float(low + high) / 2, width=float(high - low)),)
    tiny = replace(box, source=replace(box.source, slope=0.01, intercept=0.0, windows=windows))
    found = voi_of_volume(tiny, Presentation())
    assert isinstance(found, WindowVoi)
    assert (found.center, found.width) == pytest.approx(
        (windows[0].center * 0.01, windows[0].width * 0.01)
    )


def test_no_float_copy_is_made_of_rescaled_slices() -> None:
    """What is handed on is the memory of the volume itself."""
    import tracemalloc

    voxels = np.zeros((60, 256, 256), np.uint16)
    rescales = np.tile((2.0, 1.0), (60, 1))
    at = np.array([[1.0, 0, 0, 0], [0, 0, 0.1, 128], [0, 1.0, 0, 0]])
    sample_plane(voxels, at, (64, 48), rescales=rescales)
    tracemalloc.start()
    sample_plane(voxels, at, (64, 48), rescales=rescales)
    assert tracemalloc.get_traced_memory()[1] < voxels.nbytes / 4
    tracemalloc.stop()


# ---- tilted gantries ------------------------------------------------------------------------------


def sheared(tilt_degrees: float, kind: str) -> Volume:
    """Slices 2 mm apart: "gantry" tilts the slices and moves the table along z, "table" shifts them along y."""
    angle = np.radians(tilt_degrees)
    box = plain()
    affine = np.diag([0.5, 0.5, 1.0, 1.0])
    if kind == "gantry":
        affine[:3, 1] = 0.5 * np.array([0, np.cos(angle), np.sin(angle)])
        affine[:3, 2] = (0, 0, -2.0)
    else:
        affine[:3, 2] = (0, 2.0 * np.tan(angle), -2.0)
    spacing = as_vector(np.linalg.norm(affine[:3, :3], axis=0))
    return replace(box, world_from_voxel=affine, spacing_mm=spacing)


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("tilt", [18.5, -16.5])
@pytest.mark.parametrize("kind", ["gantry", "table"])
def test_planes_through_a_tilted_stack(plane: PlaneName, tilt: float, kind: str) -> None:
    voi = WindowVoi(center=2047.5, width=4095, function="LINEAR_EXACT")
    box = sheared(tilt, kind)
    judge(box, plane, Presentation(voi=voi), size=(120, 90))
    judge(box, plane, Presentation(voi=voi), size=(60, 50), slab=Slab(mode="mean", thickness_mm=4))


@pytest.mark.parametrize(
    ("kind", "distance"), [("gantry", 2 * np.cos(np.radians(20))), ("table", 2.0)]
)
def test_steps_of_a_tilted_stack_are_the_distances_of_its_planes(
    kind: str, distance: float
) -> None:
    box = sheared(20.0, kind)
    assert voxel_steps_mm(box) == pytest.approx((0.5, 0.5, distance))
    assert plane_step_mm(box, "axial") == pytest.approx(distance)
    assert plane_step_mm(box, "coronal") == pytest.approx(0.5)
    assert slab_step_mm(box) == pytest.approx(0.5)
    thin = replace(box, world_from_voxel=box.world_from_voxel @ np.diag([1, 1, 0.1, 1]))
    assert slab_step_mm(thin) == pytest.approx(distance / 10)
    assert slab_samples(thin, Slab(mode="mean", thickness_mm=2.0)) == round(20 / distance)


@pytest.mark.parametrize("plane", PLANES)
def test_scrolling_a_tilted_stack_stays_inside(plane: PlaneName) -> None:
    box = sheared(20.0, "gantry")
    look = Presentation(voi=WindowVoi(center=1, width=2, function="LINEAR_EXACT"))
    for steps in (-1000, 1000):
        end = scrolled_plane(ViewState(kind="plane", plane=plane), steps, box).point_world
        assert picture_of_plane(box, plane, end, look).any()


def test_a_slice_of_a_sheared_stack_is_its_axial_plane() -> None:
    """Where the table shifts sideways the slices stay axial: the plane is the slice, moved by its shift."""
    box = sheared(20.0, "table")
    look = Presentation(voi=WindowVoi(center=2047.5, width=4095, function="LINEAR_EXACT"))
    for k in (0, 5, 11):
        world = box.world_from_voxel @ (0, 0, k, 1)
        view = resolve_exactly(plane_geometry(box, "axial", as_vector(world[:3])))
        picture = picture_of_plane(box, "axial", as_vector(world[:3]), look)
        for i, j in ((3, 4), (39, 29), (0, 0), (20, 11)):
            at = box.world_from_voxel @ (i, j, k, 1)
            x, y = view.canvas_from_world(as_vector(at[:3])) or (0, 0)
            values = by_scipy(
                box, "axial", as_vector(world[:3]), ViewState(kind="plane"), size=None
            )[0]
            expected = np.floor(values[int(y), int(x)] / 4095 * 255 + 1e-6)
            assert abs(int(picture[int(y), int(x)]) - expected) <= 1
            assert abs(x - int(x) - 0.5) < 1e-6 or i == 0


# ---- padding ---------------------------------------------------------------------------------------

PADDING = (0.0, 300.0)


def padded_box(**facts: object) -> Volume:
    box = plain(rotated(17.0), pixel_padding=PADDING, **facts)
    corner = np.add.outer(np.add.outer(np.arange(12) * 3, np.arange(30)), np.arange(40)) < 25
    return replace(box, voxels=np.where(corner, 200, 1000 + box.voxels // 2).astype(np.uint16))


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize(
    "slab", [None, *(Slab(mode=m, thickness_mm=5) for m in ("maximum", "minimum", "mean"))]
)  # type: ignore[arg-type]  # three literals
def test_padding_that_would_glare_is_left_out_of_planes(
    plane: PlaneName, slab: Slab | None
) -> None:
    look = Presentation(voi=WindowVoi(center=1800, width=2000), inverted=True)
    judge(padded_box(), plane, look, size=(120, 90), slab=slab, padding=PADDING)
    judge(
        padded_box(photometric="MONOCHROME1"),
        plane,
        replace(look, inverted=False),
        size=(60, 50),
        slab=slab,
        padding=PADDING,
    )


def test_a_minimum_over_dark_padding_is_that_of_the_image() -> None:
    look = Presentation(voi=WindowVoi(center=1800, width=2000))
    for mode in ("minimum", "mean"):
        judge(padded_box(), "coronal", look, slab=Slab(mode=mode, thickness_mm=5), padding=PADDING)  # type: ignore[arg-type]  # two literals


def test_padding_and_rescales_together() -> None:
    box = replace(padded_box(), rescales=RESCALES)
    look = Presentation(voi=WindowVoi(center=900, width=3000))
    judge(box, "sagittal", look, size=(120, 90), padding=PADDING)
    spanned = voi_of_volume(replace(box, source=replace(box.source, modality="MR")), Presentation())
    assert isinstance(spanned, WindowVoi)
    true = true_values(box)[:, ::2, ::2][box.voxels[:, ::2, ::2] != 200]
    low, high = np.percentile(true, (0.1, 99.9))
    assert (spanned.center, spanned.width) == pytest.approx(
        ((low + high) / 2, high - low), abs=1e-6
    )


def test_the_reference_leaves_padding_out_as_well() -> None:
    look = Presentation(voi=WindowVoi(center=1800, width=2000), inverted=True)
    box = padded_box()
    ours = picture_of_plane(box, "coronal", None, look)
    theirs = vtk_reslice.picture_of_plane(box, "coronal", None, look)
    bare = replace(box, source=replace(box.source, pixel_padding=None))
    glaring = picture_of_plane(bare, "coronal", None, look)
    assert np.abs(ours.astype(int) - theirs).max() <= 1
    assert (glaring == 255).sum() > 10
    assert (ours[glaring == 255] == 0).all()
