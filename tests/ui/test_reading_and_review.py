"""A report from the first word to the co-signature, through the real window's buttons and keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication

from tests.ui.conftest import Windows
from tests.ui.station_standin import observer, session, study
from workstation.domain.act import ActKind, Grade, Outcome, ReportText, SeriesCoverage
from workstation.domain.errors import StoreFailure
from workstation.domain.report import State
from workstation.ui.notices import Coverage

TEXT = ReportText(findings="右肺上叶见结节。", impression="建议复查。")


@pytest.fixture
def uid(windows: Windows) -> str:
    made = windows.station.add(study(1, "Wang^Xiaodong=王^晓东"))
    windows.station.add(study(2, "Zhao^Min=赵^敏", time="080000"))
    return made


def write(windows: Windows, findings: str, impression: str) -> None:
    windows.qtbot.keyClicks(windows.find("report.findings"), findings)
    windows.qtbot.keyClicks(windows.find("report.impression"), impression)


def head_state(windows: Windows, uid: str) -> State | None:
    head = windows.station.reporting.history(uid).head
    return head.state if head else None


def test_the_patient_strip_says_who(windows: Windows, uid: str) -> None:
    windows.log_in("lilei")
    windows.open(uid)
    told = {
        "name": "王 晓东",
        "sex": "M",
        "age": "56 y",
        "birthDate": "1970-03-02",
        "patientId": "ID 0004401",
        "time": "2026-11-22 13:58",
        "accession": "Accession CT20261122-0001",
        "site": "市中心医院",
    }
    assert {key: windows.find(f"strip.{key}").text() for key in told} == told
    assert windows.find("strip.examination").whole_text() == "CT 胸部平扫"


def test_opening_a_case_shows_no_second_window(windows: Windows, uid: str) -> None:
    windows.log_in("lilei")
    windows.open(uid)
    windows.qtbot.wait(100)
    assert QApplication.activeWindow() is windows.main
    assert [w for w in QApplication.topLevelWidgets() if w.isVisible()] == [windows.main]


def test_nothing_of_a_case_stays_while_the_next_is_read(windows: Windows, uid: str) -> None:
    windows.station.reporting.submit(uid, session("lilei"), TEXT)
    windows.station.reporting.cosign(uid, session("hanmeimei"), TEXT, Grade.MINOR)
    windows.log_in("lilei")
    windows.open(uid)
    windows.until(lambda: windows.find("report.sheet").isVisible())
    windows.main.open_study("1.2.3.2")
    for name in ("report.status", "report.detail", "report.remarks", "report.sheet", "report.more"):
        assert not windows.find(name).isVisible(), name
    assert TEXT.findings not in windows.find("report.sheet").toPlainText()
    assert windows.find("report.identity").text() == ""
    windows.until(lambda: windows.find("report.findings").isVisible())


def test_words_are_kept_within_a_second_and_come_back(windows: Windows, uid: str) -> None:
    windows.log_in("lilei")
    windows.open(uid)
    write(windows, "lungs clear", "normal")
    drafts = windows.station.reporting.drafts
    windows.until(lambda: (uid, "lilei") in drafts)
    assert drafts[uid, "lilei"].text.findings == "lungs clear"
    windows.until(lambda: windows.find("report.saved").text().startswith("saved "))
    windows.qtbot.keyClick(windows.main.reading, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    windows.open(uid)
    windows.until(lambda: windows.find("report.impression").toPlainText() == "normal")


def test_leaving_keeps_the_last_words_without_waiting(windows: Windows, uid: str) -> None:
    windows.log_in("lilei")
    windows.open(uid)
    write(windows, "last", "")
    windows.main.lock()
    windows.until(lambda: (uid, "lilei") in windows.station.reporting.drafts)
    assert windows.find("report.findings").toPlainText() == ""


def test_words_that_cannot_be_kept_are_told_and_not_lost(windows: Windows, uid: str) -> None:
    windows.log_in("lilei")
    windows.open(uid)
    windows.station.reporting.refusing = StoreFailure("The disk is full")
    write(windows, "kept", "")
    windows.until(lambda: windows.find("report.saved").text() == "not saved")
    assert windows.find("report.message").text() == "The disk is full"
    windows.station.reporting.refusing = None
    write(windows, " later", "")
    windows.until(lambda: (uid, "lilei") in windows.station.reporting.drafts)
    assert windows.find("report.findings").toPlainText() == "kept later"


def test_submit_says_whom_and_goes_to_review(windows: Windows, uid: str) -> None:
    windows.station.covered = (SeriesCoverage(series_uid="9", seen=1, total=2),)
    windows.log_in("lilei")
    windows.open(uid)
    write(windows, "nodule", "follow up")
    assert (
        windows.find("report.identity").text()
        == "To submit: 王 晓东 · M · 56 y · 胸部 · CT20261122-0001"
    )
    windows.find("report.submit").click()
    windows.until(lambda: head_state(windows, uid) is State.SUBMITTED)
    windows.until(lambda: windows.find("report.status").text() == "To review")
    assert windows.station.reporting.history(uid).head.text.findings == "nodule"
    assert "still recall" in windows.find("report.onlyReading").text()
    windows.find("report.recall").click()
    windows.until(lambda: head_state(windows, uid) is State.DRAFT)
    windows.until(lambda: windows.find("report.findings").isVisible())
    assert windows.find("report.findings").toPlainText() == "nodule"


def test_f8_submits_and_opens_the_next_case(windows: Windows, uid: str) -> None:
    windows.log_in("lilei")
    windows.open(uid)
    write(windows, "nodule", "follow up")
    windows.qtbot.keyClick(windows.find("report.findings"), Qt.Key.Key_F8)
    windows.until(lambda: windows.main.reading.study_uid() == "1.2.3.2")
    assert head_state(windows, uid) is State.SUBMITTED
    windows.until(lambda: windows.find("report.findings").toPlainText() == "")


def test_an_empty_report_is_refused_in_one_sentence(windows: Windows, uid: str) -> None:
    windows.log_in("lilei")
    windows.open(uid)
    windows.find("report.submit").click()
    message = windows.find("report.message")
    windows.until(lambda: message.text() == "Submitting needs findings or an impression")
    assert windows.find("report.submit").isEnabled()


def test_what_was_not_seen_stands_above_the_button_with_a_link(windows: Windows, uid: str) -> None:
    windows.log_in("lilei")
    windows.open(uid)
    panel = windows.main.reading.report
    panel.show_coverage(
        (
            Coverage(series_uid="2", name="Series 2", seen=40, total=92),
            Coverage(series_uid="3", name="Series 3", seen=0, total=12),
            Coverage(series_uid="4", name="Series 4", seen=5, total=5),
        )
    )
    assert windows.find("report.coverage").texts() == (
        "Series 3: never shown (12 images)",
        "Series 2: 52 of 92 images not seen",
    )
    windows.find("report.coverage.3").click()
    assert windows.pictures.jumps == ["3"]


def test_a_reviewer_edits_sees_the_changes_and_cosigns(windows: Windows, uid: str) -> None:
    windows.station.reporting.submit(uid, session("lilei"), TEXT)
    windows.log_in("hanmeimei")
    windows.open(uid)
    windows.until(lambda: windows.find("review.cosign").isVisible())
    assert (
        "李雷 (First-level reader) · Submitted for review" in windows.find("report.detail").text()
    )
    assert "author 李雷  |  reviewer 韩梅梅" in windows.find("report.identity").text()
    box = windows.find("report.impression")
    box.moveCursor(QTextCursor.MoveOperation.End)
    box.insertPlainText("增强扫描。")
    windows.find("review.changes").click()
    sheet = windows.find("report.sheet")
    assert "建议复查。增强扫描。" in sheet.toPlainText()
    cursor = sheet.document().find("增强扫描")
    assert cursor.charFormat().fontUnderline()
    windows.find("review.grade.MINOR").click()
    windows.qtbot.keyClick(sheet, Qt.Key.Key_F9)
    windows.until(windows.main.worklist.isVisible)
    history = windows.station.reporting.history(uid)
    assert history.head.state is State.FINAL
    assert history.prevailing.text.impression == "建议复查。增强扫描。"
    assert [n.act.grade for n in history.notes if n.act.grade] == [Grade.MINOR]


def test_a_return_asks_for_its_reason_in_place(windows: Windows, uid: str) -> None:
    windows.station.reporting.submit(uid, session("lilei"), TEXT)
    windows.log_in("hanmeimei")
    windows.open(uid)
    windows.until(lambda: windows.find("review.return").isVisible())
    box = windows.find("report.findings")
    cursor = box.document().find("结节")
    box.setTextCursor(cursor)
    windows.qtbot.keyClick(box, Qt.Key.Key_F7)
    assert "“结节”" in windows.find("report.deedTitle").text()
    assert not windows.find("report.confirm").isEnabled()
    windows.qtbot.keyClicks(windows.find("report.reason"), "size?")
    windows.qtbot.keyClick(windows.find("report.reason"), Qt.Key.Key_Return)
    windows.until(lambda: head_state(windows, uid) is State.RETURNED)
    comment = windows.station.reporting.history(uid).head.act.comments[0]
    assert (comment.text, comment.section, comment.quoted) == ("size?", "findings", "结节")


def test_escape_leaves_the_line_and_another_key_the_case(windows: Windows, uid: str) -> None:
    windows.station.reporting.submit(uid, session("lilei"), TEXT)
    windows.log_in("hanmeimei")
    windows.open(uid)
    windows.until(lambda: windows.find("review.return").isVisible())
    windows.find("review.return").click()
    windows.qtbot.keyClick(windows.find("report.reason"), Qt.Key.Key_Escape)
    assert not windows.find("report.deedLine").isVisible()
    assert windows.main.reading.isVisible()
    windows.qtbot.keyClick(windows.main.reading, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert windows.main.worklist.isVisible()


def test_the_author_sees_what_was_returned_and_why(windows: Windows, uid: str) -> None:
    reporting = windows.station.reporting
    reporting.submit(uid, session("lilei"), TEXT)
    reporting.open_review(uid, session("hanmeimei"))
    reporting.return_(uid, session("hanmeimei"), "size?")
    windows.log_in("lilei")
    assert windows.find("worklist.question.RETURNED_TO_ME").count() == 1
    windows.open(uid)
    assert windows.find("report.remarks").text() == "韩梅梅: size?"
    assert windows.find("report.findings").toPlainText() == TEXT.findings


def test_the_first_reader_sees_what_was_changed(windows: Windows, uid: str) -> None:
    reporting = windows.station.reporting
    reporting.submit(uid, session("lilei"), TEXT)
    after = ReportText(findings="右肺上叶见肿块。", impression=TEXT.impression)
    reporting.cosign(uid, session("hanmeimei"), after, Grade.MAJOR)
    windows.log_in("lilei")
    windows.open(uid)
    windows.until(lambda: windows.find("report.sheet").isVisible())
    sheet = windows.find("report.sheet")
    assert "结节肿块" in sheet.toPlainText()
    assert sheet.document().find("结节").charFormat().fontStrikeOut()
    assert "Discrepancy graded by 韩梅梅: Major" in windows.find("report.remarks").text()
    windows.find("review.final").click()
    assert "结节" not in sheet.toPlainText()
    windows.find("report.addendum").click()
    windows.until(lambda: windows.find("report.findings").isVisible())
    assert windows.find("report.findings").toPlainText() == ""
    assert "肿块" in windows.find("report.standing").toPlainText()
    write(windows, "addition", "")
    windows.find("report.submit").click()
    windows.until(lambda: (uid, ActKind.ADDEND) in reporting.done)
    windows.until(lambda: windows.find("report.status").text() == "Amending")


def test_two_versions_stand_side_by_side_until_one_is_chosen(windows: Windows, uid: str) -> None:
    reporting = windows.station.reporting
    before = reporting.history(uid)
    reporting.act(ActKind.SUBMIT, uid, session("lilei"), text=TEXT, over=before)
    other = ReportText(findings="左肺见结节。", impression="随访。")
    reporting.act(ActKind.SUBMIT, uid, session("zhoutao"), station="B", text=other, over=before)
    windows.log_in("hanmeimei")
    windows.open(uid)
    windows.until(lambda: windows.main.reading.findChild(object, "report.fork.1.keep") is not None)
    first, second = (windows.find(f"report.fork.{n}.sheet").toPlainText() for n in (0, 1))
    assert "右肺上叶" in first
    assert "左肺" in second
    windows.find("report.fork.1.keep").click()
    windows.until(lambda: head_state(windows, uid) is State.SUBMITTED)
    act = reporting.history(uid).head.act
    assert (act.outcome, act.text) == (Outcome.SUBMITTED, other)


def test_a_trainee_hands_over_and_a_reader_attests(windows: Windows, uid: str) -> None:
    windows.log_in("xiaowu")
    windows.open(uid)
    write(windows, "by trainee", "x")
    assert windows.main.reading.findChild(object, "report.submit") is None
    windows.find("report.handOver").click()
    people = windows.find("report.recipient")
    people.setCurrentIndex(people.findData("lilei"))
    windows.find("report.confirm").click()
    windows.until(lambda: (uid, ActKind.HAND_OVER) in windows.station.reporting.done)
    windows.main.lock()
    windows.log_in("lilei")
    windows.open(uid)
    windows.until(lambda: windows.find("report.attest").isVisible())
    assert not windows.find("report.submit").isEnabled()
    windows.find("report.attest").click()
    windows.until(lambda: windows.find("report.submit").isEnabled())
    windows.find("report.submit").click()
    windows.until(lambda: head_state(windows, uid) is State.SUBMITTED)


def test_somebody_else_s_draft_is_read_only_and_says_whose(windows: Windows, uid: str) -> None:
    windows.station.reporting.act(
        ActKind.HAND_OVER, uid, session("lilei"), text=TEXT, recipient=observer("zhoutao")
    )
    windows.log_in("lilei")
    windows.open(uid)
    windows.until(lambda: windows.find("report.onlyReading").isVisible())
    assert windows.find("report.onlyReading").text().startswith("周涛 holds this draft since")


def test_an_act_that_does_not_count_stands_in_red_with_its_reason(
    windows: Windows, uid: str
) -> None:
    reporting = windows.station.reporting
    signed = reporting.submit(uid, session("lilei"), TEXT)
    from dataclasses import replace

    reporting.acts[uid] = [replace(signed, fault="the text was changed")]
    windows.log_in("lilei")
    windows.open(uid)
    alarms = windows.find("report.alarms")
    windows.until(alarms.isVisible)
    assert "does not count" in alarms.text()
    assert "the text was changed" in alarms.text()


def test_a_change_from_elsewhere_never_touches_words_under_the_hand(
    windows: Windows, uid: str
) -> None:
    windows.log_in("lilei")
    windows.open(uid)
    write(windows, "typing", "")
    windows.main.reading.note_change(windows.station.reporting.identity(uid).key)
    windows.qtbot.wait(150)
    assert windows.find("report.findings").toPlainText() == "typing"


def test_pasted_text_loses_its_markup(windows: Windows, uid: str) -> None:
    from PySide6.QtCore import QMimeData

    windows.log_in("lilei")
    windows.open(uid)
    source = QMimeData()
    source.setHtml("<b>bold</b><img src='http://x/y.png'>")
    source.setText("bold")
    windows.find("report.findings").insertFromMimeData(source)
    assert windows.find("report.findings").toPlainText() == "bold"


def test_images_that_cannot_be_fetched_say_why_in_their_place(windows: Windows) -> None:
    uid = windows.station.add(study(5, "He^Xiuying=何^秀英"), here=0, total=2)
    windows.station.archive_fails = True
    windows.log_in("lilei")
    windows.open(uid)
    windows.until(lambda: "cannot be reached" in windows.find("reading.notice").text())
    assert windows.find("reading.again").isVisible()
    assert windows.find("strip.images").text() == "0 of 2 images"
    assert windows.find("report.findings").isEnabled()
