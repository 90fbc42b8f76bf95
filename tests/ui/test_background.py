"""Work runs off the UI thread, answers arrive on it, in order, and nothing is left when the window goes."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from workstation.ui.background import Job, Lane, Runner


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[Runner]:
    made = Runner()
    yield made
    made.close()


def never(_: object) -> None:
    raise AssertionError("must not be called")


def test_the_answer_arrives_on_the_ui_thread(qtbot: QtBot, runner: Runner) -> None:
    ran: list[threading.Thread] = []
    arrived: list[tuple[int, threading.Thread]] = []

    def work() -> int:
        ran.append(threading.current_thread())
        return 42

    runner.run(work, done=lambda n: arrived.append((n, threading.current_thread())), failed=never)
    qtbot.waitUntil(lambda: bool(arrived))
    assert arrived == [(42, threading.main_thread())]
    assert ran[0] is not threading.main_thread()


def test_an_error_arrives_as_an_error(qtbot: QtBot, runner: Runner) -> None:
    caught: list[Exception] = []

    def work() -> None:
        raise OSError("disk")

    runner.run(work, done=never, failed=caught.append)
    qtbot.waitUntil(lambda: bool(caught))
    assert isinstance(caught[0], OSError)


def test_the_desk_keeps_the_order(qtbot: QtBot, runner: Runner) -> None:
    kept: list[int] = []
    arrived: list[int] = []
    for number in range(20):
        runner.run(lambda n=number: kept.append(n) or n, done=arrived.append, failed=never)
    qtbot.waitUntil(lambda: len(arrived) == 20)
    assert kept == arrived == list(range(20))


def test_a_long_transfer_does_not_hold_up_the_desk(qtbot: QtBot, runner: Runner) -> None:
    gate = threading.Event()
    arrived: list[str] = []
    runner.run(
        lambda: gate.wait(10), done=lambda _: arrived.append("line"), failed=never, lane=Lane.LINE
    )
    runner.run(lambda: None, done=lambda _: arrived.append("desk"), failed=never)
    qtbot.waitUntil(lambda: arrived == ["desk"])
    gate.set()
    qtbot.waitUntil(lambda: arrived == ["desk", "line"])


def test_a_cancelled_job_is_told_and_its_answer_is_dropped(qtbot: QtBot, runner: Runner) -> None:
    started, ended = threading.Event(), threading.Event()

    def work(job: Job) -> None:
        started.set()
        while not job.cancelled():
            ended.wait(0.01)
        ended.set()

    job = runner.run_job(work, done=never, failed=never)
    assert started.wait(10)
    job.cancel()
    assert ended.wait(10)
    qtbot.wait(20)


def test_a_service_calls_back_on_the_ui_thread_in_order(qtbot: QtBot, runner: Runner) -> None:
    heard: list[tuple[int, bool]] = []
    call = runner.bridge(
        lambda n: heard.append((n, threading.current_thread() is threading.main_thread()))
    )
    thread = threading.Thread(target=lambda: [call(n) for n in range(5)])
    thread.start()
    thread.join(10)
    assert heard == []
    qtbot.waitUntil(lambda: len(heard) == 5)
    assert heard == [(n, True) for n in range(5)]


def test_closing_finishes_the_desk_and_leaves_no_thread(qtbot: QtBot) -> None:
    runner = Runner()
    kept: list[int] = []
    for number in range(5):
        runner.run(lambda n=number: kept.append(n), done=never, failed=never)

    def transfer(job: Job) -> None:
        while not job.cancelled():
            threading.Event().wait(0.01)

    runner.run_job(transfer, done=never, failed=never)
    runner.close()
    assert kept == [0, 1, 2, 3, 4]
    assert not [t for t in threading.enumerate() if t.name.startswith("cosight-")]
    assert runner.run(lambda: kept.append(9), done=never, failed=never).cancelled()
    qtbot.wait(20)
    assert kept == [0, 1, 2, 3, 4]
