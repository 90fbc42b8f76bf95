"""A report as its acts tell it: heads, forks, what prevails, what does not count.

A report's state is a fold over its signed acts. Acts form a graph: each names the acts on the same report that its
author had seen. *Steps* change the state; *notes* (review opened, grade, identity reconciled) do not. A step that no
other valid step names is a head; two heads are a fork, which people see and a person resolves. An act is judged
against what its author had seen, never against what others did meanwhile.

It does not know DICOM objects, signatures or the store: whether a signature holds comes in as a fault.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from workstation.domain.act import Act, ActKind, Grade, Observer, Outcome, ReportIdentity, SeenAct
from workstation.domain.errors import Refusal
from workstation.domain.legality import (
    LEVELS,
    NOTES,
    RULES,
    check_actor,
    check_order,
    check_person,
    check_resolver,
    check_state,
    check_text_people,
    check_words,
    level_refusal,
    refusal,
)
from workstation.domain.roster import Level, Person, Roster
from workstation.domain.version import (
    Purpose,
    SignedAct,
    State,
    Version,
    finalised,
    next_version,
)

__all__ = [
    "NOTES",
    "RULES",
    "History",
    "Purpose",
    "RejectedAct",
    "SignedAct",
    "State",
    "Version",
    "check",
    "check_right",
    "fold",
    "grades_of",
    "identities",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedAct:
    """An act that does not count, and the rule that it breaks."""

    signed: SignedAct
    refusal: Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A report as its acts tell it.

    ``heads`` are newest last; ``missing`` the UIDs that are named but not here; ``prevailing`` the newest valid final
    version that is not withdrawn.
    """

    versions: Mapping[str, Version]
    heads: tuple[Version, ...]
    notes: tuple[SignedAct, ...]
    rejected: tuple[RejectedAct, ...]
    missing: frozenset[str]
    prevailing: Version | None

    @property
    def is_fork(self) -> bool:
        """Whether several versions stand side by side."""
        return len(self.heads) > 1

    @property
    def head(self) -> Version | None:
        """The only head, or None when there is none or a fork."""
        return self.heads[0] if len(self.heads) == 1 else None

    @property
    def amendment_in_progress(self) -> bool:
        """Whether a final report prevails while somebody works on its successor."""
        return self.prevailing is not None and any(
            h.state not in {State.FINAL, State.WITHDRAWN} for h in self.heads
        )

    @property
    def review_openers(self) -> tuple[Observer, ...]:
        """Who opened the review of a present head."""
        heads = {h.act.sop_uid for h in self.heads}
        return tuple(
            n.act.actor
            for n in self.notes
            if n.act.kind is ActKind.OPEN_REVIEW and heads & {s.sop_uid for s in n.act.seen}
        )

    def seen(self) -> tuple[SeenAct, ...]:
        """What a next act must name: the heads, and the notes on them."""
        heads = {h.act.sop_uid for h in self.heads}
        notes = (n.seen for n in self.notes if heads & {s.sop_uid for s in n.act.seen})
        return (*(h.signed.seen for h in self.heads), *notes)

    def steps(self) -> tuple[Version, ...]:
        """All valid steps in time order."""
        return tuple(sorted(self.versions.values(), key=_age))


def fold(acts: Iterable[SignedAct], roster: Roster) -> History:
    """The state of one report from all acts known about it, in any order.

    Invalid acts are listed in ``rejected`` with the rule they break and never change the state; acts whose named
    predecessors are not here are judged by what they say themselves and mark the history as incomplete.
    """
    known, rejected = _distinct(acts)
    versions: dict[str, Version] = {}
    notes: list[SignedAct] = []
    missing: set[str] = set()
    for signed in _causal_order(known):
        past = _Past(known=known, versions=versions)
        missing |= past.missing(signed.act)
        try:
            version = _judge(signed, past, roster)
        except Refusal as broken:
            rejected.append(RejectedAct(signed=signed, refusal=broken))
            continue
        if version is None:
            notes.append(signed)
        else:
            versions[signed.act.sop_uid] = version
    superseded = {s.sop_uid for v in versions.values() for s in v.act.seen}
    heads = tuple(sorted((v for u, v in versions.items() if u not in superseded), key=_age))
    return History(
        versions=versions,
        heads=heads,
        notes=tuple(notes),
        rejected=tuple(rejected),
        missing=frozenset(missing),
        prevailing=_prevailing(versions),
    )


def check(act: Act, history: History, roster: Roster) -> None:
    """Judge an act that is about to be signed against the history its author sees.

    Raises:
        Refusal: naming the rule the act breaks.
    """
    known = {u: v.signed for u, v in history.versions.items()}
    known |= {n.act.sop_uid: n for n in history.notes}
    if act.kind is ActKind.RESOLVE_FORK and len(history.heads) < 2:
        raise refusal("NOT_A_FORK")
    heads = {h.act.sop_uid for h in history.heads}
    if heads - {s.sop_uid for s in act.seen}:
        raise refusal("NOT_ALL_HEADS" if act.kind is ActKind.RESOLVE_FORK else "FORK")
    _judge(SignedAct(act=act, digest=""), _Past(known=known, versions=history.versions), roster)


