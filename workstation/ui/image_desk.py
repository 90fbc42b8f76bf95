"""Brings a study's pictures to the screen: fetch what is not here, sort into series, show, and note what was seen.

The fetch runs on the line's lane and shows its progress in place of the pictures; frames are sorted on the images'
lane; what stood on the screen is written down in bundles, so that scrolling writes nothing one by one. It knows no
report: coverage goes out as a signal.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from viewer.overlay import PatientFacts
from viewer.volume import DisplaySet, display_sets
from workstation.domain.act import SeriesCoverage
from workstation.domain.study import StudyFacts
from workstation.ui import words
from workstation.ui.background import Job, Lane, Runner
from workstation.ui.fetch_notice import FetchNotice
from workstation.ui.notices import Coverage
from workstation.ui.study_ahead import StudyAhead
from workstation.ui.words import translate

NOTE_AFTER_MS = 400
Seen = tuple[str, str, int]
T = TypeVar("T")


class Pictures(Protocol):
    """What this desk asks of the image half of the window."""

    def open_study(
        self, facts: StudyFacts, display_sets: Sequence[DisplaySet], patient: PatientFacts
    ) -> None:
        """Show a study."""

    def close_study(self) -> None:
        """Take it away."""

    def set_seen(self, seen: Collection[tuple[str, int]]) -> None:
        """Say which images were looked at: SOP Instance UIDs and frame numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A study to be opened: its facts, and whether images are still to be fetched."""

    facts: StudyFacts
    person_id: str
    fetch_first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Noted:
    """What was seen so far: per series for the report, and image by image."""

    coverage: tuple[SeriesCoverage, ...]
    seen: frozenset[tuple[str, int]]


class ImageDesk(QObject):
    """The pictures of the open study."""

    picturesShown = Signal(bool)  # noqa: N815 - pictures, or the notice in their place
    coverageChanged = Signal(object, object)  # noqa: N815 - SeriesCoverage values, Coverage values
    fetched = Signal(str)

    def __init__(
        self, ahead: StudyAhead, runner: Runner, pictures: Pictures, notice: FetchNotice
    ) -> None:
        super().__init__()
        self._ahead = ahead
        self._station = ahead.station
        self._runner = runner
        self._pictures = pictures
        self._notice = notice
        self._opening: Opening | None = None
        self._job: Job | None = None
        self._names: dict[str, str] = {}
        self._seen: dict[Seen, None] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(NOTE_AFTER_MS)
        self._timer.timeout.connect(self.keep)
        notice.cancelAsked.connect(self._on_cancel)
        notice.againAsked.connect(self._fetch)

    def open(self, opening: Opening) -> None:
        """Bring a study to the screen; what is here is shown at once, what is missing is fetched first."""
        self.close()
        self._opening = opening
        if opening.fetch_first:
            self._fetch()
        else:
            self._sort()

    def close(self) -> None:
        """Note what was seen, stop what is under way, take the pictures away."""
        self.keep()
        if self._job is not None:
            self._job.cancel()
        self._job, self._opening, self._names = None, None, {}
        self._pictures.close_study()

    def note_seen(self, series_uid: str, sop_uid: str, frame: int) -> None:
        """An image stood on the screen."""
        self._seen[series_uid, sop_uid, frame] = None
        if not self._timer.isActive():
            self._timer.start()

    def keep(self) -> None:
        """Write down what was seen and read the coverage anew."""
        self._timer.stop()
        opening = self._opening
        if opening is None:
            self._seen.clear()
            return
        seen, self._seen = tuple(self._seen), {}
        studies = self._station.studies
        person, study = opening.person_id, opening.facts.study_uid

        def note() -> _Noted:
            for series_uid, sop_uid, frame in seen:
                studies.mark_seen(person, study, series_uid, sop_uid, frame)
            return _Noted(
                coverage=studies.coverage(person, study), seen=studies.seen(person, study)
            )

        self._runner.run(
            note, done=self._only_for(opening, self._on_noted), failed=lambda _error: None
        )

    def _fetch(self) -> None:
        opening = self._opening
        if opening is None:
            return
        self.picturesShown.emit(False)
        self._notice.show_progress(0, 0)
        progress = self._runner.bridge(lambda done, total: self._on_progress(opening, done, total))
        fetching, study = self._station.fetching, opening.facts.study_uid
        self._job = self._runner.run_job(
            lambda job: fetching.fetch(study, progress, job.cancelled),
            done=self._only_for(opening, lambda _report: self._on_fetched(study)),
            failed=self._only_for(opening, self._on_no_line),
            lane=Lane.LINE,
        )

    def _sort(self) -> None:
        opening = self._opening
        if opening is None:
            return
        if not self._ahead.has_read(opening.facts):
            self._notice.show_opening()
            self.picturesShown.emit(False)
        self._ahead.sets(
            opening.facts,
            self._only_for(opening, self._on_sorted),
            self._only_for(opening, lambda e: self._on_failed(e, again=False)),
        )

    def _on_progress(self, opening: Opening, done: int, total: int) -> None:
        if opening is self._opening and self._job is not None and not self._job.cancelled():
            self._notice.show_progress(done, total)

    def _on_cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._ahead.forget()
        self._sort()

    def _on_fetched(self, study_uid: str) -> None:
        self.fetched.emit(study_uid)
        self._ahead.forget()
        self._sort()

    def _on_no_line(self, error: Exception) -> None:
        """What came so far is shown; nothing at all is told with the reason."""
        opening = self._opening
        if opening is None:
            return
        studies, study = self._station.studies, opening.facts.study_uid

        def shown(sets: list[DisplaySet]) -> None:
            if sets:
                self._on_sorted(sets)
            else:
                self._on_failed(error, again=True)

        self._job = self._runner.run(
            lambda: display_sets(studies.frames(study)),
            done=self._only_for(opening, shown),
            failed=self._only_for(opening, lambda _error: self._on_failed(error, again=True)),
            lane=Lane.IMAGES,
        )

    def _on_sorted(self, sets: Sequence[DisplaySet]) -> None:
        opening = self._opening
        if opening is None:
            return
        if not sets:
            none = translate("Fetch", "There are no images of this study on this station.")
            self.picturesShown.emit(False)
            self._notice.show_failure(none, again=True)
            return
        self._names = {s.series_uid: series_name(s) for s in sets}
        # On the screen first: a viewport draws for the size it has.
        self.picturesShown.emit(True)
        self._pictures.open_study(opening.facts, sets, patient_facts(opening.facts))
        self._timer.start()  # what was seen before is read once the first picture stands

    def _on_failed(self, error: Exception, *, again: bool) -> None:
        self._notice.show_failure(words.failure_text(error), again=again)

    def _on_noted(self, noted: _Noted) -> None:
        coverage = noted.coverage
        self._pictures.set_seen(noted.seen)
        named = tuple(
            Coverage(
                series_uid=c.series_uid,
                name=self._names[c.series_uid],
                seen=c.seen,
                total=c.total,
            )
            for c in coverage
            if c.series_uid in self._names
        )
        self.coverageChanged.emit(coverage, named)

    def _only_for(self, opening: Opening, call: Callable[[T], None]) -> Callable[[T], None]:
        """The callback, unless another study was opened in the meantime."""

        def checked(value: T) -> None:
            if opening is self._opening:
                call(value)

        return checked


def series_name(images: DisplaySet) -> str:
    """A series as the notices call it: number and description."""
    first = images.frames[0].source
    number = "" if first.series_number is None else str(first.series_number)
    told = translate("Fetch", "Series {number}").format(number=number).strip()
    return f"{told} {first.series_description}".strip()


def patient_facts(facts: StudyFacts) -> PatientFacts:
    """What the corners of the pictures say of patient and examination."""
    return PatientFacts(
        name=words.patient_name(facts.patient),
        patient_id=facts.patient.patient_id,
        sex=words.sex_name(facts.patient.sex),
        age=words.age_name(facts),
        birth_date=words.date_text(facts.patient.birth_date),
        institution=facts.institution,
        study_description=facts.description,
        study_id=facts.study_id,
        accession=facts.accession,
        study_time=words.study_time(facts),
    )
