"""The decoded files of the session: open, being filled, or half filled and kept to go on with.

Whoever asks for a series joins the fill that is under way. What a cancelled fill has written stays
until the series is released: asking again decodes the rest only. Knows files, not volumes.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.cache import DecodedArea, FrameKey, fingerprint_of
from viewer.loading.children import Children, TargetGone, cancellation
from viewer.loading.filling import DecodedFile, Fill, Recipe, Turns
from viewer.loading.reduction import FULL
from viewer.loading.watching import Progress
from viewer.sandbox import Priority

Loaded = Callable[[Progress | None, Callable[[], bool] | None], DecodedFile]


class DecodedSeries:
    """Decoded files by display set. Thread-safe."""

    def __init__(self, area: DecodedArea, children: Children) -> None:
        self._area = area
        self._children = children
        self._turns = Turns()
        self._lock = threading.Lock()
        self._files: dict[str, DecodedFile] = {}
        self._fills: dict[str, Fill] = {}
        self._ending: set[Fill] = set()
        self._places: dict[FrameKey, tuple[str, int]] = {}

    def load(self, key: str, recipe: Recipe, focus: int, priority: Priority) -> Loaded:
        """A call that waits for a set's decoded file: complete, or with `failures`.

        The call takes progress and cancelled; it raises LoadingCancelled or what ended the fill.
        """
        name = _name(key, recipe)

        def wait(progress: Progress | None, cancelled: Callable[[], bool] | None) -> DecodedFile:
            for is_last in (False, True):
                if cancelled is not None and cancelled():
                    raise cancellation()
                try:
                    return self._waited(key, name, recipe, (focus, priority))(progress, cancelled)
                except TargetGone:
                    self._forget(name)
                    if is_last:
                        raise
            raise AssertionError  # pragma: no cover - the second turn returns or raises

        return wait

    def frame(self, key: FrameKey) -> npt.NDArray[Any] | None:
        """A frame's pixels if a decoded file has them; raises why where they cannot be decoded."""
        with self._lock:
            place = self._places.get(key)
            file = self._files.get(place[0]) if place is not None else None
        return None if place is None or file is None else file.slice(place[1])

    def written(self, key: str) -> npt.NDArray[np.bool_] | None:
        """Which frames of a set are in its decoded file; None where it has none in this session."""
        with self._lock:
            file = self._files.get(key)
        return None if file is None else file.done.copy()

    def focus(self, key: str, index: int) -> None:
        """The reader looks at this set, at this frame."""
        self._turns.focus(key)
        with self._lock:
            fills = [fill for fill in self._fills.values() if fill.key == key]
        for fill in fills:
            fill.agenda.look_at(fill.file.recipe.slice_of(index))

    def release(self, key: str) -> None:
        """Stops what is under way for a set and lets its files go."""
        with self._lock:
            names = [name for name in self._files if name.split("-")[0] == key]
        for name in names:
            self._forget(name)

    def close(self) -> None:
        """Releases everything; returns when complete files are safe and others are gone."""
        with self._lock:
            names = list(self._files)
            under_way = [*self._fills.values(), *self._ending]
        for name in names:
            self._forget(name)
        for fill in under_way:
            fill.await_end()

    def _waited(self, key: str, name: str, recipe: Recipe, start: tuple[int, Priority]) -> Loaded:
        """What waits for the file: the fill to join, or nothing where it is complete."""
        with self._lock:
            fill = self._fills.get(name)
            if fill is not None and fill.join():
                fill.urge(start[1])
                return _watching(fill)
        file = self._held(name, recipe)
        if file.pixels is not None:
            return _complete(file)
        with self._lock:
            fill = self._fills.get(name)
            if fill is None or not fill.join():
                fill = Fill(
                    key=key,
                    file=file,
                    focus=start[0],
                    children=self._children,
                    turns=self._turns,
                    priority=start[1],
                    ended=lambda fill: self._ended(name, fill),
                )
                fill.join()
                self._fills[name] = fill
                self._ending.add(fill)
                fill.start()
        return _watching(fill)

    def _held(self, name: str, recipe: Recipe) -> DecodedFile:
        """The file of a set: of this session, found on disk, or a new one."""
        with self._lock:
            file = self._files.get(name)
        if file is not None and (file.pixels is not None or file.data.exists()):
            return file
        fingerprint = fingerprint_of(recipe.layout, recipe.frames)
        data = self._area.find(name, recipe.layout, fingerprint)
        if data is not None:
            file = DecodedFile(data, recipe, fingerprint)
            with contextlib.suppress(OSError):
                file.map()
                return self._remembered(name, file)
        file = DecodedFile(self._area.begin(name, recipe.layout), recipe, fingerprint)
        known = self._remembered(name, file)
        if known is not file:
            self._area.abandon(file.data)
        return known

    def _remembered(self, name: str, file: DecodedFile) -> DecodedFile:
        """The file under this name from now on: this one, unless another thread was first."""
        with self._lock:
            known = self._files.get(name)
            if known is not None and (known.pixels is not None or known.data.exists()):
                return known
            self._files[name] = file
            if file.recipe.reduction == FULL:
                frames = enumerate(file.recipe.layout.frames)
                self._places.update({frame: (name, n) for n, frame in frames})
            return file

    def _ended(self, name: str, fill: Fill) -> None:
        """A fill's threads are through: the file is sealed, kept to go on with, or removed."""
        file = fill.file
        with self._lock:
            if self._fills.get(name) is fill:
                del self._fills[name]
            is_wanted = self._files.get(name) is file
        if file.pixels is not None and file.fingerprint is not None:
            # A disk that fails here costs a second decoding, not an image.
            with contextlib.suppress(OSError):
                self._area.complete(name, file.data, file.fingerprint)
        elif not is_wanted:
            self._area.abandon(file.data)
        with self._lock:
            self._ending.discard(fill)

    def _forget(self, name: str) -> None:
        with self._lock:
            file = self._files.pop(name, None)
            fill = self._fills.pop(name, None)
            if file is not None and file.recipe.reduction == FULL:
                for frame in file.recipe.layout.frames:
                    self._places.pop(frame, None)
        if fill is not None:
            fill.stop()
        elif file is not None and file.pixels is None:
            self._area.abandon(file.data)


def _name(key: str, recipe: Recipe) -> str:
    """The name of the decoded file: reduced ones beside the full one."""
    if recipe.reduction == FULL:
        return key
    return key + "-" + "x".join(map(str, recipe.reduction))


def _watching(fill: Fill) -> Loaded:
    def wait(progress: Progress | None, cancelled: Callable[[], bool] | None) -> DecodedFile:
        fill.watch(progress, cancelled)
        return fill.file

    return wait


def _complete(file: DecodedFile) -> Loaded:
    def wait(progress: Progress | None, _: Callable[[], bool] | None) -> DecodedFile:
        if progress is not None:
            progress(len(file.done), len(file.done))
        return file

    return wait
