"""A reading station in memory: real people, real acts judged by the real fold, and no store, archive or key.

Acts get a made-up digest instead of a signature; everything that decides (who may, which state follows) is
``workstation.domain``. Test code changes what the line says and what the archive has.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

from workstation.domain.act import (
    Act,
    ActKind,
    Observer,
    Place,
    ReportIdentity,
    ReportText,
    SeriesCoverage,
)
from workstation.domain.errors import CosightError, LineFailure, Refusal, SignatureFailure
from workstation.domain.report import History, SignedAct, State, check, check_right, fold
from workstation.domain.roster import Level, Person, Roster, Site, Term
from workstation.domain.study import PatientIdentity, StudyFacts
from workstation.domain.worklist import WorklistRow, standing

NOW = dt.datetime(2026, 11, 22, 14, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))
SITES = (
    Site(site_id="centre", name="市中心医院", colour="#4DA3FF"),
    Site(site_id="chencun", name="陈村医院", colour="#3DBE7B"),
    Site(site_id="xingtan", name="杏坛卫生院", colour="#F0B44C"),
)


def person(person_id: str, name: str, level: Level) -> Person:
    term = Term(level=level, since=dt.date(2020, 1, 1))
    return Person(
        person_id=person_id,
        name=name,
        site="centre",
        terms=(term,),
        certificates=(f"cert-{person_id}",),
    )


PEOPLE = (
    person("lilei", "Li^Lei=李^雷", Level.FIRST),
    person("zhoutao", "Zhou^Tao=周^涛", Level.FIRST),
    person("hanmeimei", "Han^Meimei=韩^梅梅", Level.SECOND),
    person("xiaowu", "Wu^Xiao=吴^晓", Level.TRAINEE),
)
ROSTER = Roster(
    region="示范区",
    issued=NOW - dt.timedelta(days=12),
    expires=NOW.date() + dt.timedelta(days=78),
    people=PEOPLE,
    sites=SITES,
    digest="roster",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStandIn:
    person: Person
    levels: frozenset[Level]


def session(person_id: str) -> SessionStandIn:
    who = next(p for p in PEOPLE if p.person_id == person_id)
    return SessionStandIn(person=who, levels=who.levels_on(NOW.date()))


def observer(person_id: str) -> Observer:
    who = next(p for p in PEOPLE if p.person_id == person_id)
    return Observer(person_id=person_id, name=who.name, organisation=who.site)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftStandIn:
    text: ReportText
    saved_at: dt.datetime
    person_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStandIn:
    identity: ReportIdentity
    facts: StudyFacts
    history: History
    standing: Any
    draft: DraftStandIn | None
    identity_conflict: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineStandIn:
    online: bool | None = True
    since: dt.datetime | None = NOW
    to_send: int = 0
    unconfirmed: int = 0
    problem: CosightError | None = None
    alarms: tuple[CosightError, ...] = ()


def study(number: int, name: str, **known: Any) -> StudyFacts:
    born = known.pop("born", "19700302")
    patient = PatientIdentity(
        patient_id=known.pop("patient_id", f"{4400 + number:07d}"),
        name=name,
        birth_date=born,
        sex=known.pop("sex", "M"),
    )
    given = {
        "accession": f"CT20261122-{number:04d}",
        "date": "20261122",
        "time": "135800",
        "description": "胸部平扫",
        "modalities": ("CT",),
        "body_part": "胸部",
        "institution": "市中心医院",
    }
    return StudyFacts(study_uid=f"1.2.3.{number}", patient=patient, **{**given, **known})


class ReportingStandIn:
    """The report's life over acts in memory."""

    def __init__(self, studies: dict[str, StudyFacts]) -> None:
        self._studies = studies
        self.acts: dict[str, list[SignedAct]] = {}
        self.drafts: dict[tuple[str, str], DraftStandIn] = {}
        self.now = NOW
        self.listeners: list[Callable[[str], None]] = []
        self.refusing: Exception | None = None
        self.done: list[tuple[str, ActKind]] = []

    def listen(self, callback: Callable[[str], None]) -> None:
        self.listeners.append(callback)

    def identity(self, uid: str) -> ReportIdentity:
        return ReportIdentity(study_uid=uid, accession=self._studies[uid].accession)

    def history(self, uid: str) -> History:
        return fold(self.acts.get(uid, []), ROSTER)

    def open(self, uid: str, person_id: str = "") -> CaseStandIn:
        history = self.history(uid)
        return CaseStandIn(
            identity=self.identity(uid),
            facts=self._studies[uid],
            history=history,
            standing=self.standing(uid),
            draft=self.drafts.get((uid, person_id)),
        )

    def standing(self, uid: str) -> Any:
        owners = [p for (u, p) in self.drafts if u == uid]
        return standing(
            self.history(uid), has_draft=bool(owners), drafted_by=owners[0] if owners else ""
        )

    def allowed(self, uid: str, who: SessionStandIn) -> frozenset[ActKind]:
        def may(kind: ActKind) -> bool:
            try:
                check_right(kind, who.person, self.history(uid), self.now.date())
            except Refusal:
                return False
            return True

        return frozenset(kind for kind in ActKind if may(kind))

    def autosave(self, uid: str, who: SessionStandIn, text: ReportText) -> dt.datetime:
        if self.refusing is not None:
            raise self.refusing
        key = (uid, who.person.person_id)
        self.drafts[key] = DraftStandIn(
            text=text, saved_at=self.now, person_id=who.person.person_id
        )
        return self.now

    def act(
        self, kind: ActKind, uid: str, who: SessionStandIn, station: str = "A", **words: Any
    ) -> SignedAct:
        """Judge an act and keep it; ``over`` names the history its author sees."""
        if self.refusing is not None:
            raise self.refusing
        history: History = words.pop("over", None) or self.history(uid)
        self.now += dt.timedelta(minutes=4)
        level = check_right(kind, who.person, history, self.now.date())
        me = observer(who.person.person_id)
        base = history.versions.get(words.get("chosen", "")) or history.head
        submits = kind in {ActKind.SUBMIT, ActKind.ADDEND, ActKind.AMEND}
        earlier = base.writers if base and base.state not in {State.FINAL, State.WITHDRAWN} else ()
        keeps = kind in {ActKind.COSIGN, ActKind.ATTEST, ActKind.RESOLVE_FORK}
        number = sum(len(acts) for acts in self.acts.values()) + 1
        act = Act(
            kind=kind,
            place=Place(station_id=station, uid_root=f"2.25.{ord(station)}", number=number),
            time=self.now,
            actor=me,
            actor_level=level,
            certificate=f"cert-{who.person.person_id}",
            roster_digest="roster",
            report=self.identity(uid),
            patient=self._studies[uid].patient,
            seen=history.seen(),
            writers=()
            if "text" not in words
            else (earlier if keeps else tuple(dict.fromkeys((me, *earlier)))),
            attestor=me if submits else (base.attestor if base else None),
            attested_at=self.now if submits else (base.attested_at if base else None),
            **words,
        )
        check(act, history, ROSTER)
        signed = SignedAct(act=act, digest=hashlib.sha256(act.sop_uid.encode()).hexdigest())
        self.acts.setdefault(uid, []).append(signed)
        if "text" in words:
            self.drafts.pop((uid, who.person.person_id), None)
        self.done.append((uid, kind))
        for listener in self.listeners:
            listener(self.identity(uid).key)
        return signed

    def having_seen(self, _history: History) -> ReportingStandIn:
        return self

    def submit(
        self, uid: str, who: SessionStandIn, text: ReportText, coverage: Any = ()
    ) -> SignedAct:
        return self.act(ActKind.SUBMIT, uid, who, text=text, coverage=coverage)

    def addend(
        self, uid: str, who: SessionStandIn, text: ReportText, coverage: Any = ()
    ) -> SignedAct:
        return self.act(ActKind.ADDEND, uid, who, text=text, coverage=coverage)

    def amend(self, uid: str, who: SessionStandIn, text: ReportText, reason: str) -> SignedAct:
        return self.act(ActKind.AMEND, uid, who, text=text, reason=reason)

    def cosign(
        self, uid: str, who: SessionStandIn, text: ReportText, grade: Any = None, coverage: Any = ()
    ) -> SignedAct:
        signed = self.act(ActKind.COSIGN, uid, who, text=text, coverage=coverage)
        if grade is not None:
            self.act(ActKind.GRADE, uid, who, grade=grade)
        return signed

    def open_review(self, uid: str, who: SessionStandIn) -> None:
        if who.person.person_id not in {o.person_id for o in self.history(uid).review_openers}:
            self.act(ActKind.OPEN_REVIEW, uid, who)

    def return_(self, uid: str, who: SessionStandIn, reason: str, comments: Any = ()) -> SignedAct:
        return self.act(ActKind.RETURN, uid, who, reason=reason, comments=comments)

    def recall(self, uid: str, who: SessionStandIn) -> SignedAct:
        return self.act(ActKind.RECALL, uid, who)

    def withdraw(self, uid: str, who: SessionStandIn, reason: str) -> SignedAct:
        return self.act(ActKind.WITHDRAW, uid, who, reason=reason)

    def park(self, uid: str, who: SessionStandIn, text: ReportText) -> SignedAct:
        return self.act(ActKind.PARK, uid, who, text=text)

    def hand_over(self, uid: str, who: SessionStandIn, text: ReportText, to: str) -> SignedAct:
        return self.act(ActKind.HAND_OVER, uid, who, text=text, recipient=observer(to))

    def attest(self, uid: str, who: SessionStandIn) -> SignedAct:
        head = self.history(uid).head
        return self.act(ActKind.ATTEST, uid, who, text=head.text if head else ReportText())

    def resolve_fork(
        self, uid: str, who: SessionStandIn, chosen: str, text: ReportText, outcome: Any
    ) -> SignedAct:
        return self.act(ActKind.RESOLVE_FORK, uid, who, text=text, chosen=chosen, outcome=outcome)


