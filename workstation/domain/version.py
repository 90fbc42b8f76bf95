"""One version of a report: what it is after a valid step, and the step that comes next.

A version is a value made from the version before and one act; nothing here judges whether the act is legal
(``legality``), nor how versions stand side by side (``report``). PS3.3 C.17.2 names the states.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from workstation.domain.act import Act, ActKind, Observer, Outcome, ReportText, SeenAct

# The kinds that carry a text (docs/formats/acts.md, row 17); a text in another kind says nothing.
WRITES = frozenset(
    {
        ActKind.PARK,
        ActKind.HAND_OVER,
        ActKind.TAKE_OVER,
        ActKind.ATTEST,
        ActKind.SUBMIT,
        ActKind.COSIGN,
        ActKind.ADDEND,
        ActKind.AMEND,
        ActKind.RESOLVE_FORK,
    }
)
# These carry the whole text and are signed by who answers for it: what stood before is not needed to prove it.
_ATTESTS_ALL = frozenset({ActKind.SUBMIT, ActKind.AMEND})


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
    ``finals`` are the SOP Instance UIDs of the final steps it stands on; ``owner`` holds the draft; ``attestor``
    answers for exactly this text, so a draft has none. ``in_review`` says that the review was opened before a
    preliminary release. ``whole`` says that every step beneath is here, ``proven`` that the attestation of the text is.
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
    in_review: bool = False
    whole: bool = True
    proven: bool = True

    @property
    def is_released(self) -> bool:
        """Whether something stands in the patient's study that nobody has withdrawn."""
        amending = self.purpose is not Purpose.REPORT
        return self.preliminary or self.state is State.FINAL or amending

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
    known = base is not None or not act.seen
    version = replace(
        start,
        signed=signed,
        attested=False,
        in_review=False,
        whole=base.whole if base else known,
        proven=act.kind in _ATTESTS_ALL or (base.proven if base else known),
    )
    if act.text is not None and act.kind in WRITES:
        version = _with_text(version, act)
    match act.kind:
        case ActKind.PARK | ActKind.TAKE_OVER | ActKind.RECALL:
            return _draft(version, act.actor)
        case ActKind.HAND_OVER:
            return _draft(version, act.recipient)
        case ActKind.ATTEST:
            return replace(_draft(version, act.actor), attested=True)
        case ActKind.SUBMIT | ActKind.ADDEND | ActKind.AMEND:
            return _submitted(version, act)
        case ActKind.RETURN:
            return replace(version, state=State.RETURNED, owner=version.attestor)
        case ActKind.RELEASE_PRELIMINARY:
            return replace(version, state=State.SUBMITTED, preliminary=True)
        case ActKind.WITHDRAW:
            return replace(version, state=State.WITHDRAWN, owner=None, preliminary=False)
        case _:
            return finalised(version, act)


def resolved(signed: SignedAct, bases: Sequence[Version], missing: Collection[str]) -> Version:
    """The version after a fork resolution that is legal: the chosen head goes on, nothing of the others is lost.

    ``bases`` are the named heads that are here, ``missing`` the UIDs of what is not. An addition under way stays an
    addition; a changed text names who changed it as a writer; a text that nobody answers for is answered for by the
    one who resolves.
    """
    act = signed.act
    chosen = next((b for b in bases if b.act.sop_uid == act.chosen), None)
    start = chosen or Version(signed=signed, state=State.SUBMITTED, whole=False, proven=False)
    text = act.text or start.text
    addition = start.addition is not None
    changed = chosen is not None and text not in {start.text, start.addition}
    writers = start.writers
    if changed and act.outcome is Outcome.SUBMITTED:
        writers = tuple(dict.fromkeys((*writers, act.actor)))
    finals = frozenset[str]().union(*(b.finals for b in bases))
    withdrawn = frozenset[str]().union(*(b.finals for b in bases if b.state is State.WITHDRAWN))
    amends = Purpose.AMENDMENT if finals - withdrawn else Purpose.REPORT
    version = replace(
        start,
        signed=signed,
        text=start.text if addition else text,
        addition=text if addition else None,
        writers=writers,
        purpose=Purpose.ADDENDUM if addition else amends,
        state=State.SUBMITTED,
        owner=None,
        attested=False,
        attestor=start.attestor or act.attestor,
        attested_at=start.attested_at or act.time,
        preliminary=any(b.preliminary for b in bases),
        finals=finals,
        in_review=False,
        whole=all(b.whole for b in bases) and not missing,
    )
    return finalised(version, act) if act.outcome is Outcome.FINAL else version


def _draft(version: Version, owner: Observer | None) -> Version:
    return replace(version, state=State.DRAFT, owner=owner, attestor=None, attested_at=None)


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
