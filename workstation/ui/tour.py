"""The main job, walked by itself: a report written at one station, signed at another, the line cut in between.

The demonstration of the product, the source of its pictures, and a test: it drives the real window over real services
and a real archive process, compares pictures with ``cosight render`` and has DCMTK judge what was released.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from workstation.domain.errors import CosightError
from workstation.ui.tour_hand import Hand, Pictures
from workstation.ui.tour_proof import Proof
from workstation.ui.tour_story import FirstReader, FirstReaderAgain, Opened, SecondReader

if TYPE_CHECKING:
    from workstation.services.archive_process import ArchiveProcess
    from workstation.services.demo_region import DemoRegion

SIZE_PX = (1680, 1000)


class Tour:
    """One walk.

    Args:
        region: the prepared demo region.
        archive: its archive process, running.
        open_at: opens the window of the station in a home folder.
        folder: where pictures and the final report go.
        tell: called with a line of progress.
    """

    def __init__(
        self,
        region: DemoRegion,
        archive: ArchiveProcess,
        open_at: Callable[[Path], Opened],
        folder: Path,
        tell: Callable[[str], None],
    ) -> None:
        from workstation.services.demo_region import CT

        self._region = region
        self._archive = archive
        self._open_at = open_at
        self._folder = folder
        self._tell = tell
        self._pictures = Pictures(folder, tell)
        self._began = time.monotonic()
        self._compared: list[str] = []
        self._study = region.study_uid(CT)

    def walk(self) -> int:
        """Do it all; returns the exit status."""
        first, second = self._region.home("station-a"), self._region.home("station-b")
        try:
            self._at(first, lambda *place: FirstReader(*place).play(self._archive))
            self._at(second, lambda *place: SecondReader(*place).play())
            self._at(first, lambda *place: FirstReaderAgain(*place).play())
            self._judge(first)
        except CosightError as error:
            self._tell(f"the tour failed: {error}")
            return 1
        self._tell(f"the tour took {time.monotonic() - self._began:.0f} s")
        return 0

    def _at(self, home: Path, story: Callable[[Opened, Hand, Proof, str], None]) -> None:
        """Play one part of the story in the window of one station."""
        windows = self._open_at(home)
        try:
            windows.open()
            windows.main.showNormal()
            windows.main.resize(*SIZE_PX)
            windows.main.activateWindow()
            hand = Hand(windows.main, self._pictures)
            hand.wait("the window to be active", windows.main.isActiveWindow)
            try:
                story(windows, hand, Proof(home, self._folder, self._compared), self._study)
            except CosightError:
                self._pictures.keep("failed", windows.main)
                raise
        finally:
            windows.close()

    def _judge(self, home: Path) -> None:
        proof = Proof(home, self._folder, self._compared)
        released = proof.final_report(self._study)
        verdict = proof.dcmtk_verifies(self._archive.node, self._study, released)
        self._tell(verdict)
        summary = {
            "pictures": self._pictures.names,
            "compared": self._compared,
            "released": released,
            "dcmtk": verdict,
            "seconds": round(time.monotonic() - self._began, 1),
        }
        text = json.dumps(summary, ensure_ascii=False, indent=1)
        (self._folder / "tour.json").write_text(text, encoding="utf-8")
