"""What the hand does to a view: IHE BIR's directions, whole drags, and the one table of keys."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from viewer.tools import (
    SHORTCUTS,
    Command,
    Drag,
    Invert,
    Magnify,
    Reset,
    Step,
    Subject,
    ToEnd,
    Tool,
    UsePreset,
    UseVoi,
    Viewing,
    applied,
    key_of,
    px_per_frame,
    shortcut_of,
    windowed,
)
from viewer.view import ImageGeometry, Presentation, ViewState, plane_geometry, resolve
from viewer.voi import LutVoi, WindowVoi
from viewer.volume import FrameSource, Volume

CANVAS = (800, 600)
MEDIASTINUM = WindowVoi(center=40.0, width=400.0)


def a_volume() -> Volume:
    """Ten axial slices of 32 x 48 pixels, 1 x 1 x 2 mm, head first, starting at (0, 0, 100)."""
    affine = np.diag([1.0, 1.0, -2.0, 1.0])
    affine[2, 3] = 100.0
    source = FrameSource(
        sop_uid="1", sop_class="1", series_uid="1", study_uid="1", modality="CT",
        transfer_syntax="1.2.840.10008.1.2.1", fragments=(), rows=32, columns=48,
        bits_allocated=16, bits_stored=16, high_bit=15, pixel_representation=1,
        photometric="MONOCHROME2",
    )  # fmt: skip
    return Volume(
        voxels=np.zeros((10, 32, 48), np.int16),
        world_from_voxel=affine,
        slope=1.0,
        intercept=0.0,
        unit="HU",
        spacing_mm=(1.0, 1.0, 2.0),
        frame_of_reference="1.2",
        series_uid="1",
        stored_minimum=-32768,
        stored_maximum=32767,
        source=source,
    )


def stack(**state: object) -> Viewing:
    return Viewing(state=replace(ViewState(index=20), **state), presentation=Presentation())


def subject(count: int = 92, viewing: Viewing | None = None) -> Subject:
    seen = viewing or stack()
    resolved = resolve(ImageGeometry(columns=512, rows=512), seen.state, CANVAS)
    return Subject(count=count, volume=None, voi=MEDIASTINUM, resolved=resolved)


def drag(tool: Tool, right: float, down: float) -> Drag:
    return Drag(tool=tool, start=(400.0, 300.0), now=(400.0 + right, 300.0 + down))


def voi_after(right: float, down: float) -> WindowVoi:
    voi = applied(stack(), drag(Tool.WINDOW, right, down), subject()).presentation.voi
    assert isinstance(voi, WindowVoi)
    return voi


def test_to_the_right_the_window_widens_and_its_centre_stays() -> None:
    voi = voi_after(80, 0)  # a tenth of the canvas: three tenths of the width
    assert (voi.center, voi.width) == (40.0, 520.0)
    assert voi_after(-80, 0).width == 280.0


def test_upwards_the_centre_falls_and_the_width_stays() -> None:
    voi = voi_after(0, -60)
    assert (voi.center, voi.width) == (40.0 - 0.3 * 400.0, 400.0)
    assert voi_after(0, 60).center == 160.0


def test_a_window_never_becomes_narrower_than_one() -> None:
    assert voi_after(-800, 0).width == 1.0


def test_the_window_function_of_the_header_is_kept() -> None:
    voi = windowed(replace(MEDIASTINUM, function="SIGMOID"), width_factor=2.0, center_shift=0.0)
    assert voi == WindowVoi(center=40.0, width=800.0, function="SIGMOID")


def test_a_narrow_window_keeps_its_fractions() -> None:
    voi = windowed(WindowVoi(center=0.5, width=0.8), width_factor=1.5, center_shift=0.25)
    assert isinstance(voi, WindowVoi)
    assert (voi.center, voi.width) == (pytest.approx(0.7), pytest.approx(1.2))


def test_a_lookup_table_is_stretched_around_its_middle_and_keeps_its_ends() -> None:
    curve = LutVoi(first_mapped=100, bits=8, values=tuple(range(101)), name="NORMAL")
    voi = windowed(curve, width_factor=2.0, center_shift=0.0)
    assert isinstance(voi, LutVoi)
    assert len(voi.values) == 202
    assert voi.first_mapped == 50  # 150.5 is the middle of both
    assert (voi.values[0], voi.values[-1]) == (0, 100)
    assert sorted(voi.values) == list(voi.values)
    assert voi.name == "NORMAL"


def test_a_lookup_table_moves_along_its_inputs() -> None:
    curve = LutVoi(first_mapped=0, bits=8, values=tuple(range(100)))
    voi = windowed(curve, width_factor=1.0, center_shift=-0.5)
    assert voi == replace(curve, first_mapped=-50)


def test_upwards_the_zoom_goes_out_and_downwards_in() -> None:
    quarter = CANVAS[1] / 4
    assert applied(stack(), drag(Tool.ZOOM, 0, quarter), subject()).state.zoom == pytest.approx(2)
    assert applied(stack(), drag(Tool.ZOOM, 0, -quarter), subject()).state.zoom == pytest.approx(
        0.5
    )


def test_what_lies_under_the_wheel_stays_there() -> None:
    seen = stack(pan=(0.1, -0.05))
    before = resolve(ImageGeometry(columns=512, rows=512), seen.state, CANVAS)
    anchor = (610.0, 120.0)
    zoomed = applied(seen, Magnify(factor=1.7, anchor=anchor), subject(viewing=seen))
    after = resolve(ImageGeometry(columns=512, rows=512), zoomed.state, CANVAS)
    assert after.image_point(anchor) == pytest.approx(before.image_point(anchor))
    assert zoomed.state.zoom == pytest.approx(1.7)


def test_panning_moves_the_image_with_the_hand() -> None:
    geometry = ImageGeometry(columns=512, rows=512)
    moved = applied(stack(), drag(Tool.PAN, 33, -21), subject())
    before = resolve(geometry, stack().state, CANVAS).canvas_point((100.0, 200.0))
    after = resolve(geometry, moved.state, CANVAS).canvas_point((100.0, 200.0))
    assert after == pytest.approx((before[0] + 33, before[1] - 21))


def test_a_scroll_drag_downwards_goes_forward_and_stops_at_the_ends() -> None:
    per_frame = px_per_frame(92, CANVAS[1])
    assert applied(stack(), drag(Tool.SCROLL, 0, 3 * per_frame), subject()).state.index == 23
    assert applied(stack(), drag(Tool.SCROLL, 0, -3 * per_frame), subject()).state.index == 17
    assert applied(stack(), drag(Tool.SCROLL, 0, 5000), subject()).state.index == 91
    assert applied(stack(), drag(Tool.SCROLL, 0, -5000), subject()).state.index == 0


def test_one_sweep_of_the_hand_runs_through_a_long_series() -> None:
    assert px_per_frame(200, 1000) * 200 < 1000
    assert px_per_frame(3, 1000) == 14.0
    assert px_per_frame(5000, 1000) == 2.0


def test_steps_and_ends() -> None:
    assert applied(stack(), Step(steps=1), subject()).state.index == 21
    assert applied(stack(), Step(steps=-10), subject()).state.index == 10
    assert applied(stack(), Step(steps=-50), subject()).state.index == 0
    assert applied(stack(), ToEnd(last=True), subject()).state.index == 91
    assert applied(stack(), ToEnd(last=False), subject()).state.index == 0


def test_a_plane_scrolls_by_voxels_from_head_to_feet() -> None:
    volume = a_volume()
    state = ViewState(kind="plane", plane="axial", point_world=(20.0, 10.0, 90.0))
    seen = Viewing(state=state, presentation=Presentation())
    resolved = resolve(plane_geometry(volume, "axial", state.point_world), state, CANVAS)
    about = Subject(count=10, volume=volume, voi=None, resolved=resolved)
    assert applied(seen, Step(steps=1), about).state.point_world == pytest.approx((20, 10, 88))
    assert applied(seen, ToEnd(last=True), about).state.point_world == pytest.approx((20, 10, 82))
    assert applied(seen, ToEnd(last=False), about).state.point_world == pytest.approx((20, 10, 100))


def test_the_crosshair_takes_the_point_under_the_hand() -> None:
    volume = a_volume()
    state = ViewState(kind="plane", plane="axial", point_world=(20.0, 10.0, 90.0))
    geometry = plane_geometry(volume, "axial", state.point_world)
    resolved = resolve(geometry, state, CANVAS)
    about = Subject(count=10, volume=volume, voi=None, resolved=resolved)
    seen = Viewing(state=state, presentation=Presentation())
    target = resolved.canvas_from_world((33.0, 4.0, 90.0))
    assert target is not None
    hit = Drag(tool=Tool.CROSSHAIR, start=(0.0, 0.0), now=target)
    assert applied(seen, hit, about).state.point_world == pytest.approx((33.0, 4.0, 90.0))


def test_the_crosshair_does_nothing_on_an_image_without_a_place() -> None:
    assert applied(stack(), drag(Tool.CROSSHAIR, 5, 5), subject()) == stack()


def test_a_drag_counts_from_where_it_began_whatever_came_between() -> None:
    began = stack()
    far = applied(began, drag(Tool.WINDOW, 200, 100), subject())
    back = applied(began, drag(Tool.WINDOW, 0, 0), subject())
    assert far.presentation.voi != MEDIASTINUM
    assert back.presentation.voi == MEDIASTINUM


def test_inverting_twice_is_nothing() -> None:
    once = applied(stack(), Invert(), subject())
    assert once.presentation.inverted
    assert applied(once, Invert(), subject()) == stack()


def test_reset_brings_back_the_look_and_the_fit_but_not_the_place() -> None:
    voi = WindowVoi(center=1.0, width=2.0)
    seen = Viewing(
        state=ViewState(index=33, zoom=3.0, pan=(0.2, 0.1), rotation=90, flip=True),
        presentation=Presentation(voi=voi, inverted=True),
    )
    assert applied(seen, Reset(), subject()) == Viewing(
        state=ViewState(index=33), presentation=Presentation()
    )


def test_a_preset_is_taken_as_it_is() -> None:
    voi = WindowVoi(center=-600, width=1500)
    assert applied(stack(), UseVoi(voi=voi), subject()).presentation.voi == voi
    assert applied(stack(), UseVoi(voi=None), subject()).presentation.voi is None


def test_every_key_does_one_thing_and_everything_has_one_key() -> None:
    assert len({line.key for line in SHORTCUTS}) == len(SHORTCUTS)
    assert len({repr(line.does) for line in SHORTCUTS}) == len(SHORTCUTS)


@pytest.mark.parametrize(
    ("key", "does"),
    [
        ("S", Tool.SCROLL), ("W", Tool.WINDOW), ("Z", Tool.ZOOM), ("T", Tool.PAN),
        ("J", Tool.CROSSHAIR), ("I", Command.ANNOTATION), ("Esc", Reset()),
        ("1", UsePreset(number=1)), ("9", UsePreset(number=9)),
    ],
)  # fmt: skip
def test_the_letters_are_those_of_basic_image_review(key: str, does: object) -> None:
    line = shortcut_of(key)
    assert line is not None
    assert line.does == does
    assert key_of(line.does) == key


def test_an_unknown_key_does_nothing() -> None:
    assert shortcut_of("Q") is None
