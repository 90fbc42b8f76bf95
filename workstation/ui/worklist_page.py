"""The worklist: what is there to do, in one dense table, with its questions left and the selected case below.

Holds which question, site, search and sorting the eye is on, and hands the rows through ``domain.worklist``. It renders
rows given to it and emits what is asked; it fetches nothing and asks no archive itself.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from workstation.domain.roster import Level, Roster
from workstation.domain.worklist import (
    Column,
    Filter,
    Question,
    WorklistRow,
    counts,
    filtered,
    ordered,
)
from workstation.ui import words
from workstation.ui.case_panel import CasePanel
from workstation.ui.pieces import chip, column, label, named, panel, row
from workstation.ui.question_list import QuestionList
from workstation.ui.rejected_list import RejectedList
from workstation.ui.session_corner import SessionCorner
from workstation.ui.theme import DARK, set_role
from workstation.ui.words import translate
from workstation.ui.worklist_model import WorklistModel
from workstation.ui.worklist_table import WorklistTable

if TYPE_CHECKING:
    from workstation.services.sessions import Session

_NOT_IMAGES = frozenset({"SR", "PR", "KO", "SEG", "DOC"})


class WorklistPage(QWidget):
    """Bar, questions, table, case."""

    studyChosen = Signal(str)  # noqa: N815 - Qt's own spelling of signals
    studySelected = Signal(str)  # noqa: N815 - Qt's own spelling of signals
    filesDropped = Signal(list)  # noqa: N815 - Qt's own spelling of signals

    def __init__(
        self,
        roster: Roster,
        corner: SessionCorner,
        name_of: Callable[[str], str],
        clock: Callable[[], dt.datetime],
    ) -> None:
        super().__init__()
        self._colours = {site.name: site.colour for site in roster.sites}
        self._clock = clock
        self._session: Session | None = None
        self._rows: tuple[WorklistRow, ...] = ()
        self._shown: tuple[WorklistRow, ...] = ()
        self._filter = Filter()
        self._site = ""
        self._column, self._descending = Column.TIME, True
        self._chips: dict[str, QPushButton] = {}
        self.questions = QuestionList()
        self.case = CasePanel()
        self.table = WorklistTable(WorklistModel(name_of), self._colours)
        self._empty = label(name="worklist.empty", role="dim")
        self._search = named(QLineEdit(), "worklist.search")
        self._rejected = RejectedList()
        self.setAcceptDrops(True)
        self._lay_out(corner)
        self._connect()

    def _lay_out(self, corner: SessionCorner) -> None:
        set_role(self, "ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        centre = column(spacing=0)
        centre.addWidget(self.table, 1)
        centre.addWidget(self._empty)
        self._empty.setContentsMargins(16, 8, 16, 8)
        centre.addWidget(self._rejected)
        centre.addWidget(self.case)
        below = row(spacing=0)
        below.addWidget(self.questions)
        below.addLayout(centre, 1)
        whole = column(self, spacing=0)
        whole.addWidget(self._bar(corner))
        whole.addLayout(below, 1)

    def _bar(self, corner: SessionCorner) -> QWidget:
        bar = panel("bar")
        bar.setFixedHeight(DARK.bar)
        across = row(bar, margins=(16, 0, 12, 0), spacing=8)
        across.addWidget(label("Cosight", role="name"))
        self._search.setPlaceholderText(translate("Worklist", "Name, ID, accession, part…  /"))
        self._search.setClearButtonEnabled(True)
        self._search.setMinimumWidth(180)
        self._search.setMaximumWidth(320)
        across.addWidget(self._search, 1)
        self._today = chip(translate("Worklist", "Today"), name="worklist.today")
        self._three = chip(translate("Worklist", "3 days"), name="worklist.threeDays")
        across.addWidget(self._today)
        across.addWidget(self._three)
        self._chip_row: QHBoxLayout = row(spacing=8)
        across.addLayout(self._chip_row)
        across.addStretch(1)
        across.addWidget(corner)
        return bar

    def _connect(self) -> None:
        self._search.textChanged.connect(self._on_search)
        self._search.returnPressed.connect(self.table.setFocus)
        self._today.clicked.connect(lambda: self._on_since(self._today, 0))
        self._three.clicked.connect(lambda: self._on_since(self._three, 2))
        self.table.searchTyped.connect(self._on_typed)
        self.table.studyChosen.connect(self.studyChosen)
        self.table.studySelected.connect(self._on_selected)
        self.table.sortAsked.connect(self._on_sort)
        self.questions.questionAsked.connect(self.ask)
        self.questions.siteAsked.connect(self._on_site)
        self.case.readAsked.connect(self.studyChosen)
        for key, call in (("/", self._focus_search), ("Ctrl+F", self._focus_search)):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(call)
        back = QShortcut(QKeySequence(Qt.Key.Key_Escape), self._search)
        back.setContext(Qt.ShortcutContext.WidgetShortcut)
        back.activated.connect(self._leave_search)
        self.table.show_sorting(self._column, descending=self._descending)

    def show_session(self, session: Session) -> None:
        """Show the list as that person sees it: a reviewer begins with what waits, a reader with what to write."""
        self._session = session
        reviews = Level.SECOND in session.levels
        self.ask(Question.TO_REVIEW if reviews else Question.TO_WRITE)
        self.table.setFocus()

    def show_rows(self, rows: Sequence[WorklistRow]) -> None:
        """Show the studies known now; the selected one stays under the hand."""
        self._rows = tuple(rows)
        self._show_chips()
        self._refresh()

    def show_rejected(self, reasons: Sequence[str]) -> None:
        """List the files that were not taken, each with its reason."""
        self._rejected.show_reasons(reasons)

    def ask(self, question: Question) -> None:
        """Show the studies under a question, of all sites."""
        self._site = ""
        self._filter = replace(self._filter, question=question)
        self.questions.show_question(question)
        self._refresh()

    def next_after(self, study_uid: str) -> str:
        """The study that stands below the given one in the list as shown; '' at its end."""
        uids = [r.facts.study_uid for r in self._shown]
        later = uids[uids.index(study_uid) + 1 :] if study_uid in uids else uids
        others = [uid for uid in (*later, *uids) if uid != study_uid]
        return others[0] if others else ""

    def row_of(self, study_uid: str) -> WorklistRow | None:
        """The row of a study, shown or not."""
        return next((r for r in self._rows if r.facts.study_uid == study_uid), None)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files and folders may be dropped here."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand on what was dropped."""
        paths = [u.toLocalFile() for u in event.mimeData().urls() if u.isLocalFile()]
        if paths:
            self.filesDropped.emit(paths)

    def _refresh(self) -> None:
        if self._session is None:
            return
        now = self._clock()
        today = now.astimezone().date()
        who = self._session.person.person_id
        reviews = Level.SECOND in self._session.levels
        rows = filtered(self._rows, self._filter, who, reviews=reviews, today=today)
        if self._site:
            rows = tuple(r for r in rows if r.facts.institution == self._site)
        self._shown = ordered(rows, self._column, descending=self._descending)
        self.questions.show_counts(
            counts(self._rows, who, reviews=reviews, today=today), reviews=reviews
        )
        self.questions.show_sites(self._sites())
        self.table.show_rows(self._shown, now)
        self._empty.setVisible(not self._shown)
        self._empty.setText(self._why_empty())
        self.case.show_row(self.row_of(self.table.selected()))

    def _sites(self) -> list[tuple[str, str, int]]:
        found = Counter(r.facts.institution for r in self._rows if r.facts.institution)
        names = [n for n in self._colours if n in found]
        names += sorted(set(found) - set(names))
        return [(n, self._colours.get(n, DARK.dim), found[n]) for n in names]

    def _why_empty(self) -> str:
        if not self._rows:
            return translate("Worklist", "No studies are known yet; the archive is being asked.")
        return translate("Worklist", "No study matches. All studies: {count}").format(
            count=len(self._rows)
        )

    def _show_chips(self) -> None:
        present = {m for r in self._rows for m in r.facts.modalities} - _NOT_IMAGES
        names = sorted({words.modality_names((m,)) for m in present})
        for name in names:
            if name and name not in self._chips:
                made = chip(name, name=f"worklist.modality.{name}")
                made.clicked.connect(self._on_modality)
                self._chips[name] = made
                self._chip_row.addWidget(made)

    def _on_modality(self) -> None:
        wanted = {name for name, made in self._chips.items() if made.isChecked()}
        raw = {m for r in self._rows for m in r.facts.modalities}
        chosen = frozenset(m for m in raw if words.modality_names((m,)) in wanted)
        self._filter = replace(self._filter, modalities=chosen)
        self._refresh()

    def _on_since(self, pressed: QPushButton, days: int) -> None:
        for other in (self._today, self._three):
            other.setChecked(other is pressed and pressed.isChecked())
        today = self._clock().astimezone().date()
        since = today - dt.timedelta(days=days) if pressed.isChecked() else None
        self._filter = replace(self._filter, since=since)
        self._refresh()

    def _on_search(self, text: str) -> None:
        self._filter = replace(self._filter, text=text)
        self._refresh()

    def _on_typed(self, text: str) -> None:
        self._search.setFocus()
        self._search.setText(self._search.text() + text if text != "/" else self._search.text())

    def _focus_search(self) -> None:
        self._search.setFocus()
        self._search.selectAll()

    def _leave_search(self) -> None:
        self._search.clear()
        self.table.setFocus()

    def _on_site(self, name: str) -> None:
        self._site = name
        self._filter = replace(self._filter, question=Question.ALL)
        self._refresh()

    def _on_sort(self, by: Column) -> None:
        self._descending = not self._descending if by is self._column else by is Column.TIME
        self._column = by
        self.table.show_sorting(by, descending=self._descending)
        self._refresh()

    def _on_selected(self, study_uid: str) -> None:
        self.case.show_row(self.row_of(study_uid))
        self.studySelected.emit(study_uid)
