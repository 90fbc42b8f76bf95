"""A hand and an eye on the real window: clicks, keys, an input method, what can be read, and pictures of it.

Everything goes through Qt's own events, as a person's would; nothing is called behind the window's back.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QInputMethodEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QTextEdit,
    QWidget,
)

from workstation.domain.errors import CosightError
from workstation.ui.worklist_model import WorklistModel
from workstation.ui.worklist_table import WorklistTable

T = TypeVar("T")
W = TypeVar("W", bound=QWidget)
_STEP_MS = 20
Key = Qt.Key
NO_MODIFIER = Qt.KeyboardModifier.NoModifier


class TourFailure(CosightError):
    """The window did not do or say what it should."""


class Hand:
    """Drives one window.

    Args:
        window: the main window.
        pictures: where pictures are kept.
    """

    def __init__(self, window: QWidget, pictures: Pictures) -> None:
        self.window = window
        self._pictures = pictures

    def find(self, name: str, kind: type[W]) -> W:
        """The visible widget of that name."""
        for found in self.window.findChildren(kind, name):
            if found.isVisible():
                return found
        raise TourFailure("There is no {name} on the screen", name=name)

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        """The left button, once."""
        QTest.mouseClick(
            widget, Qt.MouseButton.LeftButton, NO_MODIFIER, at or widget.rect().center()
        )

    def press(self, name: str) -> None:
        """Click the button of that name once it can be clicked."""
        button = self.wait(f"{name} to be there", lambda: self._ready(name))
        self.click(button)

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = NO_MODIFIER, times: int = 1) -> None:
        """A key, where the focus is."""
        target = QApplication.focusWidget() or self.window
        for _ in range(times):
            QTest.keyClick(target, key, modifier)

    def letters(self, widget: QWidget, text: str) -> None:
        """Latin letters, key by key."""
        QTest.keyClicks(widget, text)

    def commit(self, widget: QWidget, text: str) -> None:
        """Words from an input method, as Chinese is typed."""
        event = QInputMethodEvent()
        event.setCommitString(text)
        QApplication.sendEvent(widget, event)

    def drag(self, widget: QWidget, button: Qt.MouseButton, start: QPoint, end: QPoint) -> None:
        """Press at ``start``, move in steps, let go at ``end``."""
        QTest.mousePress(widget, button, NO_MODIFIER, start)
        for step in range(1, 9):
            here = start + (end - start) * (step / 8)
            QTest.mouseMove(widget, here)
            self.rest(_STEP_MS)
        QTest.mouseRelease(widget, button, NO_MODIFIER, end)

    def wheel(self, widget: QWidget, notches: int) -> None:
        """Turn the wheel; positive notches turn it towards the hand."""
        center = QPointF(widget.rect().center())
        for _ in range(abs(notches)):
            event = QWheelEvent(
                center,
                widget.mapToGlobal(center),
                QPoint(),
                QPoint(0, -120 if notches > 0 else 120),
                Qt.MouseButton.NoButton,
                NO_MODIFIER,
                Qt.ScrollPhase.NoScrollPhase,
                False,
            )
            QApplication.sendEvent(widget, event)
            self.rest(_STEP_MS)

    def choose_row(self, study_uid: str) -> None:
        """Click a study's row in the worklist."""
        table = self.find("worklist.table", WorklistTable)
        model = table.model()
        if not isinstance(model, WorklistModel):
            raise TourFailure("The worklist shows no studies")
        self.wait("the study to be in the list", lambda: model.number_of(study_uid) >= 0)
        box = table.visualRect(model.index(model.number_of(study_uid), 1))
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, NO_MODIFIER, box.center())

    def texts(self) -> str:
        """Every word that can be read in the window now, one widget a line."""
        found: list[str] = []
        for widget in self.window.findChildren(QWidget):
            if not widget.isVisible():
                continue
            if isinstance(widget, QLabel | QAbstractButton):
                found.append(widget.text())
            elif isinstance(widget, QTextEdit):
                found.append(widget.toPlainText())
            elif isinstance(widget, WorklistTable):
                found += _cells(widget)
        return "\n".join(found)

    def read(self, *expected: str, seconds: float = 20.0) -> None:
        """Wait until all of these words can be read in the window."""
        for words in expected:
            self._read_one(words, seconds)

    def _read_one(self, words: str, seconds: float) -> None:
        self.wait(f"“{words}” to be read", lambda: words in self.texts(), seconds)

    def wait(
        self,
        what: str,
        condition: Callable[[], T | None],
        seconds: float = 30.0,
    ) -> T:
        """Let the window live until the condition gives something; TourFailure when time is up."""
        deadline = time.monotonic() + seconds
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > deadline:
                raise TourFailure(
                    "Waited {seconds} s for {what}", seconds=f"{seconds:g}", what=what
                )
            self.rest(_STEP_MS)

    def rest(self, milliseconds: int) -> None:
        """Let the window live for a while."""
        # QTest.qWait would hold the interpreter's lock, and nothing would load meanwhile.
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def picture(self, name: str) -> None:
        """Keep what is on the screen."""
        self.rest(150)
        self._pictures.keep(name, self.window)

    def _ready(self, name: str) -> QWidget | None:
        for found in self.window.findChildren(QWidget, name):
            if found.isVisible() and found.isEnabled():
                return found
        return None


class Pictures:
    """Numbered pictures of the window, in order."""

    def __init__(self, folder: Path, tell: Callable[[str], None]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("[0-9][0-9]_*.png"):
            old.unlink()
        self._folder = folder
        self._tell = tell
        self.names: list[str] = []

    def keep(self, name: str, window: QWidget) -> None:
        """Write the next picture."""
        file = f"{len(self.names) + 1:02d}_{name}.png"
        if not window.grab().save(str(self._folder / file), "PNG"):
            raise TourFailure("The picture {file} cannot be written", file=file)
        self.names.append(file)
        self._tell(file)


def _cells(table: WorklistTable) -> list[str]:
    model = table.model()
    return [
        str(model.data(model.index(row, column)) or "")
        for row in range(model.rowCount())
        for column in range(model.columnCount())
    ]
