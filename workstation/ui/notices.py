"""What must be said where the hand already is: lines above the buttons, never a dialog over the images.

``CoverageNotice`` says which series were never shown and which only in part, each with a link that jumps there.
``Lines`` shows alarms or remarks. ``DeedLine`` asks for a reason, a person or whom one told, in place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from workstation.domain.act import ActKind
from workstation.ui.pieces import button, column, label, named, row
from workstation.ui.theme import set_role
from workstation.ui.words import translate

MOST_LINES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of a series was on screen; ``name`` is how the thumbnails call it."""

    series_uid: str
    name: str
    seen: int
    total: int

    @property
    def is_whole(self) -> bool:
        """Whether every image was shown."""
        return self.seen >= self.total


def coverage_text(series: Coverage) -> str:
    """``Series 3: 52 of 92 images not seen yet``, or that it was never shown."""
    if series.seen == 0:
        return translate("Notices", "{series}: never shown ({total} images)").format(
            series=series.name, total=series.total
        )
    return translate("Notices", "{series}: {missing} of {total} images not seen").format(
        series=series.name, missing=series.total - series.seen, total=series.total
    )


class CoverageNotice(QWidget):
    """What was not looked at, with links; hidden when everything was."""

    seriesAsked = Signal(str)  # noqa: N815 - Qt's own spelling of signals

    def __init__(self) -> None:
        super().__init__()
        named(self, "report.coverage", "caution")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._down = column(self, margins=(10, 6, 10, 6), spacing=2)
        self._told: tuple[str, ...] = ()
        self.hide()

    def show_coverage(self, series: Sequence[Coverage]) -> None:
        """Show the series that were not seen whole: never shown ones first."""
        open_ones = sorted((s for s in series if not s.is_whole), key=lambda s: s.seen > 0)
        told = tuple(coverage_text(s) for s in open_ones)
        if told == self._told:
            return
        self._told = told
        self._clear()
        for one in open_ones[:MOST_LINES]:
            self._add_line(one)
        more = len(open_ones) - MOST_LINES
        if more > 0:
            rest = translate("Notices", "and {count} more series").format(count=more)
            self._down.addWidget(label(rest, role="dim"))
        self.setVisible(bool(told))

    def texts(self) -> tuple[str, ...]:
        """What it says, a line for every series."""
        return self._told

    def _add_line(self, series: Coverage) -> None:
        line = QWidget()
        across = row(line, spacing=8)
        across.addWidget(label(coverage_text(series), role="cautionText", wrap=True), 1)
        across.addWidget(
            button(
                translate("Notices", "Go there"),
                lambda: self.seriesAsked.emit(series.series_uid),
                name=f"report.coverage.{series.series_uid}",
                role="link",
            )
        )
        self._down.addWidget(line)

    def _clear(self) -> None:
        while (item := self._down.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()


class Lines(QWidget):
    """A few sentences in a box of one role (``alarm``, ``remark``, ``caution``); hidden when there are none."""

    def __init__(self, name: str, role: str) -> None:
        super().__init__()
        named(self, name, role)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        text_role = {"alarm": "alarmText", "caution": "cautionText"}.get(role, "")
        self._label = label(role=text_role, wrap=True)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        down = column(self, margins=(10, 6, 10, 6))
        down.addWidget(self._label)
        self.hide()

    def show_lines(self, lines: Sequence[str]) -> None:
        """Show these sentences, one below the other."""
        self._label.setText("\n".join(lines))
        self.setVisible(bool(lines))

    def text(self) -> str:
        """What it says."""
        return self._label.text()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a deed needs beside the text."""

    kind: ActKind
    title: str
    confirm: str
    reason: bool = True
    told_to: bool = False
    people: tuple[tuple[str, str], ...] = ()


class DeedLine(QWidget):
    """A line that asks in place for a reason, a person, or whom one told; Enter confirms."""

    confirmed = Signal(ActKind, str, str, str)  # kind, reason, told to, person id

    def __init__(self) -> None:
        super().__init__()
        named(self, "report.deedLine", "remark")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._asked: Asked | None = None
        self._title = label(name="report.deedTitle", wrap=True)
        self._people = named(QComboBox(), "report.recipient")
        self._told_to = named(QLineEdit(), "report.toldTo")
        self._told_to.setPlaceholderText(translate("Notices", "Who was told"))
        self._reason = named(QLineEdit(), "report.reason")
        self._reason.setPlaceholderText(translate("Notices", "Reason"))
        self._confirm = button("", self._on_confirm, name="report.confirm", role="primary")
        self._leave = button(translate("Notices", "Cancel"), self.leave, name="report.leave")
        self._lay_out()
        for field in (self._reason, self._told_to):
            field.textChanged.connect(lambda _text: self._judge())
            field.returnPressed.connect(self._on_confirm)
        self.hide()

    def _lay_out(self) -> None:
        down = column(self, margins=(10, 8, 10, 8), spacing=6)
        down.addWidget(self._title)
        for field in (self._people, self._told_to, self._reason):
            down.addWidget(field)
        across = row()
        across.addStretch(1)
        across.addWidget(self._leave)
        across.addWidget(self._confirm)
        down.addLayout(across)

    def ask(self, asked: Asked) -> None:
        """Open the line for a deed; what was typed for another one is gone."""
        self._asked = asked
        self._title.setText(asked.title)
        self._confirm.setText(asked.confirm)
        self._people.clear()
        for person_id, name in asked.people:
            self._people.addItem(name, person_id)
        self._people.setVisible(bool(asked.people))
        self._told_to.setVisible(asked.told_to)
        self._reason.setVisible(asked.reason)
        self._told_to.clear()
        self._reason.clear()
        self._judge()
        self.show()
        fields = (self._people, self._told_to, self._reason)
        next(f for f in fields if not f.isHidden()).setFocus()

    def leave(self) -> None:
        """Close the line; nothing is asked."""
        self._asked = None
        self.hide()

    def _judge(self) -> None:
        asked = self._asked
        if asked is not None:
            reason = not asked.reason or bool(self._reason.text().strip())
            told = not asked.told_to or bool(self._told_to.text().strip())
            self._confirm.setEnabled(reason and told)

    def _on_confirm(self) -> None:
        asked = self._asked
        if asked is None or not self._confirm.isEnabled():
            return
        person = self._people.currentData() if asked.people else ""
        reason, told_to = self._reason.text().strip(), self._told_to.text().strip()
        self.leave()
        self.confirmed.emit(asked.kind, reason, told_to, person or "")


class MessageLine(QWidget):
    """One sentence about the last thing that was done or refused."""

    def __init__(self) -> None:
        super().__init__()
        self._label = label(name="report.message", wrap=True)
        column(self).addWidget(self._label)
        self.hide()

    def say(self, text: str, *, alarm: bool = False) -> None:
        """Show a sentence; an empty one clears the line."""
        self._label.setText(text)
        set_role(self._label, "alarmText" if alarm else "dim")
        self.setVisible(bool(text))
