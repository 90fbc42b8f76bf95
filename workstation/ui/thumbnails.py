"""The strip of series at the left: picture, number, description, and how much of it was seen.

A click or a drag opens a series; the one in the active viewport carries the accent. What was not
seen stands in caution, so that it is found before the report is signed. It loads nothing.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QByteArray, QCoreApplication, QMimeData, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QDrag, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QListWidget,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from viewer.qt.painting import image_of
from viewer.qt.viewport import SERIES_MIME
from workstation.ui.theme import DARK, font, set_role

translate = QCoreApplication.translate

PICTURE_PX = 104
_STRIP_PX = 132
_MARK_PX = 12
_MOST_ROWS = 8
_ROW_PX = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRow:
    """One of very many sets of a series: its key, and what sets it apart."""

    key: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesEntry:
    """One display set as the strip tells it: `parts` sets it apart from others of its series.

    `findings` are sentences about its slices for the tool tip; with `warns` a mark says that there are some.
    A series with very many sets is one entry that lists them in `sets`; its `key` is that of the first.
    """

    key: str
    series_uid: str
    number: int | None
    description: str
    count: int
    parts: str = ""
    findings: tuple[str, ...] = ()
    warns: bool = False
    sets: tuple[SetRow, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The display sets it stands for."""
        return tuple(row.key for row in self.sets) or (self.key,)


class ThumbnailStrip(QScrollArea):
    """All series of the study.

    Signals:
        seriesChosen: the key of the display set that was clicked.
    """

    seriesChosen = Signal(str)  # noqa: N815 - Qt's own spelling of signals

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "left")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(_STRIP_PX)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._body = QWidget()
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(8, 8, 8, 8)
        self._column.setSpacing(10)
        self._column.addStretch(1)
        self.setWidget(self._body)
        self._items: dict[str, Thumbnail] = {}

    def show_series(self, entries: Sequence[SeriesEntry]) -> None:
        """The series of another study."""
        for item in self._items.values():
            self._column.removeWidget(item)
            item.deleteLater()
        self._items = {entry.key: Thumbnail(entry) for entry in entries}
        for place, item in enumerate(self._items.values()):
            item.chosen.connect(self.seriesChosen)
            self._column.insertWidget(place, item)

    def show_picture(self, key: str, picture: npt.NDArray[np.uint8]) -> None:
        """The picture of one series."""
        if key in self._items:
            self._items[key].show_picture(picture)

    def show_seen(self, seen: Mapping[str, int]) -> None:
        """By key: how many images of a set were seen."""
        for item in self._items.values():
            item.show_seen(sum(seen.get(key, 0) for key in item.entry.keys), item.entry.count)

    def show_active(self, key: str | None) -> None:
        """The series of the active viewport carries the accent and is scrolled into view."""
        for item in self._items.values():
            item.show_active(key if key in item.entry.keys else None)
            if key in item.entry.keys:
                self.ensureWidgetVisible(item, 0, 8)

    def items(self) -> list[Thumbnail]:
        """The thumbnails in order."""
        return list(self._items.values())


