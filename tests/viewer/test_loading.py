"""Volumes through the children: kept for the second opening, never half a file taken for a whole."""

from __future__ import annotations

import errno
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.viewer.callees import Deadly, InProcess, ramp, series
from viewer.cache import FrameCache
from viewer.loading import Loader, LoadingCancelled
from viewer.sandbox import Sandbox
from viewer.volume import ImageError

COUNT = 6


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(2 << 30, 20.0, preload=("viewer.decoding.filling",)) as running:
        yield running


@pytest.fixture
def loader(sandbox: Sandbox, tmp_path: Path) -> Iterator[Loader]:
    made = Loader(sandbox, FrameCache(1 << 20), tmp_path / "area")
    yield made
    made.close()


def left(area: Path, kind: str = "") -> list[Path]:
    return sorted(area.glob(f"*{kind}"))


def test_one_frame(loader: Loader, tmp_path: Path) -> None:
    found = loader.load_frame(series(tmp_path, COUNT).frames[2])
    assert (found.pixels == ramp(3)).all()
    assert not found.pixels.flags.writeable


def test_a_frame_is_decoded_once(tmp_path: Path) -> None:
    sandbox = InProcess()
    loader = Loader(sandbox, FrameCache(1 << 20), tmp_path / "area")
    frame = series(tmp_path, 1).frames[0]
    assert loader.load_frame(frame) is loader.load_frame(frame)
    assert sandbox.targets == ["decode_frame"]


