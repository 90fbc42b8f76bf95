"""Viewports side by side with two pixels between them, one of them active, one perhaps enlarged.

It makes as many viewports as an arrangement needs and keeps them for the next. It knows where they
stand, not what they show.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from viewer.qt.viewport import Viewport
from workstation.ui.reading_images_layouts import Arrangement
from workstation.ui.theme import set_role

_GAP_PX = 2


class ViewportGrid(QWidget):
    """The picture half's middle.

    Signals:
        activeChanged: the `Viewport` that keys and chips act on from now on.
    """

    activeChanged = Signal(object)  # noqa: N815 - Qt's own spelling of signals

    def __init__(self, make: Callable[[], Viewport], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._make = make
        self._all: list[Viewport] = []
        self._count = 0
        self._active: Viewport | None = None
        self._enlarged: Viewport | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(_GAP_PX, _GAP_PX, _GAP_PX, _GAP_PX)
        self._grid.setSpacing(_GAP_PX)
        self._arrangement = Arrangement(name="1x1", places=())

    @property
    def active(self) -> Viewport | None:
        """The viewport that keys and chips act on."""
        return self._active

    def viewports(self) -> list[Viewport]:
        """The viewports of the arrangement, in its order."""
        return self._all[: self._count]

    def prepare(self) -> None:
        """Make the first viewport and load the fonts of pictures before a reader waits for either."""
        if not self._all:
            self._all.append(self._added())
            self._all[0].hide()
        self._all[0].prepare()

    def arrange(self, arrangement: Arrangement) -> list[Viewport]:
        """Stand the viewports as the arrangement says; returns them in its order."""
        while len(self._all) < len(arrangement.places):
            self._all.append(self._added())
        for viewport in self._all:
            self._grid.removeWidget(viewport)
            viewport.hide()
        self._stretch(arrangement)
        self._arrangement, self._enlarged = arrangement, None
        self._count = len(arrangement.places)
        for viewport in self._all[self._count :]:
            # What is out of sight keeps no picture, of this patient or of the next.
            viewport.show_images(None, viewport.viewing)
        self._stand()
        self._grid.activate()  # every viewport has its size before it is asked to draw
        self.activate(self._all[0] if self._count else None)
        return self.viewports()

    def activate(self, viewport: Viewport | None) -> None:
        """Keys and chips act on this one; with only one there is nothing to tell apart."""
        for other in self._all:
            other.show_active(other is viewport and self._count > 1)
        if viewport is not self._active:
            self._active = viewport
            self.activeChanged.emit(viewport)

    def enlarge(self, viewport: Viewport) -> None:
        """This viewport alone over the whole grid; again, and the others are back."""
        if self._count < 2:
            return
        self._enlarged = None if self._enlarged is viewport else viewport
        self._stand()

    def _added(self) -> Viewport:
        viewport = self._make()
        viewport.setParent(self)
        viewport.activated.connect(lambda: self.activate(viewport))
        viewport.enlargeWanted.connect(lambda: self.enlarge(viewport))
        return viewport

    def _stand(self) -> None:
        """Every viewport at its place; the enlarged one over all of them."""
        tall, wide = _extent(self._arrangement)
        for viewport, place in zip(self.viewports(), self._arrangement.places, strict=True):
            if viewport is self._enlarged:
                self._grid.addWidget(viewport, 0, 0, tall, wide)
            else:
                self._grid.addWidget(viewport, place.row, place.column, place.rows, place.columns)
            viewport.setVisible(self._enlarged in {None, viewport})

    def _stretch(self, arrangement: Arrangement) -> None:
        """Rows alike, columns as the arrangement says; those of the last arrangement give way."""
        (old_tall, old_wide), (tall, wide) = _extent(self._arrangement), _extent(arrangement)
        for row in range(max(old_tall, tall)):
            self._grid.setRowStretch(row, 1 if row < tall else 0)
        widths = arrangement.widths or (1,) * wide
        for column in range(max(old_wide, wide)):
            self._grid.setColumnStretch(column, widths[column] if column < wide else 0)


def _extent(arrangement: Arrangement) -> tuple[int, int]:
    rows = max((place.row + place.rows for place in arrangement.places), default=0)
    columns = max((place.column + place.columns for place in arrangement.places), default=0)
    return (rows, columns)
