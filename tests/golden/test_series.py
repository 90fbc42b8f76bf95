"""Every series of the shared set against the golden table: how many frames, which values, where in the patient.

The table is made by make.py, which knows nothing of this program. Stored values are equal where the coding is
lossless; a lossy picture may differ by what two decoders of one standard may (ISO 10918-2, ISO 15444-4). World points
are asked of each frame's own place, and where the frames make a volume of the volume too.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.peers import require_program
from viewer.decoding import decode_frame, parse_file
from viewer.geometry import inverse, normal, transform, world_from_pixel
from viewer.volume import DisplaySet, FrameSource, ImageError, LocatedFrame, display_sets

HERE = Path(__file__).parent
TABLE = tomllib.loads((HERE / "series.toml").read_text())["series"]
Block = dict[str, Any]


def called(block: Block) -> str:
    """What a test of this block is called."""
    return f"{block['place']}-{block['series']}"


every = pytest.mark.parametrize("block", TABLE, ids=called)
grey = pytest.mark.parametrize("block", [b for b in TABLE if b["samples"] == 1], ids=called)
packed = pytest.mark.parametrize("block", [b for b in TABLE if "nifti" in b], ids=called)
weighted = pytest.mark.parametrize("block", [b for b in TABLE if "diffusion" in b], ids=called)
pointed = pytest.mark.parametrize("block", [b for b in TABLE if "points" in b], ids=called)


@cache
def parsed(folder: Path) -> dict[str, list[LocatedFrame]]:
    """The frames of every image in a folder, by file name."""
    found = {}
    for path in sorted(folder.iterdir()):
        if path.is_file():
            try:
                sources = parse_file(path)[1]
            except ImageError:
                continue
            found[path.name] = [LocatedFrame(path=str(path), source=source) for source in sources]
    return found


def frames_of(shared_data: Path, block: Block) -> dict[str, list[LocatedFrame]]:
    """A block's frames by file name."""
    place = shared_data / block["place"]
    if place.is_file():
        return {place.name: [LocatedFrame(path=str(place), source=s) for s in parse_file(place)[1]]}
    ours = parsed(place)
    return {
        n: found
        for n, found in ours.items()
        if found and found[0].source.series_uid[-12:] == block["series"]
    }


def all_frames(shared_data: Path, block: Block) -> list[LocatedFrame]:
    return [frame for found in frames_of(shared_data, block).values() for frame in found]


def sets_of(shared_data: Path, block: Block) -> list[DisplaySet]:
    return display_sets(all_frames(shared_data, block))


def tolerance(block: Block) -> int:
    """How many stored units two decoders may differ: none where the coding is lossless and no colour is computed."""
    if block["samples"] == 3:
        return 2 if block["lossy"] else 1
    return 1 if block["lossy"] else 0


def value_in(frame: LocatedFrame, row: int, column: int) -> float:
    """Stored value times slope plus intercept, at a pixel."""
    stored = decode_frame(frame.path, frame.source)[row, column]
    return float(stored) * frame.source.slope + frame.source.intercept


def pixel_at(source: FrameSource, world: list[float]) -> tuple[float, float, float]:
    """(column, row, millimetres off the plane) of a world point in a frame."""
    assert source.position is not None
    assert source.orientation is not None
    assert source.pixel_spacing_mm is not None
    affine = world_from_pixel(source.position, source.orientation, source.pixel_spacing_mm)
    return transform(inverse(affine), world)


@every
def test_frames_and_sampled_values(shared_data: Path, block: Block) -> None:
    frames = all_frames(shared_data, block)
    assert len(frames_of(shared_data, block)) == block["files"]
    assert {frame.source.modality for frame in frames} == {block["modality"]}
    if "points" in block:
        assert len(frames) == block["frames"]
        assert (block["rows"], block["columns"]) in {
            (f.source.rows, f.source.columns) for f in frames
        }
        frames = frames[:: block["sampled_every"]]
    pixels = [decode_frame(frame.path, frame.source) for frame in frames]
    assert_sum(
        pixels, block["sampled_sum" if "points" in block else "stored_sum"], tolerance(block)
    )


