"""Shapes painted by hand, so that a state is told by shape and colour and never by colour alone.

State: grey ring (unread), blue pencil (draft), half amber disc (to review), orange arrow (returned), green tick
(signed), violet fork (two versions). Images here: a filled, a part-filled or an empty circle. The line: a filled dot, a
ring, a dashed ring. Only painting; no words and no values of its own.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from workstation.domain.worklist import ImagesHere, Status
from workstation.ui.theme import DARK, colour

GLYPH_PX = 12


def status_colour(status: Status) -> QColor:
    """The colour of a state's shape."""
    colours = {
        Status.UNREAD: DARK.unread,
        Status.DRAFT: DARK.draft,
        Status.SUBMITTED: DARK.submitted,
        Status.PRELIMINARY: DARK.submitted,
        Status.RETURNED: DARK.returned,
        Status.FINAL: DARK.final,
        Status.AMENDING: DARK.final,
        Status.WITHDRAWN: DARK.dim,
        Status.FORK: DARK.fork,
    }
    return colour(colours[status])


def paint_status(painter: QPainter, box: QRectF, status: Status) -> None:
    """The shape of a state inside a square box."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(_pen(status_colour(status), box))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _SHAPES[status](painter, box)
    painter.restore()


def paint_images_here(painter: QPainter, box: QRectF, images: ImagesHere, part: float) -> None:
    """A circle filled by the part of the images that is here (0 to 1); an empty ring for none."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    tint = colour(DARK.text if images is ImagesHere.ALL else DARK.dim)
    painter.setPen(QPen(tint, 1.3))
    inner = box.adjusted(1, 1, -1, -1)
    painter.drawEllipse(inner)
    painter.setBrush(tint)
    if images is ImagesHere.ALL:
        painter.drawEllipse(inner)
    elif images is ImagesHere.PARTIAL:
        painter.drawPie(inner, 90 * 16, -int(max(0.06, min(part, 0.94)) * 360 * 16))
    painter.restore()


def paint_line(painter: QPainter, box: QRectF, online: bool | None) -> None:
    """The line: filled green dot with a tick, amber ring with a bar through it, dim ring when not known yet."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    tint = colour({True: DARK.final, False: DARK.caution, None: DARK.dim}[online])
    painter.setPen(QPen(tint, 1.5))
    inner = box.adjusted(1, 1, -1, -1)
    if online:
        painter.setBrush(tint)
        painter.drawEllipse(inner)
        painter.setPen(QPen(colour(DARK.ground), 1.5))
        _tick(painter, inner)
    else:
        painter.drawEllipse(inner)
    if online is False:
        painter.drawLine(inner.bottomLeft(), inner.topRight())
    painter.restore()


class StatusGlyph(QWidget):
    """The shape of one state, as a small widget."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._status = Status.UNREAD
        self.setFixedSize(QSize(GLYPH_PX + 4, GLYPH_PX + 4))

    def show_status(self, status: Status) -> None:
        """Show another state."""
        self._status = status
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the shape in the middle."""
        painter = QPainter(self)
        paint_status(painter, QRectF(2, 2, GLYPH_PX, GLYPH_PX), self._status)
        painter.end()


class LineGlyph(QWidget):
    """The state of the line, as a small widget."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._online: bool | None = None
        self.setFixedSize(QSize(GLYPH_PX, GLYPH_PX))

    def show_online(self, *, online: bool | None) -> None:
        """Show whether the archive answers."""
        self._online = online
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the dot."""
        painter = QPainter(self)
        paint_line(painter, QRectF(0.5, 0.5, GLYPH_PX - 1, GLYPH_PX - 1), self._online)
        painter.end()


def _pen(tint: QColor, box: QRectF) -> QPen:
    pen = QPen(tint, max(1.5, box.width() / 8))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def _at(box: QRectF, x: float, y: float) -> QPointF:
    return QPointF(box.left() + x * box.width(), box.top() + y * box.height())


def _lines(painter: QPainter, box: QRectF, *points: tuple[float, float]) -> None:
    painter.drawPolyline(QPolygonF([_at(box, x, y) for x, y in points]))


def _ring(painter: QPainter, box: QRectF) -> None:
    painter.drawEllipse(box.adjusted(1, 1, -1, -1))


def _pencil(painter: QPainter, box: QRectF) -> None:
    body = QPolygonF(
        [
            _at(box, x, y)
            for x, y in ((0.06, 0.94), (0.16, 0.6), (0.7, 0.06), (0.94, 0.3), (0.4, 0.84))
        ]
    )
    painter.setBrush(painter.pen().color())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawPolygon(body)


def _half_disc(painter: QPainter, box: QRectF) -> None:
    inner = box.adjusted(1, 1, -1, -1)
    painter.drawEllipse(inner)
    painter.setBrush(painter.pen().color())
    painter.drawPie(inner, 90 * 16, 180 * 16)


def _disc_in_ring(painter: QPainter, box: QRectF) -> None:
    _half_disc(painter, box)
    _lines(painter, box, (0.72, 0.5), (0.72, 0.5))


def _arrow_back(painter: QPainter, box: QRectF) -> None:
    path = QPainterPath(_at(box, 0.92, 0.92))
    path.cubicTo(_at(box, 0.98, 0.5), _at(box, 0.75, 0.34), _at(box, 0.1, 0.34))
    painter.drawPath(path)
    _lines(painter, box, (0.38, 0.05), (0.08, 0.34), (0.38, 0.63))


def _tick(painter: QPainter, box: QRectF) -> None:
    _lines(painter, box, (0.27, 0.52), (0.44, 0.69), (0.74, 0.35))


def _ticked_disc(painter: QPainter, box: QRectF) -> None:
    painter.setBrush(painter.pen().color())
    painter.drawEllipse(box.adjusted(1, 1, -1, -1))
    painter.setPen(_pen(colour(DARK.ground), box))
    _tick(painter, box)


def _ticked_ring(painter: QPainter, box: QRectF) -> None:
    _ring(painter, box)
    _tick(painter, box)


def _barred_ring(painter: QPainter, box: QRectF) -> None:
    _ring(painter, box)
    _lines(painter, box, (0.22, 0.78), (0.78, 0.22))


def _fork(painter: QPainter, box: QRectF) -> None:
    _lines(painter, box, (0.25, 0.98), (0.25, 0.05))
    path = QPainterPath(_at(box, 0.25, 0.8))
    path.cubicTo(_at(box, 0.3, 0.5), _at(box, 0.8, 0.6), _at(box, 0.8, 0.08))
    painter.drawPath(path)


_SHAPES: dict[Status, Callable[[QPainter, QRectF], None]] = {
    Status.UNREAD: _ring,
    Status.DRAFT: _pencil,
    Status.SUBMITTED: _half_disc,
    Status.PRELIMINARY: _disc_in_ring,
    Status.RETURNED: _arrow_back,
    Status.FINAL: _ticked_disc,
    Status.AMENDING: _ticked_ring,
    Status.WITHDRAWN: _barred_ring,
    Status.FORK: _fork,
}
