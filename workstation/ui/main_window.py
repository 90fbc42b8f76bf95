"""The one window: login, worklist and reading page in a stack, and the errands that belong to no page.

Knows who is logged in and which page is shown. Rows, histories, fetches and imports run on the runner; services call
back through its bridge. The same window returns to the login page on lock, so nothing flickers and nothing stays open.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QMainWindow, QStackedWidget

from workstation.domain.errors import CosightError
from workstation.domain.worklist import WorklistRow
from workstation.ui import words
from workstation.ui.background import Lane, Runner
from workstation.ui.errands import Errands
from workstation.ui.login_page import LoginPage
from workstation.ui.reading_page import MakeImages, ReadingPage
from workstation.ui.session_corner import SessionCorner
from workstation.ui.words import translate
from workstation.ui.worklist_page import WorklistPage

if TYPE_CHECKING:
    from workstation.services.sessions import Session
    from workstation.services.station import Station
    from workstation.services.syncing import LineStatus

REFRESH_MS = 20_000
ROWS_AFTER_MS = 80


class MainWindow(QMainWindow):
    """Login, list, case."""

    closed = Signal()

    def __init__(
        self,
        station: Station,
        runner: Runner,
        make_images: MakeImages,
        clock: Callable[[], dt.datetime],
    ) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("Cosight")
        self._station = station
        self._runner = runner
        self._clock = clock
        self._session: Session | None = None
        self._asking = False
        node = next((n.name for n in station.nodes()), "")
        self._corners = (SessionCorner("worklist", node), SessionCorner("reading", locks=False))
        self.login = LoginPage()
        self.worklist = WorklistPage(station.roster, self._corners[0], self.name_of, clock)
        self.reading = ReadingPage(station, runner, self._corners[1], make_images, clock)
        self._errands = Errands(station, runner, self.worklist, self.name_of, clock)
        self._pages = QStackedWidget()
        for page in (self.login, self.worklist, self.reading):
            self._pages.addWidget(page)
        self.setCentralWidget(self._pages)
        self._rows_timer = self._timer(ROWS_AFTER_MS, self._read_rows, once=True)
        self._ask_timer = self._timer(REFRESH_MS, self._ask_archive, once=False)
        self._connect()
        self._listen()
        self.lock()

    def _timer(self, interval_ms: int, call: Callable[[], None], *, once: bool) -> QTimer:
        made = QTimer(self)
        made.setSingleShot(once)
        made.setInterval(interval_ms)
        made.timeout.connect(call)
        return made

    def _connect(self) -> None:
        self.login.loginAsked.connect(self._log_in)
        self.worklist.studyChosen.connect(self.open_study)
        self.worklist.studySelected.connect(self._look_ahead)
        self.reading.listAsked.connect(self.show_list)
        self.reading.nextAsked.connect(self._open_next)
        self.reading.fetched.connect(lambda _study: self._rows_timer.start())
        self._errands.changed.connect(self._rows_timer.start)
        for corner in self._corners:
            corner.lockAsked.connect(self.lock)
        shortcut = QShortcut(QKeySequence("Ctrl+L"), self)
        shortcut.activated.connect(self.lock)

    def _listen(self) -> None:
        """Hear the services; they call from threads of their own."""
        bridge = self._runner.bridge
        self._station.worklist.listen(bridge(self._rows_timer.start))
        self._station.reporting.listen(bridge(self._on_report))
        self._station.syncing.listen(bridge(self._on_line))

    def lock(self) -> None:
        """Back to the login page; what was typed is kept, nothing of a case stays on screen."""
        self.reading.close_case()
        self.reading.forget_ahead()
        self._ask_timer.stop()
        self._session = None
        today = self._clock().date()
        self.login.show_people(self._station.sessions.people(), today)
        self.login.show_roster(self._station.roster, today)
        self.login.show_busy(busy=False)
        self._pages.setCurrentWidget(self.login)

    def show_list(self) -> None:
        """Back to the worklist, the case closed."""
        if self._session is None:
            return
        self.reading.close_case()
        self._pages.setCurrentWidget(self.worklist)
        self.worklist.table.setFocus()
        self._rows_timer.start()
        self.reading.forget_ahead()
        self._look_ahead(self.worklist.table.selected())

    def open_study(self, study_uid: str) -> None:
        """Open a study that the list knows."""
        row = self.worklist.row_of(study_uid)
        if row is not None and self._session is not None:
            self._errands.cancel(study_uid)
            self._pages.setCurrentWidget(self.reading)
            self.reading.open(row, self._session)

    def name_of(self, person_id: str) -> str:
        """The name of a person id; the id where the roster does not know it."""
        person = self._station.roster.person(person_id)
        return person.display_name if person else person_id

    def tell(self, text: str) -> None:
        """One sentence on whichever page is shown, for what nobody foresaw."""
        page = self._pages.currentWidget()
        if page is self.reading:
            self.reading.report.say(text, alarm=True)
        elif page is self.worklist:
            self.worklist.case.show_message(text, alarm=True)
        else:
            self.login.show_message(text)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep what was typed before the window goes."""
        self.reading.close_case()
        self._ask_timer.stop()
        self._rows_timer.stop()
        self.closed.emit()
        super().closeEvent(event)

    def _look_ahead(self, study_uid: str) -> None:
        row = self.worklist.row_of(study_uid)
        if row is not None and self._session is not None and not self.reading.study_uid():
            self.reading.look_ahead(row)

    def _open_next(self, study_uid: str) -> None:
        following = self.worklist.next_after(study_uid)
        if following:
            self.worklist.table.select(following)
            self.open_study(following)
        else:
            self.show_list()

    def _log_in(self, person_id: str, password: str) -> None:
        self.login.show_busy(busy=True)
        self._runner.run(
            lambda: self._station.sessions.login(person_id, password),
            done=self._enter,
            failed=self._turn_away,
        )

    def _turn_away(self, error: Exception) -> None:
        self.login.show_busy(busy=False)
        self.login.show_message(words.failure_text(error, self.name_of))

    def _enter(self, session: Session) -> None:
        self._session = session
        for corner in self._corners:
            corner.show_session(session)
        self.login.show_busy(busy=False)
        self._pages.setCurrentWidget(self.worklist)
        self.worklist.show_session(session)
        self._read_rows()
        self._ask_archive()
        self._ask_timer.start()
        self._runner.run(
            self._station.syncing.status,
            done=self._on_line,
            failed=lambda _error: None,
            lane=Lane.LIST,
        )

    def _read_rows(self) -> None:
        if self._session is not None:
            self._runner.run(
                self._station.worklist.rows,
                done=self._on_rows,
                failed=self._on_trouble,
                lane=Lane.LIST,
            )

    def _on_rows(self, rows: tuple[WorklistRow, ...]) -> None:
        self.worklist.show_rows(rows)
        opened = self.worklist.row_of(self.reading.study_uid())
        if opened is not None:
            self.reading.note_row(opened)
        self._errands.read_history()

    def _ask_archive(self) -> None:
        """Ask the archive for its studies in the background; a failure is the line's to tell."""
        if self._asking or self._session is None:
            return
        self._asking = True

        def told(why: str) -> None:
            self._asking = False
            for corner in self._corners:
                corner.show_problem(why)
            self._rows_timer.start()

        def done(_: object) -> None:
            told("")

        def failed(error: Exception) -> None:
            told(words.failure_text(error, self.name_of))

        self._runner.run(self._station.worklist.refresh, done=done, failed=failed, lane=Lane.LINE)

    def _on_report(self, report_key: str) -> None:
        self._rows_timer.start()
        self.reading.note_change(report_key)
        self._runner.run(
            self._station.syncing.status,
            done=self._on_line,
            failed=lambda _error: None,
            lane=Lane.LIST,
        )

    def _on_line(self, status: LineStatus) -> None:
        for corner in self._corners:
            corner.show_line(status, self._clock())

    def _on_trouble(self, error: Exception) -> None:
        text = words.failure_text(error, self.name_of)
        if not isinstance(error, CosightError):
            text = f"{text} {translate('Window', 'The list may be out of date.')}"
        self.worklist.case.show_message(text, alarm=True)
