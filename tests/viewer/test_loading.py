"""Volumes through the child: middle first, kept for the second opening, never half a file."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.viewer.phantoms import dicom, only_set, saved, source
from viewer.cache import DecodedArea, FrameCache, layout_of
from viewer.decoding import parse_file
from viewer.loading import Loader, LoadingCancelled
from viewer.sandbox import Sandbox
from viewer.volume import DisplaySet, Frame, ImageError, LocatedFrame

COUNT = 6


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(2 << 30, 20.0, preload=("viewer.decoding",)) as running:
        yield running


@pytest.fixture
def loader(sandbox: Sandbox, tmp_path: Path) -> Iterator[Loader]:
    made = Loader(sandbox, FrameCache(1 << 20), tmp_path / "area")
    yield made
    made.close()


def pixels(number: int) -> np.ndarray[Any, Any]:
    return (np.arange(20, dtype=np.uint16).reshape(4, 5) + 100 * number).astype(np.uint16)


def series(folder: Path, **elements: Any) -> DisplaySet:
    frames = []
    for number in range(1, COUNT + 1):
        ds = dicom(pixels(number), number=number, **elements)
        path = saved(ds, folder / f"{number}.dcm")
        frames += [LocatedFrame(path=str(path), source=s) for s in parse_file(path)[1]]
    return only_set(frames)


class CountingSandbox:
    """A sandbox that counts what it is asked for."""

    def __init__(self, inner: Sandbox) -> None:
        self.inner = inner
        self.targets: list[str] = []

    def call(self, target: str, *args: object, **options: Any) -> Any:
        self.targets.append(target)
        return self.inner.call(target, *args, **options)


def test_one_frame(loader: Loader, tmp_path: Path) -> None:
    found = loader.load_frame(series(tmp_path).frames[2])
    assert (found.pixels == pixels(3)).all()
    assert not found.pixels.flags.writeable


def test_a_frame_is_decoded_once(sandbox: Sandbox, tmp_path: Path) -> None:
    counting = CountingSandbox(sandbox)
    loader = Loader(counting, FrameCache(1 << 20), tmp_path / "area")
    frame = series(tmp_path).frames[0]
    assert loader.load_frame(frame) is loader.load_frame(frame)
    assert counting.targets == ["viewer.decoding:decode_frame"]


def test_a_volume_has_every_slice_in_reading_order(loader: Loader, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    found = loader.load_volume(series(tmp_path), progress=lambda n, of: seen.append((n, of)))
    assert found.voxels.shape == (COUNT, 4, 5)
    assert found.voxels.dtype == np.uint16
    for k in range(COUNT):
        assert (found.voxels[k] == pixels(k + 1)).all()
    assert seen == [(n, COUNT) for n in range(1, COUNT + 1)]
    assert (found.intercept, found.unit) == (-1024, "HU")
    with pytest.raises(ValueError, match="read-only"):
        found.voxels[0, 0, 0] = 1


def test_the_middle_comes_first(sandbox: Sandbox, tmp_path: Path) -> None:
    order: list[int] = []

    class Listening(CountingSandbox):
        def call(self, target: str, *args: object, **options: Any) -> Any:
            told = options.get("on_report")
            if told is not None:
                options["on_report"] = lambda index: (order.append(index), told(index))
            return super().call(target, *args, **options)

    loader = Loader(Listening(sandbox), FrameCache(1 << 20), tmp_path / "area")
    loader.load_volume(series(tmp_path), first_index=3)
    assert set(order[:2]) <= {2, 3, 4}
    assert sorted(order) == list(range(COUNT))
    loader.close()


def test_the_second_opening_decodes_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    found = series(tmp_path)
    first = Loader(sandbox, FrameCache(1 << 20), tmp_path / "area")
    first.load_volume(found)
    first.close()
    counting = CountingSandbox(sandbox)
    second = Loader(counting, FrameCache(1 << 20), tmp_path / "area")
    seen: list[int] = []
    volume = second.load_volume(found, progress=lambda n, _: seen.append(n))
    assert (volume.voxels[4] == pixels(5)).all()
    assert (second.load_frame(found.frames[1]).pixels == pixels(2)).all()
    assert counting.targets == []
    assert seen == [COUNT]
    second.close()


def only_data(area: Path) -> Path:
    (data,) = area.glob("*.voxels")
    return data


@pytest.mark.parametrize(
    "harm", ["no marker", "other version", "other frames", "short", "not json"]
)
def test_a_file_that_is_not_whole_is_decoded_again(
    sandbox: Sandbox, tmp_path: Path, harm: str
) -> None:
    found, area = series(tmp_path), tmp_path / "area"
    first = Loader(sandbox, FrameCache(1 << 20), area)
    first.load_volume(found)
    first.close()
    (marker,) = area.glob("*.json")
    content = json.loads(marker.read_text())
    if harm == "no marker":
        marker.unlink()
    elif harm == "other version":
        marker.write_text(json.dumps({**content, "version": 0}))
    elif harm == "other frames":
        marker.write_text(json.dumps({**content, "frames": content["frames"][::-1]}))
    elif harm == "not json":
        marker.write_text(marker.read_text()[:-9])
    else:
        with only_data(area).open("r+b") as data:
            data.truncate(10)
    counting = CountingSandbox(sandbox)
    second = Loader(counting, FrameCache(1 << 20), area)
    assert (second.load_volume(found).voxels[5] == pixels(6)).all()
    assert counting.targets == ["viewer.decoding:fill"]
    second.close()


def test_one_bad_slice_is_named_and_nothing_is_left(loader: Loader, tmp_path: Path) -> None:
    found = series(tmp_path)
    broken = Path(found.frames[2].path)
    broken.write_bytes(broken.read_bytes()[:-5])
    with pytest.raises(ImageError, match="truncated: 35 of 40 bytes"):
        loader.load_volume(found)
    assert list(loader.area.folder.iterdir()) == []
    assert (loader.load_frame(found.frames[1]).pixels == pixels(2)).all()


def test_cancelling_leaves_nothing_and_can_be_tried_again(loader: Loader, tmp_path: Path) -> None:
    found = series(tmp_path)
    with pytest.raises(LoadingCancelled):
        loader.load_volume(found, cancelled=lambda: True)
    assert list(loader.area.folder.iterdir()) == []
    assert loader.load_volume(found).voxels.shape == (COUNT, 4, 5)


def test_two_that_ask_at_once_decode_once(sandbox: Sandbox, tmp_path: Path) -> None:
    counting = CountingSandbox(sandbox)
    loader = Loader(counting, FrameCache(1 << 20), tmp_path / "area")
    found = series(tmp_path)
    threads = [threading.Thread(target=loader.load_volume, args=(found,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counting.targets == ["viewer.decoding:fill"]
    loader.close()


def test_what_forms_no_volume_says_why_and_is_still_read(loader: Loader, tmp_path: Path) -> None:
    found = series(tmp_path, ImageOrientationPatient=[1, 0, 0, 0, 0, -1])
    with pytest.raises(ImageError, match="same position"):
        loader.load_volume(found)
    loader.load_stack(found)
    assert (loader.load_frame(found.frames[3]).pixels == pixels(4)).all()


def test_a_missing_file_is_said(loader: Loader, tmp_path: Path) -> None:
    frame = series(tmp_path).frames[0]
    Path(frame.path).unlink()
    with pytest.raises(ImageError, match="image file is missing"):
        loader.load_frame(frame)


def test_the_files_memory_map_survives_its_deletion(loader: Loader, tmp_path: Path) -> None:
    volume = loader.load_volume(series(tmp_path))
    loader.close()
    only_data(loader.area.folder).unlink()
    assert (volume.voxels[0] == pixels(1)).all()


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


def test_memory_holds_the_newest_frames_within_its_budget() -> None:
    cache = FrameCache(3000)
    for number in range(5):
        cache.put((str(number), 1), Frame(pixels=np.zeros(1000, np.uint8), source=source()))
    assert [number for number in range(5) if cache.get((str(number), 1))] == [2, 3, 4]
    cache.get(("2", 1))
    cache.put(("9", 1), Frame(pixels=np.zeros(1000, np.uint8), source=source()))
    assert cache.get(("2", 1)) is not None
    assert cache.get(("3", 1)) is None
    cache.put(("10", 1), Frame(pixels=np.zeros(9000, np.uint8), source=source()))
    assert cache.get(("10", 1)) is None
    assert cache.held_bytes == 3000


def test_mixed_sizes_have_no_layout() -> None:
    mixed = [LocatedFrame(path="", source=source(rows=n)) for n in (4, 5)]
    assert layout_of(mixed) is None
