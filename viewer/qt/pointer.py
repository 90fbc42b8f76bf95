"""Pointer gestures as tools' events: which button does what, wheel notches, drags as a whole.

Left is the chosen tool (scrolling at first, IHE BIR 5.5), middle pans, right windows: scrolling and
windowing are what a hand does all day, so both are there without choosing; the wheel scrolls and
with Ctrl it zooms. Left with Shift zooms and with Ctrl pans, for tablets and mice without a wheel.
Fine wheels and touchpads report parts of a notch; they are added up. Owns the drag under way, no
view.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent

from viewer.tools import ZOOM_PER_NOTCH, Drag, Magnify, Step, Tool, Viewing
from viewer.view import Point

_NOTCH = 120
_STARTS_AFTER_PX = 2.0


class Pointer:
    """The mouse over one viewport. Points are handed on in device pixels (`ratio` per logical)."""

    def __init__(self) -> None:
        self.tool = Tool.SCROLL
        self.ratio = 1.0
        self.began: Viewing | None = None
        self._start: Point = (0.0, 0.0)
        self._drags: Tool | None = None
        self._button = Qt.MouseButton.NoButton
        self._moved = False
        self._rest = 0

    @property
    def dragging(self) -> Tool | None:
        """The tool whose drag is under way."""
        return self._drags

    def pressed(self, event: QMouseEvent, viewing: Viewing) -> Drag | None:
        """A button goes down; the crosshair answers at once, other tools when the hand moves."""
        if self._drags is not None:
            return None
        tool = self._tool_of(event.button(), event.modifiers())
        if tool is None:
            return None
        self._drags, self._button, self._moved = tool, event.button(), False
        self.began = viewing
        self._start = self._point(event.position())
        if tool is Tool.CROSSHAIR:
            return Drag(tool=tool, start=self._start, now=self._start)
        return None

    def moved(self, event: QMouseEvent) -> Drag | None:
        """The hand moves with a button down."""
        if self._drags is None:
            return None
        now = self._point(event.position())
        far = max(abs(now[0] - self._start[0]), abs(now[1] - self._start[1]))
        if not self._moved and far < _STARTS_AFTER_PX * self.ratio:
            return None
        self._moved = True
        return Drag(tool=self._drags, start=self._start, now=now)

    def released(self, event: QMouseEvent) -> None:
        """The button that began the drag goes up."""
        if event.button() == self._button:
            self._drags, self.began, self._button = None, None, Qt.MouseButton.NoButton

    def turned(self, event: QWheelEvent) -> Step | Magnify | None:
        """The wheel turns: towards the reader is forward through the series."""
        self._rest += event.angleDelta().y() or event.angleDelta().x()
        notches = int(self._rest / _NOTCH)
        self._rest -= notches * _NOTCH
        if notches == 0:
            return None
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            factor = ZOOM_PER_NOTCH**notches
            return Magnify(factor=factor, anchor=self._point(event.position()))
        return Step(steps=-notches)

    def _point(self, position: QPointF) -> Point:
        return (position.x() * self.ratio, position.y() * self.ratio)

    def _tool_of(self, button: Qt.MouseButton, keys: Qt.KeyboardModifier) -> Tool | None:
        if button == Qt.MouseButton.MiddleButton:
            return Tool.PAN
        if button == Qt.MouseButton.RightButton:
            return Tool.WINDOW
        if button != Qt.MouseButton.LeftButton:
            return None
        if keys & Qt.KeyboardModifier.ShiftModifier:
            return Tool.ZOOM
        if keys & Qt.KeyboardModifier.ControlModifier:
            return Tool.PAN
        return self.tool
