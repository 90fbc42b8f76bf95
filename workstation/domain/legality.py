"""Which act is legal in which state, by whom: the rules of the reading room, each with a name.

An act is judged against the versions its author had seen. PS3.3 C.17.2.5: the attestor and the verifier of a report
are different persons. Rules are data where they can be: levels, states, what an act must carry.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from workstation.domain.act import Act, ActKind, Observer, Outcome
from workstation.domain.errors import Refusal
from workstation.domain.roster import Level, Roster
from workstation.domain.version import WRITES, Purpose, SignedAct, State, Version

RULES = {
    "SIGNATURE": "The signature of this act does not hold: {fault}",
    "UID_REUSED": "Two different acts carry the same UID {uid}; only one that another person built on can count",
    "PERSON": "{person} is not in the roster",
    "CERTIFICATE": "The certificate of this act does not belong to {person}",
    "LEVEL": "{act} needs the level {needed}; {person} does not hold it or did not act in it",
    "STATE": "{act} is not possible: the report is {state}",
    "OTHER_PERSON": "{act} needs another person: {person} wrote or attested this text",
    "NOT_OWNER": "{act} is for {owner}, who holds this draft; take it over first",
    "NOT_SUBMITTER": "Only {owner}, who submitted the report, can recall it",
    "REVIEW_OPENED": "The review has been opened; the report can be returned but no longer recalled",
    "ATTEST_MISSING": "A trainee wrote in this text: a first-level reader must attest it before it is submitted",
    "ATTESTOR": "The act names another attestor than the submission does",
    "WRITERS": "The act leaves out somebody who wrote the text",
    "TEXT_MISSING": "{act} needs findings or an impression",
    "REASON_MISSING": "{act} needs a reason",
    "RECIPIENT_MISSING": "{act} must say to whom",
    "GRADE_MISSING": "{act} must carry a grade",
    "OUTCOME_MISSING": "{act} must say which text stands and whether it is submitted or final",
    "FORK": "There are two versions of this report; a person must resolve them first",
    "NOT_A_FORK": "There is only one version of this report: nothing to resolve",
    "NOT_ALL_HEADS": "Resolving must name every version of the report",
    "RESOLVER": "{person} may not resolve this: only their sole author may, or a second-level reader who attested none",
    "TIME_ORDER": "The act is not later than the acts it names",
    "CHANGED": "The report changed while you looked at it; nothing was signed, look at it as it is now",
    "REPORT": "The act names an act of another report",
    "PREDECESSOR": "The act stands on an act that does not count",
}


NOTES = frozenset({ActKind.OPEN_REVIEW, ActKind.GRADE, ActKind.RECONCILE_IDENTITY})
_READERS = (Level.FIRST, Level.SECOND)
_ANYONE = (Level.TRAINEE, Level.FIRST, Level.SECOND)

LEVELS: Mapping[ActKind, tuple[Level, ...]] = {
    ActKind.PARK: _ANYONE,
    ActKind.HAND_OVER: _ANYONE,
    ActKind.TAKE_OVER: _READERS,
    ActKind.ATTEST: _READERS,
    ActKind.SUBMIT: _READERS,
    ActKind.RECALL: _READERS,
    ActKind.OPEN_REVIEW: (Level.SECOND,),
    ActKind.RETURN: (Level.SECOND,),
    ActKind.RELEASE_PRELIMINARY: _READERS,
    ActKind.COSIGN: (Level.SECOND,),
    ActKind.GRADE: (Level.SECOND,),
    ActKind.ADDEND: _READERS,
    ActKind.AMEND: _READERS,
    ActKind.WITHDRAW: (Level.SECOND,),
    ActKind.RESOLVE_FORK: _READERS,
    ActKind.RECONCILE_IDENTITY: (Level.FIRST, Level.SECOND, Level.ADMINISTRATOR),
}

_OPEN = (State.DRAFT, State.RETURNED)
_NEW: tuple[State | None, ...] = (None, *_OPEN)
STATES: Mapping[ActKind, tuple[State | None, ...]] = {
    ActKind.PARK: (*_NEW, State.WITHDRAWN),
    ActKind.HAND_OVER: (*_NEW, State.WITHDRAWN),
    ActKind.TAKE_OVER: _OPEN,
    ActKind.ATTEST: _OPEN,
    ActKind.SUBMIT: (*_NEW, State.WITHDRAWN),
    ActKind.RECALL: (State.SUBMITTED,),
    ActKind.OPEN_REVIEW: (State.SUBMITTED,),
    ActKind.RETURN: (State.SUBMITTED,),
    ActKind.RELEASE_PRELIMINARY: (State.SUBMITTED,),
    ActKind.COSIGN: (State.SUBMITTED,),
    ActKind.GRADE: (State.FINAL,),
    ActKind.ADDEND: (State.FINAL, *_OPEN),
    ActKind.AMEND: (State.FINAL, *_OPEN),
    ActKind.WITHDRAW: (State.FINAL, State.SUBMITTED, *_OPEN),
    ActKind.RECONCILE_IDENTITY: (None, *State),
}

_NEEDS_TEXT = frozenset(
    {
        ActKind.ATTEST,
        ActKind.SUBMIT,
        ActKind.COSIGN,
        ActKind.ADDEND,
        ActKind.AMEND,
        ActKind.RESOLVE_FORK,
    }
)
_NEEDS_REASON = frozenset(
    {
        ActKind.TAKE_OVER,
        ActKind.RETURN,
        ActKind.RELEASE_PRELIMINARY,
        ActKind.AMEND,
        ActKind.WITHDRAW,
        ActKind.RECONCILE_IDENTITY,
    }
)
# These carry a text that others wrote; whoever changes it in them is named by the act itself.
_NOT_WRITING = frozenset({ActKind.COSIGN, ActKind.ATTEST, ActKind.RESOLVE_FORK})
_SUBMITS = frozenset({ActKind.SUBMIT, ActKind.ADDEND, ActKind.AMEND})


def check_actor(act: Act, roster: Roster) -> None:
    """The actor is in the roster, signs with an own certificate, and held the level on that day."""
    person = roster.person(act.actor.person_id)
    if person is None:
        raise refusal("PERSON", person=act.actor.person_id)
    if act.certificate not in person.certificates:
        raise refusal("CERTIFICATE", person=act.actor.person_id)
    day = act.time.date()
    if act.actor_level not in LEVELS[act.kind] or act.actor_level not in person.levels_on(day):
        raise level_refusal(act.kind, act.actor.person_id)


def check_words(act: Act) -> None:
    """The act says all that its kind must say."""
    text = act.text
    empty = text is None or not (text.findings or text.impression)
    if act.kind in _NEEDS_TEXT and empty:
        raise refusal("TEXT_MISSING", act=act.kind.value)
    if act.kind in _NEEDS_REASON and not act.reason.strip():
        raise refusal("REASON_MISSING", act=act.kind.value)
    if act.kind is ActKind.HAND_OVER and act.recipient is None:
        raise refusal("RECIPIENT_MISSING", act=act.kind.value)
    if act.kind is ActKind.RELEASE_PRELIMINARY and not act.told_to.strip():
        raise refusal("RECIPIENT_MISSING", act=act.kind.value)
    if act.kind is ActKind.GRADE and act.grade is None:
        raise refusal("GRADE_MISSING", act=act.kind.value)
    if act.kind is ActKind.RESOLVE_FORK and (act.outcome is None or not act.chosen):
        raise refusal("OUTCOME_MISSING", act=act.kind.value)


def check_order(act: Act, present: Sequence[SignedAct]) -> None:
    """The act is later than the acts of the same report that it names."""
    for earlier in present:
        if earlier.act.report.key != act.report.key:
            raise refusal("REPORT")
        if act.time - earlier.act.time < dt.timedelta(seconds=1):
            raise refusal("TIME_ORDER")


def check_state(kind: ActKind, base: Version | None) -> None:
    """The version that the act stands on is in a state that allows it."""
    state = base.state if base else None
    if state not in STATES[kind]:
        raise state_refusal(kind, state)
    if base is None or not base.whole:  # what it is to become was said by an act that is not here
        return
    amending = base.purpose is not Purpose.REPORT
    if kind is ActKind.SUBMIT and amending and state is not State.WITHDRAWN:
        raise state_refusal(kind, state)
    if kind in {ActKind.ADDEND, ActKind.AMEND} and state is not State.FINAL and not amending:
        raise state_refusal(kind, state)
    # An addition goes on from the final text, which an amendment under way has replaced.
    if kind is ActKind.ADDEND and base.purpose is Purpose.AMENDMENT and state is not State.FINAL:
        raise state_refusal(kind, state)
    if kind is ActKind.RELEASE_PRELIMINARY and amending:
        raise state_refusal(kind, state)
    if kind is ActKind.WITHDRAW and not base.is_released:
        raise state_refusal(kind, state)


def check_person(
    kind: ActKind, actor: Observer, base: Version | None, *, review_opened: bool
) -> None:
    """The actor may touch this version: other-person rule, owner of a draft, submitter of a recall."""
    if base is None:
        return
    other = {ActKind.COSIGN, ActKind.RETURN, ActKind.OPEN_REVIEW}
    if kind in other and actor.person_id in base.people:
        raise refusal("OTHER_PERSON", act=kind.value, person=actor.person_id)
    # The grade belongs to the review: no author grades how far the review departs from his own text.
    graded = kind is ActKind.GRADE and actor.person_id != base.act.actor.person_id
    if graded and actor.person_id in base.people:
        raise refusal("OTHER_PERSON", act=kind.value, person=actor.person_id)
    if kind is ActKind.RECALL:
        owner = base.attestor.person_id if base.attestor else ""
        if owner != actor.person_id and (owner or base.whole):
            raise refusal("NOT_SUBMITTER", owner=owner)
        if review_opened:
            raise refusal("REVIEW_OPENED")
    held = base.state in _OPEN and base.owner is not None
    writing = {ActKind.PARK, ActKind.HAND_OVER, ActKind.ATTEST} | _SUBMITS
    if held and kind in writing and base.owner and base.owner.person_id != actor.person_id:
        raise refusal("NOT_OWNER", act=kind.value, owner=base.owner.person_id)


def check_text_people(act: Act, base: Version | None, roster: Roster) -> None:
    """Nobody who wrote is left out; a trainee's text is attested; the named attestor is the real one."""
    writers = {w.person_id for w in act.writers}
    carries = act.text is not None and act.kind in WRITES
    under_way = base is not None and base.state not in {State.FINAL, State.WITHDRAWN}
    left_out = {w.person_id for w in base.writers} - writers if base else set()
    if carries and under_way and left_out:
        raise refusal("WRITERS")
    if carries and act.kind not in _NOT_WRITING and act.actor.person_id not in writers:
        raise refusal("WRITERS")
    if act.kind in _SUBMITS:
        _check_attested(act, base, roster)
        if act.attestor is None or act.attestor.person_id != act.actor.person_id:
            raise refusal("ATTESTOR")
    if act.kind is ActKind.COSIGN:
        _check_cosign_people(act, base)


