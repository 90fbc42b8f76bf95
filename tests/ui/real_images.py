"""A reading window over real files: the real loader in its child process, the real runner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pytestqt.qtbot import QtBot

from tests.ui.image_bench import FACTS, PATIENT
from viewer.decoding import parse_file
from viewer.loading import Loader
from viewer.qt.viewport import Viewport
from viewer.volume import DisplaySet, LocatedFrame, display_sets
from workstation.ui.reading_images import ReadingImages

MOST_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RealImages:
    """The window under test and its loader."""

    qtbot: QtBot
    loader: Loader
    window: ReadingImages

    def open(self, sets: Sequence[DisplaySet]) -> Viewport:
        """Open a study; its first viewport with nothing more on its way to it."""
        with self.qtbot.waitSignal(self.window.firstImageShown, timeout=MOST_MS):
            self.window.open_study(FACTS, sets, PATIENT)
        self.settle()
        return self.window.viewports()[0]

    def settle(self) -> None:
        self.qtbot.waitUntil(
            lambda: not any(v.is_drawing for v in self.window.viewports()), timeout=MOST_MS
        )


def sets_of(*paths: Path) -> list[DisplaySet]:
    """The display sets of these files."""
    frames = [
        LocatedFrame(path=str(path), source=source)
        for path in paths
        for source in parse_file(path)[1]
    ]
    return display_sets(frames)