def check_right(kind: ActKind, person: Person, history: History, day: dt.date) -> Level:
    """Whether ``person`` may do ``kind`` now, apart from what the act will say.

    Returns:
        The level in which the person would act.

    Raises:
        Refusal: naming the rule.
    """
    held = person.levels_on(day)
    level = next((lv for lv in LEVELS[kind] if lv in held), None)
    if level is None:
        raise level_refusal(kind, person.person_id)
    actor = Observer(person_id=person.person_id, name=person.name, organisation=person.site)
    if kind is ActKind.RESOLVE_FORK:
        if not history.is_fork:
            raise refusal("NOT_A_FORK")
        check_resolver(actor, level, history.heads)
        return level
    if history.is_fork:
        raise refusal("FORK")
    check_state(kind, history.head)
    opened = bool(history.review_openers)
    check_person(kind, actor, history.head, review_opened=opened)
    return level


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    """What is known when an act is judged: all signed acts by UID, and the valid steps."""

    known: Mapping[str, SignedAct]
    versions: Mapping[str, Version]

    def present(self, act: Act) -> list[SignedAct]:
        """The named acts that are here as they were named."""
        named = ((s, self.known.get(s.sop_uid)) for s in act.seen)
        return [k for s, k in named if k is not None and k.digest == s.digest]

    def missing(self, act: Act) -> set[str]:
        """The UIDs of named acts that are not here, or are here with other content."""
        here = {k.act.sop_uid for k in self.present(act)}
        return {s.sop_uid for s in act.seen} - here


def _distinct(acts: Iterable[SignedAct]) -> tuple[dict[str, SignedAct], list[RejectedAct]]:
    """Acts by UID; copies fall together, an act with a broken signature never displaces a sound one."""
    by_uid: dict[str, dict[str, SignedAct]] = {}
    rejected: list[RejectedAct] = []
    for signed in acts:
        if signed.fault:
            broken = refusal("SIGNATURE", fault=signed.fault)
            rejected.append(RejectedAct(signed=signed, refusal=broken))
        else:
            by_uid.setdefault(signed.act.sop_uid, {})[signed.digest] = signed
    known: dict[str, SignedAct] = {}
    for uid, copies in by_uid.items():
        if len(copies) == 1:
            known[uid] = next(iter(copies.values()))
        else:
            broken = refusal("UID_REUSED", uid=uid)
            rejected += [RejectedAct(signed=s, refusal=broken) for s in copies.values()]
    return known, rejected


def _causal_order(known: Mapping[str, SignedAct]) -> list[SignedAct]:
    """Every act after the acts it names. A ring, which no honest clock makes, falls to TIME_ORDER."""
    return sorted(known.values(), key=lambda s: (s.act.time, s.act.sop_uid))


def _judge(signed: SignedAct, past: _Past, roster: Roster) -> Version | None:
    """The version that a valid step makes, None for a valid note; Refusal otherwise."""
    act = signed.act
    check_actor(act, roster)
    check_words(act)
    present = past.present(act)
    check_order(act, present)
    steps = [k for k in present if k.act.kind not in NOTES]
    if any(k.act.sop_uid not in past.versions for k in steps):
        raise refusal("PREDECESSOR")
    bases = [past.versions[k.act.sop_uid] for k in steps]
    orphan = bool(past.missing(act)) and not bases
    if act.kind is ActKind.RESOLVE_FORK:
        check_resolver(act.actor, act.actor_level, bases)
        if len(act.seen) < 2:
            raise refusal("NOT_A_FORK")
        return _resolved(signed, bases)
    if len(bases) > 1 and act.kind not in NOTES:
        raise refusal("FORK")
    base = bases[0] if bases else None
    opened = any(k.act.kind is ActKind.OPEN_REVIEW for k in present)
    if not orphan and act.kind not in NOTES:
        check_state(act.kind, base)
        check_person(act.kind, act.actor, base, review_opened=opened)
    check_text_people(act, base, roster)
    return None if act.kind in NOTES else next_version(signed, base)


def _resolved(signed: SignedAct, bases: Sequence[Version]) -> Version:
    act = signed.act
    if bases and act.chosen not in {b.act.sop_uid for b in bases}:
        raise refusal("OUTCOME_MISSING", act=act.kind.value)
    chosen = next((b for b in bases if b.act.sop_uid == act.chosen), None)
    start = chosen or Version(signed=signed, state=State.SUBMITTED, writers=act.writers)
    finals = frozenset[str]().union(*(b.finals for b in bases)) if bases else frozenset()
    attestor = start.attestor or act.attestor
    version = replace(
        start,
        signed=signed,
        text=act.text or start.text,
        writers=start.writers if act.outcome is Outcome.FINAL else act.writers or start.writers,
        purpose=Purpose.AMENDMENT if finals else Purpose.REPORT,
        state=State.SUBMITTED,
        owner=None,
        attestor=attestor,
        attested_at=start.attested_at or act.time,
        addition=None,
        finals=finals,
    )
    if act.outcome is Outcome.SUBMITTED:
        return version
    if attestor is None or act.actor.person_id in version.people:
        raise refusal("OTHER_PERSON", act=act.kind.value, person=act.actor.person_id)
    if act.actor_level is not Level.SECOND:
        raise level_refusal(act.kind, act.actor.person_id)
    return finalised(version, act)


def _prevailing(versions: Mapping[str, Version]) -> Version | None:
    withdrawn = {uid for v in versions.values() if v.state is State.WITHDRAWN for uid in v.finals}
    finals = [
        v
        for uid, v in versions.items()
        if v.state is State.FINAL and uid in v.finals and uid not in withdrawn
    ]
    return max(finals, key=_age, default=None)


def grades_of(history: History, final_uid: str) -> tuple[tuple[Observer, Grade], ...]:
    """The discrepancy grades given to the co-signature with that UID."""
    return tuple(
        (n.act.actor, n.act.grade)
        for n in history.notes
        if n.act.grade is not None and final_uid in {s.sop_uid for s in n.act.seen}
    )


def identities(acts: Iterable[SignedAct]) -> frozenset[ReportIdentity]:
    """The reports that the acts speak of."""
    return frozenset(s.act.report for s in acts)


def _age(version: Version) -> tuple[dt.datetime, str]:
    return version.act.time, version.act.sop_uid
