"""Processes that may be killed: where untrusted bytes are parsed and decoded.

A call names its function by import path and passes picklable values; the child runs under a memory
limit and a time limit, and dies alone. One child is warm and one is spare, so that a crash costs
nobody a start. Children are started by `spawn`. Knows no DICOM, no toolkit and no engine.
"""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import os
import pickle
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing import connection
from typing import Any, Literal, Protocol, Self

Kind = Literal["timeout", "memory", "crash", "cancelled", "closed"]
Report = Callable[[object], None]

# RLIMIT_AS works on Linux; elsewhere the parent watches the child's resident size.
_SYSTEM_LIMITS = sys.platform == "linux"
_POLL_SECONDS = 0.05
_START_SECONDS = 60.0
_PATIENCE_AFTER_CANCEL_SECONDS = 5.0
_THREAD_VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class SandboxError(Exception):
    """The child did not answer: `kind` says how it ended; `template` and `fields` say it."""

    def __init__(self, kind: Kind, template: str, **fields: object) -> None:
        """Fields are substituted by `str.format`."""
        super().__init__(template.format(**fields))
        self.kind = kind
        self.template = template
        self.fields = fields


class Interrupted(BaseException):
    """Raised inside the child by `report` once the caller has cancelled."""


class Callee(Protocol):
    """Anything that runs a function by import path: a `Child` or a `Sandbox`."""

    def call(
        self,
        target: str,
        *args: object,
        seconds: float | None = None,
        on_report: Callable[[Any], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Any:
        """Runs `target` ("package.module:function") with `args` and returns its result."""


class Child:
    """One killable process, started at once; one call at a time.

    Attributes:
        memory_bytes: address space (Linux) or resident size (elsewhere) it may use.
        seconds: how long one call may take unless the call says otherwise.
    """

    def __init__(self, memory_bytes: int, seconds: float, preload: Sequence[str] = ()) -> None:
        """Starts the process; `preload` names modules it imports before the first call."""
        self.memory_bytes = memory_bytes
        self.seconds = seconds
        self._lock = threading.Lock()
        context = multiprocessing.get_context("spawn")
        self._connection, far = context.Pipe()
        self._cancel = context.Event()
        self._process = context.Process(
            target=_serve,
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

    def call(
        self,
        target: str,
        *args: object,
        seconds: float | None = None,
        on_report: Callable[[Any], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Any:
        """Runs `target` ("package.module:function") with `args` in the child.

        With `on_report` the function also gets `report=`, whose values arrive here in order, on
        this thread. What the function raises is raised here; SandboxError if the child ended or
        was ended, or if `cancelled` turned true.
        """
        with self._lock:
            self._wait_until_ready()
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
        """Ends the process at once."""
        if self._process.is_alive():
            self._process.kill()
        self._process.join(10.0)
        self._connection.close()

    def _wait_until_ready(self) -> None:
        if self._is_ready:
            return
        if not self._connection.poll(_START_SECONDS):
            self.kill()
            raise SandboxError("timeout", "The image process did not start.")
        try:
            self._connection.recv()
        except EOFError as error:
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
                tag, value = self._connection.recv()
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


class Sandbox:
    """A warm child and a spare one; each call takes whichever is free, from any thread.

    A child that ended is replaced in the background of the next call. Close it at the end.
    """

    def __init__(
        self, memory_bytes: int, seconds: float, preload: Sequence[str] = (), children: int = 2
    ) -> None:
        """Starts `children` processes at once; they warm up by themselves."""
        self._limits = (memory_bytes, seconds, tuple(preload))
        self._free: queue.LifoQueue[Child] = queue.LifoQueue()
        self._lock = threading.Lock()
        self._all: list[Child] = []
        self._is_closed = False
        for _ in range(children):
            self._free.put(self._started())

    def call(
        self,
        target: str,
        *args: object,
        seconds: float | None = None,
        on_report: Callable[[Any], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Any:
        """As `Child.call`, in a free child; waits while both are at work."""
        child = self._free.get()
        try:
            if self._is_closed:
                raise SandboxError("closed", "The image process is closed.")
            if not child.is_alive:
                child = self._replaced(child)
            return child.call(
                target, *args, seconds=seconds, on_report=on_report, cancelled=cancelled
            )
        finally:
            if not child.is_alive and not self._is_closed:
                child = self._replaced(child)
            self._free.put(child)

    def close(self) -> None:
        """Ends both children; calls under way fail."""
        with self._lock:
            self._is_closed = True
            ended, self._all = self._all, []
        for child in ended:
            child.kill()

    def __enter__(self) -> Self:
        """For tests and commands."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes."""
        self.close()

    def _started(self) -> Child:
        child = Child(*self._limits)
        with self._lock:
            self._all.append(child)
        return child

    def _replaced(self, child: Child) -> Child:
        with self._lock:
            if child in self._all:
                self._all.remove(child)
        child.kill()
        return self._started()


def shared_sandbox(
    memory_bytes: int = 4 << 30,
    seconds: float = 60.0,
    preload: Sequence[str] = ("viewer.decoding",),
) -> Sandbox:
    """The sandbox of a program, as wiring builds it: two children that know the decoders."""
    return Sandbox(memory_bytes, seconds, preload)


def _out_of_memory() -> SandboxError:
    return SandboxError("memory", "An image needed more memory than is allowed.")


def _memory_watch(pid: int | None, memory_bytes: int) -> Callable[[], bool]:
    """Whether the child is over its limit; where the system itself limits, never."""
    if _SYSTEM_LIMITS or pid is None:
        return lambda: False
    import psutil

    process: Any = psutil.Process(pid)

    def is_over() -> bool:
        with contextlib.suppress(psutil.Error):
            return bool(process.memory_info().rss > memory_bytes)
        return False

    return is_over


def _serve(
    pipe: Any, cancel: Any, memory_bytes: int, preload: tuple[str, ...]
) -> None:  # pragma: no cover - runs in the child
    """The child's life: import, answer calls, end when the parent closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for variable in _THREAD_VARIABLES:
        os.environ[variable] = "1"
    _limit_memory(memory_bytes)
    for module in preload:
        importlib.import_module(module)
    try:
        pipe.send(("ready", None))
    except OSError:
        return  # the parent ended while this was starting
    send_lock = threading.Lock()

    def report(value: object) -> None:
        if cancel.is_set():
            raise Interrupted
        with send_lock:
            pipe.send(("report", value))

    while True:
        try:
            target, args, wants_report = pipe.recv()
        except (EOFError, OSError):
            return
        answer = _run(target, args, {"report": report} if wants_report else {})
        with send_lock:
            _send(pipe, answer)


def _run(
    target: str, args: tuple[object, ...], options: dict[str, Report]
) -> tuple[str, object]:  # pragma: no cover - runs in the child
    try:
        module, _, name = target.partition(":")
        function = getattr(importlib.import_module(module), name)
        return ("result", function(*args, **options))
    except Interrupted:
        return ("cancelled", None)
    except MemoryError:
        return ("memory", None)
    except Exception as error:  # noqa: BLE001 - whatever it was is raised at the caller
        return ("error", _portable(error))


def _portable(error: Exception) -> Exception:  # pragma: no cover - runs in the child
    """The exception if it survives the journey, else its kind in words."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - made one line above
    except Exception:  # noqa: BLE001 - an exception class may do anything when rebuilt
        return RuntimeError(type(error).__name__)
    return error


def _send(pipe: Any, answer: tuple[str, object]) -> None:  # pragma: no cover - in the child
    try:
        pipe.send(answer)
    except (TypeError, AttributeError, ValueError, pickle.PicklingError):
        pipe.send(("error", RuntimeError(f"{type(answer[1]).__name__} cannot be sent")))


def _limit_memory(memory_bytes: int) -> None:  # pragma: no cover - runs in the child
    if not _SYSTEM_LIMITS:
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
