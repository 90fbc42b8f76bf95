"""The one bridge between threads and windows: functions run on workers, answers arrive on the UI thread.

Lanes, so that short work never waits behind long work: DESK (the open case: one worker, in the order given, so that a
draft saved before a submission is kept before it), LIST (what the worklist shows), LINE (whatever asks the archive),
IMAGES (decoding and drawing). Nothing is killed: a cancelled job is told so and its answer is dropped. It knows no
service and no window.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from enum import StrEnum
from typing import ParamSpec, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

T = TypeVar("T")
P = ParamSpec("P")


class Lane(StrEnum):
    """Where a function runs: the open case, the list, the line to the archive, or pictures."""

    DESK = "desk"
    LIST = "list"
    LINE = "line"
    IMAGES = "images"


_WORKERS = {Lane.DESK: 1, Lane.LIST: 1, Lane.LINE: 3, Lane.IMAGES: 3}


class Job:
    """One function under way. ``cancelled`` is the predicate that a service asks between two steps."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self._future: Future[None] | None = None

    def hold(self, future: Future[None]) -> None:
        """Keep the future, so that a job that has not begun can be taken back."""
        self._future = future

    def cancel(self) -> None:
        """Ask the function to end and drop its answer; a job that has not begun never begins."""
        self._cancelled.set()
        if self._future is not None:
            self._future.cancel()

    def cancelled(self) -> bool:
        """Whether somebody asked for the end."""
        return self._cancelled.is_set()


class Runner(QObject):
    """Runs functions on worker threads and delivers their results on the thread it lives in (the UI's)."""

    _arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._closed = threading.Event()
        self._jobs: weakref.WeakSet[Job] = weakref.WeakSet()
        self._lanes = {
            lane: ThreadPoolExecutor(workers, thread_name_prefix=f"cosight-{lane.value}")
            for lane, workers in _WORKERS.items()
        }
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        function: Callable[[], T],
        *,
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        lane: Lane = Lane.DESK,
    ) -> Job:
        """Run ``function`` on a worker; then call ``done`` or ``failed`` on the UI thread, unless cancelled.

        A function that needs to know whether it was cancelled is given through ``run_job``.
        """
        return self.run_job(lambda _job: function(), done=done, failed=failed, lane=lane)

    def run_job(
        self,
        function: Callable[[Job], T],
        *,
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        lane: Lane = Lane.LINE,
    ) -> Job:
        """As ``run``, and the function is given its own job, to ask ``job.cancelled`` between steps."""
        job = Job()
        if self._closed.is_set():
            job.cancel()
            return job

        def deliver(callback: Callable[[], None]) -> None:
            self._post(lambda: None if job.cancelled() else callback())

        def work() -> None:
            try:
                result = function(job)
            except CancelledError:
                return
            except Exception as error:  # noqa: BLE001 - whatever went wrong is told by the caller's `failed`
                caught = error
                deliver(lambda: failed(caught))
            else:
                deliver(lambda: done(result))

        if lane is not Lane.DESK:
            self._jobs.add(job)
        job.hold(self._lanes[lane].submit(work))
        return job

    def bridge(self, function: Callable[P, None]) -> Callable[P, None]:
        """A callable for services: called from any thread, it calls ``function`` on the UI thread, in order."""

        def call(*args: P.args, **kwargs: P.kwargs) -> None:
            self._post(lambda: function(*args, **kwargs))

        return call

    def close(self) -> None:
        """Take no more work, cancel pictures and transfers, finish the desk's queue; no thread is left afterwards."""
        self._closed.set()
        for job in tuple(self._jobs):
            job.cancel()
        for lane, pool in self._lanes.items():
            pool.shutdown(wait=True, cancel_futures=lane is not Lane.DESK)

    def _post(self, call: Callable[[], None]) -> None:
        if not self._closed.is_set():
            self._arrived.emit(call)

    @Slot(object)
    def _deliver(self, call: Callable[[], None]) -> None:
        if not self._closed.is_set():
            call()
