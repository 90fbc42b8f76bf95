"""What a call into a child is: how urgent it may be, how it may end.

Both sides of the pipe and everybody who calls know these names. Starts no process.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any, Literal, Protocol

Kind = Literal["timeout", "memory", "crash", "cancelled", "closed"]
Report = Callable[[object], None]


class Priority(IntEnum):
    """Who waits for a call; the smaller one is served first, equals in the order they came."""

    INTERACTION = 0
    """A person is waiting for this picture."""
    THUMBNAIL = 1
    """A small picture in a list."""
    PREFETCH = 2
    """What will be looked at next: the rest of the open series."""
    COMPUTE = 3
    """Nobody looks: import, archive, what other programs asked for."""


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
    """Anything that runs a function by import path, one of several callers first: a `Sandbox`."""

    def call(
        self,
        target: str,
        *args: object,
        seconds: float | None = None,
        on_report: Callable[[Any], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        priority: Priority = Priority.COMPUTE,
    ) -> Any:
        """Runs `target` ("package.module:function") with `args` and returns its result.

        `seconds` is the time the call itself may take, waiting for a child not counted.
        """
