"""The files an import did not take, each with its reason, until they are put away.

Plain text that can be marked and copied; hidden when there is nothing to tell.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from workstation.ui.pieces import button, column, label, named, row
from workstation.ui.words import translate

HEIGHT_PX = 150


class RejectedList(QWidget):
    """A caption, the lines, a way to put them away."""

    def __init__(self) -> None:
        super().__init__()
        named(self, "worklist.rejected", "foot")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT_PX)
        self._lines = named(QPlainTextEdit(), "worklist.rejectedLines")
        self._lines.setReadOnly(True)
        down = column(self, margins=(16, 8, 16, 8), spacing=6)
        head = row()
        head.addWidget(
            label(translate("Worklist", "Files that were not taken"), role="cautionText")
        )
        head.addStretch(1)
        away = translate("Worklist", "Put away")
        head.addWidget(button(away, self.hide, name="worklist.putAway", role="link"))
        down.addLayout(head)
        down.addWidget(self._lines, 1)
        self.hide()

    def show_reasons(self, reasons: Sequence[str]) -> None:
        """Show one line for each file."""
        self._lines.setPlainText("\n".join(reasons))
        self.setVisible(bool(reasons))
