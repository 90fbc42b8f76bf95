"""The dense table of the worklist: 32 px rows, states as shapes, site marks, the hand never disturbed.

The view keeps the selected study by its UID and at the same height on screen when rows come, go or change places.
It renders the model and emits ``studyChosen`` (Enter, double click), ``studySelected``, ``sortAsked``, ``searchTyped``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from workstation.domain.worklist import Column, WorklistRow
from workstation.ui.glyphs import GLYPH_PX, paint_images_here, paint_status
from workstation.ui.theme import DARK, colour
from workstation.ui.worklist_model import COLUMNS, ROW_ROLE, WorklistModel

_MARGIN = 10


class WorklistDelegate(QStyledItemDelegate):
    """Paints one cell: ground, shape where the column has one, text."""

    def __init__(self, site_colours: Mapping[str, str]) -> None:
        super().__init__()
        self._site_colours = dict(site_colours)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint the cell."""
        row = index.data(ROW_ROLE)
        if not isinstance(row, WorklistRow):
            return
        painter.save()
        box: QRect = option.rect
        state: QStyle.StateFlag = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.fillRect(box, colour(DARK.selected if selected else DARK.ground))
        painter.setPen(colour(DARK.line))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        if selected and index.column() == 0:
            painter.fillRect(QRect(box.left(), box.top(), 3, box.height()), colour(DARK.accent))
        column = COLUMNS[index.column()][0]
        left = box.left() + _MARGIN + self._paint_shape(painter, box, column, row)
        text_box = QRect(left, box.top(), box.right() - left - 4, box.height())
        text = str(index.data(Qt.ItemDataRole.DisplayRole))
        painter.setPen(colour(DARK.dim if text == "—" else DARK.text))
        shown = painter.fontMetrics().elidedText(
            text, Qt.TextElideMode.ElideRight, text_box.width()
        )
        painter.drawText(
            text_box, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown
        )
        painter.restore()

    def _paint_shape(self, painter: QPainter, box: QRect, column: Column, row: WorklistRow) -> int:
        """Paint the column's shape; returns the width it took."""
        top = box.top() + (box.height() - GLYPH_PX) / 2
        place = QRectF(box.left() + _MARGIN, top, GLYPH_PX, GLYPH_PX)
        match column:
            case Column.STATUS:
                paint_status(painter, place, row.standing.status)
            case Column.IMAGES:
                part = row.here / row.total if row.total else 0.5
                paint_images_here(painter, place, row.images, part)
            case Column.SITE if row.facts.institution:
                tint = self._site_colours.get(row.facts.institution, DARK.dim)
                mark = QRect(box.left() + _MARGIN, box.top() + 9, 4, box.height() - 18)
                painter.fillRect(mark, colour(tint))
                return 10
            case _:
                return 0
        return GLYPH_PX + 8


class WorklistTable(QTableView):
    """The table; one row selected at most."""

    studyChosen = Signal(str)  # noqa: N815 - Qt's own spelling of signals
    studySelected = Signal(str)  # noqa: N815 - Qt's own spelling of signals
    sortAsked = Signal(Column)  # noqa: N815 - Qt's own spelling of signals
    searchTyped = Signal(str)  # noqa: N815 - Qt's own spelling of signals

    def __init__(self, model: WorklistModel, site_colours: Mapping[str, str]) -> None:
        super().__init__()
        self.setObjectName("worklist.table")
        self._model = model
        self._selected = ""
        self._delegate = WorklistDelegate(site_colours)
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self._dress()
        self.doubleClicked.connect(lambda _index: self.choose())
        self.selectionModel().currentRowChanged.connect(self._on_current)

    def _dress(self) -> None:
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(DARK.row)
        self.verticalHeader().setMinimumSectionSize(DARK.row)
        header = self.horizontalHeader()
        header.setFixedHeight(DARK.row)
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.sectionClicked.connect(lambda section: self.sortAsked.emit(COLUMNS[section][0]))
        for section, (_, width) in enumerate(COLUMNS):
            stretch = width == 0
            mode = QHeaderView.ResizeMode
            header.setSectionResizeMode(section, mode.Stretch if stretch else mode.Interactive)
            if not stretch:
                self.setColumnWidth(section, width)

    def show_rows(self, rows: Sequence[WorklistRow], now: dt.datetime) -> None:
        """Show these rows; the selected study stays selected, under the hand where it was."""
        kept, height = self._selected, self._height_of(self._selected)
        bar = self.verticalScrollBar()
        self._model.show_rows(rows, now)
        number = self._model.number_of(kept)
        if number >= 0:
            if self.currentIndex().row() != number:
                self.selectRow(number)
            if height is not None:
                bar.setValue(bar.value() + self.rowViewportPosition(number) - height)
        elif rows:
            self.selectRow(0)
        else:
            self._selected = ""
            self.studySelected.emit("")

    def show_sorting(self, column: Column, *, descending: bool) -> None:
        """Mark the column that the rows are sorted by."""
        section = next(n for n, (c, _) in enumerate(COLUMNS) if c is column)
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(section, order)

    def select(self, study_uid: str) -> None:
        """Select a study where it is shown."""
        number = self._model.number_of(study_uid)
        if number >= 0:
            self.selectRow(number)

    def selected(self) -> str:
        """The Study Instance UID of the selected row, or ''."""
        return self._selected

    def choose(self) -> None:
        """Open the selected study for reading."""
        if self._selected:
            self.studyChosen.emit(self._selected)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter reads; a letter goes to the search; the rest moves the selection."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.choose()
            return
        plain = event.modifiers() in {
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.ShiftModifier,
        }
        if plain and event.text().isprintable() and event.text().strip():
            self.searchTyped.emit(event.text())
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on no row keeps the selection."""
        if self.indexAt(event.position().toPoint()).isValid():
            super().mousePressEvent(event)

    def _height_of(self, study_uid: str) -> int | None:
        number = self._model.number_of(study_uid)
        return self.rowViewportPosition(number) if number >= 0 else None

    def _on_current(self, current: QModelIndex, _previous: QModelIndex) -> None:
        row = self._model.row_at(current.row())
        if row is not None and row.facts.study_uid != self._selected:
            self._selected = row.facts.study_uid
            self.studySelected.emit(self._selected)
