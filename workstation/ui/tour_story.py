"""What people do in the tour, as short stories: the first-level reader, the second, and the first again.

Each plays in the window of one station and touches nothing but it; what services say is only waited for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QTextEdit

from workstation.domain.errors import SignatureFailure
from workstation.domain.worklist import Status
from workstation.ui import words
from workstation.ui.tour_hand import Hand, Key, TourFailure
from workstation.ui.tour_proof import Proof

if TYPE_CHECKING:
    from viewer.qt.viewport import Viewport
    from workstation.services.archive_process import ArchiveProcess
    from workstation.services.station import Station
    from workstation.ui.main_window import MainWindow

FINDINGS = (
    "胸廓对称，纵隔居中。双肺纹理清晰，右肺上叶见一磨玻璃结节，约 8 mm，边界尚清。"
    "气管及主支气管通畅。纵隔未见肿大淋巴结。双侧胸腔未见积液。"
)
IMPRESSION = "1. 右肺上叶磨玻璃结节，建议随访。\n2. 余胸部 CT 平扫未见明显异常。"
_LOOK_MS = 50
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


class Story:
    """What every part of the tour does.

    Args:
        windows: the station's window, open.
        hand: drives it.
        proof: judges its pictures.
        study: the Study Instance UID of the chest CT.
    """

    def __init__(self, windows: Opened, hand: Hand, proof: Proof, study: str) -> None:
        self._windows = windows
        self._hand = hand
        self._proof = proof
        self._study = study

    def _type_password(self, person_id: str, password: str) -> None:
        people = self._hand.find("login.person", QComboBox)
        people.setFocus()
        self._hand.wait("the people to be listed", lambda: people.count() > 0)
        while people.currentData() != person_id:
            before = people.currentIndex()
            step = Key.Key_Down if before < people.findData(person_id) else Key.Key_Up
            self._hand.key(step)
            if people.currentIndex() == before:
                raise TourFailure("{person} cannot log in here", person=person_id)
        field = self._hand.find("login.password", QLineEdit)
        self._hand.wait("the login to be ready", field.isEnabled)
        self._hand.click(field)
        self._hand.letters(field, password)
        self._hand.press("login.enter")

    def _open_case(self) -> None:
        """Enter on the row: the images come from the archive, the first picture before all are here."""
        self._hand.press("case.read")
        self._hand.wait("the first image", self._drawn, 60)
        self._hand.wait("all images", self._complete, 60)

    def _viewports(self) -> list[Viewport]:
        return self._windows.main.reading.images.viewports()

    def _drawn(self) -> bool:
        shown = self._viewports()
        return bool(shown) and all(v.picture() is not None and not v.is_drawing for v in shown)

    def _complete(self) -> bool:
        station = self._windows.station
        return sum(s.instance_count for s in station.studies.series(self._study)) >= 92

    def _settled(self) -> None:
        self._hand.rest(60)
        self._hand.wait("the pictures", self._drawn)

    def _all_sent(self) -> bool:
        status = self._windows.station.syncing.status()
        return status.online is True and status.to_send == 0 and status.unconfirmed == 0

    def _is_final(self) -> bool:
        return self._windows.station.reporting.open(self._study).history.prevailing is not None

    def _lung_slice(self) -> Viewport:
        """The 41st image alone, in the lung window."""
        self._hand.click(self._viewports()[0])
        self._hand.key(Key.Key_F)
        self._settled()
        self._hand.key(Key.Key_Home)
        self._hand.key(Key.Key_Down, times=40)
        self._hand.key(Key.Key_1)
        self._settled()
        return self._viewports()[0]


class FirstReader(Story):
    """Logs in, reads the pictures, writes, and submits while the line is down."""

    def play(self, archive: ArchiveProcess) -> None:
        """Play; ``archive`` is stopped and started again to cut the line."""
        self._hand.rest(300)
        self._type_password("lilei", "not the password")
        self._hand.read(words.failure_text(SignatureFailure("Wrong password")))
        self._hand.picture("login")
        self._type_password("lilei", "demo-lilei")
        self._hand.press("worklist.question.ALL")
        self._hand.read("王 秀英", "赵 敏", "黄 志明", words.status_name(Status.UNREAD))
        self._hand.read(words.status_name(Status.SUBMITTED), words.status_name(Status.FINAL))
        self._hand.choose_row(self._study)
        self._hand.read("CT20260131")
        self._hand.picture("worklist")
        self._open_case()
        self._read_pictures()
        self._write()
        self._submit_offline(archive)
        self._hand.key(Key.Key_L, Qt.KeyboardModifier.ControlModifier)

    def _read_pictures(self) -> None:
        """Axial in the lung window, the mediastinum, then the three planes with the crosshair."""
        viewport = self._lung_slice()
        self._hand.picture("ct_lung")
        self._proof.same_picture(viewport, "axial slice in the lung window")
        self._look_through(viewport)
        self._hand.key(Key.Key_2)
        self._settled()
        before = viewport.presentation.voi
        middle = viewport.rect().center()
        self._hand.drag(viewport, Qt.MouseButton.RightButton, middle, middle + QPoint(40, 24))
        self._settled()
        if viewport.presentation.voi == before:
            raise TourFailure("Dragging with the right button did not change the window")
        self._hand.picture("ct_window_dragged")
        self._hand.key(Key.Key_G)
        self._settled()
        self._hand.picture("ct_two_by_two")
        self._hand.key(Key.Key_M)
        self._hand.wait("three planes", lambda: len(self._viewports()) >= 3, 30)
        self._settled()
        self._look_at_planes()

    def _look_through(self, viewport: Viewport) -> None:
        """Every image of the series, one after the other, and back to where it began."""
        count = sum(s.image_count for s in self._windows.station.studies.series(self._study))
        here = viewport.state.index
        self._hand.key(Key.Key_Home)
        for _ in range(count):
            self._hand.wait("the image", lambda: not viewport.is_drawing)
            self._hand.rest(_LOOK_MS)
            self._hand.key(Key.Key_Down)
        self._hand.key(Key.Key_Up, times=count - 1 - here)
        self._settled()

    def _look_at_planes(self) -> None:
        axial = self._plane("axial")
        self._hand.click(axial)
        self._hand.key(Key.Key_1)
        self._hand.key(Key.Key_J)
        place = axial.rect().center() + QPoint(axial.width() // 7, -axial.height() // 14)
        self._hand.click(axial, place)
        self._settled()
        self._hand.key(Key.Key_S)
        self._hand.wheel(self._plane("coronal"), 4)
        self._settled()
        self._hand.picture("ct_planes")
        for name in ("coronal", "sagittal"):
            self._proof.same_picture(self._plane(name), f"{name} plane")

    def _plane(self, name: str) -> Viewport:
        for viewport in self._viewports():
            if viewport.state.kind == "plane" and viewport.state.plane == name:
                return viewport
        raise TourFailure("There is no {plane} plane on the screen", plane=name)

    def _write(self) -> None:
        findings = self._hand.find("report.findings", QTextEdit)
        self._hand.click(findings.viewport())
        self._hand.commit(findings, FINDINGS)
        impression = self._hand.find("report.impression", QTextEdit)
        self._hand.click(impression.viewport())
        for number, line in enumerate(IMPRESSION.split("\n")):
            if number:
                self._hand.key(Key.Key_Return)
            self._hand.commit(impression, line)
        self._hand.wait("the draft to be kept", self._draft_kept)
        self._hand.read("王 秀英", "CT20260131")
        self._hand.picture("report_written")

    def _draft_kept(self) -> bool:
        reporting = self._windows.station.reporting
        draft = reporting.open(self._study, "lilei").draft
        return draft is not None and draft.text.impression == IMPRESSION

    def _submit_offline(self, archive: ArchiveProcess) -> None:
        """The line is cut, the report submitted all the same; when the line is back it goes by itself."""
        syncing = self._windows.station.syncing
        archive.stop()
        self._hand.press("report.submit")
        self._hand.wait("the submission", lambda: syncing.status().to_send == 1)
        self._hand.wait("the line to be seen broken", lambda: syncing.status().online is False, 60)
        self._hand.read(words.status_name(Status.SUBMITTED))
        self._hand.picture("submitted_offline")
        archive.start()
        self._hand.wait("the station to catch up", self._all_sent, 90)
        self._hand.rest(200)
        self._hand.picture("line_back")


class SecondReader(Story):
    """Finds the report waiting, sees the same pictures, changes a sentence, co-signs."""

    def play(self) -> None:
        """Play."""
        self._type_password("hanmeimei", "demo-hanmeimei")
        self._hand.press("worklist.question.TO_REVIEW")
        self._hand.choose_row(self._study)
        self._hand.read(words.status_name(Status.SUBMITTED), "王 秀英", "李雷")
        self._hand.picture("to_review")
        self._open_case()
        self._proof.same_picture(self._lung_slice(), "axial slice at the second station")
        self._hand.press("review.edit")
        impression = self._hand.wait("the impression", lambda: self._editor("report.impression"))
        self._replace(impression, FOLLOW_UP, PRECISE)
        self._hand.press("review.changes")
        self._hand.read(FOLLOW_UP.rstrip("。"), "3 个月后复查薄层 CT", "李雷")
        self._hand.press("review.grade.MINOR")
        self._hand.picture("review_changes")
        self._hand.press("review.cosign")
        self._hand.wait("the co-signature", self._is_final, 30)
        self._hand.wait("the station to send it", self._all_sent, 90)
        self._hand.press("reading.back")
        self._hand.press("worklist.question.ALL")
        self._hand.choose_row(self._study)
        self._hand.read("韩梅梅", words.status_name(Status.FINAL))
        self._hand.rest(300)
        self._hand.picture("cosigned")

    def _editor(self, name: str) -> QTextEdit | None:
        try:
            return self._hand.find(name, QTextEdit)
        except TourFailure:
            return None

    def _replace(self, editor: QTextEdit, old: str, new: str) -> None:
        """Mark words with the keyboard and type over them."""
        self._hand.click(editor.viewport())
        text = editor.toPlainText()
        if old not in text:
            raise TourFailure("The words to change are not there")
        self._hand.key(Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
        self._hand.key(Key.Key_Right, times=text.index(old))
        self._hand.key(Key.Key_Right, Qt.KeyboardModifier.ShiftModifier, times=len(old))
        self._hand.commit(editor, new)


class FirstReaderAgain(Story):
    """Sees what was changed."""

    def play(self) -> None:
        """Play."""
        self._type_password("lilei", "demo-lilei")
        self._hand.press("worklist.question.ALL")
        self._hand.wait("the final report to arrive", self._is_final, 60)
        self._hand.choose_row(self._study)
        self._hand.read(words.status_name(Status.FINAL), "韩梅梅")
        self._open_case()
        self._hand.press("review.changes")
        self._hand.read(FOLLOW_UP.rstrip("。"), "3 个月后复查薄层 CT", "韩梅梅")
        self._hand.picture("what_was_changed")
        self._hand.press("report.historyChip")
        self._hand.rest(200)
        self._hand.picture("history")
