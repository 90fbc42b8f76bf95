"""What a child is asked to do to show that its end, its hunger and its deeds are noticed."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

from tests.fuzz import walking


def segmentation_fault() -> None:
    """Read where nothing is, as a codec with a bug does."""
    ctypes.string_at(8)


def abort() -> None:
    """End as a failed assertion in C does."""
    os.abort()


def eat(size_bytes: int) -> int:
    """Ask for more than there may be."""
    return len(bytearray(size_bytes))


def writing(path: str) -> tuple[str, ...]:
    """Write a file and give back what the watch saw."""
    walking._deeds.clear()
    Path(path).write_text("here")
    return tuple(walking._deeds)
