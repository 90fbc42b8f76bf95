"""The reading page: the patient strip above, pictures in the middle, the report at the right; one case at a time.

Wires the image half, the report panel and their desks together for the open study, and asks for the next one. All of
one case: closing it clears strip-bound words, pictures and report before another is shown. Review is the same page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QSplitter, QStackedWidget, QWidget

from workstation.domain.act import SeriesCoverage
from workstation.domain.roster import Level
from workstation.domain.worklist import ImagesHere, WorklistRow
from workstation.ui import words
from workstation.ui.background import Runner
from workstation.ui.deeds import Deed
from workstation.ui.fetch_notice import FetchNotice
from workstation.ui.image_desk import ImageDesk, Opening
from workstation.ui.notices import Coverage
from workstation.ui.patient_strip import PatientStrip
from workstation.ui.pieces import button, column
from workstation.ui.report_desk import ReportDesk
from workstation.ui.report_panel import Desk, ReportPanel
from workstation.ui.report_view import Mode, ReportView
from workstation.ui.session_corner import SessionCorner
from workstation.ui.study_ahead import StudyAhead
from workstation.ui.theme import set_role
from workstation.ui.words import translate

if TYPE_CHECKING:
    from workstation.services.reporting import ReportCase
    from workstation.services.sessions import Session
    from workstation.services.station import Station
    from workstation.ui.reading_images import ReadingImages

MakeImages = Callable[[Runner], "ReadingImages"]
_SHARES: Mapping[Mode, float] = {
    Mode.WRITE: 0.27,
    Mode.READ: 0.27,
    Mode.REVIEW: 0.42,
    Mode.CHOOSE: 0.5,
}
LEAST_PANEL_PX = 380
# The picture comes before the report; where none comes the report waits no longer than this.
REPORT_AFTER_MS = 150


class ReadingPage(QWidget):
    """One case: who, pictures, report."""

    listAsked = Signal()  # noqa: N815 - Qt's own spelling of signals
    nextAsked = Signal(str)  # noqa: N815 - Qt's own spelling of signals
    fetched = Signal(str)

    def __init__(
        self,
        station: Station,
        runner: Runner,
        corner: SessionCorner,
        make_images: MakeImages,
        clock: Callable[[], dt.datetime],
    ) -> None:
        super().__init__()
        self._station = station
        self._clock = clock
        self._session: Session | None = None
        self._row: WorklistRow | None = None
        self._mode: Mode | None = None
        self.images = make_images(runner)
        self.report = ReportPanel()
        self._notice = FetchNotice()
        self._strip = PatientStrip({s.name: s.colour for s in station.roster.sites})
        self._report_desk = ReportDesk(station, runner, clock)
        self._ahead = StudyAhead(station, runner, self.images.first_frames)
        self._image_desk = ImageDesk(self._ahead, runner, self.images, self._notice)
        self._report_timer = QTimer(self)
        self._report_timer.setSingleShot(True)
        self._report_timer.setInterval(REPORT_AFTER_MS)
        self._middle = QStackedWidget()
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._lay_out(corner)
        self._connect()

    def _lay_out(self, corner: SessionCorner) -> None:
        set_role(self, "ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        back = translate("Reading", "List  Alt+←")
        self._strip.tail.addWidget(corner)
        leave = button(back, self.listAsked.emit, name="reading.back")
        leave.setFocusPolicy(
            Qt.FocusPolicy.NoFocus
        )  # it has a key of its own; Enter must never hit it
        self._strip.tail.addWidget(leave)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._middle.addWidget(self._notice)
        self._middle.addWidget(self.images)
        self.report.setMinimumWidth(LEAST_PANEL_PX)
        self._split.addWidget(self._middle)
        self._split.addWidget(self.report)
        self._split.setStretchFactor(0, 1)
        self._split.setStretchFactor(1, 0)
        self._split.setChildrenCollapsible(False)
        down = column(self, spacing=0)
        down.addWidget(self._strip)
        down.addWidget(self._split, 1)

    def _connect(self) -> None:
        # Escape resets the picture (IHE BIR) or leaves a line that asks; the case is left by a key of its own.
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self.report)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self.report.leave_line)
        back = QShortcut(QKeySequence("Alt+Left"), self)
        back.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        back.activated.connect(self.listAsked)
        desk, panel = self._report_desk, self.report
        desk.shown.connect(self._on_shown)
        desk.saved.connect(panel.show_saved)
        desk.notSaved.connect(lambda error: panel.show_not_saved(self._told(error)))
        desk.refused.connect(lambda error: panel.say(self._told(error), alarm=True))
        desk.finished.connect(self._on_finished)
        panel.asked.connect(desk.do)
        panel.edited.connect(desk.edit)
        panel.startAsked.connect(desk.start)
        panel.seriesAsked.connect(self.images.jump_to_series)
        self._report_timer.timeout.connect(self._open_report)
        self.images.firstImageShown.connect(self._on_first_image)
        self.images.frameSeen.connect(self._image_desk.note_seen)
        self._image_desk.picturesShown.connect(self._on_pictures)
        self._image_desk.coverageChanged.connect(self._on_coverage)
        self._image_desk.fetched.connect(self.fetched)
        self._image_desk.fetched.connect(desk.refresh)

    def open(self, row: WorklistRow, session: Session) -> None:
        """Open a study for a person."""
        self.close_case()
        self._row, self._session = row, session
        self._strip.show_study(row.facts)
        self._strip.show_images(row.here, row.total)
        missing = row.images is not ImagesHere.ALL and row.in_archive
        self._image_desk.open(
            Opening(facts=row.facts, person_id=session.person.person_id, fetch_first=missing)
        )
        if missing:
            self._open_report()
        else:
            self._report_timer.start()
        self.setFocus()

    def look_ahead(self, row: WorklistRow) -> None:
        """A study is selected in the list: it is probably read next."""
        if row.here and (row.images is ImagesHere.ALL or not row.in_archive):
            self._ahead.look(row.facts)

    def forget_ahead(self) -> None:
        """Nothing is read ahead for somebody who left."""
        self._ahead.forget()

    def close_case(self) -> None:
        """Keep what was typed and seen, and take everything of the case away."""
        self._report_timer.stop()
        self._report_desk.close()
        self._image_desk.close()
        self.report.clear()
        self._row, self._session, self._mode = None, None, None

    def study_uid(self) -> str:
        """The open study, or ''."""
        return self._row.facts.study_uid if self._row else ""

    def note_row(self, row: WorklistRow) -> None:
        """More or fewer images of the open study are here than before."""
        if row.facts.study_uid == self.study_uid():
            self._strip.show_images(row.here, row.total)

    def note_change(self, report_key: str) -> None:
        """A report changed somewhere."""
        self._report_desk.note_change(report_key)

    def _on_first_image(self) -> None:
        if self._report_timer.isActive():
            self._open_report()

    def _open_report(self) -> None:
        self._report_timer.stop()
        if self._row is not None and self._session is not None:
            self._report_desk.open(self._row.facts.study_uid, self._session)

    def _told(self, error: Exception) -> str:
        return words.failure_text(error, self._name_of)

    def _name_of(self, person_id: str) -> str:
        person = self._station.roster.person(person_id)
        return person.display_name if person else person_id

    def _on_shown(self, case: ReportCase, view: ReportView) -> None:
        session, row = self._session, self._row
        if session is None or row is None or row.facts.study_uid != case.facts.study_uid:
            return
        self.report.show_view(
            view,
            Desk(
                facts=row.facts,
                person=session.person.display_name,
                now=self._clock(),
                people=self._recipients(session),
                signs=Level.SECOND in session.levels,
            ),
        )
        if view.mode is not self._mode:
            self._mode = view.mode
            self._share(view.mode)

    def _recipients(self, session: Session) -> tuple[tuple[str, str], ...]:
        """Whom a draft may be handed to: the readers of the region, first level first."""
        today = self._clock().date()
        found = []
        for person in self._station.roster.people:
            levels = person.levels_on(today)
            if person.person_id != session.person.person_id and levels & {
                Level.FIRST,
                Level.SECOND,
            }:
                told = f"{person.display_name} · {words.highest_level(levels)}"
                found.append((Level.FIRST not in levels, person.person_id, told))
        return tuple((person_id, told) for _, person_id, told in sorted(found))

    def _share(self, mode: Mode) -> None:
        width = self._split.width()
        report = max(LEAST_PANEL_PX, round(width * _SHARES[mode]))
        self._split.setSizes([max(1, width - report), report])

    def _on_pictures(self, shown: bool) -> None:
        self._middle.setCurrentWidget(self.images if shown else self._notice)
        focus: QWidget | None = self.focusWidget()
        if shown and (focus is None or not self.report.isAncestorOf(focus)):
            self.images.setFocus()

    def _on_coverage(
        self, coverage: tuple[SeriesCoverage, ...], named: tuple[Coverage, ...]
    ) -> None:
        self._report_desk.note_coverage(coverage)
        self.report.show_coverage(named)

    def _on_finished(self, deed: Deed) -> None:
        if deed.go_on:
            self.nextAsked.emit(self.study_uid())
        else:
            self.report.say(translate("Reading", "{act}.").format(act=words.act_name(deed.kind)))
