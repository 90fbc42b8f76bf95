"""The board the pictures hang on: viewports with their series, linked views, volumes as they come.

State flows one way. A viewport says what the hand wants; the board decides what every viewport
shows next and tells them. Until a volume is ready its own plane is read from the acquired images.
It knows no tool row and no key.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from viewer.geometry import nearest_plane
from viewer.overlay import PatientFacts
from viewer.qt.drawing import Annotation, Drawn
from viewer.qt.viewport import Viewport
from viewer.tools import Tool, Viewing
from viewer.voi import Voi
from viewer.volume import DisplaySet
from workstation.ui.reading_images_following import follow, key_shown, share_look
from workstation.ui.reading_images_layouts import Arrangement, as_plane, as_stack, start
from workstation.ui.reading_images_loading import StudyImages
from workstation.ui.series_words import notes, parts_text
from workstation.ui.viewport_grid import ViewportGrid

translate = QCoreApplication.translate


class Board(QObject):
    """What hangs where.

    Attributes:
        is_started: the study's first picture is on the screen, and the rest is being loaded.

    Signals:
        frameSeen: series UID, SOP instance UID and frame number that stood on the screen.
        firstImageShown: the first picture of the study is there, or the sentence why not.
        seriesReady: the UID of a series whose volume is there.
        changed: another series, window or refusal; what stands beside the pictures is out of date.
    """

    frameSeen = Signal(str, str, int)  # noqa: N815 - Qt's own spelling of signals
    firstImageShown = Signal()  # noqa: N815 - Qt's own spelling of signals
    seriesReady = Signal(str)  # noqa: N815 - Qt's own spelling of signals
    changed = Signal()

    def __init__(
        self,
        study: StudyImages,
        make: Callable[[], Viewport],
        words: Callable[[Exception], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.grid = ViewportGrid(lambda: self._connected(make()))
        self._study = study
        self._words = words
        self._patient = PatientFacts()
        self._annotation = Annotation.FULL
        self._draws_overlays = True
        self._tool = Tool.SCROLL
        self._offered: tuple[Voi, ...] = ()
        self.is_started = False
        self._waiting: dict[Viewport, Viewing] = {}
        self._left_at: dict[str, Viewing] = {}
        self._start_timer = QTimer(self)
        self._start_timer.setSingleShot(True)
        self._start_timer.setInterval(0)
        self._start_timer.timeout.connect(self._start)
        study.seriesLoaded.connect(self._on_loaded)
        study.loadingFailed.connect(self._on_loading_failed)
        study.progressed.connect(self._on_progress)
        self.grid.activeChanged.connect(lambda _viewport: self.changed.emit())

    def viewing(self, viewport: Viewport) -> Viewing:
        """What a viewport shows, or will show once its volume is there."""
        return self._waiting.get(viewport, viewport.viewing)

    def open(self, patient: PatientFacts) -> None:
        """Begin with another study, whose images the study object holds."""
        self.clear()
        self._patient = patient

    def clear(self) -> None:
        """Nothing of the last patient stays on any viewport."""
        self.is_started = False
        self._start_timer.stop()
        self._waiting, self._left_at = {}, {}
        for viewport in self.grid.viewports():
            viewport.show_images(None, viewport.viewing)
            viewport.show_loading(None)
            viewport.show_texts(PatientFacts(), self._annotation)

    def hang(self, arrangement: Arrangement) -> None:
        """Put a whole arrangement up."""
        for viewport in self.grid.viewports():
            self._remember(viewport)
        for viewport, place in zip(self.grid.arrange(arrangement), arrangement.places, strict=True):
            self.put(viewport, place.key, place.viewing)
        if not any(v.is_drawing for v in self.grid.viewports()):
            self._start_soon()
        self.changed.emit()

    def put(self, viewport: Viewport, key: str | None, viewing: Viewing) -> None:
        """Show a set in a viewport; None empties it."""
        self._waiting.pop(viewport, None)
        viewport.choose_tool(self._tool)
        if key is None:
            viewport.show_images(None, viewing)
            viewport.show_loading(None)
            viewport.show_notice(translate("ReadingImages", "Drag a series here"))
            return
        images = self._study.images(key)
        if viewing.state.kind == "plane" and self._study.refusal(key) is not None:
            viewing = as_stack(viewing, images.display_set)
        self._show_texts(viewport, viewing, images.display_set)
        viewport.show_loading(None, self._study.ticks(key))
        if viewing.state.kind == "plane" and images.volume is None:
            viewing = self._meanwhile(viewport, viewing, images.display_set)
        viewport.show_images(images, viewing)
        if viewing.state.kind == "plane" and images.volume is None:
            viewport.show_notice(translate("ReadingImages", "Loading the series"))
        if self.is_started:
            self._study.want(key, _index(viewport, images.display_set))

    def left_at(self, key: str) -> Viewing | None:
        """How the reader left a set that was shown before."""
        return self._left_at.get(key)

    @property
    def looked_at(self) -> tuple[str, ...]:
        """The sets that were shown before, the last one last."""
        return tuple(self._left_at)

    def replace_active(self, key: str, viewing: Viewing) -> None:
        """Another set in the active viewport."""
        viewport = self.grid.active
        if viewport is not None:
            self._remember(viewport)
            self.put(viewport, key, viewing)
            self.changed.emit()

    def choose_tool(self, tool: Tool) -> None:
        """What the left button does, in every viewport."""
        self._tool = tool
        for viewport in self.grid.viewports():
            viewport.choose_tool(tool)

    def write_over(self, annotation: Annotation, *, overlays: bool) -> None:
        """How much is written over the pictures, and whether their overlay planes are drawn."""
        self._annotation, self._draws_overlays = annotation, overlays
        for viewport in self.grid.viewports():
            images = viewport.images
            self._show_texts(viewport, viewport.viewing, images.display_set if images else None)

    def _connected(self, viewport: Viewport) -> Viewport:
        viewport.viewingWanted.connect(partial(self._on_wanted, viewport))
        viewport.drawn.connect(partial(self._on_drawn, viewport))
        viewport.drawingFailed.connect(partial(self._on_failed, viewport))
        viewport.frameShown.connect(self.frameSeen)
        viewport.seriesDropped.connect(partial(self._on_dropped, viewport))
        return viewport

    def _on_dropped(self, viewport: Viewport, key: str) -> None:
        """A thumbnail of this study; anything else a drag may carry is left alone."""
        if key in self._study.sets:
            self.grid.activate(viewport)
            self.replace_active(key, self._left_at.get(key) or start(self._study.sets[key]))

    def _on_wanted(self, viewport: Viewport, viewing: Viewing) -> None:
        """One viewport moves; those that share its space follow, planes of one set share the look."""
        before = viewport.viewing
        viewport.show_viewing(viewing)
        if viewport.images is not None and viewing.state != before.state:
            images = viewport.images.display_set
            self._study.look_at(images.key, _index(viewport, images))
        if viewing.state.point_world != before.state.point_world:
            follow(self.grid.viewports(), viewport)
        if viewing.presentation != before.presentation:
            share_look(self.grid.viewports(), viewport, before)
            self.changed.emit()

    def _on_drawn(self, viewport: Viewport, drawn: Drawn) -> None:
        images = viewport.images
        is_whole = not drawn.is_preview and not drawn.is_voi_chosen
        if images is not None and not self._study.is_loaded(images.display_set.key):
            viewport.show_ticks(self._study.ticks(images.display_set.key))
        if images is not None and images.start is None and is_whole:
            self._study.fix_start(images.display_set.key, drawn.start)
            for other in self.grid.viewports():
                if key_shown(other) == images.display_set.key:
                    other.show_images(self._study.images(images.display_set.key), other.viewing)
            self.changed.emit()
        elif viewport is self.grid.active and drawn.start.vois != self._offered:
            self.changed.emit()
        if viewport is self.grid.active:
            self._offered = drawn.start.vois
        self._start_soon()

    def _on_failed(self, viewport: Viewport, error: Exception) -> None:
        viewport.show_notice(self._words(error), alarming=True)
        self._start_soon()

    def _start_soon(self) -> None:
        """In the loop's next turn: nothing else is done before the first picture is on the screen."""
        if not self.is_started:
            self._start_timer.start()

    def _start(self) -> None:
        """The first picture is there: now the volumes of what is on the screen, then thumbnails."""
        self.is_started = True
        self.firstImageShown.emit()
        for viewport in reversed(self.grid.viewports()):
            key = key_shown(viewport)
            if viewport.images is not None and key is not None:
                self._study.want(key, _index(viewport, viewport.images.display_set))
        self._study.want_thumbnails()

    def _on_loaded(self, key: str) -> None:
        """A volume is drawn from now on; a stack only got faster."""
        images = self._study.images(key)
        for viewport in self.grid.viewports():
            if key_shown(viewport) == key:
                viewport.show_loading(None, self._study.ticks(key))
                if images.volume is not None:
                    viewport.show_images(images, self._caught_up(viewport, images.display_set))
        self.seriesReady.emit(images.display_set.series_uid)
        self.changed.emit()

    def _caught_up(self, viewport: Viewport, images: DisplaySet) -> Viewing:
        """The plane that waited for its volume, where the reader has scrolled to meanwhile."""
        waiting = self._waiting.pop(viewport, None)
        if waiting is None:
            return viewport.viewing
        return as_plane(viewport.viewing, images, waiting.state.plane)

    def _on_loading_failed(self, key: str, error: Exception) -> None:
        """The acquired images stay readable one by one; planes give way to them."""
        for viewport in self.grid.viewports():
            if key_shown(viewport) == key:
                viewing = self._waiting.pop(viewport, viewport.viewing)
                self.put(viewport, key, viewing)
                viewport.show_notice(self._words(error), alarming=True)
        self.changed.emit()

    def _on_progress(self, key: str, done: int, total: int) -> None:
        ticks = self._study.ticks(key)
        for viewport in self.grid.viewports():
            if key_shown(viewport) == key:
                viewport.show_loading(done / max(total, 1), ticks)

    def _meanwhile(self, viewport: Viewport, viewing: Viewing, images: DisplaySet) -> Viewing:
        """The plane the series was acquired in is read from its images until there is a volume."""
        orientation = images.frames[0].source.orientation
        if orientation is None or nearest_plane(orientation) != viewing.state.plane:
            return viewing
        self._waiting[viewport] = viewing
        return as_stack(viewing, images)

    def _show_texts(self, viewport: Viewport, viewing: Viewing, images: DisplaySet | None) -> None:
        """Identity stands once in a set of planes, at the axial one; what warns of the images, on all."""
        level = self._annotation
        state = viewing.state
        if level is Annotation.FULL and state.kind == "plane" and state.plane != "axial":
            level = Annotation.MINIMAL
        told = notes(images) if images is not None else ()
        part = parts_text(images) if images is not None else ""
        viewport.show_texts(self._patient, level, told, part=part, overlays=self._draws_overlays)

    def _remember(self, viewport: Viewport) -> None:
        key = key_shown(viewport)
        if key is not None:
            self._left_at.pop(key, None)
            self._left_at[key] = self.viewing(viewport)


def _index(viewport: Viewport, images: DisplaySet) -> int:
    """The frame a viewport is at, on a plane the one nearest to it."""
    state = viewport.state
    if state.kind == "stack":
        return state.index
    nearest = images.nearest_index(state.point_world) if state.point_world is not None else None
    return images.middle_index if nearest is None else nearest
