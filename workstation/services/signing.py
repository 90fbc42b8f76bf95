"""Making an act: fill it from the state its author sees, publish where it releases, sign, keep.

Called inside the one transaction of the store: chain head, acts, outbox and audit line are read and written there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from workstation.documents import act_document, publication
from workstation.documents.publication import (
    EvidenceItem,
    Publication,
    PublicationKind,
    PublicationUids,
)
from workstation.domain.act import (
    Act,
    ActKind,
    Comment,
    Grade,
    Observer,
    Outcome,
    Place,
    PublicationRef,
    ReportIdentity,
    ReportText,
    SeriesCoverage,
)
from workstation.domain.errors import SignatureFailure
from workstation.domain.legality import refusal
from workstation.domain.report import (
    History,
    Purpose,
    SignedAct,
    State,
    Version,
    check,
    check_right,
    version_after,
)
from workstation.domain.roster import Roster
from workstation.domain.study import StudyFacts
from workstation.services.sessions import Session
from workstation.store.acts import ActRecord
from workstation.store.home import Store
from workstation.store.outbox import OutboxKind
from workstation.store.publications import PublicationRecord
from workstation.store.transaction import ChainHead, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class ActWords:
    """What a person says in an act, apart from who, where and when."""

    text: ReportText | None = None
    reason: str = ""
    comments: tuple[Comment, ...] = ()
    recipient: Observer | None = None
    told_to: str = ""
    grade: Grade | None = None
    outcome: Outcome | None = None
    chosen: str = ""
    coverage: tuple[SeriesCoverage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What an act is about: the kind, the study and its report as its author sees it, who, and what is said."""

    kind: ActKind
    facts: StudyFacts
    report: ReportIdentity
    history: History
    session: Session
    words: ActWords


_KINDS: Mapping[Purpose, PublicationKind] = {
    Purpose.REPORT: PublicationKind.FINAL,
    Purpose.ADDENDUM: PublicationKind.ADDENDUM,
    Purpose.AMENDMENT: PublicationKind.AMENDMENT,
}


