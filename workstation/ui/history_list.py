"""What happened to a report so far, one line per act: when, who, what, and the reason where one was given.

``history_lines`` turns a ``History`` into values for the list in the case panel and in the report panel; acts that do
not count stand in their place with the reason why. It judges nothing: that is done by ``domain.report.fold``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QWidget

from workstation.domain.act import Act, Observer
from workstation.domain.report import History
from workstation.ui import words
from workstation.ui.pieces import label
from workstation.ui.words import translate

Names = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One act as a line; ``fault`` says why it does not count."""

    time: dt.datetime
    told: str
    fault: str = ""


def observer_name(observer: Observer | None) -> str:
    """The ideographic name where there is one."""
    if observer is None:
        return ""
    groups = observer.name.split("=")
    name = groups[1] if len(groups) > 1 and groups[1] else groups[0]
    return name.replace("^", "") or observer.person_id


def history_lines(history: History, name_of: Names) -> tuple[HistoryLine, ...]:
    """All acts known about a report, oldest first."""
    valid = [v.signed for v in history.versions.values()] + list(history.notes)
    lines = [HistoryLine(time=s.act.time, told=act_text(s.act)) for s in valid]
    lines += [
        HistoryLine(
            time=r.signed.act.time,
            told=act_text(r.signed.act),
            fault=words.error_text(r.refusal, name_of),
        )
        for r in history.rejected
    ]
    return tuple(sorted(lines, key=lambda line: line.time))


def act_text(act: Act) -> str:
    """``Li Lei · Submitted for review``, with whom it went to, the grade and the reason."""
    parts = [observer_name(act.actor), words.act_name(act.kind)]
    if act.recipient is not None:
        parts.append(
            translate("History", "to {person}").format(person=observer_name(act.recipient))
        )
    if act.told_to:
        parts.append(translate("History", "to {person}").format(person=act.told_to))
    if act.grade is not None:
        parts.append(words.grade_name(act.grade))
    if act.reason:
        parts.append(translate("History", "“{reason}”").format(reason=act.reason))
    return " · ".join(parts)


class HistoryList(QScrollArea):
    """The lines, newest last, plain text."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._told: tuple[str, ...] = ()

    def show_lines(self, lines: Sequence[HistoryLine], now: dt.datetime) -> None:
        """Show these lines; none says that nothing happened yet."""
        inner = QWidget()
        grid = QGridLayout(inner)
        grid.setContentsMargins(0, 0, 6, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for number, line in enumerate(lines):
            grid.addWidget(_when(words.moment(line.time, now)), number, 0)
            grid.addWidget(_what(line), number, 1)
        if not lines:
            grid.addWidget(label(translate("History", "Nothing yet"), role="dim"), 0, 0)
        grid.setRowStretch(max(1, len(lines)), 1)
        self.setWidget(inner)
        inner.show()
        self._told = tuple(_whole(line) for line in lines)

    def clear(self) -> None:
        """Show nothing: what happened is being read."""
        self.setWidget(QWidget())
        self._told = ()

    def texts(self) -> tuple[str, ...]:
        """The lines as they are read."""
        return self._told


def _when(text: str) -> QLabel:
    made = label(text, role="dim")
    made.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
    return made


def _what(line: HistoryLine) -> QLabel:
    return label(_whole(line), role="alarmText" if line.fault else "", wrap=True)


def _whole(line: HistoryLine) -> str:
    if not line.fault:
        return line.told
    return translate("History", "{act}: does not count. {why}").format(
        act=line.told, why=line.fault
    )
