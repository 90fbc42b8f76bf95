"""The foot of the worklist: the selected study, what is known of it, what happened so far, and what to do with it.

Renders a ``WorklistRow`` and the lines of its report's history; emits ``readAsked``, ``fetchAsked``, ``cancelAsked``
with the Study Instance UID, and the two ways to import. A fetch under way shows its progress here and in no dialog.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QProgressBar, QVBoxLayout, QWidget

from workstation.domain.worklist import ImagesHere, WorklistRow
from workstation.ui import words
from workstation.ui.history_list import HistoryLine, HistoryList
from workstation.ui.pieces import ElidedLabel, button, column, label, named, row
from workstation.ui.theme import set_role
from workstation.ui.words import translate
from workstation.ui.worklist_model import examination_text

HEIGHT_PX = 214


class CasePanel(QWidget):
    """Identity and buttons left, examination in the middle, history right."""

    readAsked = Signal(str)  # noqa: N815 - Qt's own spelling of signals
    fetchAsked = Signal(str)  # noqa: N815 - Qt's own spelling of signals
    cancelAsked = Signal(str)  # noqa: N815 - Qt's own spelling of signals
    importFilesAsked = Signal()  # noqa: N815 - Qt's own spelling of signals
    importFolderAsked = Signal()  # noqa: N815 - Qt's own spelling of signals

    def __init__(self) -> None:
        super().__init__()
        set_role(self, "foot")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT_PX)
        self._row: WorklistRow | None = None
        self._fetching = ""
        self._name = label(name="case.name", role="name")
        self._facts = label(name="case.facts")
        self._ids = ElidedLabel(name="case.ids", role="dim")
        self._examination = ElidedLabel(name="case.examination")
        self._order = label(name="case.order", role="dim", wrap=True)
        self._images = label(name="case.images", role="dim")
        self._message = label(name="case.message", wrap=True)
        self._progress = named(QProgressBar(), "case.progress")
        self._progress.setTextVisible(False)
        self._history = HistoryList("case.history")
        self._make_buttons()
        across = row(self, margins=(16, 12, 16, 12), spacing=24)
        across.addLayout(self._identity(), 5)
        across.addLayout(self._middle(), 4)
        across.addLayout(self._past(), 5)
        self.show_row(None)
        self.show_progress("", 0, 0)

    def _make_buttons(self) -> None:
        self._read = button(
            translate("Case", "Read  Enter"), self._ask_read, name="case.read", role="primary"
        )
        self._fetch = button(translate("Case", "Fetch"), self._ask_fetch, name="case.fetch")
        self._cancel = button(translate("Case", "Cancel"), self._ask_cancel, name="case.cancel")
        self._import = button(translate("Case", "Import…"), name="case.import")
        menu = QMenu(self._import)
        files = menu.addAction(translate("Case", "Files…"))
        files.triggered.connect(self.importFilesAsked)
        folder = menu.addAction(translate("Case", "Folder…"))
        folder.triggered.connect(self.importFolderAsked)
        self._import.setMenu(menu)

    def _identity(self) -> QVBoxLayout:
        made = column(spacing=4)
        line = row(spacing=12)
        line.addWidget(self._name)
        line.addWidget(self._facts)
        line.addStretch(1)
        made.addLayout(line)
        made.addWidget(self._ids)
        made.addWidget(self._message)
        made.addStretch(1)
        buttons = row()
        for piece in (self._read, self._fetch, self._cancel, self._import):
            buttons.addWidget(piece)
        buttons.addStretch(1)
        made.addLayout(buttons)
        return made

    def _middle(self) -> QVBoxLayout:
        made = column(spacing=4)
        made.addWidget(label(translate("Case", "Examination"), role="caption"))
        for piece in (self._examination, self._order, self._images, self._progress):
            made.addWidget(piece)
        made.addStretch(1)
        return made

    def _past(self) -> QVBoxLayout:
        made = column(spacing=4)
        made.addWidget(label(translate("Case", "So far"), role="caption"))
        made.addWidget(self._history, 1)
        return made

    def show_row(self, shown: WorklistRow | None) -> None:
        """Show a study, or that none is selected."""
        before = self._row.facts.study_uid if self._row else ""
        self._row = shown
        if shown is None or shown.facts.study_uid != before:
            self._message.clear()
            self._history.clear()
        self._read.setEnabled(shown is not None)
        self._show_buttons()
        if shown is None:
            self._name.setText(translate("Case", "No study selected"))
            for piece in (self._facts, self._order, self._images):
                piece.clear()
            self._ids.show_text("")
            self._examination.show_text("")
            return
        facts = shown.facts
        patient = facts.patient
        told = (
            words.sex_name(patient.sex),
            words.age_name(facts),
            words.date_text(patient.birth_date),
        )
        self._name.setText(words.patient_name(patient))
        self._facts.setText("   ".join(part for part in told if part))
        self._ids.show_text(ids_text(shown))
        self._examination.show_text(
            f"{words.modality_names(facts.modalities)}  {examination_text(facts)}".strip()
        )
        self._order.setText(order_text(shown))
        self._images.setText(images_line(shown))

    def show_history(self, lines: Sequence[HistoryLine], now: dt.datetime) -> None:
        """Show what happened to the selected study's report."""
        self._history.show_lines(lines, now)

    def show_progress(self, study_uid: str, done: int, total: int) -> None:
        """Show a fetch under way; an empty UID ends it."""
        self._fetching = study_uid
        self._progress.setVisible(bool(study_uid))
        self._progress.setRange(0, total)
        self._progress.setValue(done)
        if study_uid:
            told = (
                translate("Case", "Fetching {done} of {total}")
                if total
                else translate("Case", "Fetching")
            )
            self.show_message(told.format(done=done, total=total))
        self._show_buttons()

    def show_message(self, text: str, *, alarm: bool = False) -> None:
        """One sentence about what was asked here."""
        self._message.setText(text)
        set_role(self._message, "cautionText" if alarm else "dim")

    def _show_buttons(self) -> None:
        shown = self._row
        wanted = shown is not None and shown.in_archive and shown.images is not ImagesHere.ALL
        self._fetch.setVisible(not self._fetching)
        self._fetch.setEnabled(wanted)
        self._cancel.setVisible(bool(self._fetching))

    def _uid(self) -> str:
        return self._row.facts.study_uid if self._row else ""

    def _ask_read(self) -> None:
        if self._uid():
            self.readAsked.emit(self._uid())

    def _ask_fetch(self) -> None:
        if self._uid():
            self.fetchAsked.emit(self._uid())

    def _ask_cancel(self) -> None:
        self.cancelAsked.emit(self._fetching)


