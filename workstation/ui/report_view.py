"""What the report panel shows, as one frozen value made from a case, a person and the rights of the moment.

Pure: a fold's ``History`` and this person's draft go in; state line, texts to edit and to compare, the reason why one
may only read, remarks, alarms and the deeds on offer come out. The rules themselves are the domain's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from workstation.domain.act import Act, ActKind, Grade, Observer, ReportText
from workstation.domain.report import History, Purpose, State, Version, grades_of
from workstation.domain.roster import Level, Roster
from workstation.domain.worklist import Status
from workstation.ui import words
from workstation.ui.history_list import HistoryLine, history_lines, observer_name
from workstation.ui.words import translate

if TYPE_CHECKING:
    from workstation.services.reporting import ReportCase
    from workstation.services.sessions import Session

_UNWRITTEN = ReportText()
_STATION_DIGITS = 8  # enough to tell two stations apart
SUBMITTING = (ActKind.SUBMIT, ActKind.ADDEND, ActKind.AMEND)


class Mode(StrEnum):
    """What the panel is for at this moment."""

    WRITE = "WRITE"
    REVIEW = "REVIEW"
    READ = "READ"
    CHOOSE = "CHOOSE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who looks: the session, what it may do now, the roster that gives names, the time."""

    session: Session
    allowed: frozenset[ActKind]
    roster: Roster
    now: dt.datetime

    @property
    def person_id(self) -> str:
        """The login."""
        return self.session.person.person_id

    def name_of(self, person_id: str) -> str:
        """The name of a person id; the id itself where the roster does not know it."""
        person = self.roster.person(person_id)
        return person.display_name if person else person_id


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadView:
    """One of several versions that stand side by side."""

    sop_uid: str
    title: str
    detail: str
    text: ReportText
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportView:
    """Everything the panel renders.

    ``text`` is what stands in the editors or on the sheet; ``before`` what it is compared with (None: nothing);
    ``kind`` the act that the main button asks for, None where there is none; ``base_uid`` names the version looked at,
    so that the same version shown again never touches words under the hand.
    """

    mode: Mode
    status: Status
    detail: str
    base_uid: str
    author: str = ""
    kind: ActKind | None = None
    text: ReportText = _UNWRITTEN
    before: ReportText | None = None
    addenda: tuple[ReportText, ...] = ()
    standing_text: ReportText | None = None
    older_draft: ReportText | None = None
    saved_at: dt.datetime | None = None
    only_reading: str = ""
    remarks: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()
    offered: frozenset[ActKind] = frozenset()
    attested_text: ReportText | None = None
    needs_attest: bool = False
    conflicted: bool = False
    heads: tuple[HeadView, ...] = ()
    history: tuple[HistoryLine, ...] = ()


def report_view(case: ReportCase, reader: Reader, started: ActKind | None = None) -> ReportView:
    """The view of a case for a reader.

    Args:
        case: the report as it stands at this station.
        reader: who looks, and what that person may do.
        started: a new writing that the person began on a finished report (ADDEND, AMEND, or SUBMIT after a withdrawal).
    """
    history = case.history
    head = history.head
    mode = _mode(case, reader, started)
    text, older = _texts(case, mode, started)
    return ReportView(
        mode=mode,
        status=case.standing.status,
        detail=_detail(case, reader),
        base_uid=head.act.sop_uid if head else "",
        author=observer_name(head.attestor) if head else "",
        kind=_kind(head, mode, started),
        text=text,
        before=_before(history, mode),
        addenda=_addenda(history, mode),
        standing_text=_standing_text(history, head, mode, started),
        older_draft=older,
        saved_at=case.draft.saved_at if case.draft and mode is not Mode.READ else None,
        only_reading=_only_reading(case, reader) if mode is Mode.READ else "",
        remarks=_remarks(history),
        alarms=_alarms(case, reader),
        offered=reader.allowed,
        attested_text=shown_text(head) if head and head.attested else None,
        needs_attest=mode is Mode.WRITE and _needs_attest(head, reader),
        conflicted=bool(case.identity_conflict),
        heads=tuple(_head_view(h, reader) for h in history.heads) if history.is_fork else (),
        history=history_lines(history, reader.name_of),
    )


def shown_text(version: Version) -> ReportText:
    """The text under way in a version: the addition where one is, else the report."""
    return version.addition or version.text


