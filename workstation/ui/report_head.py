"""The top of the report panel: its state with shape and colour, who did the newest step, and how it is looked at.

Renders a ``ReportView``; emits ``lookAsked`` for the three looks (changes, edit, signed text) and ``historyAsked``.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QButtonGroup, QWidget

from workstation.ui import words
from workstation.ui.glyphs import StatusGlyph
from workstation.ui.pieces import chip, column, label, row
from workstation.ui.report_view import Mode, ReportView
from workstation.ui.words import translate


class Look(StrEnum):
    """How the text is looked at."""

    CHANGES = "CHANGES"
    EDIT = "EDIT"
    FINAL = "FINAL"


class ReportHead(QWidget):
    """State line and chips."""

    lookAsked = Signal(Look)  # noqa: N815 - Qt's own spelling of signals
    historyAsked = Signal(bool)  # noqa: N815 - Qt's own spelling of signals

    def __init__(self) -> None:
        super().__init__()
        self._glyph = StatusGlyph()
        self._status = label(name="report.status", role="strong")
        self._detail = label(name="report.detail", role="dim", wrap=True)
        self._saved = label(name="report.saved", role="dim")
        self._chips = {
            Look.CHANGES: chip(translate("Report", "Changes"), name="review.changes"),
            Look.EDIT: chip(translate("Report", "Edit"), name="review.edit"),
            Look.FINAL: chip(translate("Report", "Final text"), name="review.final"),
        }
        self._history = chip(translate("Report", "History  Alt+H"), name="report.historyChip")
        self._group = QButtonGroup(self)
        self._looks = QWidget()
        self._lay_out()
        for look, made in self._chips.items():
            self._group.addButton(made)
            made.clicked.connect(lambda _checked=False, look=look: self.lookAsked.emit(look))
        self._history.toggled.connect(self.historyAsked)
        shortcut = QShortcut(QKeySequence("Alt+H"), self)
        shortcut.activated.connect(self._history.toggle)

    def _lay_out(self) -> None:
        down = column(self, spacing=8)
        line = row(spacing=8)
        line.addWidget(self._glyph)
        line.addWidget(self._status)
        line.addWidget(self._saved)
        line.addStretch(1)
        line.addWidget(self._history)
        down.addLayout(line)
        down.addWidget(self._detail)
        chips = row(self._looks, spacing=6)
        for made in self._chips.values():
            chips.addWidget(made)
        chips.addStretch(1)
        down.addWidget(self._looks)

    def show_view(self, view: ReportView) -> None:
        """Show the state of a report."""
        self._glyph.show_status(view.status)
        self._status.setText(words.status_name(view.status))
        self._detail.setText(view.detail)
        self._detail.setVisible(bool(view.detail))
        comparing = view.mode is Mode.REVIEW or view.before is not None
        self._looks.setVisible(comparing)
        self._chips[Look.EDIT].setVisible(view.mode is Mode.REVIEW)
        self.show_saved(view.saved_at)

    def show_look(self, look: Look) -> None:
        """Mark how the text is looked at."""
        self._chips[look].setChecked(True)

    def show_history_open(self, *, shown: bool) -> None:
        """Mark whether the history is open, without asking for it again."""
        self._history.blockSignals(True)
        self._history.setChecked(shown)
        self._history.blockSignals(False)

    def show_saved(self, saved_at: dt.datetime | None) -> None:
        """Say when the draft was kept."""
        told = translate("Report", "saved {time}")
        self._saved.setText(told.format(time=words.clock(saved_at)) if saved_at else "")

    def show_not_saved(self, why: str) -> None:
        """Say that the draft could not be kept, and why."""
        self._saved.setText(translate("Report", "not saved"))
        self._saved.setToolTip(why)