def _check_attested(act: Act, base: Version | None, roster: Roster) -> None:
    if base is None and act.seen:
        return  # the attestation may be among the acts that are not here
    day = act.time.date()
    final = base is not None and base.state is State.FINAL
    judged = {w.person_id for w in base.writers} if base is not None and final else set()
    people = [roster.person(w.person_id) for w in act.writers if w.person_id not in judged]
    trainee = any(p is None or not (p.levels_on(day) & set(_READERS)) for p in people)
    attested = base is not None and base.attested and act.text in {base.text, base.addition}
    if trainee and not attested:
        raise refusal("ATTEST_MISSING")


def _check_cosign_people(act: Act, base: Version | None) -> None:
    if act.attestor is None:
        raise refusal("ATTESTOR")
    if base and base.attestor and base.attestor.person_id != act.attestor.person_id:
        raise refusal("ATTESTOR")
    known = base.people if base else frozenset()
    if act.actor.person_id in known | {act.attestor.person_id}:
        raise refusal("OTHER_PERSON", act=act.kind.value, person=act.actor.person_id)


def check_resolver(actor: Observer, level: Level, heads: Sequence[Version]) -> None:
    """The author alone if all heads are his and none final; else a second-level reader who attested none."""
    involved = frozenset[str]().union(*(h.people for h in heads))
    owners = {h.owner.person_id for h in heads if h.owner}
    mine = involved | owners <= {actor.person_id}
    any_final = any(h.state is State.FINAL for h in heads)
    senior = level is Level.SECOND and actor.person_id not in involved
    if not (senior or (mine and not any_final)):
        raise refusal("RESOLVER", person=actor.person_id)


