"""A decoded file being filled by the children, a batch at a time.

Between two batches anything may change: where the reader is, which series is looked at, whether
anybody still waits. A child lost over a batch costs one frame at most, not the series. Knows no
volumes; what a slice of the file is made of is told by its `Recipe`.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.cache import DecodedLayout, mapped, read_frame
from viewer.loading.agenda import Agenda, Pace, Unit, units_of
from viewer.loading.children import ChildEnded, Children, LoadingCancelled, TargetGone
from viewer.loading.lanes import Lanes
from viewer.loading.reduction import FULL, Reduction
from viewer.loading.watching import Watched
from viewer.sandbox import Priority
from viewer.volume import ImageError, LocatedFrame

_MOST_LOST_CHILDREN = 3
_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a decoded file is made of: `layout` from `frames`, blocks of `reduction` averaged."""

    layout: DecodedLayout
    frames: tuple[LocatedFrame, ...]
    reduction: Reduction = FULL

    @property
    def units(self) -> list[Unit]:
        """Slices that are decoded together."""
        if self.reduction == FULL:
            return units_of(self.frames)
        return [(number,) for number in range(self.layout.shape[0])]

    def slice_of(self, frame_index: int) -> int:
        """The slice of the file that a frame goes into."""
        return frame_index // self.reduction[2]

    def call(self, data: Path, units: Sequence[Unit]) -> tuple[object, ...]:
        """The child's function and its arguments for these slices."""
        slices = [number for unit in units for number in unit]
        if self.reduction == FULL:
            return ("fill", str(data), self.layout.dtype, [(n, self.frames[n]) for n in slices])
        columns, rows, many = self.reduction
        places = [(n, n * many, self.frames[n * many : (n + 1) * many]) for n in slices]
        return ("fill_reduced", str(data), self.layout.dtype, (columns, rows), places)


class DecodedFile:
    """A decoded file and which of its slices are there.

    Attributes:
        data: the file; `recipe`: what it is made of; `fingerprint`: of which state of the sources.
        done: one flag per slice.
        failures: frames that cannot be decoded, and why.
        pixels: the whole file mapped, once it is complete.
    """

    def __init__(self, data: Path, recipe: Recipe, fingerprint: str | None) -> None:
        self.data = data
        self.recipe = recipe
        self.fingerprint = fingerprint
        self.done = np.zeros(recipe.layout.shape[0], dtype=np.bool_)
        self.failures: dict[int, ImageError] = {}
        self.pixels: npt.NDArray[Any] | None = None

    def map(self) -> None:
        """Maps the complete file; OSError where it is gone."""
        self.pixels = mapped(self.data, self.recipe.layout)
        self.done[:] = True

    def slice(self, index: int) -> npt.NDArray[Any] | None:
        """One slice's pixels if they are there; raises why where they cannot be."""
        if self.pixels is not None:
            return np.asarray(self.pixels[index])
        if index in self.failures:
            failure = self.failures[index]
            raise ImageError(failure.template, **failure.fields) from failure
        return read_frame(self.data, self.recipe.layout, index) if self.done[index] else None


class Turns:
    """Fills take turns batch by batch: while the series being looked at is filled, others rest."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._active: list[str] = []
        self._focus = ""

    def enter(self, key: str) -> None:
        """A fill of this series begins."""
        with self._changed:
            self._active.append(key)

    def leave(self, key: str) -> None:
        """It has ended."""
        with self._changed:
            self._active.remove(key)
            self._changed.notify_all()

    def focus(self, key: str) -> None:
        """The reader looks at this series now."""
        with self._changed:
            self._focus = key
            self._changed.notify_all()

    def wait(self, key: str, is_stopped: Callable[[], bool]) -> None:
        """Returns when a batch of this series may be decoded, or when it need not be any more."""
        with self._changed:
            while key != self._focus and self._focus in self._active and not is_stopped():
                self._changed.wait(_POLL_SECONDS)


class Fill(Watched):
    """One file being filled by two lanes, so that both children have work.

    Attributes:
        key: the display set it belongs to.
        file: what is filled.
        agenda: what comes next.
    """

    def __init__(
        self,
        *,
        key: str,
        file: DecodedFile,
        focus: int,
        children: Children,
        turns: Turns,
        priority: Priority,
        ended: Callable[[Fill], None],
    ) -> None:
        """`ended` is called once, on a lane's thread, after all who wait were told."""
        super().__init__(total=len(file.done), done=int(file.done.sum()))
        self.key = key
        self.file = file
        file.failures.clear()
        units = [unit for unit in file.recipe.units if not all(file.done[n] for n in unit)]
        self.agenda = Agenda(units, file.recipe.slice_of(focus))
        self._children = children
        self._turns = turns
        self._priority = priority
        self._ended = ended
        self._pace = Pace()
        self._lost = 0
        self._lanes = Lanes(self._step, self._finish, "fill-decoded")

    def start(self) -> None:
        """Begins; who wants to wait has joined before."""
        self._turns.enter(self.key)
        self._lanes.start()

    def await_end(self) -> None:
        """Returns when the lanes are gone and the file is safe or removed."""
        self._lanes.join()

    def urge(self, priority: Priority) -> None:
        """Somebody waits who is more urgent."""
        self._priority = min(self._priority, priority)

    def _step(self) -> bool:
        self._turns.wait(self.key, lambda: self.is_stopped)
        units = [] if self.is_stopped else self.agenda.take(self._pace.frames)
        if units:
            self._decode(units)
        return bool(units)

    def _finish(self, error: BaseException | None) -> None:
        self._turns.leave(self.key)
        if error is None and self.file.done.all():
            try:
                self.file.map()
            except OSError:
                error = TargetGone("The image file is missing.")
        self.end(error)
        self._ended(self)

    def _decode(self, units: list[Unit]) -> None:
        recipe, data = self.file.recipe, self.file.data
        slices = [number for unit in units for number in unit]
        target, *arguments = recipe.call(data, units)
        try:
            failures, seconds = self._children.call(
                str(target),
                *arguments,
                priority=self._priority,
                cancelled=lambda: self.is_stopped,
                writes_bytes=recipe.layout.size_bytes,
            )
        except ChildEnded as error:
            self._retry(units, error)
            return
        except ImageError as error:
            if not isinstance(error, LoadingCancelled) and not data.exists():
                raise TargetGone(error.template, **error.fields) from error
            raise
        self._pace.took(len(slices), seconds)
        self._record(slices, failures)

    def _retry(self, units: list[Unit], error: ChildEnded) -> None:
        """A child was lost: the frames one by one, so that only the guilty one is."""
        if len(units) > 1:
            for unit in units:
                if self.is_stopped:
                    return
                self._decode([unit])
            return
        self._lost += 1
        many = self.file.recipe.reduction[2]
        self._record(list(units[0]), [(number * many, error) for number in units[0]])
        if self._lost >= _MOST_LOST_CHILDREN:
            raise error

    def _record(self, slices: Sequence[int], failures: list[tuple[int, ImageError]]) -> None:
        failed = {self.file.recipe.slice_of(index) for index, _ in failures}
        for index, error in failures:
            self.file.failures[index] = error
        written = [number for number in slices if number not in failed]
        self.file.done[written] = True
        self.advance(len(written))


def refuse_failures(file: DecodedFile) -> None:
    """ImageError naming the first frame that cannot be decoded, if there is one."""
    with contextlib.suppress(ValueError):
        index = min(file.failures)
        raise ImageError(
            "Image {number} of {total} cannot be decoded: {reason}",
            number=index + 1,
            total=len(file.recipe.frames),
            reason=file.failures[index],
        )
