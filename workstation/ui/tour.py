"""The main job, walked by itself: a report written at one station, signed at another, the line cut in between.

The demonstration of the product, the source of its pictures, and a test: it drives the real window over real services
and a real archive process, compares pictures with ``cosight render`` and has DCMTK judge what was released.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QTextEdit

from workstation.domain.errors import CosightError, SignatureFailure
from workstation.domain.worklist import Status
from workstation.ui import words
from workstation.ui.tour_hand import Hand, Key, Pictures, TourFailure
from workstation.ui.tour_proof import Proof

if TYPE_CHECKING:
    from viewer.qt.viewport import Viewport
    from workstation.services.archive_process import ArchiveProcess
    from workstation.services.demo_region import DemoRegion
    from workstation.services.station import Station
    from workstation.ui.main_window import MainWindow

SIZE_PX = (1680, 1000)
FINDINGS = (
    "胸廓对称，纵隔居中。双肺纹理清晰，右肺上叶见一磨玻璃结节，约 8 mm，边界尚清。"
    "气管及主支气管通畅。纵隔未见肿大淋巴结。双侧胸腔未见积液。"
)
IMPRESSION = "1. 右肺上叶磨玻璃结节，建议随访。\n2. 余胸部 CT 平扫未见明显异常。"
FOLLOW_UP = "建议随访。"
PRECISE = "建议 3 个月后复查薄层 CT。"


class Opened(Protocol):
    """A station's window with everything behind it."""

    station: Station
    main: MainWindow

    def open(self) -> None:
        """Show it and start its loops."""

    def close(self) -> None:
        """End it."""


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
        self._region = region
        self._archive = archive
        self._open_at = open_at
        self._folder = folder
        self._tell = tell
        self._pictures = Pictures(folder, tell)
        self._began = time.monotonic()
        self._study = ""
        self._windows: Opened | None = None

    def walk(self) -> int:
        """Do it all; returns the exit status."""
        from workstation.services.demo_region import CT

        self._study = self._region.study_uid(CT)
        first, second = self._region.home("station-a"), self._region.home("station-b")
        try:
            self._at(first, self._first_reader)
            self._at(second, self._second_reader)
            self._at(first, self._first_reader_again)
            self._judge(first)
        except CosightError as error:
            self._tell(f"the tour failed: {error}")
            return 1
        self._tell(f"the tour took {time.monotonic() - self._began:.0f} s")
        return 0

    def _at(self, home: Path, story: Callable[[Hand, Proof], None]) -> None:
        """Play one part of the story in the window of one station."""
        windows = self._open_at(home)
        self._windows = windows
        try:
            windows.open()
            windows.main.showNormal()
            windows.main.resize(*SIZE_PX)
            windows.main.activateWindow()
            hand = Hand(windows.main, self._pictures)
            hand.wait("the window to be active", windows.main.isActiveWindow)
            try:
                story(hand, Proof(home, self._folder))
            except CosightError:
                self._pictures.keep("failed", windows.main)
                raise
        finally:
            windows.close()

    def _first_reader(self, hand: Hand, proof: Proof) -> None:
        hand.rest(300)
        self._type_password(hand, "lilei", "not the password")
        hand.read(words.failure_text(SignatureFailure("Wrong password")))
        hand.picture("login")
        self._type_password(hand, "lilei", "demo-lilei")
        hand.press("worklist.question.ALL")
        hand.read("王 秀英", "赵 敏", "黄 志明", words.status_name(Status.UNREAD))
        hand.read(words.status_name(Status.SUBMITTED), words.status_name(Status.FINAL))
        hand.choose_row(self._study)
        hand.read("CT20260131")
        hand.picture("worklist")
        self._open_case(hand)
        self._read_pictures(hand, proof)
        self._write(hand)
        self._submit_offline(hand)
        hand.key(Key.Key_L, Qt.KeyboardModifier.ControlModifier)

    def _type_password(self, hand: Hand, person_id: str, password: str) -> None:
        people = hand.find("login.person", QComboBox)
        people.setFocus()
        hand.wait("the people to be listed", lambda: people.count() > 0)
        while people.currentData() != person_id:
            before = people.currentIndex()
            step = Key.Key_Down if before < people.findData(person_id) else Key.Key_Up
            hand.key(step)
            if people.currentIndex() == before:
                raise TourFailure("{person} cannot log in here", person=person_id)
        field = hand.find("login.password", QLineEdit)
        hand.wait("the login to be ready", field.isEnabled)
        hand.click(field)
        hand.letters(field, password)
        hand.press("login.enter")

    def _open_case(self, hand: Hand) -> None:
        """Enter on the row: the images come from the archive, the first picture before all are here."""
        hand.press("case.read")
        hand.wait("the first image", self._drawn, 60)
        hand.wait("all images", self._complete, 60)

    def _viewports(self) -> list[Viewport]:
        return self._main().reading.images.viewports()

    def _main(self) -> MainWindow:
        if self._windows is None:
            raise TourFailure("No window is open")
        return self._windows.main

    def _drawn(self) -> bool:
        shown = self._viewports()
        return bool(shown) and all(v.picture() is not None and not v.is_drawing for v in shown)

    def _complete(self) -> bool:
        station = self._main_station()
        return sum(s.instance_count for s in station.studies.series(self._study)) >= 92

    def _main_station(self) -> Station:
        if self._windows is None:
            raise TourFailure("No window is open")
        return self._windows.station

    def _settled(self, hand: Hand) -> None:
        hand.rest(60)
        hand.wait("the pictures", self._drawn)

    def _read_pictures(self, hand: Hand, proof: Proof) -> None:
        """Axial in the lung window, the mediastinum, then the three planes with the crosshair."""
        viewport = self._viewports()[0]
        hand.click(viewport)
        hand.key(Key.Key_F)
        self._settled(hand)
        viewport = self._viewports()[0]
        hand.key(Key.Key_Home)
        hand.key(Key.Key_Down, times=40)
        hand.key(Key.Key_1)
        self._settled(hand)
        hand.picture("ct_lung")
        proof.same_picture(viewport, "axial slice in the lung window")
        hand.key(Key.Key_2)
        self._settled(hand)
        before = viewport.presentation.voi
        middle = viewport.rect().center()
        hand.drag(viewport, Qt.MouseButton.RightButton, middle, middle + QPoint(40, 24))
        self._settled(hand)
        if viewport.presentation.voi == before:
            raise TourFailure("Dragging with the right button did not change the window")
        hand.picture("ct_window_dragged")
        hand.key(Key.Key_G)
        self._settled(hand)
        hand.picture("ct_two_by_two")
        hand.key(Key.Key_M)
        hand.wait("three planes", lambda: len(self._viewports()) >= 3, 30)
        self._settled(hand)
        self._look_at_planes(hand, proof)

    def _look_at_planes(self, hand: Hand, proof: Proof) -> None:
        axial = self._plane(hand, "axial")
        hand.click(axial)
        hand.key(Key.Key_1)
        hand.key(Key.Key_J)
        place = axial.rect().center() + QPoint(axial.width() // 7, -axial.height() // 14)
        hand.click(axial, place)
        self._settled(hand)
        hand.key(Key.Key_S)
        hand.wheel(self._plane(hand, "coronal"), 4)
        self._settled(hand)
        hand.picture("ct_planes")
        for name in ("coronal", "sagittal"):
            proof.same_picture(self._plane(hand, name), f"{name} plane")

    def _plane(self, hand: Hand, name: str) -> Viewport:
        for viewport in self._viewports():
            if viewport.state.kind == "plane" and viewport.state.plane == name:
                return viewport
        raise TourFailure("There is no {plane} plane on the screen", plane=name)

    def _write(self, hand: Hand) -> None:
        findings = hand.find("report.findings", QTextEdit)
        hand.click(findings.viewport())
        hand.commit(findings, FINDINGS)
        impression = hand.find("report.impression", QTextEdit)
        hand.click(impression.viewport())
        for number, line in enumerate(IMPRESSION.split("\n")):
            if number:
                hand.key(Key.Key_Return)
            hand.commit(impression, line)
        hand.wait("the draft to be kept", self._draft_kept)
        hand.read("王 秀英", "CT20260131")
        hand.picture("report_written")

    def _draft_kept(self) -> bool:
        reporting = self._main_station().reporting
        draft = reporting.open(self._study, "lilei").draft
        return draft is not None and draft.text.impression == IMPRESSION

    def _submit_offline(self, hand: Hand) -> None:
        """The line is cut, the report submitted all the same; when the line is back it goes by itself."""
        syncing = self._main_station().syncing
        self._archive.stop()
        hand.press("report.submit")
        hand.wait("the submission", lambda: syncing.status().to_send == 1)
        hand.wait("the line to be seen broken", lambda: syncing.status().online is False, 60)
        hand.read(words.status_name(Status.SUBMITTED))
        hand.picture("submitted_offline")
        self._archive.start()
        hand.wait("the station to catch up", self._all_sent, 90)
        hand.rest(200)
        hand.picture("line_back")

    def _all_sent(self) -> bool:
        status = self._main_station().syncing.status()
        return status.online is True and status.to_send == 0 and status.unconfirmed == 0

    def _second_reader(self, hand: Hand, proof: Proof) -> None:
        self._type_password(hand, "hanmeimei", "demo-hanmeimei")
        hand.press("worklist.question.TO_REVIEW")
        hand.choose_row(self._study)
        hand.read(words.status_name(Status.SUBMITTED), "王 秀英", "李雷")
        hand.picture("to_review")
        self._open_case(hand)
        viewport = self._viewports()[0]
        hand.click(viewport)
        hand.key(Key.Key_F)
        hand.key(Key.Key_Home)
        hand.key(Key.Key_Down, times=40)
        hand.key(Key.Key_1)
        self._settled(hand)
        proof.same_picture(self._viewports()[0], "axial slice at the second station")
        hand.press("review.edit")
        impression = hand.wait("the impression", lambda: self._editor(hand, "report.impression"))
        self._replace(hand, impression, FOLLOW_UP, PRECISE)
        hand.press("review.changes")
        hand.read(FOLLOW_UP.rstrip("。"), "3 个月后复查薄层 CT", "李雷")
        hand.press("review.grade.MINOR")
        hand.picture("review_changes")
        hand.press("review.cosign")
        hand.wait("the co-signature", self._is_final, 30)
        hand.wait("the station to send it", self._all_sent, 90)
        hand.rest(300)
        hand.picture("cosigned")

    def _editor(self, hand: Hand, name: str) -> QTextEdit | None:
        try:
            return hand.find(name, QTextEdit)
        except TourFailure:
            return None

    def _replace(self, hand: Hand, editor: QTextEdit, old: str, new: str) -> None:
        """Mark words with the keyboard and type over them."""
        hand.click(editor.viewport())
        text = editor.toPlainText()
        if old not in text:
            raise TourFailure("The words to change are not there")
        hand.key(Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
        hand.key(Key.Key_Right, times=text.index(old))
        hand.key(Key.Key_Right, Qt.KeyboardModifier.ShiftModifier, times=len(old))
        hand.commit(editor, new)

    def _is_final(self) -> bool:
        return self._main_station().reporting.open(self._study).history.prevailing is not None

    def _first_reader_again(self, hand: Hand, proof: Proof) -> None:
        self._type_password(hand, "lilei", "demo-lilei")
        hand.press("worklist.question.ALL")
        hand.wait("the final report to arrive", self._is_final, 60)
        hand.choose_row(self._study)
        hand.read(words.status_name(Status.FINAL), "韩梅梅")
        self._open_case(hand)
        hand.press("review.changes")
        hand.read(FOLLOW_UP.rstrip("。"), "3 个月后复查薄层 CT", "韩梅梅")
        hand.picture("what_was_changed")
        hand.press("report.historyChip")
        hand.rest(200)
        hand.picture("history")

    def _judge(self, home: Path) -> None:
        proof = Proof(home, self._folder)
        released = proof.final_report(self._study)
        verdict = proof.dcmtk_verifies(self._archive.node, self._study, released)
        self._tell(verdict)
        summary = {
            "pictures": self._pictures.names,
            "compared": proof.compared,
            "released": released,
            "dcmtk": verdict,
            "seconds": round(time.monotonic() - self._began, 1),
        }
        text = json.dumps(summary, ensure_ascii=False, indent=1)
        (self._folder / "tour.json").write_text(text, encoding="utf-8")
