"""The worklist as values: one row per study, what is asked of whom, and filtering and sorting.

Pure: rows come in, rows go out. A row's status follows from its report's acts and this station's drafts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from workstation.domain.report import History, State
from workstation.domain.study import StudyFacts, age_text


class Status(StrEnum):
    """What a study's report is, in the words of the list."""

    UNREAD = "UNREAD"
    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    RETURNED = "RETURNED"
    PRELIMINARY = "PRELIMINARY"
    FINAL = "FINAL"
    AMENDING = "AMENDING"
    WITHDRAWN = "WITHDRAWN"
    FORK = "FORK"


class ImagesHere(StrEnum):
    """How much of a study lies in the local store."""

    NONE = "NONE"
    PARTIAL = "PARTIAL"
    ALL = "ALL"


class Question(StrEnum):
    """The questions by which work is listed."""

    ALL = "ALL"
    TO_WRITE = "TO_WRITE"
    RETURNED_TO_ME = "RETURNED_TO_ME"
    MY_DRAFTS = "MY_DRAFTS"
    SUBMITTED = "SUBMITTED"
    TO_REVIEW = "TO_REVIEW"
    SIGNED_TODAY = "SIGNED_TODAY"


class Column(StrEnum):
    """What the list can be sorted by."""

    STATUS = "STATUS"
    NAME = "NAME"
    SEX = "SEX"
    AGE = "AGE"
    MODALITY = "MODALITY"
    DESCRIPTION = "DESCRIPTION"
    SITE = "SITE"
    TIME = "TIME"
    IMAGES = "IMAGES"
    FIRST_READER = "FIRST_READER"
    SECOND_READER = "SECOND_READER"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportStanding:
    """What the list says of a study's report: status, readers (person ids), when it was signed.

    ``people`` are all who wrote or attested: they cannot review it. ``problems`` counts rejected and missing acts.
    ``under_way`` is the state of the successor where a final report prevails (status AMENDING).
    """

    status: Status = Status.UNREAD
    first_reader: str = ""
    second_reader: str = ""
    owner: str = ""
    signed_at: dt.datetime | None = None
    people: frozenset[str] = frozenset()
    problems: int = 0
    under_way: State = State.SUBMITTED

    @property
    def waits_for_review(self) -> bool:
        """Whether a second-level reader is to look at it."""
        amended = self.status is Status.AMENDING and self.under_way is State.SUBMITTED
        return amended or self.status in {Status.SUBMITTED, Status.PRELIMINARY}

    def is_open(self, state: State) -> bool:
        """Whether the report, or the successor of a final one, is in that open state."""
        amended = self.status is Status.AMENDING and self.under_way is state
        return amended or self.status.value == state.value


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistRow:
    """One study in the list. ``here`` and ``total`` count images; ``total`` is None when nobody said."""

    facts: StudyFacts
    standing: ReportStanding = field(default_factory=ReportStanding)
    here: int = 0
    total: int | None = None
    in_archive: bool = False

    @property
    def images(self) -> ImagesHere:
        """Whether all, some or none of the images are here."""
        if self.here == 0:
            return ImagesHere.NONE
        complete = self.total is None or self.here >= self.total
        return ImagesHere.ALL if complete else ImagesHere.PARTIAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What rows to show. Empty sets and texts ask for everything; ``text`` matches name, ID, accession and part."""

    text: str = ""
    modalities: frozenset[str] = frozenset()
    statuses: frozenset[Status] = frozenset()
    question: Question = Question.ALL
    since: dt.date | None = None


def standing(history: History, *, has_draft: bool, drafted_by: str = "") -> ReportStanding:
    """The standing of a report: its acts, and whether this station holds a draft of it."""
    problems = len(history.rejected) + len(history.missing)
    final = history.prevailing
    version = history.heads[-1] if history.heads else None
    if version is None:
        status = Status.DRAFT if has_draft else Status.UNREAD
        return ReportStanding(
            status=status, first_reader=drafted_by, owner=drafted_by, problems=problems
        )
    first = version.attestor or version.owner
    people = frozenset[str]().union(*(h.people for h in history.heads))
    return ReportStanding(
        status=_status(history, has_draft=has_draft),
        first_reader=first.person_id if first else "",
        second_reader=_signer(history),
        owner=version.owner.person_id if version.owner else "",
        signed_at=final.act.time if final else None,
        people=people,
        problems=problems,
        under_way=version.state,
    )


def _signer(history: History) -> str:
    final = history.prevailing
    return final.act.actor.person_id if final else ""


def _status(history: History, *, has_draft: bool) -> Status:
    if history.is_fork:
        return Status.FORK
    if history.amendment_in_progress:
        return Status.AMENDING
    head = history.head
    if head is None:
        return Status.DRAFT if has_draft else Status.UNREAD
    if head.state is State.SUBMITTED and head.preliminary:
        return Status.PRELIMINARY
    if head.state is State.FINAL and history.prevailing is None:
        # A co-signature whose submission has not come here yet proves nothing so far.
        return Status.SUBMITTED
    return Status(head.state.value)


def asks(
    row: WorklistRow, question: Question, person_id: str, *, reviews: bool, today: dt.date
) -> bool:
    """Whether the row belongs under the question for that person.

    Args:
        row: the study.
        question: the question.
        person_id: who asks.
        reviews: whether the person holds the second level.
        today: the local date, for what was signed today.
    """
    status, held = row.standing.status, row.standing
    match question:
        case Question.ALL:
            return True
        case Question.TO_WRITE:
            return status is Status.UNREAD
        case Question.RETURNED_TO_ME:
            return held.is_open(State.RETURNED) and held.owner == person_id
        case Question.MY_DRAFTS:
            return held.is_open(State.DRAFT) and held.owner == person_id
        case Question.SUBMITTED:
            return held.waits_for_review and held.first_reader == person_id
        case Question.TO_REVIEW:
            return reviews and held.waits_for_review and person_id not in held.people
        case Question.SIGNED_TODAY:
            signed = held.signed_at
            return signed is not None and signed.astimezone().date() == today


def filtered(
    rows: Iterable[WorklistRow], wanted: Filter, person_id: str, *, reviews: bool, today: dt.date
) -> tuple[WorklistRow, ...]:
    """The rows that pass the filter, in their order."""
    words = wanted.text.casefold().split()
    since = wanted.since.strftime("%Y%m%d") if wanted.since else ""
    return tuple(
        row
        for row in rows
        if (not wanted.modalities or wanted.modalities & set(row.facts.modalities))
        and (not wanted.statuses or row.standing.status in wanted.statuses)
        and (not since or row.facts.date >= since)
        and all(word in _searched(row) for word in words)
        and asks(row, wanted.question, person_id, reviews=reviews, today=today)
    )


def ordered(
    rows: Iterable[WorklistRow], column: Column, *, descending: bool
) -> tuple[WorklistRow, ...]:
    """The rows sorted by a column; ties by study time, newest first, then by UID so that nothing jumps."""
    stable = sorted(rows, key=lambda r: r.facts.study_uid)
    stable.sort(key=lambda r: (r.facts.date, r.facts.time), reverse=True)
    return tuple(sorted(stable, key=lambda r: _sort_key(r, column), reverse=descending))


def counts(
    rows: Iterable[WorklistRow], person_id: str, *, reviews: bool, today: dt.date
) -> Mapping[Question, int]:
    """How many rows each question has for that person."""
    listed = tuple(rows)
    return {
        q: sum(asks(r, q, person_id, reviews=reviews, today=today) for r in listed)
        for q in Question
    }


def _searched(row: WorklistRow) -> str:
    facts = row.facts
    parts = (
        facts.patient.name.replace("^", ""),
        facts.patient.name.replace("^", " "),
        facts.patient.patient_id,
        facts.accession,
        facts.description,
        facts.body_part,
        facts.institution,
    )
    return "\n".join(parts).casefold()


_STATUS_ORDER = (
    Status.FORK,
    Status.RETURNED,
    Status.UNREAD,
    Status.DRAFT,
    Status.PRELIMINARY,
    Status.SUBMITTED,
    Status.AMENDING,
    Status.FINAL,
    Status.WITHDRAWN,
)


def _sort_key(row: WorklistRow, column: Column) -> tuple[int | str, ...]:
    facts = row.facts
    match column:
        case Column.STATUS:
            return (_STATUS_ORDER.index(row.standing.status),)
        case Column.NAME:
            return (facts.patient.name.casefold(),)
        case Column.SEX:
            return (facts.patient.sex,)
        case Column.AGE:
            return _age_key(age_text(facts))
        case Column.MODALITY:
            return facts.modalities
        case Column.DESCRIPTION:
            return (facts.description, facts.body_part)
        case Column.SITE:
            return (facts.institution,)
        case Column.TIME:
            return (facts.date, facts.time)
        case Column.IMAGES:
            return (list(ImagesHere).index(row.images), row.total or row.here)
        case Column.FIRST_READER:
            return (row.standing.first_reader,)
        case Column.SECOND_READER:
            return (row.standing.second_reader,)


def _age_key(age: str) -> tuple[int]:
    """Days, roughly, so that 011M sorts before 002Y."""
    unit_days = {"D": 1, "W": 7, "M": 30, "Y": 365}
    if len(age) == 4 and age[:3].isdigit() and age[3] in unit_days:
        return (int(age[:3]) * unit_days[age[3]],)
    return (-1,)