class Signing:
    """Fills, checks, signs and keeps acts with what they release."""

    def __init__(self, store: Store, roster: Roster, clock: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._roster = roster
        self._clock = clock

    def sign(self, tx: Transaction, occasion: Occasion) -> SignedAct:
        """Make one act and what it publishes, and keep both with their outbox rows and an audit line.

        Raises:
            Refusal: naming the rule that forbids the act; nothing is kept then.
            SignatureFailure: the person's certificate does not hold at that time; nobody would accept the act.
        """
        kind, history, session = occasion.kind, occasion.history, occasion.session
        act = act_document.plain_act(self._filled(tx.chain_head(), occasion))
        check(act, history, self._roster)
        _check_certificate(session, act.time)
        released = self._released(act, occasion)
        if released is not None:
            act = self._publish(tx, act, released, session)
        document = act_document.encode(act, session.key)
        tx.add_act(
            ActRecord(
                sop_uid=act.sop_uid,
                digest=document.digest,
                station_id=act.place.station_id,
                number=act.place.number,
                report_key=act.report.key,
                study_uid=act.report.study_uid,
                kind=kind.value,
                time=act.time,
                content=document.data,
            )
        )
        self._offer(tx, OutboxKind.ACT, act.sop_uid, document.digest)
        tx.add_audit(act.time, act.actor.person_id, kind.value, act.sop_uid)
        return SignedAct(act=act, digest=document.digest)

    def _publish(self, tx: Transaction, act: Act, released: Publication, session: Session) -> Act:
        """Sign and keep what the act releases; the act then names it."""
        document = publication.encode(released, session.key)
        tx.add_publication(
            PublicationRecord(
                sop_uid=document.sop_uid,
                digest=document.digest,
                act_uid=act.sop_uid,
                study_uid=released.study.study_uid,
                content=document.data,
            )
        )
        self._offer(tx, OutboxKind.PUBLICATION, document.sop_uid, document.digest)
        reference = publication.reference(released, document)
        return replace(act, publication=reference)

    def _offer(self, tx: Transaction, kind: OutboxKind, sop_uid: str, digest: str) -> None:
        """Due by the station's clock: an act may be signed for a later moment than now."""
        now = self._clock()
        for node in self._store.nodes.all():
            if not node.images_only:
                tx.add_outbox(node.name, kind, sop_uid, digest, now=now)

    def _filled(self, head: ChainHead, occasion: Occasion) -> Act:
        kind, history, session = occasion.kind, occasion.history, occasion.session
        words = occasion.words
        now = self._time(history)
        level = check_right(kind, session.person, history, now.date())
        base = _base(history, words.chosen)
        me = session.observer
        submits = kind in {ActKind.SUBMIT, ActKind.ADDEND, ActKind.AMEND}
        return Act(
            kind=kind,
            place=Place(
                station_id=head.station_id,
                uid_root=head.uid_root,
                number=head.number,
                previous_digest=head.previous_digest,
                audit_head=head.audit_head,
            ),
            time=now,
            actor=me,
            actor_level=level,
            certificate=session.key.fingerprint,
            roster_digest=self._roster.digest,
            report=occasion.report,
            patient=occasion.facts.patient,
            seen=history.seen(),
            text=words.text,
            writers=_writers(kind, me, base, words),
            attestor=me if submits else _attestor(kind, me, base),
            attested_at=now if submits else (base.attested_at if base else None),
            reason=words.reason,
            comments=words.comments,
            recipient=words.recipient,
            told_to=words.told_to,
            grade=words.grade,
            outcome=words.outcome,
            chosen=words.chosen,
            coverage=words.coverage,
        )

    def _time(self, history: History) -> dt.datetime:
        """The later of now and one second after the newest act that will be named, to the microsecond."""
        named = [h.act.time for h in history.heads] + [n.act.time for n in history.notes]
        now = self._clock()
        if not named:
            return now
        try:
            earliest = max(named) + dt.timedelta(seconds=1)
        except OverflowError:
            raise refusal("TIME_ORDER") from None
        return max(now, earliest.astimezone(now.tzinfo))

    def _released(self, act: Act, occasion: Occasion) -> Publication | None:
        history, facts = occasion.history, occasion.facts
        kind = _publication_kind(act, history)
        if kind is None:
            return None
        version = version_after(act, history)
        withdrawal = kind is PublicationKind.WITHDRAWAL
        verified = kind is not PublicationKind.PRELIMINARY
        base = _base(history, act.chosen)
        changed = (
            verified and base is not None and act.text is not None and act.text != _shown(base)
        )
        writers = (version.attestor, *version.writers, act.actor if changed else None)
        authors = tuple(dict.fromkeys(w for w in writers if w is not None))
        return Publication(
            kind=kind,
            uids=PublicationUids.at(act.place),
            time=act.time,
            study=facts,
            patient=act.patient,
            report=act.report,
            text=ReportText(language=version.text.language) if withdrawal else version.text,
            addenda=() if withdrawal else version.addenda,
            authors=(act.actor,) if withdrawal else authors,
            attestor=None if withdrawal else version.attestor,
            attested_at=None if withdrawal else version.attested_at,
            modified_at_review=changed,
            verifier=act.actor if verified else None,
            verified_at=act.time if verified else None,
            reason=act.reason,
            told_to=act.told_to,
            predecessors=_predecessors(history),
            evidence=self._evidence(facts.study_uid),
        )

    def _evidence(self, study_uid: str) -> tuple[EvidenceItem, ...]:
        return tuple(
            EvidenceItem(
                study_uid=study_uid,
                series_uid=row.series_uid,
                sop_class_uid=row.sop_class,
                sop_uid=row.sop_uid,
            )
            for row in self._store.index.instances(study_uid)
            if row.frame_count
        )


def _check_certificate(session: Session, time: dt.datetime) -> None:
    certificate = session.key.certificate
    if not certificate.not_valid_before_utc <= time <= certificate.not_valid_after_utc:
        raise SignatureFailure(
            "The certificate of {person} is not valid at the time of signing; ask for a new one or set the clock",
            person=session.person.person_id,
        )


def _base(history: History, chosen: str) -> Version | None:
    if chosen:
        return history.versions.get(chosen)
    return history.head


def _shown(version: Version) -> ReportText:
    return version.addition or version.text


def _writers(
    kind: ActKind, me: Observer, base: Version | None, words: ActWords
) -> tuple[Observer, ...]:
    """Everybody who wrote the text under way; who submits stands first."""
    if words.text is None:
        return ()
    under_way = base is not None and base.state not in {State.FINAL, State.WITHDRAWN}
    earlier = base.writers if base is not None and under_way else ()
    if kind in {ActKind.COSIGN, ActKind.ATTEST, ActKind.RESOLVE_FORK}:
        return earlier or (base.writers if base else ())
    return tuple(dict.fromkeys((me, *earlier)))


def _attestor(kind: ActKind, me: Observer, base: Version | None) -> Observer | None:
    if kind is ActKind.RESOLVE_FORK and (base is None or base.attestor is None):
        return me
    if kind in {ActKind.COSIGN, ActKind.RESOLVE_FORK}:
        return base.attestor if base else None
    return None


def _publication_kind(act: Act, history: History) -> PublicationKind | None:
    """What the act releases into the patient's study, None where it releases nothing."""
    match act.kind:
        case ActKind.RELEASE_PRELIMINARY:
            return PublicationKind.PRELIMINARY
        case ActKind.WITHDRAW:
            return PublicationKind.WITHDRAWAL
        case ActKind.COSIGN:
            return _KINDS[history.head.purpose] if history.head else None
        case ActKind.RESOLVE_FORK if act.outcome is Outcome.FINAL:
            finals = any(h.finals for h in history.heads)
            return PublicationKind.AMENDMENT if finals else PublicationKind.FINAL
        case _:
            return None


def _predecessors(history: History) -> tuple[PublicationRef, ...]:
    """The newest released documents on every line that leads to the heads."""
    found: dict[str, PublicationRef] = {}
    waiting = list(history.heads)
    while waiting:
        version = waiting.pop()
        reference = version.act.publication
        if reference is not None:
            found[reference.sop_uid] = reference
            continue
        named = (history.versions.get(s.sop_uid) for s in version.act.seen)
        waiting += [v for v in named if v is not None]
    return tuple(found.values())