def check_resolution(act: Act, bases: Sequence[Version], missing: Collection[str]) -> None:
    """The resolution chooses a version that it names; who answers for the text did; final needs a second person."""
    if len(bases) + len(missing) < 2:
        raise refusal("NOT_A_FORK")
    check_resolver(act.actor, act.actor_level, bases)
    chosen = next((b for b in bases if b.act.sop_uid == act.chosen), None)
    if chosen is None and act.chosen not in missing:
        raise refusal("OUTCOME_MISSING", act=act.kind.value)
    known = chosen is not None and (chosen.attestor is not None or chosen.whole)
    answers = (chosen.attestor if chosen else None) or act.actor
    named = act.attestor.person_id if act.attestor else ""
    if known and named != answers.person_id:
        raise refusal("ATTESTOR")
    if act.outcome is not Outcome.FINAL:
        return
    if act.actor_level is not Level.SECOND:
        raise level_refusal(act.kind, act.actor.person_id)
    people = chosen.people if chosen else frozenset()
    if not named or act.actor.person_id in people | {named}:
        raise refusal("OTHER_PERSON", act=act.kind.value, person=act.actor.person_id)


def refusal(rule: str, **fields: object) -> Refusal:
    """The refusal that the named rule makes."""
    return Refusal(rule, RULES[rule], **fields)


def state_refusal(kind: ActKind, state: State | None) -> Refusal:
    """The refusal for an act that the state forbids."""
    told = state.value if state else "UNREAD"
    return refusal("STATE", act=kind.value, state=told)


def level_refusal(kind: ActKind, person: str) -> Refusal:
    """The refusal for an act beyond the level of the person (named by login)."""
    needed = " / ".join(level.value for level in LEVELS[kind])
    return refusal("LEVEL", act=kind.value, needed=needed, person=person)
