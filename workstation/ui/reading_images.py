"""The image half of the reading window: tool row, series at the left, viewports in the middle.

It turns keys and buttons into what the board hangs, and shows beside the pictures what is on: tool,
window, layout, series. It opens no file and knows no report; pixels come from the loader it is
given, layouts from the hanging protocols.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from hanging_protocols.match import Layout
from viewer.overlay import PatientFacts
from viewer.qt.drawing import Annotation, Frames
from viewer.qt.painting import Style
from viewer.qt.starting import Start
from viewer.qt.viewport import Viewport
from viewer.tools import (
    Command,
    Event,
    Tool,
    UsePreset,
    UseVoi,
    Viewing,
    shortcut_of,
)
from viewer.voi import default_voi
from viewer.volume import DisplaySet, LocatedFrame
from workstation.domain.study import StudyFacts
from workstation.ui import reading_images_presets as windows
from workstation.ui.background import Runner
from workstation.ui.reading_images_board import Board
from workstation.ui.reading_images_following import key_shown
from workstation.ui.reading_images_layouts import (
    Arrangement,
    LayoutName,
    first_frames,
    four,
    opening,
    planes,
    single,
    start,
)
from workstation.ui.reading_images_loading import FrameLoader, ImageLane, StudyImages
from workstation.ui.series_entries import beside, entries, seen_of, stepped
from workstation.ui.theme import DARK, FAMILIES
from workstation.ui.thumbnails import ThumbnailStrip
from workstation.ui.tool_bar import ToolBar

translate = QCoreApplication.translate

ProtocolsLayout = Callable[[StudyFacts, Sequence[DisplaySet]], Layout | None]


class ReadingImages(QWidget):
    """The pictures of one study.

    Signals:
        frameSeen: series UID, SOP instance UID and frame number that stood on the screen.
        firstImageShown: the first picture of the study is there, or the sentence why not.
        seriesReady: the UID of a series whose volume is there.
    """

    frameSeen = Signal(str, str, int)  # noqa: N815 - Qt's own spelling of signals
    firstImageShown = Signal()  # noqa: N815 - Qt's own spelling of signals
    seriesReady = Signal(str)  # noqa: N815 - Qt's own spelling of signals

    def __init__(
        self,
        loader: FrameLoader,
        protocols_layout: ProtocolsLayout,
        runner: Runner,
        words: Callable[[Exception], str],
        parent: QWidget | None = None,
    ) -> None:
        """`words` says an exception as one sentence; `protocols_layout` may return None."""
        super().__init__(parent)
        self._protocols_layout = protocols_layout
        self._words = words
        self._annotation = Annotation.FULL
        self._draws_overlays = True
        self._layout_name: LayoutName = "1x1"
        self._study = StudyImages(loader, runner, self)
        lane = ImageLane(runner)
        frames = Frames(
            load=loader.load_frame, overlays=loader.load_overlays, preview=loader.preview
        )
        style = Style(
            text=DARK.text, dim=DARK.dim, accent=DARK.accent, track=DARK.line, families=FAMILIES
        )
        self._board = Board(self._study, lambda: Viewport(lane, frames, style=style), words, self)
        self._bar = ToolBar()
        self._strip = ThumbnailStrip()
        _lay_out(self, self._bar, self._strip, self._board.grid)
        self._connect()
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def prepare(self) -> None:
        """Make what every study needs before the first is opened."""
        self._board.grid.prepare()

    def open_study(
        self, facts: StudyFacts, display_sets: Sequence[DisplaySet], patient: PatientFacts
    ) -> None:
        """Show a study: its hanging protocol's layout, else its first series alone.

        The left button scrolls again (IHE BIR, initial state).
        """
        self.close_study()
        self.choose_tool(Tool.SCROLL)
        sets = {images.key: images for images in display_sets}
        self._study.open(list(sets.values()))
        self._board.open(patient)
        arrangement = opening(self._protocols_layout(facts, display_sets), sets)
        if arrangement is not None:
            self._hang(arrangement)

    def first_frames(
        self, facts: StudyFacts, display_sets: Sequence[DisplaySet]
    ) -> list[LocatedFrame]:
        """The frames that `open_study` would show first. Touches no widget: any thread may ask."""
        sets = {images.key: images for images in display_sets}
        arrangement = opening(self._protocols_layout(facts, display_sets), sets)
        return [] if arrangement is None else first_frames(arrangement, sets)

    def close_study(self) -> None:
        """Take every picture and text of the study away; stop what is still loading."""
        self._study.close()
        self._board.clear()
        self._strip.show_series([])
        self._refresh()

    def jump_to_series(self, series_uid: str) -> None:
        """Open a series in the active viewport; no effect where the study has none of that UID."""
        for key, images in self._study.sets.items():
            if images.series_uid == series_uid:
                self._open_series(key)
                return

    @property
    def offers_planes(self) -> bool:
        """Whether planes can be made of any series of the study."""
        return any(images.is_volume for images in self._study.sets.values())

    def set_seen(self, seen: Collection[tuple[str, int]]) -> None:
        """Which images were looked at: SOP Instance UIDs and frame numbers."""
        self._strip.show_seen({key: seen_of(s, seen) for key, s in self._study.sets.items()})

    def set_layout(self, name: LayoutName) -> None:
        """One of "1x1", "2x2" and "mpr", around what the active viewport shows."""
        viewport, key = self._board.grid.active, self._active_key()
        if viewport is None or key is None:
            return
        viewing = self._board.viewing(viewport)
        if name == "2x2":
            self._hang(four(key, viewing, beside(list(self._study.sets.values()), key)))
        elif name == "mpr":
            self._hang_planes(key, viewing)
        else:
            self._hang(single(key, viewing, self._study.sets[key]))

    def choose_tool(self, tool: Tool) -> None:
        """What the left button does."""
        self._bar.show_tool(tool)
        self._board.choose_tool(tool)

    def viewports(self) -> list[Viewport]:
        """The viewports on the screen, in the order of the layout."""
        return self._board.grid.viewports()

    @property
    def active_viewport(self) -> Viewport | None:
        """The one that keys and chips act on."""
        return self._board.grid.active

    @property
    def tool_bar(self) -> ToolBar:
        """The row above the pictures."""
        return self._bar

    @property
    def thumbnails(self) -> ThumbnailStrip:
        """The strip at the left."""
        return self._strip

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of `viewer.tools.SHORTCUTS`; others go on to the window."""
        keys = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        name = QKeySequence(event.key()).toString(QKeySequence.SequenceFormat.PortableText)
        shortcut = shortcut_of(name) if keys == Qt.KeyboardModifier.NoModifier else None
        if shortcut is None:
            super().keyPressEvent(event)
        elif isinstance(shortcut.does, Tool):
            self.choose_tool(shortcut.does)
        else:
            self._do(shortcut.does)

    def _on_first_image(self) -> None:
        self._strip.show_series(entries(list(self._study.sets.values())))
        self._refresh()
        self.firstImageShown.emit()

    def _do(self, what: Event | UsePreset | Command) -> None:
        """One thing that a key or a button asked for, on the active viewport."""
        if isinstance(what, Command):
            self._command(what)
            return
        viewport = self._board.grid.active
        if viewport is None:
            return
        if isinstance(what, UsePreset):
            offered = windows.choices(_start_on(viewport))
            if what.number in offered:
                viewport.act(UseVoi(voi=offered[what.number]))
        else:
            viewport.act(what)

    def _command(self, command: Command) -> None:
        if command is Command.ANNOTATION:
            levels = list(Annotation)
            self._annotation = levels[(levels.index(self._annotation) + 1) % len(levels)]
            self._board.write_over(self._annotation, overlays=self._draws_overlays)
        elif command is Command.OVERLAYS:
            self._draws_overlays = not self._draws_overlays
            self._board.write_over(self._annotation, overlays=self._draws_overlays)
        elif command is Command.SINGLE:
            self.set_layout("1x1")
        elif command is Command.FOUR:
            self.set_layout("2x2")
        elif command is Command.PLANES:
            self.set_layout("1x1" if self._layout_name == "mpr" else "mpr")
        else:
            self._step(command)

    def _step(self, command: Command) -> None:
        """To another series, or to another set of this one."""
        sets, active = list(self._study.sets.values()), self._active_key()
        key = active and stepped(sets, active, command, self._board.looked_at)
        if key:
            self._open_series(key)

    def _open_series(self, key: str) -> None:
        """In the active viewport, as it was left; planes become those of the new series."""
        images = self._study.sets[key]
        viewing = self._board.left_at(key) or start(images)
        if self._layout_name == "mpr":
            if self._study.refusal(key) is None:
                self._hang(planes(key, viewing, images))
            else:
                self._hang(single(key, viewing, images))
        elif self._active_key() != key:
            self._board.replace_active(key, viewing)

    def _hang_planes(self, key: str, viewing: Viewing) -> None:
        refusal = self._study.refusal(key)
        if refusal is None:
            self._hang(planes(key, viewing, self._study.sets[key]))
        elif self._board.grid.active is not None:
            self._board.grid.active.show_notice(self._words(refusal))

    def _hang(self, arrangement: Arrangement) -> None:
        focused = QApplication.focusWidget()
        held = focused is not None and (focused is self or self.isAncestorOf(focused))
        self._layout_name = arrangement.name
        self._board.hang(arrangement)
        if held and self._board.grid.active is not None:
            # A viewport that is taken out of the grid loses the focus; the next key is meant for the pictures.
            self._board.grid.active.setFocus()
        self._refresh()

    def _refresh(self) -> None:
        """What stands beside the pictures says what is on them; the first picture does not wait for it."""
        if self._study.sets and not self._board.is_started:
            return
        viewport, key = self._board.grid.active, self._active_key()
        start = _start_on(viewport)
        self._strip.show_active(key)
        self._bar.show_layout(self._layout_name)
        refusal = self._study.refusal(key) if key is not None else None
        self._bar.show_planes_refusal(None if refusal is None else self._words(refusal))
        current = None
        if viewport is not None and viewport.on_screen is not None:
            chosen = viewport.viewing.presentation.voi
            current = windows.current(start, chosen, viewport.presentation.voi)
        self._bar.show_chips(windows.chips(start), current)

    def _active_key(self) -> str | None:
        return key_shown(self._board.grid.active)

    def _connect(self) -> None:
        self._bar.toolChosen.connect(self._board.choose_tool)
        self._bar.pressed.connect(self._do)
        self._strip.seriesChosen.connect(self._open_series)
        self._study.thumbnailReady.connect(self._strip.show_picture)
        self._board.frameSeen.connect(self.frameSeen)
        self._board.firstImageShown.connect(self._on_first_image)
        self._board.seriesReady.connect(self.seriesReady)
        self._board.changed.connect(self._refresh)


def _start_on(viewport: Viewport | None) -> Start | None:
    """What the header of the image on the screen offers; of a set that is still to be drawn, of its first."""
    if viewport is None or viewport.images is None:
        return None
    if viewport.on_screen is not None:
        return viewport.on_screen.start
    source = viewport.images.display_set.frames[0].source
    return viewport.images.start or Start(source=source, vois=(default_voi(source),))


def _lay_out(whole: QWidget, bar: QWidget, strip: QWidget, grid: QWidget) -> None:
    middle = QHBoxLayout()
    middle.setContentsMargins(0, 0, 0, 0)
    middle.setSpacing(0)
    middle.addWidget(strip)
    middle.addWidget(grid, 1)
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(bar)
    column.addLayout(middle, 1)
