"""A canvas that asks for its own drawings and tells what the hand did to them.

State flows one way: a gesture becomes a new viewing (`viewer.tools`), `viewingWanted` hands it to
the owner, the owner gives back what is to be shown, a drawing is asked for off this thread, and
what comes back is painted. The widget decodes, renders and remembers nothing of its own.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QMouseEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from viewer.overlay import PatientFacts
from viewer.qt.canvas import Canvas
from viewer.qt.drawing import Annotation, Drawn, Frames, Images, Request, draw, is_large
from viewer.qt.painting import Style
from viewer.qt.pointer import Pointer
from viewer.qt.rendering import LatestDrawing, Runner
from viewer.qt.wording import word
from viewer.tools import Event, Subject, Tool, Viewing, applied
from viewer.view import Presentation, ViewState, frame_geometry, resolve

SERIES_MIME = "application/x-cosight-series"
_NOTHING = Viewing(state=ViewState(), presentation=Presentation())


class Viewport(Canvas):
    """One view of one display set.

    Signals:
        viewingWanted: a `Viewing` the hand asked for.
        activated: the reader touched this viewport.
        enlargeWanted: a double click.
        drawingFailed: the exception a drawing ended with.
        seriesDropped: the key of the display set that was dropped here.
    """

    viewingWanted = Signal(object)  # noqa: N815 - Qt's own spelling of signals
    activated = Signal()
    enlargeWanted = Signal()  # noqa: N815 - Qt's own spelling of signals
    drawingFailed = Signal(object)  # noqa: N815 - Qt's own spelling of signals
    seriesDropped = Signal(str)  # noqa: N815 - Qt's own spelling of signals

    def __init__(
        self,
        runner: Runner,
        frames: Frames,
        *,
        style: Style | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(style or Style(), parent)
        self._images: Images | None = None
        self._viewing = _NOTHING
        self._patient = PatientFacts()
        self._annotation = Annotation.FULL
        self._notes: tuple[str, ...] = ()
        self._part = ""
        self._draws_overlays = True
        self._pointer = Pointer()
        self._latest = LatestDrawing[Request, Drawn](
            runner,
            lambda request: draw(request, frames),
            done=self._on_drawn,
            failed=self._on_failed,
        )
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAcceptDrops(True)

    @property
    def images(self) -> Images | None:
        """The images given to this viewport."""
        return self._images

    @property
    def viewing(self) -> Viewing:
        """Where and with which look, as asked for last."""
        return self._viewing

    @property
    def state(self) -> ViewState:
        """The navigation asked for last."""
        return self._viewing.state

    @property
    def presentation(self) -> Presentation:
        """The look, with the VOI on the screen where none was chosen."""
        look = self._viewing.presentation
        if look.voi is None and self.on_screen is not None:
            return replace(look, voi=self.on_screen.voi)
        return look

    @property
    def series_uid(self) -> str:
        """The series shown; empty without images."""
        return self._images.display_set.series_uid if self._images else ""

    @property
    def is_drawing(self) -> bool:
        """Whether something newer than what is on the screen is on its way."""
        return self._latest.is_busy

    def subject(self) -> Subject | None:
        """What tools need to know; None without images.

        Where nothing could be drawn the frame's header still says enough to scroll on.
        """
        if self._images is None:
            return None
        frames = self._images.display_set.frames
        if self.on_screen is not None:
            resolved, voi = self.on_screen.resolved, self.on_screen.voi
        else:
            source = frames[min(self.state.index, len(frames) - 1)].source
            resolved = resolve(frame_geometry(source), self.state, self.canvas_size())
            voi = None
        return Subject(count=len(frames), volume=self._images.volume, voi=voi, resolved=resolved)

    def show_images(self, images: Images | None, viewing: Viewing) -> None:
        """Show these images this way. The old picture stays up only within one display set."""
        old, before = self._images, self._viewing
        self._images, self._viewing = images, viewing
        if self._is_on_screen(old, before):
            return
        self._latest.forget()
        if images is None or old is None or old.display_set.key != images.display_set.key:
            self.show_drawn(None)
            self.show_notice("")
        self._ask()

    def show_viewing(self, viewing: Viewing) -> None:
        """Show the same images another way."""
        if viewing != self._viewing:
            self._viewing = viewing
            self._ask()

    def show_texts(
        self,
        patient: PatientFacts,
        annotation: Annotation,
        notes: tuple[str, ...] = (),
        *,
        part: str = "",
        overlays: bool = True,
    ) -> None:
        """Whose picture it is, how much is written over it, and what must be said of it.

        `part` tells the images apart in their series; `overlays` draws their overlay planes.
        """
        before = (self._patient, self._annotation, self._notes, self._part, self._draws_overlays)
        if (patient, annotation, notes, part, overlays) != before:
            self._patient, self._annotation = patient, annotation
            self._notes, self._part, self._draws_overlays = notes, part, overlays
            self._ask()

    def choose_tool(self, tool: Tool) -> None:
        """What the left button does."""
        self._pointer.tool = tool
        shapes = {
            Tool.SCROLL: Qt.CursorShape.ArrowCursor,
            Tool.WINDOW: Qt.CursorShape.SizeAllCursor,
            Tool.ZOOM: Qt.CursorShape.SizeVerCursor,
            Tool.PAN: Qt.CursorShape.OpenHandCursor,
            Tool.CROSSHAIR: Qt.CursorShape.CrossCursor,
        }
        self.setCursor(shapes[tool])

    def act(self, event: Event | None, began: Viewing | None = None) -> None:
        """Ask for what an event makes of this view; for a drag, of the view it began with."""
        subject = self.subject()
        if event is not None and subject is not None:
            wanted = applied(began or self._viewing, event, subject)
            if wanted != self._viewing:
                self.viewingWanted.emit(wanted)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A drag may begin; the crosshair jumps here at once."""
        self.activated.emit()
        self._pointer.ratio = self.devicePixelRatioF()
        drag = self._pointer.pressed(event, self._viewing)
        self.act(drag, self._pointer.began)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The drag goes on."""
        self.act(self._pointer.moved(event), self._pointer.began)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The drag ends."""
        self._pointer.released(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The left button twice enlarges this viewport; with others it is a second press."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.enlargeWanted.emit()
        else:
            self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll, or zoom with Ctrl."""
        self._pointer.ratio = self.devicePixelRatioF()
        self.act(self._pointer.turned(event))
        event.accept()

    def event(self, event: QEvent) -> bool:
        """A canvas of another size, or on a screen of another scale, needs another picture."""
        handled = super().event(event)
        if event.type() in {QEvent.Type.Resize, QEvent.Type.DevicePixelRatioChange}:
            self._ask()
        return handled

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Thumbnails may be dropped here."""
        if event.mimeData().hasFormat(SERIES_MIME):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """A thumbnail was dropped."""
        data = event.mimeData().data(SERIES_MIME)
        event.acceptProposedAction()
        self.seriesDropped.emit(bytes(data.data()).decode())

    def _on_drawn(self, request: Request, drawn: Drawn) -> None:
        """A smaller picture stands until the whole one is drawn."""
        if drawn.is_preview and not self._latest.is_busy:
            self._latest.ask(replace(request, is_quick=False))
        self.show_drawn(drawn)

    def _on_failed(self, _request: Request, error: Exception) -> None:
        """No picture rather than the one before: that would be another slice under this number."""
        self.show_drawn(None)
        self.drawingFailed.emit(error)

    def _is_on_screen(self, old: Images | None, before: Viewing) -> bool:
        """Whether new images bring nothing but the name of the window they are drawn with."""
        new = self._images
        if new is None or old is None or self.on_screen is None or self.is_drawing:
            return False
        same = new.display_set is old.display_set and new.volume is old.volume
        is_named = new.start is not None and new.start.voi == self.on_screen.voi
        return same and before == self._viewing and is_named

    def _ask(self) -> None:
        """Ask for the drawing of what is to be shown now. A plane waits for its volume."""
        images, state = self._images, self._viewing.state
        if images is None or (state.kind == "plane" and images.volume is None):
            return
        request = Request(
            images=images,
            viewing=self._viewing,
            canvas_size=self.canvas_size(),
            patient=self._patient,
            annotation=self._annotation,
            words=word,
            notes=self._notes,
            part=self._part,
            overlays=self._draws_overlays,
            is_quick=state.kind == "stack" and is_large(images, state.index),
        )
        self._latest.ask(request)
