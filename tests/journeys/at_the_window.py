"""A person at the real window of a station, as a process that may be killed: writes, fetches, or comes back and looks.

Run as ``python -m tests.journeys.at_the_window write|fetch|look HOME STUDY PERSON PASSWORD``. What happens is told as
JSON lines; times are the machine's monotonic clock, which the process that kills reads too.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QLabel, QTextEdit

from workstation.app import Windows, application
from workstation.ui.tour_hand import Hand, Pictures
from workstation.ui.tour_proof import Proof
from workstation.ui.tour_story import Story
from workstation.wiring import build

WORD_MS = 45


def typed_word(number: int) -> str:
    """The word of that number: no two alike, Chinese as an input method commits it."""
    return f"第{number}句。"


def tell(**values: Any) -> None:
    print(json.dumps(values, ensure_ascii=False), flush=True)


class Reader(Story):
    """Logs in and does one thing."""

    def log_in(self, person: str, password: str) -> None:
        self._type_password(person, password)
        self._hand.press("worklist.question.ALL")
        self._hand.choose_row(self._study)

    def write(self) -> None:
        """Open the case and type without an end, one word after the other."""
        self._hand.press("case.read")
        box = self._hand.wait("the editor", lambda: self._box("report.findings"), 60)
        self._hand.wait(
            "the editor to take words", lambda: box.isEnabled() and not box.isReadOnly()
        )
        self._hand.click(box.viewport())
        tell(writing=True)
        number = 0
        while True:
            number += 1
            tell(typed=number, at=time.monotonic())
            self._hand.commit(box, typed_word(number))
            self._hand.rest(WORD_MS)

    def fetch(self) -> None:
        """Open the case and lose power when the first of its images are kept."""
        studies = self._windows.station.studies
        self._hand.press("case.read")
        while (here := sum(s.instance_count for s in studies.series(self._study))) == 0:
            self._hand.rest(1)
        tell(here=here)
        os.kill(os.getpid(), signal.SIGKILL)

    def look(self) -> None:
        """What the window says of the study before it is opened, and once it is."""
        images = self._hand.find("case.images", QLabel).text()
        self._hand.press("case.read")
        box = self._hand.wait("the editor", lambda: self._box("report.findings"), 60)
        self._hand.wait("all images", self._complete, 60)
        self._hand.wait("the pictures", self._drawn, 60)
        self._hand.rest(500)
        tell(images=images, findings=box.toPlainText(), readable=self._hand.texts())

    def _box(self, name: str) -> QTextEdit | None:
        found = self._windows.main.findChildren(QTextEdit, name)
        return next((box for box in found if box.isVisible()), None)


def main(what: str, home: Path, study: str, person: str, password: str) -> int:
    application("zh_CN")
    windows = Windows(build(home))
    try:
        windows.open()
        windows.main.showNormal()
        windows.main.resize(1680, 1000)
        windows.main.activateWindow()
        scratch = home.parent / "pictures"
        hand = Hand(windows.main, Pictures(scratch, lambda _line: None))
        hand.wait("the window to be active", windows.main.isActiveWindow)
        reader = Reader(windows, hand, Proof(home, scratch, []), study)
        reader.log_in(person, password)
        deeds: dict[str, Callable[[], None]] = {
            "write": reader.write,
            "fetch": reader.fetch,
            "look": reader.look,
        }
        deeds[what]()
    finally:
        windows.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:]))
