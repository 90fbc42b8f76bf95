"""Between the report panel and the reporting service: opens, keeps drafts, does deeds, all on the desk's lane.

Holds which case is open and which writing was begun; everything shown is read anew from the service after each change.
A draft is kept at most one second after a keystroke and always before a deed, in that order. It knows no widget.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from workstation.domain.act import ActKind, ReportText, SeriesCoverage
from workstation.domain.report import History, State
from workstation.ui.background import Runner
from workstation.ui.deeds import Deed
from workstation.ui.report_view import Reader, ReportView, report_view

if TYPE_CHECKING:
    from workstation.services.reporting import ReportCase, Reporting
    from workstation.services.sessions import Session
    from workstation.services.station import Station

SAVE_AFTER_MS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """A case as it was read, with what the person may do."""

    case: ReportCase
    allowed: frozenset[ActKind]


class ReportDesk(QObject):
    """The open case and its deeds."""

    shown = Signal(object, object)  # ReportCase, ReportView
    saved = Signal(object)  # when
    notSaved = Signal(object)  # noqa: N815 - Qt's own spelling of signals
    refused = Signal(object)  # the exception
    finished = Signal(object)  # the Deed

    def __init__(self, station: Station, runner: Runner, clock: Callable[[], dt.datetime]) -> None:
        super().__init__()
        self._station = station
        self._runner = runner
        self._clock = clock
        self._session: Session | None = None
        self._study_uid = ""
        self._report_key = ""
        self._started: ActKind | None = None
        self._waiting: ReportText | None = None
        self._coverage: tuple[SeriesCoverage, ...] = ()
        self._history: History | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SAVE_AFTER_MS)
        self._timer.timeout.connect(self.keep)

    @property
    def _reporting(self) -> Reporting:
        return self._station.reporting

    def open(self, study_uid: str, session: Session) -> None:
        """Open a study's report for a person; its review counts as opened where that is what it waits for."""
        self._session, self._study_uid = session, study_uid
        self._started, self._report_key, self._coverage = None, "", ()
        self._read(begin_review=True)

    def close(self) -> None:
        """Keep what was typed and leave the case."""
        self.keep()
        self._study_uid, self._report_key, self._session = "", "", None
        self._history = None

    def start(self, kind: ActKind) -> None:
        """Begin an addendum, an amendment or a new text on a report that is not open for writing."""
        self._started = kind
        self._read(begin_review=False)

    def refresh(self) -> None:
        """Read the open case anew: its study may have become known only now."""
        self._read(begin_review=True)

    def note_coverage(self, coverage: tuple[SeriesCoverage, ...]) -> None:
        """What was looked at so far; a deed carries it."""
        self._coverage = coverage

    def note_change(self, report_key: str) -> None:
        """A report changed, here or elsewhere: show it anew if it is the open one."""
        if report_key == self._report_key and self._session is not None:
            self._read(begin_review=False)

    def edit(self, text: ReportText) -> None:
        """Words were typed: they are kept within a second."""
        self._waiting = text
        if not self._timer.isActive():
            self._timer.start()

    def keep(self) -> None:
        """Keep the words that wait, now."""
        self._timer.stop()
        text, session, study = self._waiting, self._session, self._study_uid
        if text is None or session is None:
            return
        self._waiting = None

        def done(saved_at: dt.datetime) -> None:
            if study == self._study_uid:
                self.saved.emit(saved_at)

        def failed(error: Exception) -> None:
            if study == self._study_uid and self._waiting is None:
                self._waiting = text
            self.notSaved.emit(error)

        self._runner.run(
            lambda: self._reporting.autosave(study, session, text), done=done, failed=failed
        )

    def do(self, deed: Deed) -> None:
        """Do a deed: first what was typed is kept, then the act is signed; a refusal changes nothing."""
        session, study, coverage = self._session, self._study_uid, self._coverage
        if session is None:
            return
        self.keep()
        shown = self._history

        def perform_seen() -> None:
            reporting = self._reporting
            looking = reporting.having_seen(shown) if shown is not None else reporting
            perform(looking, study, session, deed, coverage)

        def done(_: object) -> None:
            self._started = None
            self.finished.emit(deed)
            if self._study_uid == study:
                self._read(begin_review=False)

        self._runner.run(perform_seen, done=done, failed=self.refused.emit)

    def _read(self, *, begin_review: bool) -> None:
        session, study = self._session, self._study_uid
        if session is None:
            return

        def read() -> OpenCase:
            return read_case(self._reporting, study, session, begin_review=begin_review)

        def done(opened: OpenCase) -> None:
            if study == self._study_uid and session is self._session:
                self._report_key = opened.case.identity.key
                self._history = opened.case.history
                self.shown.emit(opened.case, self._view(opened, session))

        self._runner.run(read, done=done, failed=self.refused.emit)

    def _view(self, opened: OpenCase, session: Session) -> ReportView:
        reader = Reader(
            session=session,
            allowed=opened.allowed,
            roster=self._station.roster,
            now=self._clock(),
        )
        return report_view(opened.case, reader, self._started)


