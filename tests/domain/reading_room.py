"""A region to play in: its people, and stations that make acts, keep copies and exchange them.

Nothing here knows the rules that are tested: an act is filled as an honest program would fill it, and every field can
be overridden to play a dishonest one. A digest is the SHA-256 of the act's own representation.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable

from workstation.domain.act import (
    Act,
    ActKind,
    Observer,
    Outcome,
    Place,
    ReportIdentity,
    ReportText,
    SeenAct,
)
from workstation.domain.errors import Refusal
from workstation.domain.report import History, SignedAct, Version, check, fold
from workstation.domain.roster import Level, Person, Roster, Term
from workstation.domain.study import PatientIdentity

HIRED = dt.date(2020, 1, 1)
MORNING = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
PATIENT = PatientIdentity(patient_id="0004412", name="Wang^Xiaodong=王^晓东", sex="M")
REPORT = ReportIdentity(study_uid="1.2.3", accession="CT20261122-0131")
TEXT = ReportText(findings="右肺上叶见磨玻璃结节。", impression="右肺上叶结节。")
OTHER_TEXT = ReportText(findings="右肺上叶见部分实性结节。", impression="建议增强。")

# Two who hold every level, so that a table can vary level and person apart from each other.
ALL_ROUND = ("alla", "allb")
_LEVELS = {
    "lilei": (Level.FIRST,),
    "wangfang": (Level.FIRST,),
    "hanmei": (Level.SECOND,),
    "zhaogang": (Level.SECOND,),
    "sunli": (Level.SECOND,),
    "xiaoming": (Level.TRAINEE,),
    "gaoming": (Level.TRAINEE, Level.FIRST),
    "linda": (Level.FIRST, Level.SECOND),
    "admin": (Level.ADMINISTRATOR,),
    "alla": tuple(Level),
    "allb": tuple(Level),
}


def _person(person_id: str, levels: Iterable[Level], until: dt.date | None = None) -> Person:
    return Person(
        person_id=person_id,
        name=f"{person_id}=人",
        site="centre",
        terms=tuple(Term(level=level, since=HIRED, until=until) for level in levels),
        certificates=(f"certificate-{person_id}",),
    )


PEOPLE = {
    **{name: _person(name, levels) for name, levels in _LEVELS.items()},
    "retired": _person("retired", (Level.FIRST, Level.SECOND), until=dt.date(2026, 7, 1)),
}
ROSTER = Roster(
    region="demo",
    issued=dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
    expires=dt.date(2027, 1, 30),
    people=tuple(PEOPLE.values()),
    sites=(),
    digest="roster",
)

NOTES = {ActKind.OPEN_REVIEW, ActKind.GRADE, ActKind.RECONCILE_IDENTITY}
WITH_TEXT = {
    ActKind.ATTEST,
    ActKind.SUBMIT,
    ActKind.COSIGN,
    ActKind.ADDEND,
    ActKind.AMEND,
    ActKind.RESOLVE_FORK,
}
WITH_REASON = {
    ActKind.TAKE_OVER,
    ActKind.RETURN,
    ActKind.RELEASE_PRELIMINARY,
    ActKind.AMEND,
    ActKind.WITHDRAW,
    ActKind.RECONCILE_IDENTITY,
}


def observer(person_id: str) -> Observer:
    return Observer(person_id=person_id, name=f"{person_id}=人", organisation="centre")


def digest_of(act: Act) -> str:
    return hashlib.sha256(repr(act).encode()).hexdigest()


def signed(act: Act, fault: str = "") -> SignedAct:
    return SignedAct(act=act, digest=digest_of(act), fault=fault)


def shown(version: Version | None) -> ReportText:
    return (version.addition or version.text) if version else ReportText()


class Station:
    """One station: its journal, its copies of others' acts, its clock."""

    def __init__(self, name: str = "a", start: dt.datetime = MORNING) -> None:
        self.name = name
        self.clock = start
        self.copies: dict[tuple[str, str], SignedAct] = {}
        self._root = "2.25." + str(int.from_bytes(name.encode(), "big"))
        self._number = 0
        self._previous = ""

    @property
    def acts(self) -> list[SignedAct]:
        return list(self.copies.values())

    @property
    def history(self) -> History:
        return fold(self.acts, ROSTER)

    def keep(self, acts: Iterable[SignedAct]) -> None:
        for one in acts:
            self.copies[one.act.sop_uid, one.digest] = one

    def meet(self, other: Station) -> None:
        """Both stations have everything of both afterwards."""
        both = [*self.acts, *other.acts]
        self.keep(both)
        other.keep(both)

    def act(self, kind: ActKind, by: str, level: Level | None = None, **said: object) -> Act:
        """The act as an honest program fills it, not yet signed; ``said`` overrides any field."""
        history = self.history
        self.clock += dt.timedelta(minutes=1)
        named = [s.act.time for s in self.acts]
        time = max([self.clock, *(t + dt.timedelta(seconds=1) for t in named)])
        me = observer(by)
        chosen = said.get("chosen") or (history.heads[-1].act.sop_uid if history.heads else "")
        resolves = kind is ActKind.RESOLVE_FORK
        base = history.versions.get(str(chosen)) if resolves else history.head
        fields: dict[str, object] = {
            "kind": kind,
            "place": self.place(),
            "time": time,
            "actor": me,
            "actor_level": level or _level_for(kind, by, time.date()),
            "certificate": f"certificate-{by}",
            "roster_digest": "roster",
            "report": REPORT,
            "patient": PATIENT,
            "seen": history.seen(),
            "text": TEXT if kind in WITH_TEXT else None,
            "reason": "原因" if kind in WITH_REASON else "",
            "recipient": observer("lilei") if kind is ActKind.HAND_OVER else None,
            "told_to": "急诊科" if kind is ActKind.RELEASE_PRELIMINARY else "",
            **_people(kind, me, base, time),
        }
        if kind is ActKind.GRADE:
            fields["grade"] = "MINOR"
        if resolves:
            fields |= {"chosen": chosen or "1.2", "outcome": Outcome.SUBMITTED}
        if kind in {ActKind.COSIGN, ActKind.RESOLVE_FORK, ActKind.ATTEST} and base is not None:
            fields["text"] = TEXT if shown(base).is_empty else shown(base)
        if said.get("text") is not None and not fields["writers"]:
            fields["writers"] = _writers(me, base)
        return Act(**{**fields, **said})  # type: ignore[arg-type]  # the fields are typed where they are made

    def sign(self, act: Act) -> SignedAct:
        """Put the act into the journal without asking whether it is legal."""
        one = signed(act)
        self._number, self._previous = act.place.number, one.digest
        self.keep([one])
        return one

    def do(self, kind: ActKind, by: str, level: Level | None = None, **said: object) -> SignedAct:
        """Make the act after asking the rules, as the program does."""
        act = self.act(kind, by, level, **said)
        check(act, self.history, ROSTER)
        return self.sign(act)

    def refused(self, kind: ActKind, by: str, level: Level | None = None, **said: object) -> str:
        """The rule by which both the live check and the fold refuse the act; '' when both accept it."""
        act = self.act(kind, by, level, **said)
        try:
            check(act, self.history, ROSTER)
            live = ""
        except Refusal as refusal:
            live = refusal.rule
        one = signed(act)
        folded = fold([*self.acts, one], ROSTER)
        told = [r.refusal.rule for r in folded.rejected if r.signed == one]
        assert told == ([live] if live else []), f"live {live!r}, fold {told}"
        return live

    def place(self) -> Place:
        return Place(
            station_id=self.name,
            uid_root=self._root,
            number=self._number + 1,
            previous_digest=self._previous,
        )


