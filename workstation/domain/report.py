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

from workstation.domain.act import Act, ActKind, Grade, Observer, ReportIdentity, SeenAct
from workstation.domain.errors import Refusal
from workstation.domain.legality import (
    LEVELS,
    NOTES,
    RULES,
    check_actor,
    check_order,
    check_person,
    check_resolution,
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
    next_version,
    resolved,
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
    "version_after",
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
    version that is not withdrawn. A co-signature whose submission is not here is a head, so that nobody overlooks it,
    but does not prevail: who answered for the text, and whether it is all of it, cannot be told from it alone.
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
        opened = (n.act for n in self._present_notes() if n.act.kind is ActKind.OPEN_REVIEW)
        return tuple(dict.fromkeys(act.actor for act in opened))

    def seen(self) -> tuple[SeenAct, ...]:
        """What a next act must name: the heads, and the notes on them."""
        heads = (h.signed.seen for h in self.heads)
        return (*heads, *(n.seen for n in self._present_notes()))

    def _present_notes(self) -> list[SignedAct]:
        """The notes on the heads; a preliminary release leaves the submission and its notes in force."""
        named: set[SeenAct] = set()
        waiting = list(self.heads)
        while waiting:
            version = waiting.pop()
            named.add(version.signed.seen)
            if version.act.kind is ActKind.RELEASE_PRELIMINARY:
                below = (self.versions.get(s.sop_uid) for s in version.act.seen)
                waiting += [v for v in below if v is not None]
        return [n for n in self.notes if named & set(n.act.seen)]

    def steps(self) -> tuple[Version, ...]:
        """All valid steps in time order."""
        return tuple(sorted(self.versions.values(), key=_age))


def fold(acts: Iterable[SignedAct], roster: Roster) -> History:
    """The state of one report from all acts known about it, in any order.

    Invalid acts are listed in ``rejected`` with the rule they break and never change the state; acts whose named
    predecessors are not here are judged by what they say themselves and mark the history as incomplete.
    """
    known, rejected = _distinct(acts, roster)
    versions: dict[str, Version] = {}
    notes: dict[str, SignedAct] = {}
    missing: set[str] = set()
    past = _Past(known=known, versions=versions, notes=notes)
    for signed in _causal_order(known):
        missing |= past.missing(signed.act)
        try:
            version = _judge(signed, past, roster)
        except Refusal as broken:
            rejected.append(RejectedAct(signed=signed, refusal=broken))
            continue
        if version is None:
            notes[signed.act.sop_uid] = signed
        else:
            versions[signed.act.sop_uid] = version
    superseded = {s for v in versions.values() for s in v.act.seen}
    heads = (v for v in versions.values() if v.signed.seen not in superseded)
    return History(
        versions=versions,
        heads=tuple(sorted(heads, key=_age)),
        notes=tuple(notes.values()),
        rejected=tuple(sorted(rejected, key=_rejection_order)),
        missing=frozenset(missing),
        prevailing=_prevailing(versions),
    )


def check(act: Act, history: History, roster: Roster) -> None:
    """Judge an act that is about to be signed against the history its author sees.

    Raises:
        Refusal: naming the rule the act breaks.
    """
    if {h.signed.seen for h in history.heads} - set(act.seen):
        raise refusal("NOT_ALL_HEADS" if act.kind is ActKind.RESOLVE_FORK else "FORK")
    past = _past_of(history)
    if past.missing(act):
        raise refusal("PREDECESSOR")
    _judge(SignedAct(act=act, digest=""), past, roster)
    if act.kind is ActKind.RECALL and history.review_openers:
        raise refusal("REVIEW_OPENED")


def version_after(act: Act, history: History) -> Version:
    """The version that a legal step makes of the report that its author sees: what it publishes."""
    past = _past_of(history)
    steps = past.steps(act)
    bases = [history.versions[k.act.sop_uid] for k in steps]
    return _made(SignedAct(act=act, digest=""), bases, past)


def check_right(kind: ActKind, person: Person, history: History, day: dt.date) -> Level:
    """Whether ``person`` may do ``kind`` now, apart from what the act will say.

    Returns:
        The level in which the person would act.

    Raises:
        Refusal: naming the rule.
    """
    held = person.levels_on(day)
    levels = [level for level in LEVELS[kind] if level in held]
    if not levels:
        raise level_refusal(kind, person.person_id)
    level = levels[0]
    actor = Observer(person_id=person.person_id, name=person.name, organisation=person.site)
    if kind is ActKind.RESOLVE_FORK:
        if not history.is_fork:
            raise refusal("NOT_A_FORK")
        check_resolver(actor, levels[-1], history.heads)  # the second level where it is held
        return levels[-1]
    if kind is ActKind.RECONCILE_IDENTITY:
        return level
    if history.is_fork:
        raise refusal("FORK")
    check_state(kind, history.head)
    opened = bool(history.review_openers)
    check_person(kind, actor, history.head, review_opened=opened)
    return level


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    """What is known when an act is judged: all signed acts by UID, the valid steps and the valid notes."""

    known: Mapping[str, SignedAct]
    versions: Mapping[str, Version]
    notes: Mapping[str, SignedAct]

    def present(self, act: Act) -> list[SignedAct]:
        """The named acts that are here as they were named."""
        named = ((s, self.known.get(s.sop_uid)) for s in act.seen)
        return [k for s, k in named if k is not None and k.digest == s.digest]

    def missing(self, act: Act) -> set[str]:
        """The UIDs of named acts that are not here, or are here with other content."""
        here = {k.act.sop_uid for k in self.present(act)}
        return {s.sop_uid for s in act.seen} - here

    def steps(self, act: Act) -> list[SignedAct]:
        """The named steps that are here."""
        return [k for k in self.present(act) if k.act.kind not in NOTES]

    def review_opened(self, act: Act, base: Version | None) -> bool:
        """Whether the author of the act had seen that a reviewer opened what it stands on."""
        noted = (self.notes.get(s.sop_uid) for s in act.seen)
        named = any(n is not None and n.act.kind is ActKind.OPEN_REVIEW for n in noted)
        return named or (base is not None and base.in_review)

    def beneath(self, version: Version) -> set[str]:
        """The UIDs of all acts that a version stands on, as far as they are here."""
        found: set[str] = set()
        waiting = [version]
        while waiting:
            named = {s.sop_uid for s in waiting.pop().act.seen} - found
            found |= named
            waiting += [self.versions[uid] for uid in named if uid in self.versions]
        return found


def _past_of(history: History) -> _Past:
    notes = {n.act.sop_uid: n for n in history.notes}
    known = {u: v.signed for u, v in history.versions.items()} | notes
    return _Past(known=known, versions=history.versions, notes=notes)


def _distinct(
    acts: Iterable[SignedAct], roster: Roster
) -> tuple[dict[str, SignedAct], list[RejectedAct]]:
    """Acts by UID; copies fall together, an act with a broken signature never displaces a sound one.

    A station that signs a number a second time must not undo what others built on the first: the copy that another
    person's act names counts, where it is the only one so named.
    """
    by_uid: dict[str, dict[str, SignedAct]] = {}
    rejected: dict[tuple[str, str, str], RejectedAct] = {}
    for signed in acts:
        uid = signed.act.sop_uid
        if signed.fault:
            broken = refusal("SIGNATURE", fault=signed.fault)
            name = (uid, signed.digest, signed.fault)
            rejected[name] = RejectedAct(signed=signed, refusal=broken)
        else:
            by_uid.setdefault(uid, {})[signed.digest] = signed
    reused = {uid for uid, copies in by_uid.items() if len(copies) > 1}
    relied = _relied_on(by_uid, reused, roster)
    known: dict[str, SignedAct] = {}
    for uid, copies in by_uid.items():
        counting = [s for s in copies.values() if uid not in reused or s.seen in relied]
        if len(counting) == 1:
            known[uid] = counting[0]
        for signed in copies.values():
            if known.get(uid) is not signed:
                broken = refusal("UID_REUSED", uid=uid)
                rejected[uid, signed.digest, ""] = RejectedAct(signed=signed, refusal=broken)
    return known, list(rejected.values())


def _relied_on(
    by_uid: Mapping[str, Mapping[str, SignedAct]], reused: set[str], roster: Roster
) -> set[SeenAct]:
    """The copies of reused UIDs that an act of another person in the roster names."""
    relied: set[SeenAct] = set()
    singles = (c for uid, copies in by_uid.items() if uid not in reused for c in copies.values())
    for signed in singles if reused else ():
        for seen in signed.act.seen:
            copy = by_uid.get(seen.sop_uid, {}).get(seen.digest)
            if copy is None or seen.sop_uid not in reused:
                continue
            if copy.act.actor.person_id != signed.act.actor.person_id and _may(signed.act, roster):
                relied.add(seen)
    return relied


def _may(act: Act, roster: Roster) -> bool:
    try:
        check_actor(act, roster)
    except Refusal:
        return False
    return True


def _causal_order(known: Mapping[str, SignedAct]) -> list[SignedAct]:
    """Every act after the acts it names; one that is earlier than these falls to TIME_ORDER."""
    return sorted(known.values(), key=lambda s: (s.act.time, s.act.sop_uid))


def _judge(signed: SignedAct, past: _Past, roster: Roster) -> Version | None:
    """The version that a valid step makes, None for a valid note; Refusal otherwise."""
    act = signed.act
    check_actor(act, roster)
    check_words(act)
    check_order(act, past.present(act))
    steps = past.steps(act)
    if any(k.act.sop_uid not in past.versions for k in steps):
        raise refusal("PREDECESSOR")
    bases = _apart([past.versions[k.act.sop_uid] for k in steps], act, past)
    if act.kind is ActKind.RESOLVE_FORK:
        check_resolution(act, bases, past.missing(act))
        return _made(signed, bases, past)
    if len(bases) > 1 and act.kind is not ActKind.RECONCILE_IDENTITY:
        raise refusal("FORK")
    base = bases[0] if bases else None
    if base is not None or not past.missing(act):
        check_state(act.kind, base)
        opened = past.review_opened(act, base)
        check_person(act.kind, act.actor, base, review_opened=opened)
    check_text_people(act, base, roster)
    return None if act.kind in NOTES else _made(signed, bases, past)


def _apart(bases: list[Version], act: Act, past: _Past) -> list[Version]:
    """For a resolution only the versions that stand side by side: one beneath another makes no fork."""
    if act.kind is not ActKind.RESOLVE_FORK:
        return bases
    beneath = set[str]().union(*(past.beneath(b) for b in bases))
    return [b for b in bases if b.act.sop_uid not in beneath]


def _made(signed: SignedAct, bases: Sequence[Version], past: _Past) -> Version:
    act = signed.act
    if act.kind is ActKind.RESOLVE_FORK:
        return resolved(signed, bases, past.missing(act))
    base = bases[0] if bases else None
    version = next_version(signed, base)
    if act.kind is ActKind.RELEASE_PRELIMINARY:
        return replace(version, in_review=past.review_opened(act, base))
    return version


def _prevailing(versions: Mapping[str, Version]) -> Version | None:
    withdrawals = [v for v in versions.values() if v.state is State.WITHDRAWN]
    finals = [v for v in versions.values() if v.state is State.FINAL and v.proven]
    return max((v for v in finals if not _withdrawn(v, withdrawals)), key=_age, default=None)


def _withdrawn(final: Version, withdrawals: Iterable[Version]) -> bool:
    """Named by a withdrawal, or older than one of which it cannot be told what it named."""
    uid = final.act.sop_uid
    return any(uid in w.finals or (not w.whole and _age(final) < _age(w)) for w in withdrawals)


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


def _rejection_order(rejected: RejectedAct) -> tuple[dt.datetime, str, str, str]:
    signed = rejected.signed
    return signed.act.time, signed.act.sop_uid, signed.digest, signed.fault