def test_a_volume_has_every_slice_in_reading_order(loader: Loader, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    found = loader.load_volume(series(tmp_path, COUNT), progress=lambda n, of: seen.append((n, of)))
    assert found.voxels.shape == (COUNT, 4, 5)
    assert found.voxels.dtype.name == "uint16"
    for k in range(COUNT):
        assert (found.voxels[k] == ramp(k + 1)).all()
    assert seen == sorted(set(seen))
    assert seen[-1] == (COUNT, COUNT)
    assert (found.intercept, found.unit) == (-1024, "HU")
    assert found.reduction == (1, 1, 1)
    assert found.rescales is None
    with pytest.raises(ValueError, match="read-only"):
        found.voxels[0, 0, 0] = 1


def test_the_second_opening_decodes_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    found = series(tmp_path, COUNT)
    first = Loader(sandbox, FrameCache(1 << 20), tmp_path / "area")
    first.load_volume(found)
    first.close()
    counting = InProcess()
    second = Loader(counting, FrameCache(1 << 20), tmp_path / "area")
    seen: list[int] = []
    volume = second.load_volume(found, progress=lambda n, _: seen.append(n))
    assert (volume.voxels[4] == ramp(5)).all()
    assert (second.load_frame(found.frames[1]).pixels == ramp(2)).all()
    assert counting.targets == []
    assert seen == [COUNT]
    second.close()


@pytest.mark.parametrize(
    "harm", ["no marker", "other version", "not json", "short", "other size", "other time"]
)
def test_a_file_that_is_not_whole_or_not_true_is_decoded_again(tmp_path: Path, harm: str) -> None:
    found, area = series(tmp_path / "files", COUNT), tmp_path / "area"
    first = Loader(InProcess(), FrameCache(1 << 20), area)
    first.load_volume(found)
    first.close()
    (marker,), (data,) = left(area, ".json"), left(area, ".voxels")
    if harm == "no marker":
        marker.unlink()
    elif harm == "other version":
        marker.write_text(json.dumps({**json.loads(marker.read_text()), "version": 1}))
    elif harm == "not json":
        marker.write_text(marker.read_text()[:-9])
    elif harm == "short":
        os.truncate(data, 10)
    elif harm == "other size":
        with Path(found.frames[3].path).open("ab") as changed:
            changed.write(b"\0")
    else:
        os.utime(found.frames[3].path, (1, 1))
    again = InProcess()
    second = Loader(again, FrameCache(1 << 20), area)
    assert (second.load_volume(found).voxels[5] == ramp(6)).all()
    assert sorted(again.slices) == list(range(COUNT))
    second.close()
    assert len(left(area, ".json")) == 1  # what is no longer true has gone
    third = InProcess()
    last = Loader(third, FrameCache(1 << 20), area)
    last.load_volume(found)
    assert third.targets == []
    last.close()


def test_one_bad_slice_is_named_and_the_others_are_read(loader: Loader, tmp_path: Path) -> None:
    found = series(tmp_path, COUNT)
    broken = Path(found.frames[2].path)
    broken.write_bytes(broken.read_bytes()[:-5])
    with pytest.raises(ImageError, match=r"^Image 3 of 6 .*truncated: 35 of 40 bytes"):
        loader.load_volume(found)
    assert loader.loaded_frames(found).tolist() == [True, True, False, True, True, True]
    assert (loader.load_frame(found.frames[1]).pixels == ramp(2)).all()
    loader.load_stack(found)
    with pytest.raises(ImageError, match="truncated: 35 of 40 bytes"):
        loader.load_frame(found.frames[2])
    loader.close()
    assert left(loader.area.folder) == []  # never taken for a whole one


def test_a_bad_slice_that_was_fetched_again_is_read(loader: Loader, tmp_path: Path) -> None:
    found = series(tmp_path, COUNT)
    broken = Path(found.frames[2].path)
    whole = broken.read_bytes()
    broken.write_bytes(whole[:-5])
    with pytest.raises(ImageError):
        loader.load_volume(found)
    broken.write_bytes(whole)
    assert (loader.load_volume(found).voxels[2] == ramp(3)).all()


def test_a_child_that_dies_costs_one_image_not_the_series(sandbox: Sandbox, tmp_path: Path) -> None:
    found = series(tmp_path, COUNT)
    deadly = Deadly(sandbox, found.frames[4].source.sop_uid)
    loader = Loader(deadly, FrameCache(1 << 20), tmp_path / "area")
    with pytest.raises(ImageError, match=r"^Image 5 of 6 .*process ended"):
        loader.load_volume(found)
    assert loader.loaded_frames(found).tolist() == [True] * 4 + [False, True]
    deadly.deadly.clear()
    assert (loader.load_volume(found).voxels[4] == ramp(5)).all()
    loader.close()


def test_a_series_that_kills_every_child_is_given_up(sandbox: Sandbox, tmp_path: Path) -> None:
    found = series(tmp_path, 20)
    deadly = Deadly(sandbox, *(frame.source.sop_uid for frame in found.frames))
    loader = Loader(deadly, FrameCache(1 << 20), tmp_path / "area")
    with pytest.raises(ImageError, match="process ended"):
        loader.load_volume(found)
    loader.close()
    assert left(loader.area.folder) == []
    assert sandbox.call("math:sqrt", 4.0) == 2.0


def test_cancelling_leaves_nothing_and_can_be_tried_again(loader: Loader, tmp_path: Path) -> None:
    found = series(tmp_path, COUNT)
    with pytest.raises(LoadingCancelled):
        loader.load_volume(found, cancelled=lambda: True)
    assert left(loader.area.folder) == []
    assert loader.load_volume(found).voxels.shape == (COUNT, 4, 5)


def test_what_was_decoded_before_cancelling_is_not_decoded_again(tmp_path: Path) -> None:
    found = series(tmp_path, 30)
    sandbox = InProcess()
    seen: list[int] = []
    loader = Loader(sandbox, FrameCache(1 << 20), tmp_path / "area")
    with pytest.raises(LoadingCancelled):
        loader.load_volume(
            found, progress=lambda n, _: seen.append(n), cancelled=lambda: bool(seen and seen[-1])
        )
    for fill in list(loader._series._ending):
        fill.await_end()
    written = loader.loaded_frames(found)
    assert written.any()
    volume = loader.load_volume(found)
    assert all((volume.voxels[k] == ramp(k + 1)).all() for k in range(30))
    assert sorted(sandbox.slices) == list(range(30))
    loader.close()


def test_two_that_ask_at_once_decode_once(tmp_path: Path) -> None:
    counting = InProcess()
    loader = Loader(counting, FrameCache(1 << 20), tmp_path / "area")
    found = series(tmp_path, COUNT)
    threads = [threading.Thread(target=loader.load_volume, args=(found,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counting.slices) == list(range(COUNT))
    loader.close()
    assert len(left(loader.area.folder, ".voxels")) == 1


def test_one_who_leaves_does_not_stop_the_other(tmp_path: Path) -> None:
    found = series(tmp_path, COUNT)
    begun, go = threading.Event(), threading.Event()

    class Held(InProcess):
        def before(self, name: str, args: object) -> None:
            begun.set()
            assert go.wait(10)

    loader = Loader(Held(), FrameCache(1 << 20), tmp_path / "area")
    volumes = []
    patient = threading.Thread(target=lambda: volumes.append(loader.load_volume(found)))
    patient.start()
    assert begun.wait(10)
    asked = iter([False])
    with pytest.raises(LoadingCancelled):
        loader.load_volume(found, cancelled=lambda: next(asked, True))
    go.set()
    patient.join()
    assert (volumes[0].voxels[5] == ramp(6)).all()
    loader.close()


def test_release_stops_and_forgets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("viewer.loading.agenda._MOST_PER_BATCH", 2)
    found = series(tmp_path, 40)
    go = threading.Event()

    class Held(InProcess):
        def before(self, name: str, args: object) -> None:
            assert len(self.slices) < 6 or go.wait(10)

    loader = Loader(Held(), FrameCache(1 << 20), tmp_path / "area")

    def release(done: int, _total: int) -> None:
        if done:
            loader.release([found])
            go.set()

    with pytest.raises(LoadingCancelled):
        loader.load_volume(found, progress=release)
    loader.close()
    assert not loader.loaded_frames(found).any()
    assert left(loader.area.folder) == []


def test_a_released_volume_stays_whole_for_who_holds_it(loader: Loader, tmp_path: Path) -> None:
    found = series(tmp_path, COUNT)
    volume = loader.load_volume(found)
    loader.release([found])
    assert not loader.loaded_frames(found).any()
    assert (volume.voxels[0] == ramp(1)).all()
    assert (loader.load_frame(found.frames[0]).pixels == ramp(1)).all()


def test_what_forms_no_volume_says_why_and_is_still_read(loader: Loader, tmp_path: Path) -> None:
    def coronal(number: int, ds: object) -> None:
        ds.ImageOrientationPatient = [1, 0, 0, 0, 0, -1]  # type: ignore[attr-defined]  # a data set

    found = series(tmp_path, COUNT, change=coronal)
    assert found.refusal is not None
    with pytest.raises(ImageError) as caught:
        loader.load_volume(found)
    assert str(caught.value) == str(found.refusal)
    loader.load_stack(found)
    assert loader.loaded_frames(found).all()


def test_a_missing_file_is_said(loader: Loader, tmp_path: Path) -> None:
    found = series(tmp_path, COUNT)
    Path(found.frames[0].path).unlink()
    with pytest.raises(ImageError, match="image file is missing"):
        loader.load_frame(found.frames[0])
    with pytest.raises(ImageError, match=r"^Image 1 of 6 .* file is missing"):
        loader.load_volume(found)


def test_the_files_memory_map_survives_its_deletion(loader: Loader, tmp_path: Path) -> None:
    volume = loader.load_volume(series(tmp_path, COUNT))
    loader.close()
    for file in left(loader.area.folder):
        file.unlink()
    assert (volume.voxels[0] == ramp(1)).all()


def test_a_file_evicted_while_it_is_filled_is_begun_again(tmp_path: Path) -> None:
    found = series(tmp_path / "files", COUNT)
    evicted: list[str] = []

    class Evicting(InProcess):
        def before(self, name: str, args: object) -> None:
            if len(self.slices) >= COUNT - 1 and not evicted:
                for file in (tmp_path / "area").glob("*.voxels"):
                    evicted.append(file.name)
                    file.unlink()

    loader = Loader(Evicting(), FrameCache(1 << 20), tmp_path / "area")
    volume = loader.load_volume(found)
    assert len(evicted) == 1
    assert all((volume.voxels[k] == ramp(k + 1)).all() for k in range(COUNT))
    loader.close()


def test_a_disk_that_fills_up_meanwhile_is_said(tmp_path: Path) -> None:
    class Full(InProcess):
        def before(self, name: str, args: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    loader = Loader(Full(), FrameCache(1 << 20), tmp_path / "area")
    large = series(tmp_path / "files", 3, lambda n: ramp(n, (800, 500)))
    with pytest.raises(ImageError, match="no room for the decoded images: 2 MB"):
        loader.load_volume(large)
    loader.close()
    assert left(tmp_path / "area") == []
