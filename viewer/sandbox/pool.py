"""Two children and those who wait for one: the most urgent first, nobody forever.

A child that ends is replaced in the background while the other goes on. A spare may be started
only once the first is at work, and ends again at rest. Children that have worked and then rest are
replaced by fresh ones: what they imported and what their codecs hold is given back to the system.
Knows processes and priorities, not what is called.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Self

from viewer.sandbox.calls import Priority, SandboxError
from viewer.sandbox.child import Child

_POLL_SECONDS = 0.05
# Who has waited this long moves up, so that a long series does not stop an import.
_PATIENCE_SECONDS = 1.0
_MOST_DEAD_STARTS = 3
# A spare is started again in a third of a second: it rests for a twelfth of what a child may that has work.
_SPARE_REST_SHARE = 1 / 12


class _Waiter:
    """Somebody who wants a child."""

    def __init__(self, priority: Priority) -> None:
        self.priority = priority
        self.since = time.monotonic()
        self.turn = threading.Event()
        self.child: Child | None = None
        self.failure: SandboxError | None = None

    def rank(self, now: float) -> int:
        """Its place: only those whom a person waits for are never overtaken."""
        up = int((now - self.since) / _PATIENCE_SECONDS)
        lowest = min(int(self.priority), int(Priority.THUMBNAIL))
        return max(int(self.priority) - up, lowest)


class Sandbox:
    """A warm child and a spare one; each call takes whichever is free, from any thread.

    Waiting calls are served by priority, then in the order they came. Close it at the end.
    """

    def __init__(
        self,
        memory_bytes: int,
        seconds: float,
        preload: Sequence[str] = (),
        children: int = 2,
        *,
        resting_children: int | None = None,
        rest_seconds: float = 120.0,
    ) -> None:
        """Starts `resting_children` processes at once (None: all); they warm up by themselves.

        The others of the `children` come as soon as no child is free, and go soon after the last
        call. After `rest_seconds` without a call those that have worked are replaced by fresh ones.
        """
        self._limits = (memory_bytes, seconds, tuple(preload))
        self._rest_seconds = rest_seconds
        self._most = children
        self._least = children if resting_children is None else min(resting_children, children)
        self._up = self._least  # alive or being started
        self._lock = threading.Lock()
        self._free: list[Child] = []
        self._waiting: list[_Waiter] = []
        self._all: list[Child] = []
        self._last_call = time.monotonic()
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []
        for _ in range(self._least):
            self._start()
        self._in_background(self._keep_fresh, "sandbox-rest")

    def call(
        self,
        target: str,
        *args: object,
        seconds: float | None = None,
        on_report: Callable[[Any], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        priority: Priority = Priority.COMPUTE,
    ) -> Any:
        """As `Child.call`, in a free child; waits while both are at work."""
        child = self._taken(priority, cancelled)
        try:
            return child.call(
                target, *args, seconds=seconds, on_report=on_report, cancelled=cancelled
            )
        finally:
            self._give_back(child)

    @property
    def pids(self) -> list[int]:
        """The children's processes, for those who measure them."""
        with self._lock:
            return [child.pid for child in self._all if child.pid is not None]

    def close(self) -> None:
        """Ends all children; calls under way fail."""
        self._closing.set()
        with self._lock:
            ended, self._all = self._all, []
            waiting, self._waiting = self._waiting, []
            threads, self._threads = self._threads, []
        for waiter in waiting:
            waiter.turn.set()
        for child in ended:
            child.kill()
        for thread in threads:
            thread.join()

    def __enter__(self) -> Self:
        """For tests and commands."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes."""
        self.close()

    def _taken(self, priority: Priority, cancelled: Callable[[], bool] | None) -> Child:
        """A child for this caller alone, living if any lives."""
        for _ in range(_MOST_DEAD_STARTS):
            child = self._awaited(_Waiter(priority), cancelled)
            if child.is_alive or not child.calls:
                return child  # one that never came to life tells its caller so
            self._give_back(child)  # it died at rest
        return self._awaited(_Waiter(priority), cancelled)

    def _awaited(self, waiter: _Waiter, cancelled: Callable[[], bool] | None) -> Child:
        with self._lock:
            if self._closing.is_set():
                raise _closed()
            self._waiting.append(waiter)
            self._hand_out()
            needs_spare = not self._free and self._up < self._most
            self._up += needs_spare
        if needs_spare:
            self._start()
        while not waiter.turn.wait(None if cancelled is None else _POLL_SECONDS):
            if cancelled is not None and cancelled() and self._left(waiter):
                raise SandboxError("cancelled", "Cancelled.")
        if waiter.child is None:
            raise waiter.failure or _closed()
        return waiter.child

    def _left(self, waiter: _Waiter) -> bool:
        """Whether it could leave the queue before its turn came."""
        with self._lock:
            if waiter not in self._waiting:
                return False
            self._waiting.remove(waiter)
            return True

    def _hand_out(self) -> None:
        """Free children to those who wait; the lock is held."""
        now = time.monotonic()
        while self._free and self._waiting:
            chosen = min(self._waiting, key=lambda waiter: waiter.rank(now))  # first of equals
            self._waiting.remove(chosen)
            chosen.child = self._free.pop()  # the one used last has the warmer caches
            chosen.turn.set()

    def _give_back(self, child: Child) -> None:
        with self._lock:
            self._last_call = time.monotonic()
            if child.is_alive and not self._closing.is_set():
                self._free.append(child)
                self._hand_out()
                return
            if child in self._all:
                self._all.remove(child)
        if not self._closing.is_set():
            self._start()
        child.kill()

    def _start(self) -> None:
        """A child in the background: it is handed out once it is ready."""
        self._in_background(self._bring_up, "sandbox-start")

    def _bring_up(self) -> None:
        try:
            child = self._started()
        except OSError as error:
            self._fail(error)
            return
        if child is not None:
            with self._lock:
                self._free.append(child)
                self._hand_out()

    def _fail(self, error: OSError) -> None:
        """No process can be started: who waits is told, unless another child will serve them."""
        with self._lock:
            self._up -= 1
            hopeless = [] if self._up else self._waiting
            if hopeless:
                self._waiting = []
        for waiter in hopeless:
            waiter.failure = SandboxError(
                "crash", "No image process can be started ({code}).", code=error.errno
            )
            waiter.turn.set()

    def _started(self) -> Child | None:
        """A new child that is ready, or that will say why it is not; None when closed."""
        if self._closing.is_set():
            return None
        child = Child(*self._limits)
        with self._lock:
            self._all.append(child)
        if self._closing.is_set():
            child.kill()  # `close` may not have seen it
            return None
        try:
            child.wait_until_ready()
        except SandboxError:
            return None if self._closing.is_set() else child
        return child

    def _in_background(self, work: Callable[[], None], name: str) -> None:
        with self._lock:
            if self._closing.is_set():
                return
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            thread = threading.Thread(target=work, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _keep_fresh(self) -> None:
        """Ends spares, and replaces children that have worked, one at a time, while nobody asks."""
        spare_seconds = self._rest_seconds * _SPARE_REST_SHARE
        while not self._closing.wait(max(spare_seconds / 4, _POLL_SECONDS)):
            for spare in self._spares(spare_seconds):
                spare.kill()
            worn = self._resting()
            if worn is None:
                continue
            try:
                fresh = self._started()
            except OSError:  # no process can be had now: the worn one still works
                with self._lock:
                    self._all.append(worn)
                    self._free.append(worn)
                    self._hand_out()
                continue
            worn.kill()
            if fresh is not None:
                with self._lock:
                    self._free.insert(0, fresh)
                    self._hand_out()

    def _is_quiet(self, seconds: float) -> bool:
        """Whether all have been at rest for so long; the lock is held."""
        rested = time.monotonic() - self._last_call
        return rested >= seconds and len(self._free) == len(self._all) == self._up

    def _spares(self, seconds: float) -> list[Child]:
        """Children beyond those that stay at rest, taken out of service; the most worn ones."""
        with self._lock:
            if not self._is_quiet(seconds) or self._closing.is_set():
                return []
            by_wear = sorted(self._free, key=lambda child: -child.calls)
            spares = by_wear[: len(self._all) - self._least]
            for spare in spares:
                self._free.remove(spare)
                self._all.remove(spare)
            self._up -= len(spares)
            return spares

    def _resting(self) -> Child | None:
        """A worked child taken out of service, if all have been at rest for long enough."""
        with self._lock:
            is_quiet = self._is_quiet(self._rest_seconds)
            worn = [child for child in self._free if child.calls] if is_quiet else []
            if not worn or self._closing.is_set():
                return None
            self._free.remove(worn[0])
            self._all.remove(worn[0])
            return worn[0]


def shared_sandbox(
    memory_bytes: int = 4 << 30,
    seconds: float = 60.0,
    preload: Sequence[str] = ("viewer.decoding.filling",),
) -> Sandbox:
    """The sandbox of a program, as wiring builds it: two children that know the decoders."""
    return Sandbox(memory_bytes, seconds, preload)


def _closed() -> SandboxError:
    return SandboxError("closed", "The image process is closed.")
