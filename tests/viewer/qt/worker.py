"""A small real thread pool that delivers on the window's thread, as the program's runner does."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal

T = TypeVar("T")


class PoolJob:
    def __init__(self) -> None:
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


class PoolRunner(QObject):
    """Two threads; results come back through a queued signal."""

    _arrived = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._pool = ThreadPoolExecutor(2)
        self._is_closed = False
        self._arrived.connect(lambda call: call(), Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        function: Callable[[], T],
        *,
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> PoolJob:
        job = PoolJob()
        if self._is_closed:
            return job

        def deliver(call: Callable[[], None]) -> None:
            self._arrived.emit(lambda: None if job.is_cancelled else call())

        def work() -> None:
            try:
                result = function()
            except Exception as error:
                caught = error
                deliver(lambda: failed(caught))
            else:
                deliver(lambda: done(result))

        self._pool.submit(work)
        return job

    def close(self) -> None:
        self._is_closed = True
        self._pool.shutdown(wait=True)
