"""One version of a report: what it is after a valid step, and the step that comes next.

A version is a value made from the version before and one act; nothing here judges whether the act is legal
(``legality``), nor how versions stand side by side (``report``). PS3.3 C.17.2 names the states.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from enum import StrEnum

from workstation.domain.act import Act, ActKind, Observer, ReportText, SeenAct


class State(StrEnum):
    """The state of one version of a report."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    RETURNED = "RETURNED"
    FINAL = "FINAL"
    WITHDRAWN = "WITHDRAWN"


class Purpose(StrEnum):
    """What a version is to become when it is co-signed."""

    REPORT = "REPORT"
    ADDENDUM = "ADDENDUM"
    AMENDMENT = "AMENDMENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedAct:
    """An act with its digest (SHA-256 hex) and what is wrong with its signature ('' when it holds)."""

    act: Act
    digest: str
    fault: str = ""

    @property
    def seen(self) -> SeenAct:
        """How a later act names this one."""
        return SeenAct(sop_uid=self.act.sop_uid, digest=self.digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What a report is after one valid step.

    ``text`` is the whole text without addenda; ``addenda`` the co-signed additions, ``addition`` the one under way.
    ``finals`` are the SOP Instance UIDs of the final steps it stands on; ``owner`` holds the draft.
    """

    signed: SignedAct
    state: State
    purpose: Purpose = Purpose.REPORT
    text: ReportText = field(default_factory=ReportText)
    addenda: tuple[ReportText, ...] = ()
    addition: ReportText | None = None
    owner: Observer | None = None
    writers: tuple[Observer, ...] = ()
    attestor: Observer | None = None
    attested_at: dt.datetime | None = None
    attested: bool = False
    preliminary: bool = False
    finals: frozenset[str] = frozenset()

    @property
    def act(self) -> Act:
        """The step."""
        return self.signed.act

    @property
    def people(self) -> frozenset[str]:
        """The persons who wrote or attested the text."""
        ids = {w.person_id for w in self.writers}
        return frozenset(ids | ({self.attestor.person_id} if self.attestor else set()))


def next_version(signed: SignedAct, base: Version | None) -> Version:
    """The version after a step that is no fork resolution."""
    act = signed.act
    start = base or Version(signed=signed, state=State.DRAFT)
    if base and base.state is State.WITHDRAWN:
        start = Version(signed=signed, state=State.DRAFT, finals=base.finals)
    version = replace(start, signed=signed, attested=False)
    if act.text is not None:
        version = _with_text(version, act)
    match act.kind:
        case ActKind.PARK | ActKind.TAKE_OVER:
            return replace(version, state=State.DRAFT, owner=act.actor)
        case ActKind.HAND_OVER:
            return replace(version, state=State.DRAFT, owner=act.recipient)
        case ActKind.ATTEST:
            return replace(version, state=State.DRAFT, owner=act.actor, attested=True)
        case ActKind.SUBMIT | ActKind.ADDEND | ActKind.AMEND:
            return _submitted(version, act)
        case ActKind.RECALL:
            return replace(version, state=State.DRAFT, owner=act.actor)
        case ActKind.RETURN:
            return replace(version, state=State.RETURNED, owner=version.attestor)
        case ActKind.RELEASE_PRELIMINARY:
            return replace(version, preliminary=True)
        case ActKind.WITHDRAW:
            return replace(version, state=State.WITHDRAWN, owner=None, preliminary=False)
        case _:
            return finalised(version, act)


def _with_text(version: Version, act: Act) -> Version:
    writers = act.writers or version.writers
    addition = act.kind is ActKind.ADDEND or (
        version.purpose is Purpose.ADDENDUM and act.kind is not ActKind.AMEND
    )
    if addition:
        return replace(version, addition=act.text, writers=writers)
    return replace(version, text=act.text or ReportText(), writers=writers)


def _submitted(version: Version, act: Act) -> Version:
    purpose = {
        ActKind.SUBMIT: Purpose.REPORT,
        ActKind.ADDEND: Purpose.ADDENDUM,
        ActKind.AMEND: Purpose.AMENDMENT,
    }[act.kind]
    amend = purpose is Purpose.AMENDMENT
    return replace(
        version,
        state=State.SUBMITTED,
        purpose=purpose,
        owner=None,
        attestor=act.attestor,
        attested_at=act.time,
        addenda=() if amend else version.addenda,
        addition=None if purpose is not Purpose.ADDENDUM else version.addition,
    )


def finalised(version: Version, act: Act) -> Version:
    """A co-signature closes the version: an addition becomes an addendum."""
    addenda = version.addenda
    if version.purpose is Purpose.ADDENDUM and version.addition:
        addenda = (*addenda, version.addition)
    return replace(
        version,
        state=State.FINAL,
        owner=None,
        addenda=addenda,
        addition=None,
        preliminary=False,
        attestor=version.attestor or act.attestor,
        attested_at=version.attested_at or act.attested_at,
        finals=version.finals | {act.sop_uid},
    )
