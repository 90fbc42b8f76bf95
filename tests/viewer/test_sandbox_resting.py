"""A sandbox at rest holds one child; the spare comes with work and goes after it."""

from __future__ import annotations

import contextlib
import errno
import threading
import time
from collections.abc import Callable

import psutil
import pytest

from viewer.sandbox import Sandbox, SandboxError, pool


def until(condition: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def sleep_until_ended(sandbox: Sandbox) -> None:
    with contextlib.suppress(SandboxError):
        sandbox.call("time:sleep", 12.0)


def test_the_spare_comes_with_the_first_call_and_goes_at_rest() -> None:
    with Sandbox(1 << 30, 20.0, resting_children=1, rest_seconds=6.0) as sandbox:
        assert until(lambda: len(sandbox.pids) == 1)
        time.sleep(0.5)
        assert len(sandbox.pids) == 1
        first = sandbox.call("os:getpid")
        assert until(lambda: len(sandbox.pids) == 2)
        both = set(sandbox.pids)
        assert first in both
        assert until(lambda: len(sandbox.pids) == 1)
        (left,) = sandbox.pids
        assert left in both - {first}  # the one that has worked holds more
        assert until(lambda: not psutil.pid_exists(first))
        assert sandbox.call("os:getpid") == left
        assert until(lambda: len(sandbox.pids) == 2)


def test_a_second_caller_does_not_wait_for_the_first() -> None:
    with Sandbox(1 << 30, 30.0, resting_children=1) as sandbox:
        sandbox.call("math:sqrt", 4.0)
        slow = threading.Thread(target=sleep_until_ended, args=(sandbox,))
        begun = time.monotonic()
        slow.start()
        assert sandbox.call("math:sqrt", 9.0) == 3.0
        assert time.monotonic() - begun < 10.0
        assert slow.is_alive()
    slow.join()


def test_spares_never_exceed_the_children_asked_for() -> None:
    with Sandbox(1 << 30, 20.0, children=2, resting_children=1) as sandbox:
        callers = [
            threading.Thread(target=sandbox.call, args=("time:sleep", 0.3)) for _ in range(6)
        ]
        for caller in callers:
            caller.start()
        most = 0
        while any(caller.is_alive() for caller in callers):
            most = max(most, len(sandbox.pids))
            time.sleep(0.02)
        assert most == 2


def test_a_child_that_dies_is_replaced_and_the_spare_still_goes() -> None:
    with Sandbox(1 << 30, 20.0, resting_children=1, rest_seconds=3.0) as sandbox:
        with pytest.raises(SandboxError, match="ended"):
            sandbox.call("tests.viewer.child_tasks:die")
        assert sandbox.call("math:sqrt", 4.0) == 2.0
        assert until(lambda: len(sandbox.pids) == 1)
        assert sandbox.call("math:sqrt", 16.0) == 4.0


def test_who_waits_is_told_that_no_process_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the system has no process or memory left; the next call tries again."""
    real = pool.Child

    def refused(*_limits: object) -> None:
        raise OSError(errno.EAGAIN, "no more processes")

    monkeypatch.setattr(pool, "Child", refused)
    with Sandbox(1 << 30, 20.0, resting_children=0) as sandbox:
        with pytest.raises(SandboxError, match="No image process can be started") as told:
            sandbox.call("math:sqrt", 4.0)
        assert told.value.kind == "crash"
        monkeypatch.setattr(pool, "Child", real)
        assert sandbox.call("math:sqrt", 4.0) == 2.0
