"""The first page: who are you. A person from this station's list, a password, one clear line when it is wrong.

Renders the roster's people, region and age; emits ``loginAsked(person_id, password)``. It never keeps the password
longer than the click and knows nothing of keys.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QGridLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from workstation.domain.roster import Person, Roster
from workstation.ui import words
from workstation.ui.pieces import button, label, named
from workstation.ui.theme import set_role
from workstation.ui.words import translate

CARD_PX = 380


class LoginPage(QWidget):
    """A quiet card in the middle of a dark screen."""

    loginAsked = Signal(str, str)  # noqa: N815 - Qt's own spelling of signals

    def __init__(self) -> None:
        super().__init__()
        set_role(self, "ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._person = named(QComboBox(), "login.person")
        self._password = named(QLineEdit(), "login.password")
        self._password.setEchoMode(QLineEdit.EchoMode.Password)
        self._enter = button(
            translate("LoginPage", "Log in"), self._ask, name="login.enter", role="primary"
        )
        self._message = label(name="login.message", role="alarmText", wrap=True)
        self._message.setMinimumHeight(36)
        self._roster = label(name="login.roster", role="dim", wrap=True)
        self._password.returnPressed.connect(self._ask)
        self._lay_out()

    def _lay_out(self) -> None:
        title = label("Cosight", role="title")
        subtitle = label(translate("LoginPage", "Reading workstation"), role="dim")
        form = QFormLayout()
        form.setVerticalSpacing(10)
        form.setHorizontalSpacing(12)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(translate("LoginPage", "Person"), self._person)
        form.addRow(translate("LoginPage", "Password"), self._password)
        card = QWidget()
        card.setFixedWidth(CARD_PX)
        column = QVBoxLayout(card)
        column.setSpacing(8)
        for widget in (title, subtitle):
            column.addWidget(widget)
        column.addSpacing(12)
        column.addLayout(form)
        column.addWidget(self._message)
        column.addWidget(self._enter)
        column.addSpacing(16)
        column.addWidget(self._roster)
        grid = QGridLayout(self)
        grid.addWidget(card, 0, 0, Qt.AlignmentFlag.AlignCenter)

    def show_people(self, people: Sequence[Person], today: dt.date) -> None:
        """List who can log in here, by name and level; the one chosen stays chosen."""
        chosen = self._person.currentData()
        self._person.clear()
        for person in people:
            level = words.highest_level(person.levels_on(today))
            label = f"{person.display_name}  ·  {level}" if level else person.display_name
            self._person.addItem(label, person.person_id)
        self._person.setCurrentIndex(max(0, self._person.findData(chosen)))

    def show_roster(self, roster: Roster, today: dt.date) -> None:
        """Say for which region the roster is and how old; an expired one says so in amber."""
        days = (today - roster.issued.astimezone().date()).days
        told = translate("LoginPage", "{region} · roster {days} days old, valid until {date}")
        if today >= roster.expires:
            told = translate(
                "LoginPage", "{region} · the roster expired on {date} ({days} days old)"
            )
        self._roster.setText(
            told.format(region=roster.region, days=days, date=roster.expires.isoformat())
        )
        set_role(self._roster, "cautionText" if today >= roster.expires else "dim")

    def show_busy(self, *, busy: bool) -> None:
        """While the key is being unlocked nothing can be asked twice."""
        for widget in (self._person, self._password, self._enter):
            widget.setEnabled(not busy)
        if busy:
            self._message.clear()

    def show_message(self, text: str) -> None:
        """One line about what went wrong; the password is asked again."""
        self._message.setText(text)
        self._password.clear()
        self._password.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """Come back empty, the cursor where the hand goes next."""
        super().showEvent(event)
        self._password.clear()
        self._message.clear()
        self._password.setFocus()

    def _ask(self) -> None:
        person_id, password = self._person.currentData(), self._password.text()
        if not person_id:
            self.show_message(translate("LoginPage", "Nobody has a key at this station yet."))
        elif not password:
            self.show_message(translate("LoginPage", "Please type the password."))
        else:
            self.loginAsked.emit(person_id, password)
