"""The corner that is always on screen: the state of the line, who is logged in, and the way out.

Renders the syncer's ``LineStatus`` in one sentence; an archive that cannot be reached is told here and nowhere else.
Emits ``lockAsked``. Signed in the patient's interest: what waits to be sent and what could not be confirmed is counted.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from workstation.ui import words
from workstation.ui.glyphs import LineGlyph
from workstation.ui.pieces import button, label, row
from workstation.ui.theme import set_role
from workstation.ui.words import translate

if TYPE_CHECKING:
    from workstation.services.sessions import Session
    from workstation.services.syncing import LineStatus


class SessionCorner(QWidget):
    """Line, person, lock."""

    lockAsked = Signal()  # noqa: N815 - Qt's own spelling of signals

    def __init__(self, place: str, node_name: str = "", *, locks: bool = True) -> None:
        """``locks`` shows the button; the key works everywhere."""
        super().__init__()
        self._node_name = node_name
        self._status: LineStatus | None = None
        self._now: dt.datetime | None = None
        self._problem = ""
        self._glyph = LineGlyph()
        asked = translate("SessionCorner", "Line: not asked yet")
        self._line = label(asked, name=f"{place}.line", role="dim")
        self._person = label(name=f"{place}.whoIsHere")
        self._lock = button(
            translate("SessionCorner", "Lock  Ctrl+L"), self.lockAsked.emit, name=f"{place}.lock"
        )
        across = row(self)
        for widget in (self._glyph, self._line, self._person, self._lock):
            across.addWidget(widget)
        across.insertSpacing(2, 8)
        self._lock.setVisible(locks)
        self._lock.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_session(self, session: Session) -> None:
        """Say who is logged in and at which level."""
        level = words.highest_level(session.levels)
        self._person.setText(f"{session.person.display_name}  {level}".strip())

    def show_line(self, status: LineStatus, now: dt.datetime) -> None:
        """Say how the line is; what went wrong is in the tool tip in full."""
        self._status, self._now = status, now
        self._render()

    def show_problem(self, why: str) -> None:
        """Say that the archive did not answer when it was asked for its list; '' says that it did."""
        self._problem = why
        self._render()

    def _render(self) -> None:
        status = self._status
        online = False if self._problem else (status.online if status else None)
        self._glyph.show_online(online=online)
        if status is not None and self._now is not None:
            told = line_text(status, self._node_name, self._now, answers=not self._problem)
            self._line.setText(told)
        elif self._problem:
            self._line.setText(translate("SessionCorner", "The archive does not answer"))
        found = [words.failure_text(status.problem)] if status and status.problem else []
        found += [words.error_text(alarm) for alarm in status.alarms] if status else []
        self._line.setToolTip("\n".join(dict.fromkeys(t for t in (self._problem, *found) if t)))
        role = "cautionText" if online is False else "dim"
        set_role(self._line, "alarmText" if status and status.alarms else role)


def line_text(status: LineStatus, node_name: str, now: dt.datetime, *, answers: bool = True) -> str:
    """``Online · centre · to send 0``: one line about the line."""
    if status.online is not False and not answers:
        head = translate("SessionCorner", "The archive does not answer")
    elif status.online is None:
        head = translate("SessionCorner", "Line: not asked yet")
    elif status.online:
        head = translate("SessionCorner", "Online")
    else:
        head = translate("SessionCorner", "Offline")
        if status.since is not None:
            head = translate("SessionCorner", "Offline since {time}").format(
                time=words.moment(status.since, now)
            )
    parts = [f"{head}  {node_name}".strip()]
    parts.append(translate("SessionCorner", "to send {count}").format(count=status.to_send))
    if status.unconfirmed:
        parts.append(
            translate("SessionCorner", "unconfirmed {count}").format(count=status.unconfirmed)
        )
    if status.alarms:
        parts.append(translate("SessionCorner", "alarms {count}").format(count=len(status.alarms)))
    return " · ".join(parts)
