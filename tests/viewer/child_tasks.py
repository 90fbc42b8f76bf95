"""What the sandbox's children are asked to do in the tests: obey, fail, hang, eat, die."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np


def count_to(limit: int, report: Callable[[object], None]) -> int:
    """Reports every number."""
    for number in range(limit):
        report(number)
    return limit


def count_slowly(report: Callable[[object], None]) -> None:
    """Reports for a minute unless it is stopped."""
    for number in range(6000):
        report(number)
        time.sleep(0.01)


def eat(size_bytes: int) -> int:
    """Allocates, and really uses, that much."""
    return len(bytearray(size_bytes))


def die() -> None:
    """Ends the process as a damaged decoder would."""
    os.abort()


class OddError(Exception):
    """An exception that cannot be rebuilt elsewhere."""

    def __init__(self, first: int, second: int) -> None:
        """Two arguments, of which one reaches `args`."""
        super().__init__(first)
        self.second = second


def raise_odd() -> None:
    """Raises what cannot travel."""
    raise OddError(1, 2)


def unpicklable() -> object:
    """Returns what cannot travel."""
    return lambda: None


def note(path: str, word: str) -> None:
    """Leaves a word behind, so that the order of calls can be read."""
    with Path(path).open("a", encoding="utf-8") as out:
        out.write(f"{word}\n")


def wait_for(path: str) -> None:
    """Returns once the file is there."""
    while not Path(path).exists():
        time.sleep(0.002)


def large(count: int) -> list[np.ndarray[Any, Any]]:
    """Arrays of several kinds and sizes, large ones among them."""
    whole = np.arange(count, dtype=np.uint16)
    return [whole, whole.reshape(-1, 8)[:, ::2], whole[:3], np.asfortranarray(whole.reshape(8, -1))]


def meet(mine: str, other: str) -> int:
    """Returns once somebody else does the same the other way round."""
    Path(mine).touch()
    wait_for(other)
    return os.getpid()
