"""The two boxes a report is written in: findings and impression, plain text, 15 px, lines 1.6 apart.

Pasted text loses its markup. It emits ``edited`` for what a person typed, never for what was put in by the program, so
that showing a case is not mistaken for writing in it. It keeps the parts of the text that it does not show.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QLocale, QMimeData, Signal
from PySide6.QtGui import QTextBlockFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit, QWidget

from workstation.domain.act import Comment, ReportText
from workstation.ui.pieces import column, label, named
from workstation.ui.theme import DARK, font
from workstation.ui.words import translate

LINE_PX = round(DARK.report_px * 1.6)


def reading_lines() -> QTextBlockFormat:
    """The block format of report text: lines a fixed 1.6 font sizes apart."""
    block = QTextBlockFormat()
    block.setLineHeight(LINE_PX, int(QTextBlockFormat.LineHeightTypes.FixedHeight.value))
    return block


class TextBox(QTextEdit):
    """One box of plain text."""

    def __init__(self, name: str) -> None:
        super().__init__()
        named(self, name)
        self.setAcceptRichText(False)
        self.setTabChangesFocus(True)
        self.setFont(font(DARK.report_px))
        self.show_text("")

    def show_text(self, text: str) -> None:
        """Put a text in; what could be undone before is forgotten."""
        self.setPlainText(text)
        self.setUndoRedoEnabled(False)
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.setBlockFormat(reading_lines())
        self.setUndoRedoEnabled(True)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste words only."""
        self.insertPlainText(source.text())


class ReportEditor(QWidget):
    """Findings above, impression below."""

    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._base = ReportText()
        self._showing = False
        self._findings = TextBox("report.findings")
        self._impression = TextBox("report.impression")
        self._boxes = {"findings": self._findings, "impression": self._impression}
        down = column(self, spacing=4)
        down.addWidget(label(translate("Report", "Findings"), role="caption"))
        down.addWidget(self._findings, 3)
        down.addSpacing(4)
        down.addWidget(label(translate("Report", "Impression"), role="caption"))
        down.addWidget(self._impression, 2)
        for box in self._boxes.values():
            box.setMinimumHeight(2 * LINE_PX + 20)
            box.textChanged.connect(self._on_changed)

    def show_text(self, text: ReportText) -> None:
        """Put a report in."""
        self._base = text
        self._showing = True
        self._findings.show_text(text.findings)
        self._impression.show_text(text.impression)
        self._showing = False

    def text(self) -> ReportText:
        """The report as it stands in the boxes; a new one is in the language of the window."""
        base = self._base
        if base.is_empty:
            chinese = QLocale().language() is QLocale.Language.Chinese
            base = replace(base, language="zh-CN" if chinese else "en-US")
        return replace(
            base,
            findings=self._findings.toPlainText(),
            impression=self._impression.toPlainText(),
        )

    def write(self) -> None:
        """Put the cursor where writing begins."""
        box = self._findings
        box.setFocus()
        box.moveCursor(QTextCursor.MoveOperation.End)

    def marked_words(self) -> Comment | None:
        """The words that are selected, as the anchor of a remark without its text yet."""
        for section, box in self._boxes.items():
            cursor = box.textCursor()
            if cursor.hasSelection():
                quoted = cursor.selectedText().replace("\u2029", "\n")
                start = cursor.selectionStart()
                return Comment(text="", section=section, quoted=quoted, start=start)
        return None

    def _on_changed(self) -> None:
        if not self._showing:
            self.edited.emit()