def read_case(
    reporting: Reporting, study_uid: str, session: Session, *, begin_review: bool
) -> OpenCase:
    """Read a case; with ``begin_review`` the review of a report that waits for this person is opened first."""
    person_id = session.person.person_id
    allowed = reporting.allowed(study_uid, session)
    if begin_review and {ActKind.OPEN_REVIEW, ActKind.COSIGN} <= allowed:
        reporting.open_review(study_uid, session)
        allowed = reporting.allowed(study_uid, session)
    return OpenCase(case=reporting.open(study_uid, person_id), allowed=allowed)


def perform(
    reporting: Reporting,
    study: str,
    session: Session,
    deed: Deed,
    coverage: tuple[SeriesCoverage, ...],
) -> None:
    """Hand a deed to the service.

    Raises:
        Refusal: naming the rule that forbids it; nothing changed then.
    """
    text, reason = deed.text, deed.reason
    match deed.kind:
        case ActKind.SUBMIT:
            reporting.submit(study, session, text, coverage)
        case ActKind.ADDEND:
            reporting.addend(study, session, text, coverage)
        case ActKind.AMEND:
            reporting.amend(study, session, text, reason)
        case ActKind.COSIGN:
            reporting.cosign(study, session, text, deed.grade, coverage)
        case ActKind.RETURN:
            reporting.return_(study, session, reason, deed.comments)
        case ActKind.RELEASE_PRELIMINARY:
            reporting.release_preliminary(study, session, deed.told_to, reason)
        case ActKind.HAND_OVER:
            reporting.hand_over(study, session, text, deed.recipient_id)
        case ActKind.ATTEST:
            _attest(reporting, study, session, text)
        case ActKind.RESOLVE_FORK if deed.outcome is not None:
            reporting.resolve_fork(study, session, deed.chosen, text, deed.outcome)
        case _:
            _perform_plain(reporting, study, session, deed)


def _perform_plain(reporting: Reporting, study: str, session: Session, deed: Deed) -> None:
    match deed.kind:
        case ActKind.RECALL:
            reporting.recall(study, session)
        case ActKind.WITHDRAW:
            reporting.withdraw(study, session, deed.reason)
        case ActKind.TAKE_OVER:
            reporting.take_over(study, session, deed.reason)
        case ActKind.PARK:
            reporting.park(study, session, deed.text)
        case ActKind.RECONCILE_IDENTITY:
            reporting.reconcile_identity(study, session, deed.reason)
        case _:
            raise ValueError(deed.kind)


def _attest(reporting: Reporting, study: str, session: Session, text: ReportText) -> None:
    """Answer for the text on screen: words changed since it was handed over are parked first, then attested."""
    head = reporting.open(study).history.head
    shown = (head.addition or head.text) if head and head.state is not State.FINAL else None
    if shown != text:
        reporting.park(study, session, text)
    reporting.attest(study, session)