def ids_text(shown: WorklistRow) -> str:
    """``ID 0004412 · Accession CT20261122-0131``."""
    facts = shown.facts
    parts = [translate("Case", "ID {id}").format(id=facts.patient.patient_id or "—")]
    if facts.accession:
        parts.append(translate("Case", "Accession {accession}").format(accession=facts.accession))
    return " · ".join(parts)


def order_text(shown: WorklistRow) -> str:
    """Who asked, for which part, where it was made."""
    facts = shown.facts
    doctor = facts.referring_physician.split("=")[-1].replace("^", " ").strip()
    asked = translate("Case", "Requested by {doctor}").format(doctor=doctor) if doctor else ""
    parts = (facts.institution, words.study_time(facts), words.part_name(facts.body_part), asked)
    return " · ".join(part for part in parts if part)


def images_line(shown: WorklistRow) -> str:
    """How much of the study lies on this station, in words."""
    total = shown.total if shown.total is not None else shown.here
    match shown.images:
        case ImagesHere.ALL:
            return translate("Case", "Images on this station: all {total}").format(total=total)
        case ImagesHere.PARTIAL:
            return translate("Case", "Images on this station: {here} of {total}").format(
                here=shown.here, total=total
            )
        case _:
            return translate("Case", "Images on this station: none of {total}").format(
                total=total or "?"
            )