def _level_for(kind: ActKind, by: str, day: dt.date) -> Level:
    person = PEOPLE.get(by)
    held = person.levels_on(day) if person else frozenset()
    if kind in {ActKind.PARK, ActKind.HAND_OVER} and Level.TRAINEE in held:
        return Level.TRAINEE
    senior = {
        ActKind.OPEN_REVIEW,
        ActKind.RETURN,
        ActKind.COSIGN,
        ActKind.GRADE,
        ActKind.WITHDRAW,
        ActKind.RESOLVE_FORK,
    }
    order = (Level.SECOND, Level.FIRST) if kind in senior else (Level.FIRST, Level.SECOND)
    return next((lv for lv in (*order, *Level) if lv in held), Level.FIRST)


def _writers(me: Observer, base: Version | None) -> tuple[Observer, ...]:
    open_base = base is not None and base.state.value not in {"FINAL", "WITHDRAWN"}
    return tuple(dict.fromkeys((me, *(base.writers if base and open_base else ()))))


def _people(
    kind: ActKind, me: Observer, base: Version | None, time: dt.datetime
) -> dict[str, object]:
    if kind in {ActKind.SUBMIT, ActKind.ADDEND, ActKind.AMEND}:
        return {"writers": _writers(me, base), "attestor": me, "attested_at": time}
    if kind in {ActKind.COSIGN, ActKind.RESOLVE_FORK}:
        attestor = base.attestor if base else None
        if kind is ActKind.RESOLVE_FORK:
            attestor = attestor or me
        writers = base.writers if base else ()
        return {"writers": writers, "attestor": attestor, "attested_at": time}
    if kind is ActKind.ATTEST:
        return {"writers": base.writers if base else ()}
    return {"writers": ()}


def fake_seen(name: str = "nowhere") -> SeenAct:
    """The name of an act that nobody has."""
    return SeenAct(
        sop_uid=f"2.25.404.1.{len(name)}", digest=hashlib.sha256(name.encode()).hexdigest()
    )


def rules(history: History) -> list[str]:
    """The rules that the rejected acts break."""
    return [r.refusal.rule for r in history.rejected]


def told(history: History) -> tuple[object, ...]:
    """What a person sees of a history, to compare two folds."""
    return (
        tuple(h.act.sop_uid for h in history.heads),
        tuple(h.state for h in history.heads),
        history.prevailing.act.sop_uid if history.prevailing else "",
        frozenset(
            (r.signed.act.sop_uid, r.signed.digest, r.refusal.rule) for r in history.rejected
        ),
        frozenset(n.act.sop_uid for n in history.notes),
        history.missing,
    )
