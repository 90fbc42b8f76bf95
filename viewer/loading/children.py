"""Calls into the sandbox whose failures are sentences for a reader.

How a child ended and what the system says of a file become `ImageError`; a cancelled call becomes
`LoadingCancelled`. Knows the names of what is called, not what it decodes.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any

from viewer.cache import no_room
from viewer.sandbox import Callee, Priority, SandboxError
from viewer.volume import ImageError


class LoadingCancelled(ImageError):
    """The caller asked to stop; not an error to show."""


class ChildEnded(ImageError):
    """A child was lost over a call: it crashed, took too long or too much memory."""


class TargetGone(ImageError):
    """The decoded file was removed while it was being filled."""


class Children:
    """The sandbox as the loader calls it."""

    def __init__(self, sandbox: Callee) -> None:
        self._sandbox = sandbox

    def call(
        self,
        target: str,
        *args: object,
        priority: Priority,
        cancelled: Callable[[], bool] | None = None,
        writes_bytes: int = 0,
    ) -> Any:
        """The result of `viewer.decoding:target`; `ImageError` where there is none.

        `writes_bytes` is how large the file becomes that it writes to, for what a full disk says.
        """
        try:
            return self._sandbox.call(
                f"viewer.decoding:{target}", *args, priority=priority, cancelled=cancelled
            )
        except SandboxError as error:
            raise _told(error) from error
        except FileNotFoundError as error:
            raise ImageError("The image file is missing.") from error
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise no_room(writes_bytes) from error
            raise ImageError("The image file cannot be read ({kind}).", kind=error.errno) from error


def cancellation() -> LoadingCancelled:
    """What is raised where the caller asked to stop."""
    return LoadingCancelled("Loading was cancelled.")


def _told(error: SandboxError) -> ImageError:
    if error.kind == "cancelled":
        return cancellation()
    if error.kind == "closed":
        return ImageError(error.template, **error.fields)
    return ChildEnded(error.template, **error.fields)
