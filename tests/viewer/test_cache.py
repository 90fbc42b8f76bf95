"""Frames in memory within their budget; decoded files that may vanish at any time."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tests.viewer.phantoms import source
from viewer.cache import (
    DecodedArea,
    DecodedLayout,
    FrameCache,
    FrameKey,
    fingerprint_of,
    frame_key,
    layout_of,
    mapped,
    read_frame,
)
from viewer.volume import Frame, ImageError, LocatedFrame, Tile

LAYOUT = DecodedLayout(shape=(2, 2, 3), dtype="uint16", frames=(("1", 1, 0), ("2", 1, 0)))


def key(number: int) -> FrameKey:
    return (str(number), 1, 0)


def kilobyte() -> Frame:
    return Frame(pixels=np.zeros(1000, np.uint8), source=source())


def sources_on_disk(folder: Path) -> list[LocatedFrame]:
    found = []
    for number in (1, 2):
        path = folder / f"{number}.dcm"
        path.write_bytes(bytes(100))
        located = source(sop_uid=str(number), rows=2, columns=3, bits_stored=16)
        found.append(LocatedFrame(path=str(path), source=located, content_hash=f"h{number}"))
    return found


def test_memory_holds_the_newest_frames_within_its_budget() -> None:
    cache = FrameCache(3000)
    for number in range(5):
        cache.put(key(number), kilobyte())
    assert cache.holds([key(n) for n in range(5)]).tolist() == [False, False, True, True, True]
    cache.get(key(2))
    cache.put(key(9), kilobyte())
    assert cache.get(key(2)) is not None
    assert cache.get(key(3)) is None
    cache.put(key(10), Frame(pixels=np.zeros(9000, np.uint8), source=source()))
    assert cache.get(key(10)) is None
    assert cache.held_bytes == 3000


def test_asking_what_is_held_uses_nothing_and_dropping_frees() -> None:
    cache = FrameCache(2000)
    cache.put(key(1), kilobyte())
    cache.put(key(2), kilobyte())
    cache.holds([key(1)])
    cache.put(key(3), kilobyte())
    assert cache.get(key(1)) is None
    cache.drop([key(2), key(7)])
    assert cache.held_bytes == 1000


def test_the_tiles_of_a_mosaic_are_frames_of_their_own() -> None:
    tiles = [Tile(number=n, left=0, top=0, coded_columns=9, coded_rows=9) for n in (1, 2)]
    frames = [LocatedFrame(path="", source=source(tile=tile)) for tile in (None, *tiles)]
    assert len({frame_key(frame) for frame in frames}) == 3


@pytest.mark.parametrize(
    "facts",
    [
        {"rows": 9},
        {"samples": 3},
        {"bits_stored": 17, "bits_allocated": 32},
        {"pixel_representation": 1},
        {"pixel_type": "float32", "bits_allocated": 32, "bits_stored": 16},
    ],
)
def test_what_does_not_go_together_has_no_layout(facts: dict[str, object]) -> None:
    mixed = [LocatedFrame(path="", source=source(**each)) for each in ({}, facts)]
    assert layout_of(mixed) is None


def test_different_depths_go_together_in_the_widest_type() -> None:
    depths = [{"bits_stored": 8, "bits_allocated": 8, "high_bit": 7}, {}]
    layout = layout_of([LocatedFrame(path="", source=source(**each)) for each in depths])
    assert layout is not None
    assert layout.dtype == "uint16"
    assert layout.size_bytes == 2 * 4 * 5 * 2


def test_a_full_disk_is_said_before_decoding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    area = DecodedArea(tmp_path)
    layout = layout_of([LocatedFrame(path="", source=source(rows=4000, columns=4000))])
    assert layout is not None
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=70 << 20))
    with pytest.raises(ImageError, match="no room for the decoded images: 30 MB"):
        area.begin("key", layout)
    assert list(tmp_path.iterdir()) == []


def test_only_what_was_completed_is_found(tmp_path: Path) -> None:
    area = DecodedArea(tmp_path / "area")
    frames = sources_on_disk(tmp_path)
    made_from = fingerprint_of(LAYOUT, frames)
    assert made_from is not None
    data = area.begin("k", LAYOUT)
    assert area.find("k", LAYOUT, made_from) is None
    area.complete("k", data, made_from)
    assert area.find("k", LAYOUT, made_from) == data
    assert area.find("k", LAYOUT, None) is None
    assert area.find("other", LAYOUT, made_from) is None


def test_a_newer_file_takes_the_place_of_the_older(tmp_path: Path) -> None:
    area = DecodedArea(tmp_path)
    first, second = area.begin("k", LAYOUT), area.begin("k", LAYOUT)
    area.complete("k", first, "old")
    area.complete("k", second, "new")
    assert area.find("k", LAYOUT, "new") == second
    assert not first.exists()
    assert len(list(tmp_path.iterdir())) == 2


def test_the_fingerprint_follows_the_files(tmp_path: Path) -> None:
    frames = sources_on_disk(tmp_path)
    before = fingerprint_of(LAYOUT, frames)
    assert fingerprint_of(LAYOUT, sources_on_disk(tmp_path)) != before  # written again: a new time
    frames = sources_on_disk(tmp_path)
    os.utime(frames[0].path, ns=(5, 5))
    os.utime(frames[1].path, ns=(6, 6))
    same = fingerprint_of(LAYOUT, frames)
    assert fingerprint_of(LAYOUT, frames) == same
    other_hash = [frames[0], LocatedFrame(path=frames[1].path, source=frames[1].source)]
    assert fingerprint_of(LAYOUT, other_hash) != same
    Path(frames[0].path).unlink()
    assert fingerprint_of(LAYOUT, frames) is None


def test_what_an_ended_program_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    area = DecodedArea(tmp_path)
    left, young, whole = (area.begin(name, LAYOUT) for name in ("left", "young", "whole"))
    area.complete("whole", whole, "x")
    an_age_ago = time.time() - 7200
    for file in (left, whole):
        os.utime(file, (an_age_ago, an_age_ago))
    area.begin("next", LAYOUT)
    assert not left.exists()
    assert young.exists()
    assert whole.exists()


def test_reading_what_has_gone_gives_nothing(tmp_path: Path) -> None:
    data = tmp_path / "some.voxels"
    assert read_frame(data, LAYOUT, 0) is None
    data.write_bytes(bytes(LAYOUT.frame_bytes + 1))
    assert read_frame(data, LAYOUT, 1) is None
    found = read_frame(data, LAYOUT, 0)
    assert found is not None
    assert found.shape == (2, 3)
    with pytest.raises(OSError, match="cut off"):
        mapped(data, LAYOUT)