def _mode(case: ReportCase, reader: Reader, started: ActKind | None) -> Mode:
    history = case.history
    if history.is_fork:
        return Mode.CHOOSE
    state = history.head.state if history.head else None
    if state is State.SUBMITTED and ActKind.COSIGN in reader.allowed:
        return Mode.REVIEW
    if started is not None and started in reader.allowed:
        return Mode.WRITE
    held_elsewhere = (
        state is None
        and case.draft is None
        and case.standing.owner not in {"", reader.person_id}
        and started is None
    )
    may_write = {ActKind.PARK, *SUBMITTING} & reader.allowed
    if state in {None, State.DRAFT, State.RETURNED} and may_write and not held_elsewhere:
        return Mode.WRITE
    return Mode.READ


def _kind(head: Version | None, mode: Mode, started: ActKind | None) -> ActKind | None:
    if mode is Mode.REVIEW:
        return ActKind.COSIGN
    if mode is not Mode.WRITE:
        return None
    if started is not None:
        return started
    purpose = head.purpose if head else Purpose.REPORT
    kinds = {Purpose.ADDENDUM: ActKind.ADDEND, Purpose.AMENDMENT: ActKind.AMEND}
    return kinds.get(purpose, ActKind.SUBMIT)


def _texts(
    case: ReportCase, mode: Mode, started: ActKind | None
) -> tuple[ReportText, ReportText | None]:
    """The text to show, and a draft of this person that is older than the version it would replace."""
    history, draft = case.history, case.draft
    if mode is Mode.READ:
        version = history.prevailing or history.head
        return (version.text if version else ReportText()), None
    head = history.head
    if mode is Mode.CHOOSE:
        return ReportText(), None
    signed = shown_text(head) if head else ReportText()
    if started is ActKind.ADDEND:
        signed = ReportText()
    if started is ActKind.SUBMIT and head is not None:
        signed = head.text
    if draft is None:
        return signed, None
    fresh = head is None or draft.saved_at >= head.act.time
    if fresh or draft.text == signed:
        return draft.text, None
    return signed, draft.text


def _predecessor(history: History, version: Version) -> Version | None:
    named = (history.versions.get(s.sop_uid) for s in version.act.seen)
    return next((v for v in named if v is not None), None)


def _before(history: History, mode: Mode) -> ReportText | None:
    """The submitted text that a review, or a co-signed text, is compared with."""
    if mode is Mode.REVIEW and history.head is not None:
        return shown_text(history.head)
    final = history.prevailing
    if mode is not Mode.READ or final is None or final.purpose is Purpose.ADDENDUM:
        return None
    submitted = _predecessor(history, final)
    return submitted.text if submitted and submitted.state is State.SUBMITTED else None


def _addenda(history: History, mode: Mode) -> tuple[ReportText, ...]:
    version = history.prevailing or history.head
    return version.addenda if mode is Mode.READ and version else ()


def _standing_text(
    history: History, head: Version | None, mode: Mode, started: ActKind | None
) -> ReportText | None:
    """The report that an addendum is written to."""
    adding = started is ActKind.ADDEND or (
        head is not None and head.purpose is Purpose.ADDENDUM and head.state is not State.FINAL
    )
    if mode in {Mode.WRITE, Mode.REVIEW} and adding and history.prevailing is not None:
        return history.prevailing.text
    return None


def _needs_attest(head: Version | None, reader: Reader) -> bool:
    """Whether somebody who is no reader of either level wrote in the text."""
    if head is None:
        return False
    day = reader.now.date()
    people = [reader.roster.person(w.person_id) for w in head.writers]
    readers = {Level.FIRST, Level.SECOND}
    return any(p is None or not (p.levels_on(day) & readers) for p in people)


def _detail(case: ReportCase, reader: Reader) -> str:
    """Who did the newest step and when; its signature holds, or it would be no head."""
    history = case.history
    if history.is_fork:
        return translate("ReportView", "{count} versions stand side by side").format(
            count=len(history.heads)
        )
    if history.head is None:
        owner = case.standing.owner
        return reader.name_of(owner) if owner and owner != reader.person_id else ""
    return translate("ReportView", "{who} · {when} · signature valid").format(
        who=act_by(history.head.act), when=words.moment(history.head.act.time, reader.now)
    )


