"""Waiting for work that goes on behind: progress told on the waiting thread, cancelling, ending.

Several may wait for the same work; it is given up when the last of them leaves. Knows no pixels.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from viewer.loading.children import cancellation

Progress = Callable[[int, int], None]

_POLL_SECONDS = 0.05


class Watched:
    """Work done by threads of its own, and those who wait for it. Thread-safe."""

    def __init__(self, total: int, done: int = 0) -> None:
        self.total = total
        self._changed = threading.Condition()
        self._done = done
        self._watchers = 0
        self._is_over = False
        self._is_stopped = False
        self._error: BaseException | None = None

    @property
    def is_stopped(self) -> bool:
        """Whether nobody wants the rest."""
        return self._is_stopped

    @property
    def is_over(self) -> bool:
        """Whether it has ended: whole, failed or stopped."""
        return self._is_over

    def advance(self, count: int) -> None:
        """So many more are done."""
        with self._changed:
            self._done += count
            self._changed.notify_all()

    def end(self, error: BaseException | None = None) -> None:
        """It has ended; those who wait go on, or raise `error`."""
        with self._changed:
            self._is_over = True
            self._error = self._error or error
            self._changed.notify_all()

    def stop(self) -> None:
        """Nobody wants the rest; who waits is told that it was cancelled."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()

    def join(self) -> bool:
        """Counts one more who waits; False where it has been given up or is over already."""
        with self._changed:
            if self._is_stopped or self._is_over:
                return False
            self._watchers += 1
            return True

    def watch(self, progress: Progress | None, cancelled: Callable[[], bool] | None) -> None:
        """Waits to the end, for one who has joined; LoadingCancelled, or what ended it."""
        told = -1
        try:
            while True:
                with self._changed:
                    if self._done == told and not (self._is_over or self._is_stopped):
                        self._changed.wait(_POLL_SECONDS)
                    done, is_over = self._done, self._is_over
                if progress is not None and done != told:
                    progress(done, self.total)
                told = done
                if self._is_stopped or (cancelled is not None and cancelled()):
                    raise cancellation()
                if is_over:
                    break
        finally:
            with self._changed:
                self._watchers -= 1
                if not self._watchers and not self._is_over:
                    self._is_stopped = True
        if self._error is not None:
            raise self._error
