"""Whatever headers say, every frame is in exactly one set, each set has a key and a reason or an affine."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.viewer.phantoms import AXIAL, CORONAL, SAGITTAL, rotated, source
from viewer.volume import FrameSource, LocatedFrame, display_sets

# Few values, so that frames coincide often; and values that no scanner writes.
numbers = st.sampled_from([0.0, -0.0, 1.0, 2.0, 2.5, 3.0, 1e-9, -4.0, 1e6, 1e160, -1.7e308])
near = st.sampled_from([0.0, 1.0, 2.0, 3.0, 4.0, 6.0])
small = st.integers(0, 3)
UNCLEAN = (0.9998, 0.0, 0.0, 0.0, 0.9997, 0.0)
positions = st.none() | st.tuples(near, near, near) | st.tuples(numbers, numbers, numbers)
orientations = st.sampled_from([None, AXIAL, AXIAL, CORONAL, SAGITTAL, rotated(20.0), UNCLEAN])


def sources(draw: st.DrawFn, number: int) -> FrameSource:
    maybe: Any = st.none() | numbers
    return source(
        sop_uid=draw(st.sampled_from(["", f"1.{number}", f"1.{number // 3}"])),
        series_uid=draw(st.sampled_from(["1.2.3", "1.2.3", ""])),
        modality=draw(st.sampled_from(["CT", "MR", "CR", ""])),
        frame=draw(st.integers(1, 4)),
        number_of_frames=draw(st.integers(1, 4)),
        instance_number=draw(st.none() | st.integers(-3, 10**300)),
        rows=draw(st.sampled_from([4, 4, 4, 8])),
        position=draw(positions),
        orientation=draw(orientations),
        pixel_spacing_mm=draw(st.sampled_from([(0.5, 0.5), (0.5, 0.5), (1e-300, 1e300), None])),
        slope=draw(numbers),
        unit=draw(st.sampled_from(["HU", "HU", ""])),
        image_type=draw(
            st.sampled_from([(), ("ORIGINAL", "PRIMARY"), ("DERIVED", "", "LOCALIZER")])
        ),
        slice_thickness_mm=draw(maybe),
        gantry_tilt_degrees=draw(maybe),
        patient_position=draw(st.sampled_from(["", "HFS", "FFDR", "?"])),
        acquisition=draw(st.none() | small),
        echo_ms=draw(maybe),
        b_value=draw(maybe),
        temporal_position=draw(st.none() | small),
        time_ms=draw(maybe),
        acquisition_time_s=draw(maybe),
        cardiac_phase=draw(maybe),
        stack=draw(st.sampled_from(["", "1"])),
        dimensions=draw(st.lists(small, max_size=2).map(tuple)),
        kernel=draw(st.sampled_from(["", "B30"])),
    )


@st.composite
def series(draw: st.DrawFn) -> list[LocatedFrame]:
    count = draw(st.integers(1, 14))
    return [LocatedFrame(path=f"{n}.dcm", source=sources(draw, n)) for n in range(count)]


@settings(max_examples=40, deadline=None, phases=[Phase.generate])
@given(series())
def test_anything_becomes_sets(frames: list[LocatedFrame]) -> None:
    found = display_sets(frames)
    shown = [frame for one in found for frame in one.frames]
    # Once each; an instance that came twice once.
    assert max(Counter(id(frame) for frame in shown).values()) == 1
    names = {
        (f.source.series_uid or f.path, f.source.sop_uid or f.path, f.source.frame) for f in frames
    }
    assert len(shown) == len(names)
    for one in found:
        assert len({frame.source.series_uid for frame in one.frames}) == 1
        assert (one.refusal is None) == (one.world_from_voxel is not None)
        assert all(0 <= index < len(one.frames) - 1 for index in one.gaps)
        assert one.nearest_index((1.0, 2.0, 3.0)) in {None, *range(len(one.frames))}
        assert all(str(each) for each in one.findings)
        if one.world_from_voxel is not None:
            assert math.isfinite(float(np.linalg.det(one.world_from_voxel)))
            assert abs(float(np.linalg.det(one.world_from_voxel))) > 0


@settings(max_examples=20, deadline=None, phases=[Phase.generate])
@given(series(), st.randoms(use_true_random=False))
def test_the_order_of_files_does_not_matter(frames: list[LocatedFrame], random: Any) -> None:
    unique = {(f.source.series_uid, f.source.sop_uid or f.path, f.source.frame): f for f in frames}
    mixed = list(unique.values())
    random.shuffle(mixed)
    # Frames that nothing tells apart may come in any order; sets may not.
    ours, again = display_sets(list(unique.values())), display_sets(mixed)
    assert sorted(len(one.frames) for one in ours) == sorted(len(one.frames) for one in again)
