"""Where a point of the patient lands on the canvas, worked out by arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.viewer.phantoms import (
    CORONAL,
    even_positions,
    only_set,
    rotated,
    source,
    stack,
    volume,
)
from viewer.view import (
    ImageGeometry,
    ViewState,
    frame_geometry,
    moved_to,
    panned,
    plane_geometry,
    plane_step_mm,
    reading_direction,
    reset,
    resolve,
    resolve_exactly,
    scrolled,
    scrolled_plane,
    zoomed,
)
from viewer.volume import Volume

WIDE = ImageGeometry(columns=200, rows=100)


def a_volume(orientation: tuple[float, ...] = (1, 0, 0, 0, 1, 0)) -> Volume:
    """Ten slices of 20 rows x 30 columns, 0.5 x 0.5 x 3 mm."""
    frames = only_set(stack(even_positions(10, 3.0, orientation), orientation, rows=20, columns=30))
    return volume(frames, np.zeros((10, 20, 30), np.uint16))


def test_an_image_is_fitted_and_centred() -> None:
    view = resolve(WIDE, ViewState(), (400, 400))
    assert view.canvas_point((-0.5, -0.5)) == pytest.approx((0, 100))
    assert view.canvas_point((199.5, 99.5)) == pytest.approx((400, 300))
    assert view.canvas_px_per_image_px == pytest.approx(2)


def test_pixels_that_are_not_square_keep_their_shape() -> None:
    tall = ImageGeometry(columns=100, rows=100, spacing_rc=(2.0, 1.0))
    view = resolve(tall, ViewState(), (400, 400))
    assert view.canvas_point((-0.5, -0.5)) == pytest.approx((100, 0))
    assert view.canvas_point((99.5, 99.5)) == pytest.approx((300, 400))


@pytest.mark.parametrize(
    ("rotation", "flip", "corner"),
    [
        (0, False, (0, 0)),
        (90, False, (100, 0)),
        (180, False, (100, 100)),
        (270, False, (0, 100)),
        (0, True, (100, 0)),
        (90, True, (100, 100)),
    ],
)
def test_rotation_is_clockwise_after_the_flip(
    rotation: int, flip: bool, corner: tuple[int, int]
) -> None:
    square = ImageGeometry(columns=50, rows=50)
    view = resolve(square, ViewState(rotation=rotation, flip=flip), (100, 100))
    assert view.canvas_point((-0.5, -0.5)) == pytest.approx(corner)


def test_a_turned_image_is_fitted_by_its_turned_sides() -> None:
    view = resolve(WIDE, ViewState(rotation=90), (100, 200))
    assert view.canvas_px_per_image_px == pytest.approx(1)


@given(
    factor=st.floats(0.2, 5),
    x=st.floats(0, 640),
    y=st.floats(0, 480),
    pan=st.tuples(st.floats(-1, 1), st.floats(-1, 1)),
)
def test_what_lies_under_the_pointer_stays_when_zooming(
    factor: float, x: float, y: float, pan: tuple[float, float]
) -> None:
    state, size = ViewState(pan=pan), (640, 480)
    before = resolve(WIDE, state, size).image_point((x, y))
    after = zoomed(state, factor, anchor_canvas=(x, y), canvas_size=size)
    assert resolve(WIDE, after, size).image_point((x, y)) == pytest.approx(before, abs=1e-6)


def test_zoom_without_an_anchor_keeps_the_pan_and_its_limits() -> None:
    state = zoomed(ViewState(pan=(0.1, 0.2)), 1e9, anchor_canvas=None, canvas_size=(1, 1))
    assert (state.zoom, state.pan) == (64.0, (0.1, 0.2))


def test_panning_moves_by_canvas_pixels() -> None:
    size = (640, 480)
    before = resolve(WIDE, ViewState(), size).canvas_point((10, 10))
    after = resolve(WIDE, panned(ViewState(), (30, -12), size), size).canvas_point((10, 10))
    assert (after[0] - before[0], after[1] - before[1]) == pytest.approx((30, -12))


def test_reset_keeps_the_place() -> None:
    state = ViewState(index=7, zoom=3, pan=(1, 1), rotation=90, flip=True, point_world=(1, 2, 3))
    assert reset(state) == ViewState(index=7, point_world=(1, 2, 3))


def test_scrolling_stops_at_both_ends() -> None:
    assert scrolled(ViewState(index=3), 2, 10).index == 5
    assert scrolled(ViewState(index=3), -9, 10).index == 0
    assert scrolled(ViewState(index=3), 90, 10).index == 9


def test_one_canvas_pixel_per_image_pixel() -> None:
    view = resolve_exactly(WIDE)
    assert view.canvas_size == (200, 100)
    assert view.image_point((0.5, 0.5)) == pytest.approx((0, 0))


def test_world_and_canvas_are_inverse() -> None:
    geometry = frame_geometry(source(position=(3, 4, 5), orientation=rotated(30)))
    view = resolve(geometry, ViewState(zoom=1.7, pan=(0.1, 0)), (300, 200))
    world = view.world_from_canvas((120, 80))
    assert world is not None
    assert view.canvas_from_world(world) == pytest.approx((120, 80))


def test_the_first_pixel_of_a_frame_lies_at_its_position() -> None:
    geometry = frame_geometry(source(position=(3, 4, 5)))
    assert resolve_exactly(geometry).world_from_canvas((0.5, 0.5)) == pytest.approx((3, 4, 5))


def test_an_image_without_calibration_has_no_place() -> None:
    geometry = frame_geometry(source(pixel_spacing_mm=None, pixel_aspect=(1.2, 1.0)))
    view = resolve_exactly(geometry)
    assert geometry.spacing_rc == (1.2, 1.0)
    assert view.world_from_canvas((1, 1)) is None
    assert view.canvas_from_world((0, 0, 0)) is None


def test_the_axial_grid_of_an_axial_stack_falls_on_its_pixels() -> None:
    box = a_volume()
    geometry = plane_geometry(box, "axial")
    assert (geometry.columns, geometry.rows) == (30, 20)
    view = resolve_exactly(geometry)
    for column, row in ((0, 0), (29, 19), (7, 11)):
        world = box.world_from_voxel @ (column, row, 3, 1)
        assert view.canvas_from_world(world[:3]) == pytest.approx((column + 0.5, row + 0.5))


def test_a_coronal_plane_has_square_pixels_and_holds_all_slices() -> None:
    geometry = plane_geometry(a_volume(), "coronal", (0, -15.0, 0))
    assert geometry.spacing_rc == (0.5, 0.5)
    assert (geometry.columns, geometry.rows) == (30, 60)
    assert geometry.world_from_pixel is not None
    assert geometry.world_from_pixel[1, 3] == pytest.approx(-15)


@pytest.mark.parametrize("plane", ["axial", "coronal", "sagittal"])
def test_every_corner_of_an_oblique_volume_is_in_its_planes(plane: str) -> None:
    box = a_volume(rotated(25))
    view = resolve_exactly(plane_geometry(box, plane))  # type: ignore[arg-type]  # parametrised
    for corner in np.ndindex(2, 2, 2):
        voxel = [at * (n - 1) for at, n in zip(corner, (30, 20, 10), strict=True)]
        point = view.canvas_from_world((box.world_from_voxel @ (*voxel, 1))[:3])
        assert point is not None
        assert 0 <= point[0] <= view.canvas_size[0]
        assert 0 <= point[1] <= view.canvas_size[1]


def test_a_plane_scrolls_by_voxels_and_stays_inside() -> None:
    box = a_volume()
    assert plane_step_mm(box, "axial") == pytest.approx(3)
    assert plane_step_mm(box, "coronal") == pytest.approx(0.5)
    state = moved_to(ViewState(kind="plane", plane="axial"), box.center_world)
    down = scrolled_plane(state, 2, box)
    assert down.point_world is not None
    assert down.point_world[2] == pytest.approx(box.center_world[2] - 6)
    last = scrolled_plane(state, 99, box).point_world
    assert last is not None
    assert last[2] == pytest.approx(30)  # the lowest slice's own position
    front = scrolled_plane(ViewState(kind="plane", plane="coronal"), -99, box).point_world
    assert front is not None
    assert front[1] == pytest.approx(-20)


def test_planes_are_read_feetwards_backwards_leftwards() -> None:
    assert reading_direction("axial").tolist() == [0, 0, -1]
    assert reading_direction("coronal").tolist() == [0, 1, 0]
    assert reading_direction("sagittal").tolist() == [1, 0, 0]


def test_step_of_a_coronal_acquisition() -> None:
    assert plane_step_mm(a_volume(CORONAL), "coronal") == pytest.approx(3)
