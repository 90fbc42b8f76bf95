"""What is decoded first: the series looked at, the frames nearest to the reader, small batches."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pydicom
import pytest

from tests.viewer.callees import InProcess, ramp, series
from tests.viewer.phantoms import source, stack
from viewer.cache import FrameCache
from viewer.loading import Loader, Priority
from viewer.loading.agenda import Agenda, Pace, units_of
from viewer.volume import LocatedFrame, Tile


def all_of(agenda: Agenda, most: int = 1) -> list[int]:
    order: list[int] = []
    while taken := agenda.take(most):
        order += [number for unit in taken for number in unit]
    return order


def ones(count: int) -> list[tuple[int, ...]]:
    return [(number,) for number in range(count)]


def test_the_nearest_come_first_on_both_sides() -> None:
    order = all_of(Agenda(ones(7), 3))
    distances = [abs(number - 3) for number in order]
    assert distances == sorted(distances)
    assert sorted(order) == list(range(7))


def test_after_a_jump_the_new_neighbours_come_first() -> None:
    agenda = Agenda(ones(100), 10)
    agenda.take(1)
    agenda.look_at(80)
    assert set(all_of(agenda)[:3]) == {80, 81, 82}


def test_ahead_counts_as_nearer_than_behind() -> None:
    agenda = Agenda(ones(100), 60)
    agenda.look_at(50)  # scrolling down
    first = all_of(agenda)[:8]
    assert sum(number < 50 for number in first) > 2 * sum(number > 50 for number in first)


def test_no_batch_takes_more_than_a_share_of_what_is_left() -> None:
    agenda = Agenda(ones(16), 0)
    sizes = []
    while taken := agenda.take(8):
        sizes.append(len(taken))
    assert sizes[0] == 4
    assert sum(sizes) == 16


def test_the_tiles_of_one_mosaic_stay_together() -> None:
    def tile(mosaic: int, number: int) -> LocatedFrame:
        place = Tile(number=number, left=0, top=0, coded_columns=20, coded_rows=8)
        return LocatedFrame(path=f"{mosaic}.dcm", source=source(tile=place))

    frames = [tile(mosaic, number) for number in (1, 2, 3) for mosaic in (1, 2)]
    assert units_of(frames) == [(0, 2, 4), (1, 3, 5)]
    assert units_of(stack([(0.0, 0.0, 0.0), (0.0, 0.0, 1.0)])) == [(0,), (1,)]
    assert Agenda(units_of(frames), 0).take(1) == [(0, 2, 4)]


def test_batches_follow_the_time_frames_take() -> None:
    pace = Pace()
    assert pace.frames == 1
    pace.took(1, 0.005)
    assert 5 <= pace.frames <= 15
    for _ in range(10):
        pace.took(10, 1.0)
    assert pace.frames == 1


def test_a_series_is_filled_from_where_the_reader_is(tmp_path: Path) -> None:
    sandbox = InProcess()
    loader = Loader(sandbox, FrameCache(1 << 20), tmp_path / "area")
    loader.load_volume(series(tmp_path, 20), first_index=15)
    assert set(sandbox.slices[:3]) <= {13, 14, 15, 16, 17}
    assert sorted(sandbox.slices) == list(range(20))
    assert set(sandbox.priorities) == {Priority.PREFETCH}
    loader.close()


def test_scrolling_while_it_fills_changes_what_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viewer.loading.agenda._MOST_PER_BATCH", 4)
    found = series(tmp_path, 200)

    class Scrolling(InProcess):
        moved_at = 0

        def before(self, name: str, args: object) -> None:
            if not self.moved_at:
                loader.focus(found, 190)
                self.moved_at = len(self.slices)

    sandbox = Scrolling()
    loader = Loader(sandbox, FrameCache(1 << 20), tmp_path / "area")
    loader.load_volume(found, first_index=10)
    # What the other lane had taken before, one batch of at most four and its first frame, is done.
    following = sandbox.slices[sandbox.moved_at + 6 : sandbox.moved_at + 16]
    assert all(number > 150 for number in following)
    loader.close()


def test_the_series_looked_at_is_filled_before_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other(number: int, ds: pydicom.Dataset) -> None:
        ds.SeriesInstanceUID, ds.SOPInstanceUID = "1.2.826.0.1.9", f"1.2.826.0.1.9.{number}"

    monkeypatch.setattr("viewer.loading.agenda._MOST_PER_BATCH", 4)
    first, second = series(tmp_path / "a", 60), series(tmp_path / "b", 60, change=other)
    order: list[str] = []

    class Noting(InProcess):
        def before(self, name: str, args: object) -> None:
            order.append(Path(args[2][0][1].path).parent.name)  # type: ignore[index]  # fill's places

    loader = Loader(Noting(), FrameCache(1 << 20), tmp_path / "area")
    loader.focus(second, 0)
    threads = [threading.Thread(target=loader.load_volume, args=(s,)) for s in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    loader.close()
    begun, ended = order.index("b"), len(order) - 1 - order[::-1].index("b")
    # The first may have begun while there was nothing else to do; two batches may be under way.
    assert order[begun:ended].count("a") <= 2
    assert order[ended + 1 :].count("a") > 5 or order[:begun].count("a") > 5


def test_frames_already_written_are_served_while_the_rest_is_filled(tmp_path: Path) -> None:
    found = series(tmp_path, 30)
    reached, go = threading.Event(), threading.Event()

    class Held(InProcess):
        def before(self, name: str, args: object) -> None:
            if name == "fill" and len(self.slices) > 4:
                reached.set()
                assert go.wait(10)

    sandbox = Held()
    loader = Loader(sandbox, FrameCache(1 << 20), tmp_path / "area")
    filling = threading.Thread(target=loader.load_volume, args=(found,))
    filling.start()
    assert reached.wait(10)
    there = np.flatnonzero(loader.loaded_frames(found))
    assert len(there)
    index = int(there[0])
    assert (loader.load_frame(found.frames[index]).pixels == ramp(index + 1)).all()
    assert "decode_frame" not in sandbox.targets
    go.set()
    filling.join()
    assert loader.loaded_frames(found).all()
    loader.close()
