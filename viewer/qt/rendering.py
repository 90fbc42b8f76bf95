"""Off the window's thread and back: one drawing at a time per viewport, the newest request wins.

A reader who drags makes more states than pictures can be drawn. What waits is replaced, never
queued, so a viewport is at most one drawing behind the hand. Knows no pixels and no DICOM; the
threads belong to the `Runner` it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

Request = TypeVar("Request")
Result = TypeVar("Result")
Value = TypeVar("Value")


class Job(Protocol):
    """Work handed to a runner."""

    def cancel(self) -> None:
        """Do not start it if it has not started; its result is not delivered."""


class Runner(Protocol):
    """Runs functions on worker threads and delivers what they return on the window's thread."""

    def run(
        self,
        function: Callable[[], Value],
        *,
        done: Callable[[Value], None],
        failed: Callable[[Exception], None],
    ) -> Job:
        """Start `function`; exactly one of `done` and `failed` is called, unless cancelled."""


class LatestDrawing(Generic[Request, Result]):
    """The drawings of one viewport: while one is under way only the newest other request waits."""

    def __init__(
        self,
        runner: Runner,
        draw: Callable[[Request], Result],
        *,
        done: Callable[[Request, Result], None],
        failed: Callable[[Request, Exception], None],
    ) -> None:
        self._runner = runner
        self._draw = draw
        self._done = done
        self._failed = failed
        self._running: Job | None = None
        self._waiting: Request | None = None
        self._turn = 0

    @property
    def is_busy(self) -> bool:
        """Whether a drawing is under way."""
        return self._running is not None

    def ask(self, request: Request) -> None:
        """Draw this next, in place of whatever waited."""
        if self._running is not None:
            self._waiting = request
            return
        self._start(request)

    def forget(self) -> None:
        """Deliver nothing of what was asked so far."""
        self._turn += 1
        self._waiting = None
        if self._running is not None:
            self._running.cancel()
            self._running = None

    def _start(self, request: Request) -> None:
        turn = self._turn

        def on_done(result: Result) -> None:
            if turn == self._turn:
                self._finish()
                self._done(request, result)

        def on_failed(error: Exception) -> None:
            if turn == self._turn:
                self._finish()
                self._failed(request, error)

        draw = self._draw
        self._running = self._runner.run(lambda: draw(request), done=on_done, failed=on_failed)

    def _finish(self) -> None:
        """The next drawing starts before the last is shown: threads work while the window paints."""
        self._running = None
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self._start(waiting)
