"""One series split into the stacks a reader expects, and not shattered by what differs from slice to slice."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.viewer.phantoms import CORONAL, even_positions, only_set, rotated, source, stack
from viewer.volume import DisplaySet, LocatedFrame, Tile, display_sets

PLACES = 6


def phases(count: int, places: int = PLACES, **facts: Any) -> list[LocatedFrame]:
    """A stack imaged `count` times, instance by instance; facts are functions of (phase, place)."""
    found = []
    for phase in range(count):
        for place, position in enumerate(even_positions(places, 2.0)):
            known = {name: of(phase, place) for name, of in facts.items()}
            number = phase * places + place + 1
            made = {"sop_uid": f"1.2.3.{number}", "instance_number": number, **known}
            found.append(LocatedFrame(path="p", source=source(position=position, **made)))
    return found


def shuffled(frames: list[LocatedFrame]) -> list[LocatedFrame]:
    mixed = list(frames)
    random.Random(7).shuffle(mixed)
    return mixed


def labels(sets: list[DisplaySet]) -> list[str]:
    return [", ".join(f"{part.kind} {part.value}".strip() for part in one.parts) for one in sets]


def split(frames: list[LocatedFrame], sizes: list[int]) -> list[str]:
    """The labels of the sets, which are volumes of these sizes whatever order the files came in."""
    sets = display_sets(shuffled(frames))
    assert [len(one.frames) for one in sets] == sizes
    assert all(one.is_volume for one in sets)
    assert labels(sets) == labels(display_sets(frames))
    return labels(sets)


@pytest.mark.parametrize(
    ("fact", "values", "expected"),
    [
        ("echo_ms", (80.0, 20.0), ["echo 20 ms", "echo 80 ms"]),
        ("b_value", (1000.0, 0.0, 50.0), ["b-value 0", "b-value 50", "b-value 1000"]),
        ("kernel", ("B30f", "B70f"), ["kernel B30f", "kernel B70f"]),
        ("stack", ("1", "2"), ["stack 1", "stack 2"]),
        ("component", ("M", "P"), ["type M", "type P"]),
        (
            "image_type",
            (("DERIVED", "PRIMARY", "DIXON", "WATER"), ("DERIVED", "PRIMARY", "DIXON", "FAT")),
            ["type WATER", "type FAT"],
        ),
        ("temporal_position", (1, 2, 3), ["phase 1", "phase 2", "phase 3"]),
        ("cardiac_phase", (75.0, 35.0), ["phase 35 %", "phase 75 %"]),
        ("time_ms", (0.0, 41.5, 83.0), ["time 0 ms", "time 41.5 ms", "time 83 ms"]),
        ("acquisition", (3, 5), ["acquisition 3", "acquisition 5"]),
        ("acquisition_time_s", (36000.5, 36030.5), ["time 0 s", "time 30 s"]),
    ],
)
def test_what_makes_stacks(fact: str, values: tuple[Any, ...], expected: list[str]) -> None:
    frames = phases(len(values), **{fact: lambda phase, _: values[phase]})
    assert split(frames, [PLACES] * len(values)) == expected


def test_nothing_that_tells_them_apart_but_their_order() -> None:
    assert split(phases(3), [PLACES] * 3) == ["phase 1", "phase 2", "phase 3"]


def test_slice_by_slice_numbering_makes_the_same_phases() -> None:
    """Numbered through all times of a slice before the next slice."""
    frames = phases(4, instance_number=lambda phase, place: place * 4 + phase + 1)
    sets = display_sets(shuffled(frames))
    assert [[f.source.instance_number for f in one.frames] for one in sets] == [
        # Head first: the last place is the highest.
        [place * 4 + phase + 1 for place in reversed(range(PLACES))]
        for phase in range(4)
    ]


def test_trigger_times_with_jitter_make_phases() -> None:
    frames = phases(5, time_ms=lambda phase, place: phase * 40.0 + place * 1.7)
    assert split(frames, [PLACES] * 5) == [f"phase {n}" for n in range(1, 6)]


def test_two_attributes_together() -> None:
    """Two acquisitions of three phases each."""
    frames = phases(
        6,
        acquisition=lambda phase, _: phase // 3 + 1,
        temporal_position=lambda phase, _: phase % 3 + 1,
    )
    assert split(frames, [PLACES] * 6) == [
        f"acquisition {acquisition}, phase {phase}" for acquisition in (1, 2) for phase in (1, 2, 3)
    ]


def test_echoes_of_phases() -> None:
    frames = phases(
        4,
        echo_ms=lambda phase, _: 20.0 * (phase % 2 + 1),
        temporal_position=lambda phase, _: phase // 2 + 1,
    )
    assert split(frames, [PLACES] * 4) == [
        "echo 20 ms, phase 1",
        "echo 20 ms, phase 2",
        "echo 40 ms, phase 1",
        "echo 40 ms, phase 2",
    ]


def test_an_interrupted_last_phase() -> None:
    frames = phases(3, temporal_position=lambda phase, _: phase + 1)[:-2]
    assert split(frames, [PLACES, PLACES, PLACES - 2]) == ["phase 1", "phase 2", "phase 3"]


@pytest.mark.parametrize(
    "facts",
    [
        {"acquisition": lambda _, place: place + 1},
        {"time_ms": lambda _, place: 700.0 + place * 13.0},
        {"acquisition_time_s": lambda _, place: 40000.0 + place * 0.8},
        {"echo_ms": lambda _, place: 90.0 + place * 0.01},
        {"b_value": lambda _, place: 998.0 + place},
        {"temporal_position": lambda _, place: place + 1},
        {"image_type": lambda _, place: ("ORIGINAL", "PRIMARY", "AXIAL", f"S{place}")},
        {"kernel": lambda _, place: f"B{place}"},
        {"stack": lambda _, place: str(place)},
        {"in_stack": lambda _, place: place + 1},
        {"dimensions": lambda _, place: (1, place + 1)},
        {"frame_of_reference": lambda _, place: f"1.9.{place}"},
        {"slope": lambda _, place: 1.0 + place},
        # Odd slices first, even ones then: one stack.
        {"acquisition": lambda _, place: place % 2 + 1},
        {"echo_ms": lambda _, place: 90.0 + place % 2},
        {"image_type": lambda _, place: ("ORIGINAL", "PRIMARY", "ODD" if place % 2 else "EVEN")},
    ],
)
def test_what_changes_from_slice_to_slice_shatters_nothing(facts: dict[str, Any]) -> None:
    assert split(phases(1, places=12, **facts), [12]) == [""]


def test_two_ranges_of_two_kernels_are_two_stacks() -> None:
    frames = phases(1, places=12, kernel=lambda _, place: "B30f" if place < 6 else "B70f")
    assert split(frames, [6, 6]) == ["kernel B30f", "kernel B70f"]


def test_files_that_name_no_series_are_not_made_one() -> None:
    frames = [
        replace(f, source=replace(f.source, series_uid="")) for f in stack(even_positions(3, 2.0))
    ]
    assert [len(one.frames) for one in display_sets(frames)] == [1, 1, 1]


def test_one_slice_made_again_is_a_duplicate() -> None:
    frames = phases(1, acquisition=lambda _, place: place + 1)
    again = replace(frames[2].source, sop_uid="1.2.3.99", instance_number=99, acquisition=99)
    found = only_set([*frames, LocatedFrame(path="a", source=again)])
    assert "same position (7 images, 6 positions)" in str(found.refusal)
    assert [str(each) for each in found.findings if each.warns] == [
        "Several images lie at the same position (7 images, 6 positions)."
    ]


def test_a_number_that_goes_round_while_one_stack_is_made_tells_nothing() -> None:
    """A hundred slices with acquisitions 1, 2, 3, 1, 2, ... and five made again."""
    places = even_positions(105, 1.0)
    frames = [
        LocatedFrame(
            path="p",
            source=source(
                sop_uid=str(n),
                instance_number=n,
                position=places[n if n < 100 else n - 50],
                acquisition=n % 3,
            ),
        )
        for n in range(105)
    ]
    found = only_set(frames)
    assert "105 images, 100 positions" in str(found.refusal)


def test_two_ranges_of_one_even_stack_are_one() -> None:
    frames = phases(1, places=12, acquisition=lambda _, place: place // 6)
    assert split(frames, [12]) == [""]


def test_two_ranges_with_a_gap_are_two_acquisitions() -> None:
    chest, pelvis = even_positions(40, 2.0)[:12], even_positions(40, 2.0)[25:]
    frames = [*stack(chest, acquisition=1), *stack(pelvis, first=13, acquisition=2)]
    assert split(frames, [12, 15]) == ["acquisition 1", "acquisition 2"]


def test_two_ranges_of_different_spacing_are_two_acquisitions() -> None:
    fine, coarse = even_positions(10, 2.0), even_positions(30, 5.0)[4:14]
    frames = [*stack(fine, acquisition=1), *stack(coarse, first=11, acquisition=2)]
    assert split(frames, [10, 10]) == ["acquisition 1", "acquisition 2"]


def test_overlapping_ranges_are_acquisitions() -> None:
    places = even_positions(30, 2.0)
    frames = [*stack(places[:18], acquisition=1), *stack(places[15:], first=19, acquisition=2)]
    assert split(frames, [18, 15]) == ["acquisition 1", "acquisition 2"]


def test_stacks_side_by_side() -> None:
    """Two breasts: the same slice places, corners 200 mm apart within the plane."""
    right = even_positions(PLACES, 2.0)
    left = [(x + 200.0, y, z) for x, y, z in right]
    frames = [*stack(right), *stack(left, first=7)]
    assert split(frames, [PLACES, PLACES]) == ["position 1", "position 2"]


@pytest.mark.parametrize("places", [1, 2])
def test_a_cine_at_one_or_two_places_is_one_set(places: int) -> None:
    frames = phases(20, places=places, time_ms=lambda phase, _: 30.0 * phase)
    found = only_set(shuffled(frames))
    assert str(found.refusal) == (
        f"A moving picture forms no volume ({20 * places} images, positions: {places})."
    )
    times = [frame.source.time_ms for frame in found.frames]
    assert times == [30.0 * n for n in range(20)] * places
    heights = [frame.source.position[2] for frame in found.frames if frame.source.position]
    assert heights == sorted(heights, reverse=True)


def test_diffusion_directions_stay_in_one_set_in_order() -> None:
    directions = [None, (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)]
    frames = phases(
        4,
        b_value=lambda phase, _: 1000.0 if phase else 0.0,
        diffusion_direction=lambda phase, _: directions[phase],
    )
    base, weighted = display_sets(shuffled(frames))
    assert (base.parts[0].value, weighted.parts[0].value) == ("0", "1000")
    assert base.is_volume
    assert len(weighted.frames) == 3 * PLACES
    assert [f.source.diffusion_direction for f in weighted.frames] == [
        direction for direction in directions[1:] for _ in range(PLACES)
    ]
    assert str(weighted.refusal) == (
        "3 diffusion images lie at each position; they follow each other by direction."
    )


def test_directions_that_were_taken_in_another_order_at_each_place_make_stacks_again() -> None:
    """Numbered slice by slice, each slice beginning with another direction; every direction twice."""
    directions = [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)]
    frames = phases(
        6,
        b_value=lambda *_: 1000.0,
        diffusion_direction=lambda phase, place: directions[(phase + place) % 3],
        sop_uid=lambda phase, place: f"1.2.3.{place}.{phase}",
        instance_number=lambda phase, place: place * 6 + phase + 1,
    )
    (found,) = display_sets(shuffled(frames))
    stacks = [found.frames[n : n + PLACES] for n in range(0, 6 * PLACES, PLACES)]
    assert [{f.source.diffusion_direction for f in each} for each in stacks] == [
        {direction} for direction in directions for _ in range(2)
    ]
    assert all(len({f.source.position for f in each}) == PLACES for each in stacks)


def test_directions_of_single_slices_leave_the_order_of_time() -> None:
    """A gradient that turns from slice to slice (motion correction) tells no stacks apart."""
    frames = phases(
        3,
        b_value=lambda *_: 1000.0,
        diffusion_direction=lambda phase, place: (
            float(np.cos(phase * 7 + place)),
            float(np.sin(phase * 7 + place)),
            0.0,
        ),
    )
    (found,) = display_sets(shuffled(frames))
    numbers = [[f.source.instance_number or 0 for f in found.frames[n::PLACES]] for n in range(3)]
    assert all(each == sorted(each) for each in numbers)
    assert [f.source.instance_number for f in found.frames[:PLACES]] == [6, 5, 4, 3, 2, 1]


def test_b_values_with_jitter_are_one() -> None:
    """United Imaging and the multi-shell protocols write b = 995, 1000, 1005 for one shell."""
    frames = phases(4, b_value=lambda phase, _: (1.25, 995.0, 1000.0, 1005.0)[phase])
    sets = display_sets(frames)
    assert [(one.parts[0].value, len(one.frames)) for one in sets] == [
        ("1", PLACES),
        ("1000", 3 * PLACES),
    ]


def test_b_values_of_nought_everywhere_do_not_make_a_time_series_diffusion() -> None:
    frames = phases(3, b_value=lambda *_: 0.0, temporal_position=lambda phase, _: phase + 1)
    assert split(frames, [PLACES] * 3) == ["phase 1", "phase 2", "phase 3"]


def test_b_values_of_nought_in_some_images_split_nothing() -> None:
    """GE and Philips write b = 0 into images that are no diffusion images, not always into all of them."""
    frames = phases(2, echo_ms=lambda phase, _: 10.0 * phase + 10.0)
    mixed = [
        replace(f, source=replace(f.source, b_value=0.0)) if n % 3 else f
        for n, f in enumerate(frames)
    ]
    assert split(mixed, [PLACES] * 2) == ["echo 10 ms", "echo 20 ms"]


def test_more_than_a_hundred_phases_stay_one_set_in_time() -> None:
    frames = phases(101, places=3, temporal_position=lambda phase, _: phase + 1)
    found = only_set(shuffled(frames))
    assert str(found.refusal) == (
        "The series holds 101 phases, too many to part; they follow each other in time."
    )
    assert [f.source.temporal_position for f in found.frames] == [
        phase for phase in range(1, 102) for _ in range(3)
    ]
    assert len(display_sets(phases(100, places=3, temporal_position=lambda p, _: p + 1))) == 100


def test_a_hundred_is_for_the_whole_series() -> None:
    frames = phases(
        120,
        places=3,
        echo_ms=lambda phase, _: 20.0 if phase % 2 else 40.0,
        temporal_position=lambda phase, _: phase // 2 + 1,
    )
    sets = display_sets(frames)
    assert labels(sets) == ["echo 20 ms", "echo 40 ms"]
    assert ["60 phases" in str(one.refusal) for one in sets] == [True, True]


def enhanced(uid: str, number: int, count: int, **facts: Any) -> list[LocatedFrame]:
    """A multi-frame instance; facts are functions of the frame's number from 0."""
    return [
        LocatedFrame(
            path=uid,
            source=source(
                sop_uid=uid,
                instance_number=number,
                frame=n + 1,
                number_of_frames=count,
                **{name: of(n) for name, of in facts.items()},
            ),
        )
        for n in range(count)
    ]


