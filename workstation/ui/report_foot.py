"""The foot of the report panel: what must be known before signing, whose report it is, and the buttons.

Grade chips, what was not looked at, the line that asks for a reason in place, the patient in words once more, then the
offers of the view. Emits ``offered`` with an ``Offer``, ``told`` with what the line was told, ``seriesAsked``.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from workstation.domain.act import Grade
from workstation.ui import words
from workstation.ui.flow import FlowLayout
from workstation.ui.notices import Asked, CoverageNotice, DeedLine, MessageLine
from workstation.ui.offers import Offer, Place
from workstation.ui.pieces import button, chip, column, label, row
from workstation.ui.words import translate


class GradeChips(QWidget):
    """How far the text departs from the submitted one; none pressed means no grade is given."""

    def __init__(self) -> None:
        super().__init__()
        flow = FlowLayout(self, spacing=6)
        flow.addWidget(label(translate("Report", "Discrepancy (not in the report)"), role="dim"))
        self._chips = {g: chip(words.grade_name(g), name=f"review.grade.{g.value}") for g in Grade}
        for grade, made in self._chips.items():
            made.clicked.connect(lambda _checked=False, grade=grade: self._only(grade))
            flow.addWidget(made)

    def grade(self) -> Grade | None:
        """The grade that is pressed."""
        return next((g for g, made in self._chips.items() if made.isChecked()), None)

    def clear(self) -> None:
        """Press none."""
        for made in self._chips.values():
            made.setChecked(False)

    def _only(self, grade: Grade) -> None:
        for other, made in self._chips.items():
            if other is not grade:
                made.setChecked(False)


class ReportFoot(QWidget):
    """Notices and buttons."""

    offered = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.grades = GradeChips()
        self.coverage = CoverageNotice()
        self.message = MessageLine()
        self.deed_line = DeedLine()
        self._identity = label(name="report.identity", role="dim", wrap=True)
        self._buttons: dict[str, QPushButton] = {}
        self._shown: tuple[Offer, ...] = ()
        self._busy = False
        self._more = button(translate("Report", "More"), name="report.more")
        self._menu = QMenu(self._more)
        self._more.setMenu(self._menu)
        self._more.setParent(self)  # shown before it had a place, it would be a window of its own
        self._more.hide()
        self._flow = FlowLayout(spacing=8)
        down = column(self, spacing=8)
        for piece in (self.grades, self.coverage, self.message, self.deed_line, self._identity):
            down.addWidget(piece)
        buttons = row()
        buttons.addLayout(self._flow, 1)
        down.addLayout(buttons)
        for key in ("F6", "F7", "F8", "F9", "F10", "Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.activated.connect(lambda key=key: self._on_key(key))

    def show_identity(self, text: str) -> None:
        """Say whose report it is, in words."""
        self._identity.setText(text)

    def show_offers(self, shown: Sequence[Offer]) -> None:
        """Show these buttons; the same ones again leave the focus where it is."""
        if tuple(shown) == self._shown:
            return
        self._shown = tuple(shown)
        while self._flow.takeAt(0) is not None:
            pass
        for old in self._buttons.values():
            old.hide()
            old.deleteLater()
        self._buttons = {}
        for offer in self._shown:
            if offer.place is not Place.MORE:
                self._add_button(offer)
        self._show_more()
        self._judge()

    def show_busy(self, *, busy: bool) -> None:
        """While an act is being signed nothing can be asked twice."""
        self._busy = busy
        self._judge()

    def ask(self, asked: Asked) -> None:
        """Ask for a reason, a person or whom one told, in place."""
        self.deed_line.ask(asked)

    def _add_button(self, offer: Offer) -> None:
        text = f"{offer.text}  {_key_text(offer.key)}".strip()
        role = "primary" if offer.place is Place.PRIMARY else ""
        made = button(text, lambda: self._ask(offer), name=offer.name, role=role)
        self._buttons[offer.name] = made
        self._flow.addWidget(made)
        made.show()

    def _show_more(self) -> None:
        self._menu.clear()
        for offer in self._shown:
            if offer.place is Place.MORE:
                action = self._menu.addAction(f"{offer.text}  {_key_text(offer.key)}".strip())
                action.setObjectName(offer.name)
                action.triggered.connect(lambda _checked=False, offer=offer: self._ask(offer))
        if not self._menu.isEmpty():
            self._flow.addWidget(self._more)
        self._more.setVisible(not self._menu.isEmpty())

    def _judge(self) -> None:
        for offer in self._shown:
            made = self._buttons.get(offer.name)
            if made is not None:
                made.setEnabled(offer.enabled and not self._busy)
        self._more.setEnabled(not self._busy)

    def _ask(self, offer: Offer) -> None:
        if offer.enabled and not self._busy:
            self.offered.emit(offer)

    def _on_key(self, key: str) -> None:
        wanted = "Ctrl+Return" if key == "Ctrl+Enter" else key
        offer = next((o for o in self._shown if o.key == wanted), None)
        if offer is not None:
            self._ask(offer)


def _key_text(key: str) -> str:
    return key.replace("Return", "Enter")
