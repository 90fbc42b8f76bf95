"""The study under the hand, read before it is opened: its series sorted, its first pictures decoded.

A row that stays selected for a moment is probably the next one read; what opening it needs is then in memory, and
Enter only draws. One study at a time, at the lowest priority; whoever opens a study that is just being read waits for
that, not for a second reading. It shows nothing and knows no widget.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from viewer.loading import Priority
from viewer.volume import DisplaySet, ImageError, LocatedFrame, display_sets
from workstation.domain.study import StudyFacts
from workstation.ui.background import Job, Lane, Runner

if TYPE_CHECKING:
    from workstation.services.station import Station

# An eye that runs down the list rests less than this on a row.
LOOK_AFTER_MS = 150
FirstFrames = Callable[[StudyFacts, Sequence[DisplaySet]], Sequence[LocatedFrame]]
Sorted = Callable[[Sequence[DisplaySet]], None]
Failed = Callable[[Exception], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A study as it was read, and the stamp of what lay here then."""

    study_uid: str
    stamp: tuple[int, int]
    sets: tuple[DisplaySet, ...]


class StudyAhead(QObject):
    """Reads one study ahead.

    Attributes:
        station: whose store and loader it reads.

    Args:
        station: the same.
        runner: where the work is done.
        first_frames: the frames that a study's layout shows first; called on a worker.
    """

    def __init__(self, station: Station, runner: Runner, first_frames: FirstFrames) -> None:
        super().__init__()
        self.station = station
        self._runner = runner
        self._first_frames = first_frames
        self._read: _Read | None = None
        self._job: Job | None = None
        self._facts: StudyFacts | None = None
        self._waiting: tuple[Sorted, Failed] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(LOOK_AFTER_MS)
        self._timer.timeout.connect(self._begin)

    def look(self, facts: StudyFacts) -> None:
        """The hand rests on a study of which images are here; it is read unless the hand moves on at once."""
        if self._facts is None or facts.study_uid != self._facts.study_uid:
            self.forget()
            self._facts = facts
            self._timer.start()

    def has_read(self, facts: StudyFacts) -> bool:
        """Whether `sets` will answer at once."""
        return self._read is not None and self._read.study_uid == facts.study_uid

    def forget(self) -> None:
        """Let go of what was read, and stop reading."""
        self._timer.stop()
        if self._job is not None:
            self._job.cancel()
        self._facts, self._read, self._job, self._waiting = None, None, None, None

    def sets(self, facts: StudyFacts, done: Sorted, failed: Failed) -> None:
        """The sets of a study, sorted: at once where they were read ahead, else as soon as they are.

        What was read ahead is compared with the store afterwards; `done` is called again where there is more by now.
        """
        read = self._read
        if read is not None and read.study_uid == facts.study_uid:
            self._waiting = None
            done(read.sets)
            self._check(read, done, failed)
            return
        under_way = self._job is not None and self._facts is not None
        if not under_way or self._facts is None or self._facts.study_uid != facts.study_uid:
            self.forget()
            self._facts = facts
            self._begin()
        self._timer.stop()
        self._waiting = (done, failed)

    def _begin(self) -> None:
        facts = self._facts
        if facts is None or self._job is not None:
            return
        self._job = self._runner.run(
            lambda: self._sorted(facts.study_uid),
            done=self._on_read,
            failed=self._on_failed,
            lane=Lane.IMAGES,
        )

    def _sorted(self, study_uid: str) -> _Read:
        studies = self.station.studies
        stamp = studies.stamp(study_uid)
        sets = tuple(display_sets(studies.frames(study_uid)))
        return _Read(study_uid=study_uid, stamp=stamp, sets=sets)

    def _on_read(self, read: _Read) -> None:
        self._job, self._read = None, read
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting[0](read.sets)
        elif self._facts is not None and read.sets:
            self._decode(self._facts, read.sets)

    def _decode(self, facts: StudyFacts, sets: Sequence[DisplaySet]) -> None:
        """Decode what the layout will show first; what cannot be decoded is told when it is opened."""

        def decode(job: Job) -> None:
            for frame in self._first_frames(facts, sets):
                if job.cancelled():
                    return
                self.station.loader.load_frame(frame, priority=Priority.PREFETCH)

        self._job = self._runner.run_job(
            decode, done=self._on_decoded, failed=self._on_not_decoded, lane=Lane.IMAGES
        )

    def _on_decoded(self, _nothing: None) -> None:
        self._job = None

    def _on_not_decoded(self, error: Exception) -> None:
        self._job = None
        if not isinstance(error, ImageError):
            raise error

    def _on_failed(self, error: Exception) -> None:
        """Nobody waits for what was only read ahead: whoever opens the study hears it then."""
        self._job = None
        waiting = self._waiting
        self.forget()
        if waiting is not None:
            waiting[1](error)

    def _check(self, read: _Read, done: Sorted, failed: Failed) -> None:
        """Whether images have come since; then the study is read again for whoever opened it."""
        studies = self.station.studies

        def checked(stamp: tuple[int, int]) -> None:
            if stamp != read.stamp and self._read is read and self._facts is not None:
                facts = self._facts
                self.forget()
                self.sets(facts, done, failed)

        self._runner.run(
            lambda: studies.stamp(read.study_uid), done=checked, failed=failed, lane=Lane.IMAGES
        )