class Thumbnail(QWidget):
    """One series: its picture over two lines of text, and the list of its sets where they are very many.

    Signals:
        chosen: the key of the set to show, after a click that was no drag.
    """

    chosen = Signal(str)

    def __init__(self, entry: SeriesEntry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry = entry
        self._pressed_at: QPoint | None = None
        self._key = entry.key
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self.picture = _Picture(warns=entry.warns)
        self.title = QLabel()
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.parts = QLabel()
        self.parts.setTextFormat(Qt.TextFormat.PlainText)
        self.parts.setFont(font(DARK.small_px))
        parts = entry.parts or _count_text(entry)
        self.parts.setVisible(bool(parts))
        self.state = QLabel()
        self.state.setTextFormat(Qt.TextFormat.PlainText)
        self.state.setFont(font(DARK.small_px))
        self.state.setWordWrap(True)
        for widget in (self.picture, self.title, self.parts, self.state):
            column.addWidget(widget)
        number = "" if entry.number is None else f"{entry.number} "
        full = f"{number}{entry.description}".strip() or translate("ReadingImages", "Series")
        metrics = self.title.fontMetrics()
        self.title.setText(metrics.elidedText(full, Qt.TextElideMode.ElideRight, PICTURE_PX))
        self.parts.setText(metrics.elidedText(parts, Qt.TextElideMode.ElideRight, PICTURE_PX))
        lines = (full, parts, *entry.findings)
        told = "<br>".join(html.escape(line) for line in lines if line)
        self.setToolTip(
            f"<qt>{told}</qt>"
        )  # said to be rich, so that nothing in it is taken for more
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.list = _SetList(entry.sets, self.chosen.emit) if entry.sets else None
        if self.list is not None:
            column.addWidget(self.list)
        self.show_seen(0, entry.count)

    def show_picture(self, picture: npt.NDArray[np.uint8]) -> None:
        """What the series looks like."""
        self.picture.show_pixmap(QPixmap.fromImage(image_of(picture)))

    def show_active(self, key: str | None) -> None:
        """The accent around the picture where one of its sets is active; the list opens at it."""
        self.picture.show_active(key is not None)
        if key is not None:
            self._key = key
        if self.list is not None:
            self.list.show_active(key)

    def show_seen(self, seen: int, total: int) -> None:
        """The second line: all seen quietly, part of it in caution."""
        if seen >= total:
            text = translate("ReadingImages", "{total} images, all seen").format(total=total)
        elif seen == 0:
            text = translate("ReadingImages", "{total} images").format(total=total)
        else:
            text = translate("ReadingImages", "{seen} / {total} seen").format(
                seen=seen, total=total
            )
        self.state.setText(text)
        set_role(self.state, "cautionText" if 0 < seen < total else "dim")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click or a drag begins."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Far enough from where it began it is a drag, to a viewport."""
        if self._pressed_at is None:
            return
        moved = (event.position().toPoint() - self._pressed_at).manhattanLength()
        if moved >= QApplication.startDragDistance():
            self._pressed_at = None
            drag = QDrag(self)
            drag.setMimeData(series_mime(self._key))
            drag.setPixmap(self.picture.grab())
            drag.exec(Qt.DropAction.CopyAction)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Up again in the same place: a click."""
        if event.button() == Qt.MouseButton.LeftButton and self._pressed_at is not None:
            self._pressed_at = None
            self.chosen.emit(self._key)


def series_mime(key: str) -> QMimeData:
    """What a dragged thumbnail carries."""
    data = QMimeData()
    data.setData(SERIES_MIME, QByteArray(key.encode()))
    return data


def _count_text(entry: SeriesEntry) -> str:
    if not entry.sets:
        return ""
    return translate("ReadingImages", "{count} sets").format(count=len(entry.sets))


class _SetList(QListWidget):
    """The sets of one series by what sets them apart; it is open while one of them is active."""

    def __init__(self, rows: Sequence[SetRow], choose: Callable[[str], None]) -> None:
        super().__init__()
        self._keys = [row.key for row in rows]
        self.addItems([row.text for row in rows])
        self.setFont(font(DARK.small_px))
        self.setUniformItemSizes(True)
        self.setFixedHeight(min(len(rows), _MOST_ROWS) * (self.sizeHintForRow(0) or _ROW_PX) + 4)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        self.itemClicked.connect(lambda item: choose(self._keys[self.row(item)]))

    def show_active(self, key: str | None) -> None:
        """Open at a set; None closes."""
        self.setVisible(key is not None)
        if key is not None:
            self.setCurrentRow(self._keys.index(key))


class _Picture(QWidget):
    """A square of black with the picture in it and a thin line around; a corner in caution where it warns."""

    def __init__(self, *, warns: bool = False) -> None:
        super().__init__()
        self._warns = warns
        self.setFixedSize(QSize(PICTURE_PX, PICTURE_PX))
        self._pixmap = QPixmap()
        self._is_active = False

    def show_pixmap(self, pixmap: QPixmap) -> None:
        self._pixmap = pixmap
        self.update()

    def show_active(self, active: bool) -> None:
        self._is_active = active
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), QColor("#000000"))
        painter.drawPixmap(self.rect(), self._pixmap)
        if self._warns:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(DARK.caution))
            right = self.width() - 1
            corner = (QPoint(right, 1), QPoint(right - _MARK_PX, 1), QPoint(right, 1 + _MARK_PX))
            painter.drawPolygon(corner)
            painter.setBrush(Qt.BrushStyle.NoBrush)
        wide = 2 if self._is_active else 1
        painter.setPen(QPen(QColor(DARK.accent if self._is_active else DARK.line), wide))
        inset = wide // 2
        painter.drawRect(self.rect().adjusted(inset, inset, -1, -1))
        painter.end()
