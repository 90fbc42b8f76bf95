"""A reader comes in, sees what there is to do, finds a study and has its images fetched."""

from __future__ import annotations

import datetime as dt

from PySide6.QtCore import QPoint, Qt

from tests.ui.conftest import Windows
from tests.ui.station_standin import NOW, LineStandIn, StationStandIn, session, study
from workstation.domain.act import ReportText
from workstation.domain.errors import LineFailure
from workstation.domain.worklist import Column, Question
from workstation.ui.session_corner import line_text
from workstation.ui.worklist_model import COLUMNS

TEXT = ReportText(findings="双肺清晰。", impression="未见异常。")


def listed(windows: Windows) -> list[str]:
    model = windows.main.worklist.table.model()
    name = [c for c, _ in COLUMNS].index(Column.NAME)
    return [model.index(n, name).data() for n in range(model.rowCount())]


def test_a_wrong_password_is_one_line_and_nothing_else(windows: Windows) -> None:
    windows.find("login.password").setText("wrong")
    windows.qtbot.keyClick(windows.find("login.password"), Qt.Key.Key_Return)
    message = windows.find("login.message")
    windows.until(lambda: bool(message.text()))
    assert message.text() == "The password is wrong"
    assert windows.find("login.password").text() == ""
    assert windows.main.login.isVisible()


def test_the_roster_s_region_and_age_are_told(windows: Windows) -> None:
    assert windows.find("login.roster").text().startswith("示范区 · roster 12 days old")


def test_lock_returns_to_the_login_page_of_the_same_window(windows: Windows) -> None:
    windows.station.add(study(1, "Wang^Xiaodong=王^晓东"))
    windows.log_in("lilei")
    assert windows.find("worklist.whoIsHere").text() == "李雷  First-level reader"
    windows.qtbot.keyClick(windows.main, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    windows.until(windows.main.login.isVisible)
    assert windows.find("login.password").text() == ""


def test_questions_count_and_filter(windows: Windows) -> None:
    station = windows.station
    first = station.add(study(1, "Wang^Xiaodong=王^晓东"))
    station.add(study(2, "Zhao^Min=赵^敏", modalities=("MR",), institution="陈村医院"))
    station.reporting.submit(first, session("lilei"), TEXT)
    windows.log_in("lilei")
    assert listed(windows) == ["赵 敏"]
    assert windows.find("worklist.question.SUBMITTED").count() == 1
    windows.find("worklist.question.SUBMITTED").click()
    assert listed(windows) == ["王 晓东"]
    windows.find("worklist.site.陈村医院").click()
    assert listed(windows) == ["赵 敏"]
    windows.find("worklist.question.ALL").click()
    windows.find("worklist.modality.MR").click()
    assert listed(windows) == ["赵 敏"]


def test_a_reviewer_begins_with_what_waits(windows: Windows) -> None:
    first = windows.station.add(study(1, "Wang^Xiaodong=王^晓东"))
    windows.station.add(study(2, "Zhao^Min=赵^敏"))
    windows.station.reporting.submit(first, session("lilei"), TEXT)
    windows.log_in("hanmeimei")
    assert listed(windows) == ["王 晓东"]
    assert windows.find("worklist.question.TO_REVIEW").isVisible()


def test_typing_in_the_table_searches_and_escape_leaves(windows: Windows) -> None:
    windows.station.add(study(1, "Wang^Xiaodong=王^晓东"))
    windows.station.add(study(2, "Zhao^Min=赵^敏"))
    windows.log_in("lilei")
    table, search = windows.find("worklist.table"), windows.find("worklist.search")
    windows.qtbot.keyClicks(table, "z")
    windows.qtbot.keyClicks(search, "hao")
    assert search.text() == "zhao"
    assert listed(windows) == ["赵 敏"]
    windows.qtbot.keyClick(search, Qt.Key.Key_Escape)
    assert sorted(listed(windows)) == sorted(["王 晓东", "赵 敏"])


def test_a_click_on_a_header_sorts(windows: Windows) -> None:
    for number, name in enumerate(("C^c", "A^a", "B^b"), 1):
        windows.station.add(study(number, name))
    windows.log_in("lilei")
    table = windows.main.worklist.table
    section = [c for c, _ in COLUMNS].index(Column.NAME)
    header = table.horizontalHeader()
    x = header.sectionViewportPosition(section) + 20
    windows.qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, 12))
    assert listed(windows) == ["A a", "B b", "C c"]


