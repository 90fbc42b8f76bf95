"""In place of pictures that are not here: how many came so far, a way to stop, or why there are none.

Renders numbers and one sentence in the middle of the image area; emits ``cancelAsked`` and ``againAsked``.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QProgressBar, QWidget

from workstation.ui.pieces import button, column, label, named, row
from workstation.ui.theme import set_role
from workstation.ui.words import translate

WIDTH_PX = 420


class FetchNotice(QWidget):
    """A sentence, a bar, a button."""

    cancelAsked = Signal()  # noqa: N815 - Qt's own spelling of signals
    againAsked = Signal()  # noqa: N815 - Qt's own spelling of signals

    def __init__(self) -> None:
        super().__init__()
        self._text = label(name="reading.notice", wrap=True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._text.setFixedWidth(WIDTH_PX)
        self._bar = named(QProgressBar(), "reading.progress")
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(WIDTH_PX)
        cancel = translate("Fetch", "Stop fetching")
        self._cancel = button(cancel, self.cancelAsked.emit, name="reading.cancel")
        again = translate("Fetch", "Fetch again")
        self._again = button(again, self.againAsked.emit, name="reading.again")
        down = column(self, spacing=12)
        down.addStretch(1)
        for piece in (self._text, self._bar):
            down.addWidget(piece, 0, Qt.AlignmentFlag.AlignHCenter)
        across = row()
        across.addStretch(1)
        across.addWidget(self._cancel)
        across.addWidget(self._again)
        across.addStretch(1)
        down.addLayout(across)
        down.addStretch(2)

    def show_progress(self, done: int, total: int) -> None:
        """Show a fetch under way."""
        told = translate("Fetch", "Fetching the images: {done} of {total}")
        if not total:
            told = translate("Fetch", "Fetching the images")
        self._say(told.format(done=done, total=total), alarm=False)
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        self._show(fetching=True, again=False)

    def show_opening(self) -> None:
        """The images are here and are being opened."""
        self._say(translate("Fetch", "Opening the images"), alarm=False)
        self._show(fetching=False, again=False)

    def show_failure(self, why: str, *, again: bool) -> None:
        """Say why there are no pictures, and offer to try again where that may help."""
        self._say(why, alarm=True)
        self._show(fetching=False, again=again)

    def _say(self, text: str, *, alarm: bool) -> None:
        self._text.setText(text)
        set_role(self._text, "cautionText" if alarm else "dim")

    def _show(self, *, fetching: bool, again: bool) -> None:
        self._bar.setVisible(fetching)
        self._cancel.setVisible(fetching)
        self._again.setVisible(again)
