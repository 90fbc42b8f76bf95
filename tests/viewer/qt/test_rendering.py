"""The newest request wins: what waits is replaced, what was forgotten is never delivered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from viewer.qt.rendering import LatestDrawing

T = TypeVar("T")


class HandJob:
    """Work that the test does when it likes."""

    def __init__(self, work: Callable[[], None]) -> None:
        self.work = work
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


class HandRunner:
    def __init__(self) -> None:
        self.jobs: list[HandJob] = []

    def run(
        self,
        function: Callable[[], T],
        *,
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> HandJob:
        def work() -> None:
            try:
                result = function()
            except ValueError as error:
                failed(error)
            else:
                done(result)

        job = HandJob(work)
        self.jobs.append(job)
        return job

    def turn(self) -> None:
        self.jobs.pop(0).work()


def drawings(runner: HandRunner) -> tuple[LatestDrawing[int, str], list[object]]:
    told: list[object] = []

    def draw(request: int) -> str:
        if request < 0:
            raise ValueError(request)
        return f"picture {request}"

    latest = LatestDrawing[int, str](
        runner,
        draw,
        done=lambda request, result: told.append((request, result)),
        failed=lambda request, error: told.append((request, str(error))),
    )
    return latest, told


def test_while_one_is_drawn_only_the_newest_other_waits() -> None:
    runner = HandRunner()
    latest, told = drawings(runner)
    for request in (1, 2, 3, 4):
        latest.ask(request)
    assert len(runner.jobs) == 1
    runner.turn()
    runner.turn()
    assert told == [(1, "picture 1"), (4, "picture 4")]
    assert runner.jobs == []
    assert not latest.is_busy


def test_the_next_drawing_has_started_when_the_last_is_shown() -> None:
    runner = HandRunner()
    latest, _told = drawings(runner)
    latest.ask(1)
    latest.ask(2)
    runner.turn()
    assert len(runner.jobs) == 1
    assert latest.is_busy


def test_a_failure_is_told_and_the_waiting_one_is_drawn_all_the_same() -> None:
    runner = HandRunner()
    latest, told = drawings(runner)
    latest.ask(-1)
    latest.ask(5)
    runner.turn()
    runner.turn()
    assert told == [(-1, "-1"), (5, "picture 5")]


def test_what_was_forgotten_is_cancelled_and_never_delivered() -> None:
    runner = HandRunner()
    latest, told = drawings(runner)
    latest.ask(1)
    latest.ask(2)
    late = runner.jobs[0]
    latest.forget()
    assert late.is_cancelled
    latest.ask(3)
    runner.turn()  # a runner that had begun delivers in spite of it
    runner.turn()
    assert told == [(3, "picture 3")]
