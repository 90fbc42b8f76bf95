"""The list: what a row says of its report, under which question it stands, how it is filtered and sorted."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.reading_room import OTHER_TEXT, ROSTER, Station, fake_seen, observer
from tests.domain.region import READERS, Region, lives
from workstation.domain.act import ActKind
from workstation.domain.report import State, fold
from workstation.domain.study import PatientIdentity, StudyFacts
from workstation.domain.worklist import (
    Column,
    Filter,
    ImagesHere,
    Question,
    ReportStanding,
    Status,
    WorklistRow,
    asks,
    counts,
    filtered,
    ordered,
    standing,
)

SUBMIT, COSIGN, RETURN, ADDEND = ActKind.SUBMIT, ActKind.COSIGN, ActKind.RETURN, ActKind.ADDEND
TODAY = dt.date(2026, 11, 22)


def after(*acts: tuple[ActKind, str]) -> ReportStanding:
    room = Station()
    for kind, by in acts:
        room.do(kind, by)
    return standing(room.history, has_draft=False)


def row(
    uid: str = "1", name: str = "", report: ReportStanding | None = None, **facts: object
) -> WorklistRow:
    patient = PatientIdentity(patient_id=f"ID{uid}", name=name)
    study = StudyFacts(study_uid=uid, patient=patient, **facts)  # type: ignore[arg-type]  # named by each test
    return WorklistRow(facts=study, standing=report or ReportStanding())


def questions(report: ReportStanding, person: str, *, reviews: bool) -> set[Question]:
    listed = row(report=report)
    return {q for q in Question if asks(listed, q, person, reviews=reviews, today=TODAY)} - {
        Question.ALL
    }


@pytest.mark.parametrize(
    ("acts", "status", "readers"),
    [
        ((), Status.UNREAD, ("", "")),
        (((ActKind.PARK, "lilei"),), Status.DRAFT, ("lilei", "")),
        (((SUBMIT, "lilei"),), Status.SUBMITTED, ("lilei", "")),
        (((SUBMIT, "lilei"), (RETURN, "hanmei")), Status.RETURNED, ("lilei", "")),
        (
            ((SUBMIT, "lilei"), (ActKind.RELEASE_PRELIMINARY, "lilei")),
            Status.PRELIMINARY,
            ("lilei", ""),
        ),
        (((SUBMIT, "lilei"), (COSIGN, "hanmei")), Status.FINAL, ("lilei", "hanmei")),
        (
            ((SUBMIT, "lilei"), (COSIGN, "hanmei"), (ADDEND, "wangfang")),
            Status.AMENDING,
            ("wangfang", "hanmei"),
        ),
        (
            ((SUBMIT, "lilei"), (COSIGN, "hanmei"), (ActKind.WITHDRAW, "hanmei")),
            Status.WITHDRAWN,
            ("lilei", ""),
        ),
    ],
)
def test_standing(
    acts: tuple[tuple[ActKind, str], ...], status: Status, readers: tuple[str, str]
) -> None:
    report = after(*acts)
    assert (report.status, (report.first_reader, report.second_reader)) == (status, readers)
    assert (report.signed_at is not None) == bool(readers[1])
    assert report.problems == 0


def test_a_local_draft_shows_until_there_are_acts() -> None:
    empty = Station().history
    report = standing(empty, has_draft=True, drafted_by="lilei")
    assert (report.status, report.owner) == (Status.DRAFT, "lilei")
    assert standing(empty, has_draft=False).status is Status.UNREAD


def test_a_fork_and_problems_show() -> None:
    here, there = Station("a"), Station("b")
    here.do(SUBMIT, "lilei")
    there.do(SUBMIT, "wangfang", text=OTHER_TEXT)
    here.meet(there)
    here.sign(here.act(COSIGN, "lilei", seen=(fake_seen(),)))
    report = standing(here.history, has_draft=False)
    assert (report.status, report.people) == (Status.FORK, {"lilei", "wangfang"})
    assert report.problems == 2  # one act that does not count, one that is not here


def test_questions_of_the_two_readers() -> None:
    asked = [
        (after(), {Question.TO_WRITE}, {Question.TO_WRITE}),
        (after((ActKind.PARK, "lilei")), {Question.MY_DRAFTS}, set()),
        (after((SUBMIT, "lilei")), {Question.SUBMITTED}, {Question.TO_REVIEW}),
        (after((SUBMIT, "lilei"), (RETURN, "hanmei")), {Question.RETURNED_TO_ME}, set()),
    ]
    for report, first, second in asked:
        assert questions(report, "lilei", reviews=False) == first
        assert questions(report, "hanmei", reviews=True) == second


def test_nobody_is_asked_to_review_an_own_text() -> None:
    report = after((SUBMIT, "linda"))
    assert questions(report, "linda", reviews=True) == {Question.SUBMITTED}


def test_the_successor_of_a_final_report_is_asked_about_like_a_report() -> None:
    path = ((SUBMIT, "lilei"), (COSIGN, "hanmei"), (ADDEND, "wangfang"))
    signed_today = {Question.SIGNED_TODAY}
    waiting = after(*path)
    assert questions(waiting, "wangfang", reviews=False) - signed_today == {Question.SUBMITTED}
    assert questions(waiting, "hanmei", reviews=True) - signed_today == {Question.TO_REVIEW}
    returned = after(*path, (RETURN, "hanmei"))
    assert returned.status is Status.AMENDING
    assert questions(returned, "wangfang", reviews=False) - signed_today == {
        Question.RETURNED_TO_ME
    }
    assert questions(returned, "hanmei", reviews=True) - signed_today == set()
    recalled = after(*path, (ActKind.RECALL, "wangfang"))
    assert questions(recalled, "wangfang", reviews=False) - signed_today == {Question.MY_DRAFTS}
    assert questions(recalled, "hanmei", reviews=True) - signed_today == set()


def test_a_draft_that_was_handed_over_is_the_recipient_s() -> None:
    room = Station()
    room.do(ActKind.HAND_OVER, "xiaoming", text=OTHER_TEXT, recipient=observer("lilei"))
    report = standing(room.history, has_draft=False)
    assert questions(report, "lilei", reviews=False) == {Question.MY_DRAFTS}
    assert questions(report, "xiaoming", reviews=False) == set()


def test_signed_today_is_the_local_day() -> None:
    noon = dt.datetime(2026, 11, 22, 12).astimezone()
    for hours, expected in ((0, True), (11, True), (13, False), (-13, False)):
        report = ReportStanding(status=Status.FINAL, signed_at=noon + dt.timedelta(hours=hours))
        assert (Question.SIGNED_TODAY in questions(report, "x", reviews=False)) is expected


@given(lives, st.sampled_from(READERS))
def test_counts_are_what_the_filter_shows(life: list[tuple[str, int, int, int]], who: str) -> None:
    stations = Region().live(life[:6]).stations
    rows = [
        row(str(n), report=standing(fold(s.acts, ROSTER), has_draft=bool(n % 2), drafted_by=who))
        for n, s in enumerate(stations)
    ]
    told = counts(rows, who, reviews=True, today=TODAY)
    for question in Question:
        shown = filtered(rows, Filter(question=question), who, reviews=True, today=TODAY)
        assert told[question] == len(shown)
        assert [r for r in rows if r in shown] == list(shown)
    assert told[Question.ALL] == 3


@pytest.mark.parametrize(
    ("here", "total", "images"),
    [
        (0, 92, ImagesHere.NONE),
        (0, None, ImagesHere.NONE),
        (1, 92, ImagesHere.PARTIAL),
        (92, 92, ImagesHere.ALL),
        (93, 92, ImagesHere.ALL),
        (5, None, ImagesHere.ALL),
    ],
)
def test_images_here(here: int, total: int | None, images: ImagesHere) -> None:
    facts = row().facts
    assert WorklistRow(facts=facts, here=here, total=total).images is images


WANG = row("1", "Wang^Xiaodong=王^晓东", modalities=("CT",), date="20261122", body_part="CHEST")
LI = row("2", "Li^Na=李^娜", modalities=("MR", "SR"), date="20261118", accession="MR0131")
OLD = row(
    "3",
    "Zhao^Gang=赵^刚",
    modalities=("DX",),
    description="胸部正位",
    report=ReportStanding(status=Status.FINAL),
)
ROWS = (WANG, LI, OLD)


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        (Filter(), ROWS),
        (Filter(text="王晓东"), (WANG,)),
        (Filter(text="王 晓东"), (WANG,)),
        (Filter(text="  WANG chest "), (WANG,)),
        (Filter(text="wang mr0131"), ()),
        (Filter(text="id2"), (LI,)),
        (Filter(text="正位"), (OLD,)),
        (Filter(modalities=frozenset({"SR", "DX"})), (LI, OLD)),
        (Filter(statuses=frozenset({Status.FINAL})), (OLD,)),
        (Filter(since=dt.date(2026, 11, 20)), (WANG,)),
        (Filter(since=dt.date(2026, 11, 18), question=Question.TO_WRITE), (WANG, LI)),
        (Filter(text="%"), ()),
    ],
)
def test_filter(wanted: Filter, shown: tuple[WorklistRow, ...]) -> None:
    assert filtered(ROWS, wanted, "lilei", reviews=False, today=TODAY) == shown


@pytest.mark.parametrize(("column", "descending"), itertools.product(Column, (False, True)))
def test_every_column_sorts_whatever_order_the_rows_come_in(
    column: Column, descending: bool
) -> None:
    odd = row("4", "", date="2026", age="x", modalities=())
    orders = {
        tuple(r.facts.study_uid for r in ordered(rows, column, descending=descending))
        for rows in itertools.permutations((*ROWS, odd))
    }
    assert len(orders) == 1


def test_ties_are_newest_first_and_then_by_uid() -> None:
    rows = [row("2", date="20261101"), row("1", date="20261101"), row("3", date="20261102")]
    for descending in (False, True):
        uids = [r.facts.study_uid for r in ordered(rows, Column.SEX, descending=descending)]
        assert uids == ["3", "1", "2"]


def test_ages_sort_by_length_of_life() -> None:
    ages = ["102Y", "002Y", "023M", "011M", "003W", "030D", "002D", ""]
    rows = [row(str(n), age=age) for n, age in enumerate(ages)]
    assert [r.facts.age for r in ordered(reversed(rows), Column.AGE, descending=True)] == [
        "102Y",
        "002Y",
        "023M",
        "011M",
        "030D",
        "003W",
        "002D",
        "",
    ]


def test_states_sort_by_what_is_most_pressing() -> None:
    rows = [row(s.value, report=ReportStanding(status=s)) for s in Status]
    told = [r.standing.status for r in ordered(rows, Column.STATUS, descending=False)]
    assert told[0] is Status.FORK
    assert set(told) == set(Status)
    assert told.index(Status.RETURNED) < told.index(Status.UNREAD) < told.index(Status.FINAL)


def test_a_successor_under_way_has_the_state_of_its_head() -> None:
    report = after((SUBMIT, "lilei"), (COSIGN, "hanmei"), (ADDEND, "lilei"), (RETURN, "hanmei"))
    assert (report.status, report.under_way) == (Status.AMENDING, State.RETURNED)
    assert not report.waits_for_review


def test_a_cosignature_whose_submission_is_not_here_is_not_listed_as_final() -> None:
    room = Station()
    for kind, by in ((SUBMIT, "lilei"), (COSIGN, "hanmei")):
        room.do(kind, by)
    alone = [signed for signed in room.acts if signed.act.kind is COSIGN]
    assert len(alone) == 1
    listed = standing(fold(alone, ROSTER), has_draft=False)
    assert listed.status is Status.SUBMITTED
    assert listed.signed_at is None
    assert listed.problems == 1
