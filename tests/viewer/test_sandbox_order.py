"""Who waits for a child is served by urgency; children are replaced while nobody waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from viewer.sandbox import Priority, Sandbox, SandboxError, pool

TASKS = "tests.viewer.child_tasks"


def until(is_true: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


class Queue:
    """One child that is busy until told, and calls that wait behind it."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.notes = folder / "notes"
        self.gate = folder / "gate"
        self.threads: list[threading.Thread] = []
        self._start(lambda: sandbox.call(f"{TASKS}:wait_for", str(self.gate)))
        until(lambda: not sandbox._free and not sandbox._waiting)

    def ask(self, word: str, priority: Priority) -> None:
        waiting = len(self.sandbox._waiting)
        note = f"{TASKS}:note"
        self._start(lambda: self.sandbox.call(note, str(self.notes), word, priority=priority))
        until(lambda: len(self.sandbox._waiting) > waiting)

    def order(self) -> list[str]:
        self.gate.touch()
        for thread in self.threads:
            thread.join()
        return self.notes.read_text().split()

    def _start(self, work: Callable[[], object]) -> None:
        thread = threading.Thread(target=work)
        self.threads.append(thread)
        thread.start()


@pytest.fixture
def queue(tmp_path: Path) -> object:
    with Sandbox(1 << 30, 20.0, children=1) as sandbox:
        sandbox.call("os:getpid")
        yield Queue(sandbox, tmp_path)


def test_the_urgent_are_served_first_and_equals_in_their_order(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_PATIENCE_SECONDS", 1000.0)
    for word, priority in (
        ("import-1", Priority.COMPUTE),
        ("fill-1", Priority.PREFETCH),
        ("thumbnail", Priority.THUMBNAIL),
        ("import-2", Priority.COMPUTE),
        ("picture", Priority.INTERACTION),
        ("fill-2", Priority.PREFETCH),
    ):
        queue.ask(word, priority)
    assert queue.order() == ["picture", "thumbnail", "fill-1", "fill-2", "import-1", "import-2"]


def test_nobody_waits_forever_but_a_person_is_never_overtaken(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_PATIENCE_SECONDS", 0.01)
    queue.ask("import", Priority.COMPUTE)
    time.sleep(0.1)  # long enough to be as urgent as a thumbnail
    queue.ask("fill", Priority.PREFETCH)
    queue.ask("picture", Priority.INTERACTION)
    assert queue.order() == ["picture", "import", "fill"]


def test_who_waits_can_leave(queue: Queue) -> None:
    with pytest.raises(SandboxError) as caught:
        queue.sandbox.call("os:getpid", cancelled=lambda: True)
    assert caught.value.kind == "cancelled"
    queue.ask("next", Priority.COMPUTE)
    assert queue.order() == ["next"]


def test_closing_tells_those_who_wait() -> None:
    sandbox = Sandbox(1 << 30, 20.0, children=1)
    kinds: list[str] = []

    def ask() -> None:
        try:
            sandbox.call("time:sleep", 30)
        except SandboxError as error:
            kinds.append(error.kind)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    until(lambda: [child.calls for child in sandbox._all] == [1] and len(sandbox._waiting) == 1)
    sandbox.close()
    for thread in threads:
        thread.join()
    assert sorted(kinds) == ["closed", "crash"]


def test_while_a_dead_child_is_replaced_the_other_answers() -> None:
    with Sandbox(1 << 30, 20.0) as sandbox:
        until(lambda: len(sandbox._free) == 2)
        before = set(sandbox.pids)
        with pytest.raises(SandboxError):
            sandbox.call(f"{TASKS}:die")
        assert sandbox.call("os:getpid") in before
        until(lambda: len(sandbox._free) == 2)
        assert len(set(sandbox.pids) - before) == 1


def test_a_child_that_died_at_rest_is_not_noticed_by_the_next_caller() -> None:
    with Sandbox(1 << 30, 20.0, children=1) as sandbox:
        first = sandbox.call("os:getpid")
        sandbox._all[0]._process.kill()
        sandbox._all[0]._process.join()
        assert sandbox.call("os:getpid") != first


def test_children_that_cannot_start_are_said_and_hang_nobody() -> None:
    with Sandbox(1 << 30, 20.0, preload=("no.such.module",)) as sandbox:
        for _ in range(3):
            with pytest.raises(SandboxError) as caught:
                sandbox.call("os:getpid")
            assert caught.value.kind == "crash"


def test_children_that_have_worked_are_fresh_after_a_rest() -> None:
    with Sandbox(1 << 30, 20.0, rest_seconds=0.2) as sandbox:
        worked = sandbox.call("os:getpid")
        until(lambda: worked not in sandbox.pids and len(sandbox._free) == 2)
        rested = set(sandbox.pids)
        time.sleep(0.5)
        assert set(sandbox.pids) == rested  # who has not worked is left alone
        assert sandbox.call("os:getpid") in rested


@pytest.mark.parametrize("count", [16, 8 << 20])
def test_arrays_arrive_whole_and_can_be_used(count: int) -> None:
    with Sandbox(1 << 30, 20.0, children=1) as sandbox:
        whole = np.arange(count, dtype=np.uint16)
        first, strided, short, turned = sandbox.call(f"{TASKS}:large", count)
        assert (first == whole).all()
        assert (strided == whole.reshape(-1, 8)[:, ::2]).all()
        assert short.tolist() == [0, 1, 2]
        assert (turned == whole.reshape(8, -1)).all()
        assert first.flags.writeable
