"""The left side of the worklist: work by question and by site, each with its count.

Renders counts and emits ``questionAsked`` or ``siteAsked``; the counting is the domain's. A question whose work is
overdue for me (returned reports) carries its count in amber.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QLabel, QVBoxLayout, QWidget

from workstation.domain.worklist import Question
from workstation.ui import words
from workstation.ui.pieces import label
from workstation.ui.theme import DARK, colour, set_role
from workstation.ui.words import translate

WIDTH_PX = 200
_READER = (
    Question.TO_WRITE,
    Question.RETURNED_TO_ME,
    Question.MY_DRAFTS,
    Question.SUBMITTED,
    Question.TO_REVIEW,
    Question.SIGNED_TODAY,
    Question.ALL,
)


class CountButton(QAbstractButton):
    """A line with a name and a count; filled when it is the one shown."""

    def __init__(self, name: str, mark: str = "") -> None:
        super().__init__()
        self._mark = mark
        self._count = 0
        self._urgent = False
        self.setText(name)
        self.setCheckable(True)
        self.setFixedHeight(DARK.row)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_count(self, count: int, *, urgent: bool = False) -> None:
        """Show how many there are."""
        if (count, urgent) != (self._count, self._urgent):
            self._count, self._urgent = count, urgent
            self.setAccessibleDescription(str(count))
            self.update()

    def count(self) -> int:
        """How many it says there are."""
        return self._count

    def sizeHint(self) -> QSize:
        """As wide as the panel."""
        return QSize(WIDTH_PX, DARK.row)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground, mark, name, count."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isChecked():
            painter.fillRect(self.rect(), colour(DARK.selected))
            painter.fillRect(0, 0, 3, self.height(), colour(DARK.accent))
        elif self.underMouse():
            painter.fillRect(self.rect(), colour(DARK.raised))
        left = 16
        if self._mark:
            painter.fillRect(left, 9, 4, self.height() - 18, colour(self._mark))
            left += 12
        width = self._paint_count(painter)
        text_box = self.rect().adjusted(left, 0, -(width + 20), 0)
        metrics = painter.fontMetrics()
        name = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, text_box.width())
        painter.setPen(colour(DARK.text if self._count or self.isChecked() else DARK.dim))
        painter.drawText(text_box, int(Qt.AlignmentFlag.AlignVCenter), name)
        painter.end()

    def _paint_count(self, painter: QPainter) -> int:
        told = str(self._count)
        width = max(24, painter.fontMetrics().horizontalAdvance(told) + 14)
        pill = QRectF(self.width() - width - 12, 7, width, self.height() - 14)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("#5A3A12" if self._urgent else DARK.line))
        painter.drawRoundedRect(pill, 9, 9)
        painter.setPen(colour(DARK.text if self._count else DARK.dim))
        painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), told)
        return width


class QuestionList(QWidget):
    """The questions, then the sites."""

    questionAsked = Signal(Question)  # noqa: N815 - Qt's own spelling of signals
    siteAsked = Signal(str)  # noqa: N815 - Qt's own spelling of signals

    def __init__(self) -> None:
        super().__init__()
        set_role(self, "left")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(WIDTH_PX)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 8, 1, 8)
        self._column.setSpacing(0)
        self._group = QButtonGroup(self)
        self._questions: dict[Question, CountButton] = {}
        self._sites: dict[str, CountButton] = {}
        self._column.addWidget(_caption(translate("Worklist", "My work")))
        for question in _READER:
            self._add_question(question)
        self._column.addWidget(_caption(translate("Worklist", "Sites")))
        self._column.addStretch(1)
        self._questions[Question.ALL].setChecked(True)

    def _add_question(self, question: Question) -> None:
        button = CountButton(words.question_name(question))
        button.setObjectName(f"worklist.question.{question.value}")
        button.clicked.connect(lambda: self.questionAsked.emit(question))
        self._group.addButton(button)
        self._questions[question] = button
        self._column.addWidget(button)

    def show_counts(self, counts: Mapping[Question, int], *, reviews: bool) -> None:
        """Show how many studies each question has; who does not review is not asked to."""
        for question, button in self._questions.items():
            button.show_count(
                counts.get(question, 0),
                urgent=question is Question.RETURNED_TO_ME and bool(counts.get(question)),
            )
        self._questions[Question.TO_REVIEW].setVisible(reviews)

    def show_sites(self, sites: Sequence[tuple[str, str, int]]) -> None:
        """Show the sites as (name, colour, count), in the order given."""
        for name in set(self._sites) - {name for name, _, _ in sites}:
            gone = self._sites.pop(name)
            self._group.removeButton(gone)
            gone.deleteLater()
        for name, tint, count in sites:
            if name not in self._sites:
                self._add_site(name, tint)
            self._sites[name].show_count(count)

    def _add_site(self, name: str, tint: str) -> None:
        button = CountButton(name, tint)
        button.setObjectName(f"worklist.site.{name}")
        button.setToolTip(name)
        button.clicked.connect(lambda: self.siteAsked.emit(name))
        self._group.addButton(button)
        self._sites[name] = button
        self._column.insertWidget(self._column.count() - 1, button)

    def show_question(self, question: Question) -> None:
        """Mark the question that the list answers."""
        self._questions[question].setChecked(True)


def _caption(text: str) -> QLabel:
    made = label(text, role="caption")
    made.setContentsMargins(16, 10, 8, 6)
    return made
