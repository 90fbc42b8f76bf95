"""The image half of the window without pictures: notes what it is asked for."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget


class PicturesStandIn(QWidget):
    frameSeen = Signal(str, str, int)  # noqa: N815 - as the real one
    firstImageShown = Signal()  # noqa: N815 - as the real one
    seriesReady = Signal(str)  # noqa: N815 - as the real one

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.jumps: list[str] = []
        self.seen: frozenset[tuple[str, int]] = frozenset()

    def open_study(self, facts: Any, display_sets: Any, patient: Any) -> None:
        self.opened.append(facts.study_uid)

    def first_frames(self, facts: Any, display_sets: Any) -> list[Any]:
        return []

    def close_study(self) -> None:
        self.seen = frozenset()

    def set_seen(self, seen: Any) -> None:
        self.seen = frozenset(seen)

    def jump_to_series(self, series_uid: str) -> None:
        self.jumps.append(series_uid)
