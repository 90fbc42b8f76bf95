"""One killable process as its parent sees it: one call at a time, under a time and memory limit.

Started by `spawn`: a fork of a program with threads can hang. What the child does is the affair of
`viewer.sandbox.serving`; who may call it next is the affair of the pool.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing import connection
from typing import Any

from viewer.sandbox import transport
from viewer.sandbox.calls import Priority, SandboxError
from viewer.sandbox.serving import SYSTEM_LIMITS, serve

_POLL_SECONDS = 0.05
_START_SECONDS = 60.0
_PATIENCE_AFTER_CANCEL_SECONDS = 5.0


class Child:
    """One process, started at once.

    Attributes:
        memory_bytes: address space (Linux) or resident size (elsewhere) it may use.
        seconds: how long one call may take unless the call says otherwise.
        calls: how many calls it has taken.
    """

    def __init__(self, memory_bytes: int, seconds: float, preload: Sequence[str] = ()) -> None:
        """Starts the process; `preload` names modules it imports before the first call."""
        self.memory_bytes = memory_bytes
        self.seconds = seconds
        self.calls = 0
        self._lock = threading.RLock()
        self._ending = threading.Lock()
        context = multiprocessing.get_context("spawn")
        self._connection, far = context.Pipe()
        self._cancel = context.Event()
        self._process = context.Process(
            target=serve,
            args=(far, self._cancel, memory_bytes, tuple(preload)),
            name="cosight-child",
            daemon=True,
        )
        self._process.start()
        far.close()
        self._is_ready = False

    @property
    def is_alive(self) -> bool:
        """Whether it can take a call."""
        return self._process.is_alive()

    @property
    def pid(self) -> int | None:
        """The process, for those who measure it."""
        return self._process.pid

    def wait_until_ready(self) -> None:
        """Returns once its modules are imported; SandboxError where it did not come to life."""
        with self._lock:
            self._wait_until_ready()

    def call(
        self,
        target: str,
        *args: object,
        seconds: float | None = None,
        on_report: Callable[[Any], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        priority: Priority = Priority.COMPUTE,  # noqa: ARG002 - one child has no order to keep
    ) -> Any:
        """Runs `target` ("package.module:function") with `args` in the child.

        With `on_report` the function also gets `report=`, whose values arrive here in order, on
        this thread. What the function raises is raised here; SandboxError if the child ended or
        was ended, or if `cancelled` turned true.
        """
        with self._lock:
            self._wait_until_ready()
            self.calls += 1
            self._cancel.clear()
            try:
                self._connection.send((target, args, on_report is not None))
                tag, value = self._answer(seconds or self.seconds, on_report, cancelled)
            except (EOFError, ConnectionError) as error:
                raise self._ended() from error
            except BaseException:
                self.kill()  # whatever it is doing, nobody waits for it any more
                raise
            return self._outcome(tag, value)

    def kill(self) -> None:
        """Ends the process at once; a call under way on another thread hears of it by the pipe's end."""
        with self._ending:
            if self._process.is_alive():
                self._process.kill()
            self._process.join(10.0)
        if self._lock.acquire(blocking=False):  # else it is read from, and closed after that
            try:
                self._connection.close()
            finally:
                self._lock.release()

    def _wait_until_ready(self) -> None:
        if self._is_ready:
            return
        try:
            if not self._connection.poll(_START_SECONDS):
                self.kill()
                raise SandboxError("timeout", "The image process did not start.")
            self._connection.recv()
        except (EOFError, OSError) as error:
            raise self._ended() from error
        self._is_ready = True

    def _answer(
        self,
        seconds: float,
        on_report: Callable[[Any], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> tuple[str, Any]:
        """Reads until the child is done: ("result" | "error" | "memory" | "cancelled", value)."""
        deadline = time.monotonic() + seconds
        watch = _memory_watch(self._process.pid, self.memory_bytes)
        while True:
            if connection.wait([self._connection], timeout=_POLL_SECONDS):
                tag, value = transport.receive(self._connection)
                if tag != "report":
                    return tag, value
                if on_report is not None:
                    on_report(value)
            elif not self._process.is_alive():
                raise EOFError
            if cancelled is not None and not self._cancel.is_set() and cancelled():
                self._cancel.set()
                deadline = min(deadline, time.monotonic() + _PATIENCE_AFTER_CANCEL_SECONDS)
            if watch():
                raise _out_of_memory()
            if time.monotonic() > deadline:
                raise self._overdue(seconds)

    def _outcome(self, tag: str, value: Any) -> Any:
        if tag == "result":
            return value
        if tag == "memory":
            self.kill()
            raise _out_of_memory()
        if tag == "cancelled":
            raise SandboxError("cancelled", "Cancelled.")
        raise value

    def _overdue(self, seconds: float) -> SandboxError:
        if self._cancel.is_set():
            return SandboxError("cancelled", "Cancelled.")
        return SandboxError(
            "timeout", "An image took longer than {seconds} s.", seconds=f"{seconds:g}"
        )

    def _ended(self) -> SandboxError:
        self.kill()
        return SandboxError(
            "crash", "The image process ended (code {code}).", code=self._process.exitcode
        )


def _out_of_memory() -> SandboxError:
    return SandboxError("memory", "An image needed more memory than is allowed.")


def _memory_watch(pid: int | None, memory_bytes: int) -> Callable[[], bool]:
    """Whether the child is over its limit; where the system itself limits, never."""
    if SYSTEM_LIMITS or pid is None:
        return lambda: False
    import psutil

    process: Any = psutil.Process(pid)

    def is_over() -> bool:
        with contextlib.suppress(psutil.Error):
            return bool(process.memory_info().rss > memory_bytes)
        return False

    return is_over
