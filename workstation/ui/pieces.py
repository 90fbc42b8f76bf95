"""Labels, buttons, chips and panels made in one line, each with the name that a script finds it by and its role.

Texts from outside are always plain text: no label here ever reads markup. It knows nothing of what they mean.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from workstation.ui.theme import set_role

W = TypeVar("W", bound=QWidget)


def named(widget: W, name: str = "", role: str = "") -> W:
    """The widget, with an object name and a role where they are given."""
    if name:
        widget.setObjectName(name)
    if role:
        set_role(widget, role)
    return widget


def label(text: str = "", *, name: str = "", role: str = "", wrap: bool = False) -> QLabel:
    """A line (or, with ``wrap``, a paragraph) of plain text."""
    made = named(QLabel(), name, role)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setText(text)
    made.setWordWrap(wrap)
    return made


class ElidedLabel(QLabel):
    """A line of plain text that gives way when there is no room: cut with an ellipsis, whole in its tool tip."""

    def __init__(self, *, name: str = "", role: str = "") -> None:
        super().__init__()
        named(self, name, role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._whole = ""
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)

    def show_text(self, text: str) -> None:
        """Show a text, cut to the room there is."""
        self._whole = text
        self.updateGeometry()
        self._cut()

    def whole_text(self) -> str:
        """The text without cutting."""
        return self._whole

    def sizeHint(self) -> QSize:
        """Room for the whole text."""
        height = super().sizeHint().height()
        return QSize(self.fontMetrics().horizontalAdvance(self._whole) + 4, height)

    def minimumSizeHint(self) -> QSize:
        """Room for an ellipsis."""
        return QSize(min(24, self.sizeHint().width()), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut anew."""
        super().resizeEvent(event)
        self._cut()

    def _cut(self) -> None:
        width = max(0, self.width())
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, width)
        self.setText(shown)
        self.setToolTip(self._whole if shown != self._whole else "")


def button(
    text: str,
    clicked: Callable[[], object] | None = None,
    *,
    name: str = "",
    role: str = "",
) -> QPushButton:
    """A push button; ``primary`` for the one thing to do next, ``link`` for a word to click on."""
    made = named(QPushButton(text), name, role)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    if clicked is not None:
        call = clicked
        made.clicked.connect(lambda _checked=False: call())
    return made


def chip(text: str, *, name: str = "") -> QPushButton:
    """A round button that stays pressed."""
    made = button(text, name=name, role="chip")
    made.setCheckable(True)
    return made


def panel(role: str, name: str = "") -> QWidget:
    """A plain ground that paints its role's colour."""
    made = named(QWidget(), name, role)
    made.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return made


def row(
    parent: QWidget | None = None,
    *,
    margins: tuple[int, int, int, int] = (0, 0, 0, 0),
    spacing: int = 8,
) -> QHBoxLayout:
    """Things side by side."""
    return _spaced(QHBoxLayout(parent) if parent else QHBoxLayout(), margins, spacing)


def column(
    parent: QWidget | None = None,
    *,
    margins: tuple[int, int, int, int] = (0, 0, 0, 0),
    spacing: int = 8,
) -> QVBoxLayout:
    """Things below each other."""
    return _spaced(QVBoxLayout(parent) if parent else QVBoxLayout(), margins, spacing)


L = TypeVar("L", bound=QBoxLayout)


def _spaced(layout: L, margins: tuple[int, int, int, int], spacing: int) -> L:
    layout.setContentsMargins(*margins)
    layout.setSpacing(spacing)
    return layout