def test_a_new_arrival_never_moves_the_row_under_the_hand(windows: Windows) -> None:
    for number in range(1, 60):
        windows.station.add(study(number, f"P^{number:03d}", time=f"{number // 4:02d}0000"))
    windows.log_in("lilei")
    page = windows.main.worklist
    page.table.select("1.2.3.20")
    page.table.scrollTo(page.table.currentIndex(), page.table.ScrollHint.PositionAtCenter)
    place = page.table.rowViewportPosition(page.table.currentIndex().row())
    for number in range(60, 66):
        windows.station.add(study(number, f"N^{number}", time="235900"))
    page.show_rows(windows.station.listed())
    assert page.table.selected() == "1.2.3.20"
    assert page.table.currentIndex().row() >= 6
    assert page.table.rowViewportPosition(page.table.currentIndex().row()) == place


def test_images_are_fetched_in_the_background_and_can_be_stopped(windows: Windows) -> None:
    study_uid = windows.station.add(study(1, "Wang^Xiaodong=王^晓东"), here=0, total=3)
    windows.log_in("lilei")
    assert windows.find("case.images").text() == "Images on this station: none of 3"
    windows.find("case.fetch").click()
    windows.until(lambda: windows.station.rows[study_uid].here == 3)
    windows.until(lambda: windows.find("case.images").text().endswith("all 3"))
    assert not windows.find("case.fetch").isEnabled()


def test_a_fetch_is_stopped_where_it_was_begun(windows: Windows) -> None:
    windows.station.slow_fetch = True
    uid = windows.station.add(study(1, "Wang^Xiaodong=王^晓东"), here=0, total=100_000)
    windows.log_in("lilei")
    windows.find("case.fetch").click()
    windows.until(lambda: windows.find("case.message").text().startswith("Fetching "))
    windows.find("case.cancel").click()
    windows.until(lambda: 0 < windows.station.rows[uid].here < 100_000)
    assert windows.find("case.message").text() == "Fetching stopped."


def test_an_unreachable_archive_is_the_line_s_to_tell(windows: Windows) -> None:
    windows.station.archive_fails = True
    windows.station.add(study(1, "Wang^Xiaodong=王^晓东"))
    windows.log_in("lilei")
    line = windows.find("worklist.line")
    windows.until(lambda: line.text().startswith("The archive does not answer"))
    assert "cannot be reached" in line.toolTip()
    assert listed(windows) == ["王 晓东"]


def test_every_rejected_file_is_listed_with_its_reason(windows: Windows) -> None:
    windows.station.add(study(1, "Wang^Xiaodong=王^晓东"))
    windows.log_in("lilei")
    windows.main.worklist.filesDropped.emit(["/nowhere"])
    lines = windows.find("worklist.rejectedLines")
    windows.until(lines.isVisible)
    assert lines.toPlainText() == "notes.dcm: This is not a DICOM file"
    assert "rejected 1" in windows.find("case.message").text()


def test_the_line_says_what_waits() -> None:
    now = NOW + dt.timedelta(minutes=5)
    at = NOW.astimezone().strftime("%H:%M")
    offline = LineStandIn(
        online=False, since=NOW, to_send=3, unconfirmed=1, problem=LineFailure("It is down")
    )
    assert (
        line_text(offline, "PACS", now) == f"Offline since {at}  PACS · to send 3 · unconfirmed 1"
    )
    assert line_text(LineStandIn(), "PACS", now) == "Online  PACS · to send 0"


def test_next_goes_down_the_list_and_starts_again(
    windows: Windows, station: StationStandIn
) -> None:
    for number in (1, 2, 3):
        station.add(study(number, f"P^{number}", time=f"1{number}0000"))
    windows.log_in("lilei")
    page = windows.main.worklist
    page.ask(Question.ALL)
    assert page.next_after("1.2.3.3") == "1.2.3.2"
    assert page.next_after("1.2.3.1") == "1.2.3.3"