def at(places: int, offset: int = 0) -> Any:
    positions = even_positions(places + offset, 2.0)
    return lambda n: positions[offset + n % places]


def test_dimension_indices_part_an_enhanced_instance() -> None:
    frames = enhanced("1", 1, 12, position=at(4), dimensions=lambda n: (n // 4 + 1, n % 4 + 1))
    assert split(frames, [4, 4, 4]) == ["phase 1", "phase 2", "phase 3"]


def test_two_dimensions_of_phases_are_counted_through() -> None:
    frames = enhanced(
        "1", 1, 24, position=at(4), dimensions=lambda n: (n // 12 + 1, n % 4 + 1, n // 4 % 3 + 1)
    )
    assert split(frames, [4] * 6) == [f"phase {n}" for n in range(1, 7)]
    first = display_sets(frames)[0].frames
    assert {f.source.dimensions[0::2] for f in first} == {(1, 1)}


def test_one_enhanced_instance_per_phase() -> None:
    frames = [f for n in (1, 2, 3) for f in enhanced(str(n), n, 4, position=at(4))]
    assert split(frames, [4, 4, 4]) == ["instance 1", "instance 2", "instance 3"]


def test_enhanced_instances_that_continue_each_other_are_one_stack() -> None:
    frames = [*enhanced("1", 1, 4, position=at(4)), *enhanced("2", 2, 4, position=at(4, offset=4))]
    assert split(frames, [8]) == [""]


def test_clips_without_a_place_are_sets_in_frame_order() -> None:
    nowhere = {"position": lambda _: None, "orientation": lambda _: None}
    frames = [*enhanced("b", 2, 3, **nowhere), *enhanced("a", 1, 4, **nowhere)]
    sets = display_sets(shuffled(frames))
    assert labels(sets) == ["instance 1", "instance 2"]
    assert [[f.source.frame for f in one.frames] for one in sets] == [[1, 2, 3, 4], [1, 2, 3]]
    assert all("no position" in str(one.refusal) for one in sets)


def test_a_clip_cut_into_instances_is_one_set() -> None:
    """A concatenation (C.7.6.16.2.2.4): all its instances have one number, their UIDs tell no order."""
    pieces = [
        enhanced(
            uid,
            1,
            3,
            position=lambda _: None,
            orientation=lambda _: None,
            concatenation=lambda _: "1.9",
            in_concatenation=lambda _, piece=piece: piece,
        )
        for piece, uid in ((2, "a"), (1, "b"))
    ]
    (found,) = display_sets(shuffled([frame for piece in pieces for frame in piece]))
    told = [(f.source.in_concatenation, f.source.frame) for f in found.frames]
    assert told == [(piece, frame) for piece in (1, 2) for frame in (1, 2, 3)]


def test_tiles_of_a_mosaic_are_a_volume_and_mosaics_are_phases() -> None:
    def mosaic(number: int) -> list[LocatedFrame]:
        return [
            LocatedFrame(
                path=str(number),
                source=source(
                    sop_uid=f"1.7.{number}",
                    instance_number=number,
                    acquisition=number,
                    position=position,
                    tile=Tile(number=n, left=5 * n, top=0, coded_columns=30, coded_rows=4),
                ),
            )
            for n, position in enumerate(even_positions(PLACES, 3.0))
        ]

    frames = [frame for number in (1, 2, 3) for frame in mosaic(number)]
    assert split(frames, [PLACES] * 3) == ["acquisition 1", "acquisition 2", "acquisition 3"]
    alone = only_set(shuffled(mosaic(1)))
    assert [f.source.tile.number for f in alone.frames if f.source.tile] == [5, 4, 3, 2, 1, 0]
    other = [
        replace(f, source=replace(f.source, tile=None, frame=n)) for n, f in enumerate(mosaic(1))
    ]
    assert only_set(other).key != alone.key


def test_localizers_come_first_then_stacks_then_colour() -> None:
    frames = [
        *stack(even_positions(3, 2.0)),
        *stack(even_positions(2, 2.0, CORONAL), CORONAL, first=4, image_type=("ORIGINAL", "PRIMARY", "LOCALIZER")),
        *stack(even_positions(1, 2.0), first=7, samples=3, photometric="RGB"),
        *stack(even_positions(3, 2.0), first=8, rows=8),
        *stack(even_positions(3, 2.0, CORONAL), CORONAL, first=11),
    ]  # fmt: skip
    assert labels(display_sets(frames)) == [
        "localizer",
        "matrix 5 x 4, orientation axial",
        "matrix 5 x 4, orientation coronal",
        "matrix 5 x 8",
        "color",
    ]


def test_two_stacks_near_one_plane_have_names_of_their_own() -> None:
    frames = [
        *stack(even_positions(3, 2.0, rotated(0)), rotated(0)),
        *stack(even_positions(3, 2.0, rotated(12)), rotated(12), first=4),
    ]
    assert labels(display_sets(frames)) == ["orientation axial 1", "orientation axial 2"]


def test_radiographs_of_one_size_are_turned_like_pages() -> None:
    """How a picture without a place was made splits nothing."""
    frames = [
        replace(f, source=replace(f.source, position=None, orientation=None, modality="CR", image_type=t))
        for f, t in zip(
            stack(even_positions(3, 2.0)),
            [("ORIGINAL", "PRIMARY"), ("DERIVED", "PRIMARY"), ("DERIVED", "SECONDARY")],
            strict=True,
        )
    ]  # fmt: skip
    found = only_set(frames)
    assert str(found.refusal) == "Projection images form no volume."
    assert found.parts == ()


def test_an_instance_that_came_twice_is_shown_once() -> None:
    frames = phases(1)
    found = only_set([*frames, *frames[:2]])
    assert found.is_volume
    assert [str(f) for f in found.findings if "twice" in f.template] == [
        "Images that came twice are shown once (2)."
    ]
    assert found.key == only_set(frames).key
