"""A plain widget that paints what it is given: a finished drawing, a sentence, progress, a frame.

It asks for nothing and decodes nothing. It tells which acquired frames really stood on the screen,
so that others can say what of a study was not looked at.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from viewer.qt.drawing import Drawn, number_in_instance
from viewer.qt.painting import (
    Style,
    TextStamps,
    Ticks,
    image_of,
    paint,
    paint_notice,
    paint_position,
)

# What stood on the screen this long was shown: a cine of 25 pictures a second is looked at,
# what a drag flicks through faster is not. Coverage is told by it.
SHOWN_AFTER_MS = 40
_USUAL_LETTERS = "0123456789 ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz .,:/-+ 岁男女"


class Canvas(QWidget):
    """One picture with its texts.

    Signals:
        drawn: a `Drawn` was given and will be painted next.
        frameShown: series UID, SOP instance UID and frame number that stood on the screen.
    """

    drawn = Signal(object)
    frameShown = Signal(str, str, int)  # noqa: N815 - Qt's own spelling of signals

    def __init__(self, style: Style, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._style = style
        self._stamps = TextStamps(style)
        self._drawn: Drawn | None = None
        self._image = QImage()
        self._is_active = False
        self._notice = ("", False)
        self._progress: float | None = None
        self._ticks = Ticks()
        self._shown_timer = QTimer(self)
        self._shown_timer.setSingleShot(True)
        self._shown_timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._shown_timer.setInterval(SHOWN_AFTER_MS)
        self._shown_timer.timeout.connect(self._on_shown)
        self._is_unpainted = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(QSize(96, 96))

    @property
    def on_screen(self) -> Drawn | None:
        """The drawing on the screen."""
        return self._drawn

    @property
    def notice(self) -> str:
        """The sentence over the picture."""
        return self._notice[0]

    @property
    def is_active(self) -> bool:
        """Whether keys and chips act here."""
        return self._is_active

    def picture(self) -> npt.NDArray[np.uint8] | None:
        """The pixels on the screen, without what is written over them; None before the first."""
        return self._drawn.picture if self._drawn is not None else None

    def canvas_size(self) -> tuple[int, int]:
        """(width, height) in device pixels."""
        ratio = self.devicePixelRatioF()
        return (max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio)))

    def prepare(self) -> None:
        """Load the fonts of the texts: the first line written costs 15 ms, those after it a third of one."""
        for role in ("text", "orientation"):
            self._stamps.line(_USUAL_LETTERS, role, self.devicePixelRatioF())

    def show_drawn(self, drawn: Drawn | None) -> None:
        """Paint this from now on, without the sentence that stood there before; None is black."""
        self._shown_timer.stop()
        is_first = self._drawn is None and drawn is not None
        self._drawn = drawn
        # The image looks at the array's memory: `self._drawn` keeps that alive.
        self._image = QImage() if drawn is None else image_of(drawn.picture)
        self._is_unpainted = drawn is not None
        self.update()
        if drawn is not None:
            self.show_notice("")
            if is_first:
                self.repaint()  # a reader waits for it: at once, whatever else the window has to do
            self.drawn.emit(drawn)

    def show_notice(self, text: str, *, alarming: bool = False) -> None:
        """One sentence over the picture, as plain text; empty takes it away."""
        if (text, alarming) != self._notice:
            self._notice = (text, alarming)
            self.update()

    def show_loading(self, progress: float | None, ticks: Ticks | None = None) -> None:
        """How far the series is loaded (0-1, None: nothing under way), and what its track tells."""
        ticks = ticks or Ticks()
        if (progress, ticks) != (self._progress, self._ticks):
            self._progress, self._ticks = progress, ticks
            self.update()

    def show_ticks(self, ticks: Ticks) -> None:
        """What the track tells, whatever is under way."""
        self.show_loading(self._progress, ticks)

    def show_active(self, active: bool) -> None:
        """Mark this as the one that keys and chips act on."""
        if active != self._is_active:
            self._is_active = active
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Picture, texts, track, sentence, progress, frame: in device pixels."""
        ratio = self.devicePixelRatioF()
        painter = QPainter(self)
        painter.scale(1.0 / ratio, 1.0 / ratio)
        width, height = self.canvas_size()
        area = QRectF(0, 0, width, height)
        if self._drawn is not None:
            self._paint_drawn(painter, self._drawn, area, ratio)
        else:
            painter.fillRect(area, QColor(self._style.ground))
        if self._notice[0]:
            text, alarming = self._notice
            paint_notice(painter, text, area, style=self._style, ratio=ratio, alarming=alarming)
        if self._progress is not None:
            line = QRectF(0, height - 2 * ratio, width * self._progress, 2 * ratio)
            painter.fillRect(line, QColor(self._style.accent))
        if self._is_active:
            painter.setPen(QPen(QColor(self._style.accent), ratio))
            painter.drawRect(area.adjusted(ratio / 2, ratio / 2, -ratio / 2, -ratio / 2))
        painter.end()

    def _paint_drawn(self, painter: QPainter, drawn: Drawn, area: QRectF, ratio: float) -> None:
        """One to one where the size fits; stretched for the moment between resize and redraw."""
        if (self._image.width(), self._image.height()) == self.canvas_size():
            painter.drawImage(0, 0, self._image)
            paint(painter, drawn.drawings, self._stamps, ratio)
            if self._is_unpainted:
                self._is_unpainted = False
                self._shown_timer.start()
        else:
            painter.drawImage(area, self._image)
        if drawn.count > 1:
            paint_position(painter, area, drawn.place, self._ticks, style=self._style, ratio=ratio)

    def _on_shown(self) -> None:
        frame = self._drawn.frame if self._drawn is not None else None
        if frame is not None and self.isVisible() and not self.window().isMinimized():
            self.frameShown.emit(frame.series_uid, frame.sop_uid, number_in_instance(frame))
