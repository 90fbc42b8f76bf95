"""Sandboxes for the tests of loading: one that counts, one without processes, one that loses children."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pydicom

from tests.viewer.phantoms import dicom, only_set, saved
from viewer.decoding import parse_file
from viewer.sandbox import Callee, Priority, SandboxError
from viewer.volume import DisplaySet, LocatedFrame


def ramp(number: int, shape: tuple[int, int] = (4, 5)) -> np.ndarray[Any, Any]:
    """Pixels that tell their slice and their place."""
    count = shape[0] * shape[1]
    return (np.arange(count, dtype=np.uint16).reshape(shape) + 100 * number).astype(np.uint16)


def series(
    folder: Path,
    count: int,
    make: Callable[[int], np.ndarray[Any, Any]] = ramp,
    change: Callable[[int, pydicom.Dataset], object] = lambda _number, _ds: None,
) -> DisplaySet:
    """A CT series on disk; its reading order is that of its numbers."""
    folder.mkdir(parents=True, exist_ok=True)
    frames = []
    for number in range(1, count + 1):
        ds = dicom(make(number), number=number)
        change(number, ds)
        path = saved(ds, folder / f"{number}.dcm")
        frames += [LocatedFrame(path=str(path), source=s) for s in parse_file(path)[1]]
    return only_set(frames)


class InProcess:
    """Runs what is called on the caller's thread, and remembers it."""

    def __init__(self) -> None:
        self.targets: list[str] = []
        self.priorities: list[Priority] = []
        self.slices: list[int] = []
        self._lock = threading.Lock()

    def call(
        self,
        target: str,
        *args: Any,
        priority: Priority = Priority.COMPUTE,
        cancelled: Callable[[], bool] | None = None,
        **_: Any,
    ) -> Any:
        if cancelled is not None and cancelled():
            raise SandboxError("cancelled", "Cancelled.")
        module, _, name = target.partition(":")
        with self._lock:
            self.targets.append(name)
            self.priorities.append(priority)
            if name in {"fill", "fill_reduced", "decode_frames"}:
                self.slices += [place[0] for place in args[-1]]
        self.before(name, args)
        return getattr(importlib.import_module(module), name)(*args)

    def before(self, name: str, args: Sequence[Any]) -> None:
        """For tests that step in between."""


class Counting:
    """Another sandbox that counts what it is asked for."""

    def __init__(self, inner: Callee) -> None:
        self.inner = inner
        self.targets: list[str] = []

    def call(self, target: str, *args: object, **options: Any) -> Any:
        self.targets.append(target.partition(":")[2])
        return self.inner.call(target, *args, **options)


class Deadly(Counting):
    """A sandbox whose children die over certain frames."""

    def __init__(self, inner: Callee, *deadly: str) -> None:
        super().__init__(inner)
        self.deadly = set(deadly)

    def call(self, target: str, *args: Any, **options: Any) -> Any:
        places = args[-1] if target.endswith((":fill", ":decode_frames")) else ()
        if any(place[1].source.sop_uid in self.deadly for place in places):
            return self.inner.call("tests.viewer.child_tasks:die", **options)
        return super().call(target, *args, **options)
