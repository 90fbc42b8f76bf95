"""The corner that is always on screen: the state of the line, who is logged in, and the way out.

Renders the syncer's ``LineStatus`` in one sentence; an archive that cannot be reached is told here and nowhere else.
Emits ``lockAsked``. Signed in the patient's interest: what waits to be sent and what could not be confirmed is counted.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
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

    def show_session(self, session: Session) -> None:
        """Say who is logged in and at which level."""
        level = words.highest_level(session.levels)
        self._person.setText(f"{session.person.display_name}  {level}".strip())

    def show_line(self, status: LineStatus, now: dt.datetime) -> None:
        """Say how the line is; what went wrong is in the tool tip in full."""
        self._glyph.show_online(online=status.online)
        self._line.setText(line_text(status, self._node_name, now))
        problem = words.failure_text(status.problem) if status.problem else ""
        alarms = [words.error_text(alarm) for alarm in status.alarms]
        self._line.setToolTip("\n".join(part for part in (problem, *alarms) if part))
        set_role(self._line, "alarmText" if status.alarms else "dim")

    def show_problem(self, why: str) -> None:
        """Say that the archive does not answer, with the reason in full in the tool tip."""
        self._glyph.show_online(online=False)
        self._line.setText(translate("SessionCorner", "The archive does not answer"))
        self._line.setToolTip(why)
        set_role(self._line, "cautionText")


def line_text(status: LineStatus, node_name: str, now: dt.datetime) -> str:
    """``Online · centre · to send 0``: one line about the line."""
    if status.online is None:
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
