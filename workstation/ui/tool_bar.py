"""The row above the pictures: tools, window presets as chips with their keys, layouts.

It shows which tool, preset and layout are on, and emits what was pressed; what a key does comes
from the one table in `viewer.tools`. It knows no image.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from viewer.tools import Command, Invert, Reset, Tool, UsePreset, key_of
from workstation.ui.icon_button import IconButton
from workstation.ui.theme import DARK, set_role

translate = QCoreApplication.translate

_LAYOUT_COMMANDS = {"1x1": Command.SINGLE, "2x2": Command.FOUR, "mpr": Command.PLANES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A preset as it is shown: its translated name, its number (its key) and what it does in words."""

    name: str
    number: int
    explanation: str = ""


class ToolBar(QWidget):
    """One row of 44 px.

    Signals:
        toolChosen: a `Tool` for the left button.
        pressed: a `Command`, an `Invert`, a `Reset` or a `UsePreset`.
    """

    toolChosen = Signal(object)  # noqa: N815 - Qt's own spelling of signals
    pressed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(DARK.bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(4)
        self._tools = {tool: self._tool_button(tool) for tool in Tool}
        for button in self._tools.values():
            row.addWidget(button)
        row.addWidget(_divider())
        for icon, does, words in _actions():
            row.addWidget(self._action_button(icon, does, words))
        row.addWidget(_divider())
        self._layouts = {name: self._layout_button(name) for name in _LAYOUT_COMMANDS}
        for button in self._layouts.values():
            row.addWidget(button)
        row.addWidget(_divider())
        self._chips = _ChipRow()
        self._chips.chosen.connect(lambda number: self.pressed.emit(UsePreset(number=number)))
        row.addWidget(self._chips, 1)
        self.show_tool(Tool.SCROLL)

    def show_tool(self, tool: Tool) -> None:
        """Light the tool of the left button."""
        for other, button in self._tools.items():
            button.setChecked(other is tool)

    def show_layout(self, name: str) -> None:
        """Light the layout; none where a hanging protocol made another one."""
        for other, button in self._layouts.items():
            button.setChecked(other == name)

    def show_planes_refusal(self, reason: str | None) -> None:
        """Planes cannot be made of the active series: why, or None where they can."""
        button = self._layouts["mpr"]
        button.setEnabled(reason is None)
        button.setToolTip(
            _with_key(_layout_words("mpr"), Command.PLANES) if reason is None else reason
        )

    def show_chips(self, chips: Sequence[Chip], current: int | None) -> None:
        """The presets of the active series, and which of them is on."""
        self._chips.show_chips(chips, current)

    def chips(self) -> list[QPushButton]:
        """The chips, those that do not fit included."""
        return self._chips.buttons()

    def tool_button(self, tool: Tool) -> IconButton:
        """The button of a tool."""
        return self._tools[tool]

    def layout_button(self, name: str) -> IconButton:
        """The button of a layout."""
        return self._layouts[name]

    def _tool_button(self, tool: Tool) -> IconButton:
        button = IconButton(tool.value, checkable=True)
        button.setObjectName(f"images.tool.{tool.value}")
        button.setToolTip(_with_key(_tool_words(tool), tool))
        button.setAccessibleName(_tool_words(tool))
        button.clicked.connect(lambda: self._choose(tool))
        return button

    def _choose(self, tool: Tool) -> None:
        self.show_tool(tool)
        self.toolChosen.emit(tool)

    def _action_button(self, icon: str, does: Invert | Reset | Command, words: str) -> IconButton:
        button = IconButton(icon, checkable=False)
        button.setObjectName(f"images.{icon}")
        button.setToolTip(_with_key(words, does))
        button.setAccessibleName(words)
        button.clicked.connect(lambda: self.pressed.emit(does))
        return button

    def _layout_button(self, name: str) -> IconButton:
        icons = {"1x1": "layout_single", "2x2": "layout_four", "mpr": "layout_planes"}
        button = IconButton(icons[name], checkable=True)
        button.setObjectName(f"images.layout.{name}")
        button.setToolTip(_with_key(_layout_words(name), _LAYOUT_COMMANDS[name]))
        button.setAccessibleName(_layout_words(name))
        button.clicked.connect(lambda: self._press_layout(button, name))
        return button

    def _press_layout(self, button: IconButton, name: str) -> None:
        """The button is lit by what is shown, not by the press."""
        button.setChecked(not button.isChecked())
        self.pressed.emit(_LAYOUT_COMMANDS[name])


class _ChipRow(QWidget):
    """Chips from the left, as many as fit; the keys of the others work all the same."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        self._row.addStretch(1)
        self._shown: tuple[Chip, ...] = ()
        self._made: list[QPushButton] = []

    def buttons(self) -> list[QPushButton]:
        """All chips in order."""
        return self._made[: len(self._shown)]

    def show_chips(self, chips: Sequence[Chip], current: int | None) -> None:
        """Write the chips anew where they changed, and light the current one."""
        if tuple(chips) != self._shown:
            self._shown = tuple(chips)
            self._write()
            self._fit()
        for chip, button in zip(self._shown, self._made, strict=False):
            button.setChecked(chip.number == current)

    def _write(self) -> None:
        """A button that was made once is written anew for the next study: making one costs a millisecond."""
        while len(self._made) < len(self._shown):
            self._made.append(self._button(len(self._made)))
        for chip, button in zip(self._shown, self._made, strict=False):
            text = f"{chip.name} {chip.number}"
            if button.text() != text:
                button.setText(text)
            button.setObjectName(f"images.preset.{chip.number}")
            button.setToolTip(chip.explanation)
        for button in self._made[len(self._shown) :]:
            button.setObjectName("")
            button.hide()

    def minimumSizeHint(self) -> QSize:
        """Chips give way before the tools do."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width, another number of chips."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        used = 0
        for button in self.buttons():
            used += button.sizeHint().width() + self._row.spacing()
            button.setVisible(used <= self.width() + self._row.spacing())

    def _button(self, place: int) -> QPushButton:
        button = QPushButton()
        set_role(button, "chip")
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda: self.chosen.emit(self._shown[place].number))
        self._row.insertWidget(place, button)
        return button


