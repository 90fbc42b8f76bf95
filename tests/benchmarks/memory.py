"""What the program holds in memory: idle at the worklist, while a CT is opened, and with the CT open.

Run in a process of its own (``main(home, study, person, password)``), not with ``-m``: the children would import this
module and the window with it. It tells megabytes as one JSON line: PSS of the whole process tree, pages that several
processes share counted once (Linux; elsewhere the unique set size).
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Self

import psutil
from PySide6.QtCore import Qt

from tests.benchmarks.opening import MOST_SECONDS, Opening
from workstation.app import Windows, application
from workstation.ui.tour_hand import Hand, Pictures
from workstation.ui.tour_proof import Proof
from workstation.wiring import build

EVERY_SECONDS = 0.05
# Spare children end when they have rested for so long.
SPARES_END_MS = 15_000


def held_bytes(process: psutil.Process) -> dict[int, int]:
    """By process id of the tree: its share of what it holds."""
    found = {}
    for one in (process, *process.children(recursive=True)):
        try:
            facts = one.memory_full_info()
        except psutil.Error:
            continue
        found[one.pid] = getattr(facts, "pss", facts.uss)
    return found


class Peak:
    """The most that was held while the block ran."""

    def __init__(self) -> None:
        self.bytes = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        us = psutil.Process()
        while not self._ended.wait(EVERY_SECONDS):
            self.bytes = max(self.bytes, sum(held_bytes(us).values()))


def mb(count: int) -> float:
    return round(count / (1 << 20), 1)


def measured(
    windows: Windows, hand: Hand, story: Opening, person: str, password: str
) -> dict[str, object]:
    us = psutil.Process()
    story.log_in(person, password)
    hand.rest(SPARES_END_MS)
    idle = held_bytes(us)
    loaded = sorted(
        name
        for name in ("numba", "vtkmodules", "highdicom", "pynetdicom", "pydicom")
        if name in sys.modules
    )
    story.choose()
    chosen = sum(held_bytes(us).values())
    ready: list[str] = []
    windows.main.reading.images.seriesReady.connect(ready.append)
    with Peak() as peak:
        hand.key(Qt.Key.Key_Return)
        hand.wait("the series", lambda: ready, MOST_SECONDS)
        story.come_to_rest()
    opened = sum(held_bytes(us).values())
    return {
        "idle_mb": mb(sum(idle.values())),
        "window_mb": mb(idle[us.pid]),
        "children_mb": [mb(held) for pid, held in idle.items() if pid != us.pid],
        "chosen_mb": mb(chosen),
        "peak_mb": mb(peak.bytes),
        "opened_mb": mb(opened),
        "imported_at_idle": loaded,
    }


def main(home: Path, study: str, person: str, password: str) -> int:
    application("zh_CN")
    windows = Windows(build(home))
    try:
        windows.open()
        scratch = home.parent / "pictures"
        hand = Hand(windows.main, Pictures(scratch, lambda _line: None))
        hand.wait("the window to be active", windows.main.isActiveWindow)
        story = Opening(windows, hand, Proof(home, scratch, []), study)
        told = measured(windows, hand, story, person, password)
    finally:
        windows.close()
    print(json.dumps(told), flush=True)
    return 0