def act_by(act: Act) -> str:
    """``Li Lei (First-level reader) · Submitted for review``."""
    return translate("ReportView", "{person} ({level}) · {act}").format(
        person=observer_name(act.actor),
        level=words.level_name(act.actor_level),
        act=words.act_name(act.kind),
    )


def _only_reading(case: ReportCase, reader: Reader) -> str:
    """Why this person can not write here now."""
    head = case.history.head
    owner = head.owner if head else None
    if head is None:
        return (
            translate("ReportView", "{person} is writing this report at this station.").format(
                person=reader.name_of(case.standing.owner)
            )
            if case.standing.owner
            else (translate("ReportView", "Your level does not write reports."))
        )
    match head.state:
        case State.SUBMITTED:
            return _why_waiting(case, reader)
        case State.DRAFT | State.RETURNED:
            return translate("ReportView", "{person} holds this draft since {time}.").format(
                person=observer_name(owner), time=words.moment(head.act.time, reader.now)
            )
        case State.WITHDRAWN:
            return translate("ReportView", "This report was withdrawn: “{reason}”").format(
                reason=head.act.reason
            )
        case _:
            return ""


def _why_waiting(case: ReportCase, reader: Reader) -> str:
    head = case.history.head
    openers = case.history.review_openers
    if openers:
        return translate("ReportView", "{person} has opened the review.").format(
            person=observer_name(openers[-1])
        )
    if head is not None and reader.person_id in head.people:
        return translate(
            "ReportView", "Waiting for review by another person; you can still recall it."
        )
    return translate("ReportView", "Waiting for review by a second-level reader.")


def _remarks(history: History) -> tuple[str, ...]:
    """What a reviewer said on returning, and the grade given on co-signing."""
    head = history.head
    told: list[str] = []
    if head is not None and head.act.kind is ActKind.RETURN:
        told.append(_said(head.act.actor, head.act.reason))
        told += [_said(head.act.actor, c.text, c.quoted) for c in head.act.comments]
    if history.prevailing is not None:
        grades = grades_of(history, history.prevailing.act.sop_uid)
        told += [_graded(who, grade) for who, grade in grades]
    return tuple(told)


def _said(who: Observer, text: str, quoted: str = "") -> str:
    name = observer_name(who)
    if quoted:
        return translate("ReportView", "{person} on “{words}”: {text}").format(
            person=name, words=quoted, text=text
        )
    return translate("ReportView", "{person}: {text}").format(person=name, text=text)


def _graded(who: Observer, grade: Grade) -> str:
    return translate("ReportView", "Discrepancy graded by {person}: {grade}").format(
        person=observer_name(who), grade=words.grade_name(grade)
    )


def _alarms(case: ReportCase, reader: Reader) -> tuple[str, ...]:
    """What does not count, and why; what is missing; whose header differs."""
    history = case.history
    told = [
        translate("ReportView", "{act} of {time} does not count: {why}").format(
            act=act_by(r.signed.act),
            time=words.moment(r.signed.act.time, reader.now),
            why=words.error_text(r.refusal, reader.name_of),
        )
        for r in history.rejected
    ]
    if history.missing:
        told.append(
            translate(
                "ReportView",
                "This history is incomplete: acts that it names are not here ({count}).",
            ).format(count=len(history.missing))
        )
    if case.identity_conflict:
        told.append(
            translate(
                "ReportView", "Image header and signed report name different patients: {fields}."
            ).format(fields=", ".join(_field_names(case.identity_conflict)))
        )
    return tuple(told)


def _field_names(fields: Iterable[str]) -> list[str]:
    names = {
        "patient_id": translate("ReportView", "patient ID"),
        "issuer": translate("ReportView", "issuer of the ID"),
        "name": translate("ReportView", "name"),
        "birth_date": translate("ReportView", "birth date"),
        "sex": translate("ReportView", "sex"),
    }
    return [names.get(f, f) for f in fields]


def _head_view(version: Version, reader: Reader) -> HeadView:
    act = version.act
    return HeadView(
        sop_uid=act.sop_uid,
        title=observer_name(version.attestor or act.actor),
        detail=translate("ReportView", "{act} · {when} · station {station}").format(
            act=act_by(act),
            when=words.moment(act.time, reader.now),
            station=act.place.station_id[:_STATION_DIGITS],
        ),
        text=shown_text(version),
        status=Status(version.state.value),
    )