@pytest.mark.long
@every
def test_every_stored_value(shared_data: Path, block: Block) -> None:
    pixels = [decode_frame(frame.path, frame.source) for frame in all_frames(shared_data, block)]
    if "points" in block:  # the unused tiles of a mosaic are no slices
        assert abs(float(min(p.min() for p in pixels)) - block["stored_min"]) <= tolerance(block)
    assert abs(float(max(p.max() for p in pixels)) - block["stored_max"]) <= tolerance(block)
    assert_sum(pixels, block["stored_sum"], tolerance(block))


def assert_sum(pixels: list[Any], wanted: float, by: int) -> None:
    total = sum(float(p.sum(dtype=np.float64)) for p in pixels)
    assert abs(total - wanted) <= 0.5 * by * sum(p.size for p in pixels) + 1e-9 * abs(wanted)


@pointed
def test_values_at_named_pixels(shared_data: Path, block: Block) -> None:
    frames = frames_of(shared_data, block)
    for point in block["points"]:
        frame = frames[point["file"]][point["frame"] - 1]
        assert frame.source.frame == point["frame"]
        there = decode_frame(frame.path, frame.source)[point["row"], point["column"]]
        wanted = np.array(point.get("rgb", point.get("stored")))
        assert (np.abs(there.astype(np.float64) - wanted) <= tolerance(block)).all(), point
        if "value" in point:
            found = value_in(frame, point["row"], point["column"])
            assert found == pytest.approx(
                point["value"], rel=1e-6, abs=1e-6 + tolerance(block) * abs(frame.source.slope)
            )


@pointed
def test_values_at_named_places_in_the_patient(shared_data: Path, block: Block) -> None:
    points = [point for point in block["points"] if "world" in point]
    if not points:
        assert all(
            f.source.position is None or f.source.pixel_spacing_mm is None
            for f in all_frames(shared_data, block)
        )
        return
    frames = frames_of(shared_data, block)
    for point in points:
        source = frames[point["file"]][point["frame"] - 1].source
        column, row, off = pixel_at(source, point["world"])
        assert (column, row, off) == pytest.approx((point["column"], point["row"], 0), abs=0.01), (
            point
        )
    for made in sets_of(shared_data, block):
        places = {(Path(f.path).name, f.source.frame): n for n, f in enumerate(made.frames)}
        for point in points:
            index = places.get((point["file"], point["frame"]))
            if made.world_from_voxel is not None and index is not None:
                i, j, k = transform(inverse(made.world_from_voxel), point["world"])
                # A volume is an even stack: a slice may lie off its place by a tenth of a step.
                assert (i, j) == pytest.approx((point["column"], point["row"]), abs=0.6), point
                assert k == pytest.approx(index, abs=0.1), point


@every
def test_spacing_direction_tilt_and_window(shared_data: Path, block: Block) -> None:
    source = next(iter(frames_of(shared_data, block).values()))[0].source
    if "window" in block:
        assert (source.windows[0].center, source.windows[0].width) == tuple(block["window"])
    if "gantry_tilt_degrees" in block:
        assert source.gantry_tilt_degrees == pytest.approx(block["gantry_tilt_degrees"])
    if "orientation" in block:
        assert source.orientation == pytest.approx(block["orientation"], abs=1e-6)
        assert source.pixel_spacing_mm == pytest.approx(block["spacing_mm"], rel=1e-5)
        angles = np.degrees(np.arccos(np.clip(normal(source.orientation or ()), -1, 1)))
        assert angles == pytest.approx(block["normal_degrees"], abs=1e-3)


@pytest.mark.parametrize("block", [b for b in TABLE if "steps_mm" in b], ids=called)
def test_slices_follow_each_other_as_their_positions_say(shared_data: Path, block: Block) -> None:
    (smallest, usual, largest), lean = block["steps_mm"], block["lean_degrees"]
    wanted = {tuple(block["lowest_position"]), tuple(block["highest_position"])}
    made = [one for one in sets_of(shared_data, block) if one.world_from_voxel is not None]
    ends = {
        tuple(round(v, 4) for v in one.frames[n].source.position or ())
        for one in made
        for n in (0, -1)
    }
    if len(made) == 1 and len(made[0].frames) == block["frames"]:
        assert ends == wanted
    for one in made:
        affine = one.world_from_voxel
        assert affine is not None
        across = normal(one.frames[0].source.orientation or ())
        step = abs(float(affine[:3, 2] @ across))
        # A set may be a part of the series (echoes, times): its step is that of the places, all of which it holds.
        assert smallest - 0.01 <= step <= largest + 0.01
        assert step == pytest.approx(usual, abs=0.01)
        sideways = affine[:3, 2] - across * float(affine[:3, 2] @ across)
        assert np.degrees(np.arctan2(np.linalg.norm(sideways), step)) == pytest.approx(
            lean, abs=0.02
        )
    sources = [frame.source for frame in all_frames(shared_data, block)]
    even = largest - smallest <= 0.1 * usual
    plain = all(
        s.bits_allocated <= 16 and s.modality_lut is None and not s.is_localizer for s in sources
    )
    apart = len({source.position for source in sources}) == block["frames"] >= 3
    if block["samples"] == 1 and even and plain and apart:
        assert made, "an even stack of grey slices makes no volume"


