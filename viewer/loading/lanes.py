"""Two threads that take work from one agenda, so that both children are kept busy.

The last one out says that all is done. Knows nothing of the work.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from viewer.loading.children import LoadingCancelled

LANES = 2


class Lanes:
    """Threads that call `step` until it returns False; then `finish`, once, with what went wrong."""

    def __init__(
        self, step: Callable[[], bool], finish: Callable[[BaseException | None], None], name: str
    ) -> None:
        self._step = step
        self._finish = finish
        self._lock = threading.Lock()
        self._running = LANES
        self._error: BaseException | None = None
        self._threads = [
            threading.Thread(target=self._run, name=name, daemon=True) for _ in range(LANES)
        ]

    @property
    def is_broken(self) -> bool:
        """Whether one lane has failed: the others need not go on."""
        return self._error is not None

    def start(self) -> None:
        """Begins."""
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Returns when all have ended; from one of them, when all others have."""
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join()

    def _run(self) -> None:
        try:
            while not self.is_broken and self._step():
                pass
        except LoadingCancelled:
            pass
        except BaseException as error:  # noqa: BLE001 - told to all who wait
            self._error = error
        with self._lock:
            self._running -= 1
            is_last = not self._running
        if is_last:
            self._finish(self._error)
