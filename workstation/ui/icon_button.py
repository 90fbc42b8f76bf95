"""A line icon one can press: 20 px in 32, lit by the accent while it is down.

The icons are the drawings in `resources/icons`, black strokes that take the theme's colours here.
Knows no tool and no window.
"""

from __future__ import annotations

from importlib.resources import files

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QWidget

from workstation.ui.theme import DARK, Tokens

_SIDE_PX = 32
_RADIUS_PX = 4.0
_FAINT = "#4A545E"


def tinted(name: str, colour: QColor, side_px: int, ratio: float) -> QPixmap:
    """The icon `name` in one colour, `side_px` logical pixels wide at a screen's `ratio`."""
    drawing = files("resources").joinpath("icons", f"{name}.svg").read_bytes()
    pixmap = QPixmap(QSize(round(side_px * ratio), round(side_px * ratio)))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(drawing)).render(painter, QRectF(pixmap.rect()))
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(pixmap.rect(), colour)
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


class IconButton(QAbstractButton):
    """One icon of a tool row. Checkable ones stay lit while checked."""

    def __init__(
        self, icon: str, *, checkable: bool, tokens: Tokens = DARK, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon = icon
        self._tokens = tokens
        self._pixmaps: dict[tuple[str, float], QPixmap] = {}
        self.setCheckable(checkable)
        self.setFixedSize(QSize(_SIDE_PX, _SIDE_PX))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        """Thirty-two by thirty-two."""
        return QSize(_SIDE_PX, _SIDE_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground by state, then the icon in its colour."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lit = self.isChecked() or self.isDown()
        if lit or (self.underMouse() and self.isEnabled()):
            painter.setPen(QColor(self._tokens.accent) if lit else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._tokens.selected if lit else self._tokens.raised))
            area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawRoundedRect(area, _RADIUS_PX, _RADIUS_PX)
        strokes = self._tokens.text if self.isEnabled() else _FAINT
        inset = (_SIDE_PX - self._tokens.icon) // 2
        painter.drawPixmap(inset, inset, self._pixmap(strokes))
        painter.end()

    def _pixmap(self, strokes: str) -> QPixmap:
        key = (strokes, self.devicePixelRatioF())
        if key not in self._pixmaps:
            self._pixmaps[key] = tinted(self._icon, QColor(strokes), self._tokens.icon, key[1])
        return self._pixmaps[key]