@dataclass(slots=True)
class StationStandIn:
    """A station whose archive has studies; images come when they are fetched."""

    rows: dict[str, WorklistRow] = field(default_factory=dict)
    line: LineStandIn = field(default_factory=LineStandIn)
    archive_fails: bool = False
    seen: list[tuple[str, ...]] = field(default_factory=list)
    covered: tuple[SeriesCoverage, ...] = ()
    frames: list[Any] = field(default_factory=list)
    slow_fetch: bool = False
    closed: bool = False
    roster: Roster = ROSTER
    reporting: Any = None
    worklist: Any = None
    fetching: Any = None
    importing: Any = None
    studies: Any = None
    sessions: Any = None
    syncing: Any = None
    loader: Any = None

    def __post_init__(self) -> None:
        known = {uid: row.facts for uid, row in self.rows.items()}
        self.reporting = ReportingStandIn(known)
        self.worklist = SimpleNamespace(
            rows=self.listed, refresh=self.refresh, listen=lambda _call: None
        )
        self.fetching = SimpleNamespace(fetch=self.fetch)
        self.importing = SimpleNamespace(import_paths=self.import_paths)
        self.studies = SimpleNamespace(
            frames=lambda _uid: list(self.frames),
            stamp=lambda _uid: (len(self.frames), 0),
            mark_seen=lambda *seen: self.seen.append(seen),
            coverage=lambda _person, _uid: self.covered,
            seen=lambda _person, _uid: frozenset((sop, frame) for *_, sop, frame in self.seen),
        )
        self.sessions = SimpleNamespace(people=lambda: PEOPLE, login=self.login)
        self.syncing = SimpleNamespace(
            status=lambda: self.line, listen=lambda _call: None, start=lambda: None
        )

    def nodes(self) -> tuple[Any, ...]:
        return (SimpleNamespace(name="市中心影像归档"),)

    def add(self, facts: StudyFacts, here: int = 92, total: int = 92) -> str:
        self.rows[facts.study_uid] = WorklistRow(
            facts=facts, here=here, total=total, in_archive=True
        )
        self.reporting._studies[facts.study_uid] = facts
        return facts.study_uid

    def listed(self) -> tuple[WorklistRow, ...]:
        return tuple(
            replace(row, standing=self.reporting.standing(uid)) for uid, row in self.rows.items()
        )

    def refresh(self) -> None:
        if self.archive_fails:
            raise LineFailure("{node} cannot be reached: {why}", node="centre", why="refused")

    def login(self, person_id: str, password: str) -> SessionStandIn:
        if password != "demo":
            raise SignatureFailure("The password is wrong")
        return session(person_id)

    def fetch(
        self, uid: str, progress: Callable[[int, int], None], cancelled: Callable[[], bool]
    ) -> Any:
        row = self.rows[uid]
        total = row.total or 0
        if self.archive_fails:
            raise LineFailure("{node} cannot be reached: {why}", node="centre", why="refused")
        here = row.here
        while here < total and not cancelled():
            here += 1
            progress(here, total)
            if self.slow_fetch:
                time.sleep(0.01)
        self.rows[uid] = replace(row, here=here)
        return SimpleNamespace(stored=here, already=0, rejected=(), failed=0, cancelled=cancelled())

    def import_paths(self, paths: Any, progress: Callable[[int, int], None], cancelled: Any) -> Any:
        progress(1, 2)
        bad = SimpleNamespace(name="notes.dcm", reason=CosightError("This is not a DICOM file"))
        return SimpleNamespace(stored=1, already=0, rejected=(bad,))

    def close(self) -> None:
        self.closed = True