@packed
def test_slices_inside_a_file_lie_where_dcm2niix_puts_them(shared_data: Path, block: Block) -> None:
    frames = frames_of(shared_data, block)
    for image in block["nifti"]:
        inside = frames[image["file"]]
        slices = image["size"][2]
        assert len({f.source.position for f in inside}) == slices
        for point in image["points"]:
            there = []
            for frame in inside:
                column, row, off = pixel_at(frame.source, point["world"])
                if abs(off) < 0.02:
                    assert (column, row) == pytest.approx((round(column), round(row)), abs=0.02)
                    there.append(value_in(frame, round(row), round(column)))
            assert there, point
            assert min(abs(value - point["value"]) for value in there) <= 1e-3 + 1e-5 * abs(
                point["value"]
            ), (point, there)


@packed
def test_sets_of_packed_files_are_volumes_with_dcm2niixs_step(
    shared_data: Path, block: Block
) -> None:
    sets = sets_of(shared_data, block)
    wanted = {(image["size"][2], image["step_mm"]) for image in block["nifti"]}
    for made in sets:
        if made.refusal is not None:  # a set of many directions of one b-value is a stack
            assert len({f.source.diffusion_direction for f in made.frames}) > 1, str(made.refusal)
            assert "direction" in str(made.refusal)
            continue
        assert made.spacing_mm is not None
        assert any(
            len(made.frames) == count and made.spacing_mm[2] == pytest.approx(step, abs=0.01)
            for count, step in wanted
        ), (len(made.frames), made.spacing_mm, wanted)


@weighted
def test_diffusion_as_dcm2niix_reads_it(shared_data: Path, block: Block) -> None:
    frames = frames_of(shared_data, block)
    found = {
        (name, round(frame.source.b_value or 0), direction(frame.source))
        for name in frames
        for frame in frames[name]
    }
    for weighting in block["diffusion"]:
        ours = [
            d
            for name, b, d in found
            if name == weighting["file"] and abs(b - weighting["b_value"]) <= 0.5 + 0.001 * b
        ]
        assert ours, (weighting, found)
        if "direction" in weighting:
            # A gradient and its opposite weight alike.
            assert max(abs(float(np.dot(d, weighting["direction"]))) for d in ours if d) > 0.999, (
                weighting
            )


def direction(source: FrameSource) -> tuple[float, ...]:
    return source.diffusion_direction or ()


def test_the_table_is_made_without_the_program() -> None:
    modules = {
        name.split(".")[0]
        for part in ("make.py", "by_dcm2niix.py")
        for node in ast.walk(ast.parse((HERE / part).read_text()))
        for name in (
            [alias.name for alias in node.names] if isinstance(node, ast.Import)
            else [node.module or "."] if isinstance(node, ast.ImportFrom) else []
        )
    }  # fmt: skip
    assert not modules & {"viewer", "workstation", "hanging_protocols", "resources", "tests", "."}
    assert "pydicom" in modules


def test_the_table_names_every_series_that_is_there(shared_data: Path) -> None:
    named = {block["place"] for block in TABLE}
    folders = {p.name for p in shared_data.iterdir() if p.is_dir()} - {
        "LICENSES",
        "objects_hanging_protocol",
    }
    assert folders == {place.split("/")[0] for place in named}


@pytest.mark.long
def test_the_table_comes_out_the_same_again(shared_data: Path, tmp_path: Path) -> None:
    for program in ("dcm2niix", "dcmdjpls"):
        require_program(program)
    again = tmp_path / "series.toml"
    subprocess.run(
        [sys.executable, str(HERE / "make.py"), str(shared_data), "--out", str(again)],
        check=True,
        cwd=tmp_path,
    )
    assert again.read_text() == (HERE / "series.toml").read_text()