def _divider() -> QFrame:
    line = QFrame()
    line.setFixedSize(QSize(9, 20))
    line.setFrameShape(QFrame.Shape.VLine)
    line.setStyleSheet(f"color: {DARK.line};")
    return line


def _with_key(words: str, does: Tool | Command | Invert | Reset) -> str:
    key = key_of(does)
    return f"{words} ({key})" if key else words


def _tool_words(tool: Tool) -> str:
    return {
        Tool.SCROLL: translate("ReadingImages", "Scroll: drag or wheel"),
        Tool.WINDOW: translate("ReadingImages", "Window: drag, always with the right button"),
        Tool.ZOOM: translate("ReadingImages", "Zoom: drag, or Ctrl and wheel"),
        Tool.PAN: translate("ReadingImages", "Pan: drag, always with the middle button"),
        Tool.CROSSHAIR: translate("ReadingImages", "Crosshair: the same point in every view"),
    }[tool]


def _actions() -> tuple[tuple[str, Invert | Reset | Command, str], ...]:
    return (
        ("invert", Invert(), translate("ReadingImages", "Invert")),
        ("reset", Reset(), translate("ReadingImages", "Reset zoom, position and window")),
        (
            "annotations",
            Command.ANNOTATION,
            translate("ReadingImages", "Texts on the images: all, few, none"),
        ),
    )


def _layout_words(name: str) -> str:
    return {
        "1x1": translate("ReadingImages", "One image"),
        "2x2": translate("ReadingImages", "Four images"),
        "mpr": translate("ReadingImages", "Axial, coronal and sagittal"),
    }[name]
