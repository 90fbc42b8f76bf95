"""A child that hangs, eats or dies takes nobody with it, and the next call is answered."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from viewer.sandbox import Child, Sandbox, SandboxError
from viewer.volume import ImageError

TASKS = "tests.viewer.child_tasks"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(1 << 30, 20.0) as running:
        yield running


def test_a_call_runs_in_another_process(sandbox: Sandbox) -> None:
    assert sandbox.call("math:sqrt", 9.0) == 3.0
    assert sandbox.call("os:getpid") != os.getpid()


def test_what_the_function_raises_is_raised_here(sandbox: Sandbox) -> None:
    with pytest.raises(ZeroDivisionError):
        sandbox.call("operator:truediv", 1, 0)
    with pytest.raises(AttributeError):
        sandbox.call("math:no_such_name")
    with pytest.raises(ImageError, match="not DICOM"):
        sandbox.call("viewer.decoding:parse_file", os.__file__)


def test_what_cannot_travel_becomes_words(sandbox: Sandbox) -> None:
    with pytest.raises(RuntimeError, match="OddError"):
        sandbox.call(f"{TASKS}:raise_odd")
    with pytest.raises(RuntimeError, match="cannot be sent"):
        sandbox.call(f"{TASKS}:unpicklable")
    assert sandbox.call("math:sqrt", 4.0) == 2.0


def test_a_call_that_takes_too_long_is_ended(sandbox: Sandbox) -> None:
    begun = time.monotonic()
    with pytest.raises(SandboxError, match=r"longer than 0\.3 s") as caught:
        sandbox.call("time:sleep", 60, seconds=0.3)
    assert caught.value.kind == "timeout"
    assert time.monotonic() - begun < 10
    assert sandbox.call("math:sqrt", 4.0) == 2.0


def test_memory_is_limited(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="memory") as caught:
        sandbox.call(f"{TASKS}:eat", 2 << 30)
    assert caught.value.kind == "memory"
    assert sandbox.call(f"{TASKS}:eat", 1 << 20) == 1 << 20


def test_a_crash_is_said_and_the_spare_answers(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="ended") as caught:
        sandbox.call(f"{TASKS}:die")
    assert caught.value.kind == "crash"
    assert sandbox.call("math:sqrt", 4.0) == 2.0


def test_reports_arrive_in_order(sandbox: Sandbox) -> None:
    seen: list[int] = []
    assert sandbox.call(f"{TASKS}:count_to", 50, on_report=seen.append) == 50
    assert seen == list(range(50))


def test_cancelling_keeps_the_child() -> None:
    child = Child(1 << 30, 20.0)
    pid = child.call("os:getpid")
    seen: list[int] = []
    with pytest.raises(SandboxError) as caught:
        child.call(f"{TASKS}:count_slowly", on_report=seen.append, cancelled=lambda: len(seen) >= 3)
    assert caught.value.kind == "cancelled"
    assert child.call("os:getpid") == pid
    child.kill()


def test_an_error_of_the_listener_ends_the_child_not_the_sandbox(sandbox: Sandbox) -> None:
    def fail(_: object) -> None:
        raise KeyError("listener")

    with pytest.raises(KeyError, match="listener"):
        sandbox.call(f"{TASKS}:count_slowly", on_report=fail)
    assert sandbox.call("math:sqrt", 4.0) == 2.0


def test_two_calls_run_side_by_side(sandbox: Sandbox, tmp_path: Path) -> None:
    here, there = str(tmp_path / "here"), str(tmp_path / "there")
    found: list[int] = []

    def ask(mine: str, other: str) -> None:
        found.append(sandbox.call(f"{TASKS}:meet", mine, other))

    threads = [threading.Thread(target=ask, args=pair) for pair in ((here, there), (there, here))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 2


def test_a_closed_sandbox_refuses() -> None:
    sandbox = Sandbox(1 << 30, 5.0, children=1)
    sandbox.close()
    with pytest.raises(SandboxError) as caught:
        sandbox.call("math:sqrt", 4.0)
    assert caught.value.kind == "closed"
