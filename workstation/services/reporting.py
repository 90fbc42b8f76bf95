"""The report's life at this station: read -> ask the domain -> sign -> keep, each act in one transaction.

Every verb reads the newest state inside the transaction in which it writes, so that a window and a command line on
one home can not both act on the same head. The reader is done when the transaction is: sending is the syncer's work.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from workstation.documents import publication
from workstation.documents.text import as_text
from workstation.domain.act import (
    ActKind,
    Comment,
    Grade,
    Observer,
    Outcome,
    ReportIdentity,
    ReportText,
    SeriesCoverage,
)
from workstation.domain.errors import NotFound, Refusal
from workstation.domain.identity import conflict
from workstation.domain.report import History, SignedAct, check_right
from workstation.domain.roster import Roster
from workstation.domain.study import StudyFacts
from workstation.domain.worklist import ReportStanding, standing
from workstation.services.histories import Histories
from workstation.services.sessions import Session
from workstation.services.signing import ActWords, Signing
from workstation.services.studies import Studies
from workstation.store.drafts import DraftRecord
from workstation.store.home import Store

_RELEASES = frozenset(
    {
        ActKind.SUBMIT,
        ActKind.RELEASE_PRELIMINARY,
        ActKind.COSIGN,
        ActKind.ADDEND,
        ActKind.AMEND,
        ActKind.RESOLVE_FORK,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Words kept at this station only, and when they were kept."""

    person_id: str
    text: ReportText
    saved_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCase:
    """A study's report as it stands here: its acts, what the list says of it, and this person's draft."""

    identity: ReportIdentity
    facts: StudyFacts
    history: History
    standing: ReportStanding
    draft: Draft | None
    identity_conflict: tuple[str, ...]


def report_of(facts: StudyFacts) -> ReportIdentity:
    """The report of a whole study: two stations that start it apart name the same one."""
    accession = facts.accession or facts.procedure_id
    return ReportIdentity(study_uid=facts.study_uid, accession=accession, part="")


class Reporting:
    """What people do to reports at this station."""

    def __init__(
        self,
        *,
        store: Store,
        histories: Histories,
        studies: Studies,
        signing: Signing,
        roster: Roster,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._store = store
        self._histories = histories
        self._studies = studies
        self._signing = signing
        self._roster = roster
        self._clock = clock
        self._listeners: list[Callable[[str], None]] = []

    def listen(self, listener: Callable[[str], None]) -> None:
        """Call ``listener`` with the report's key after each change, from any thread."""
        self._listeners.append(listener)

    def tell(self, report_key: str) -> None:
        """Say that a report changed; the syncer calls it for acts that came in."""
        for listener in self._listeners:
            listener(report_key)

    def open(self, study_uid: str, person_id: str = "") -> ReportCase:
        """The report of a study as it stands here."""
        facts = self._studies.facts(study_uid)
        identity = self._identity(facts)
        history = self._histories.of(identity.key)
        return ReportCase(
            identity=identity,
            facts=facts,
            history=history,
            standing=self._standing(identity.key, history),
            draft=self._draft(identity.key, person_id) if person_id else None,
            identity_conflict=conflict(history, facts.patient),
        )

    def study_of(self, name: str) -> str | None:
        """The study that a Study UID, accession number or report key names at this station."""
        for facts in self._studies.all():
            if name in {facts.study_uid, facts.accession, self._identity(facts).key}:
                return facts.study_uid
        records = self._store.acts.of_report(name)
        return records[0].study_uid if records else None

    def studies_with_reports(self) -> tuple[str, ...]:
        """The studies here on whose report somebody acted or wrote, newest last."""
        facts = sorted(self._studies.all(), key=lambda f: (f.date, f.time))
        return tuple(
            f.study_uid
            for f in facts
            if self._store.acts.report_keys_of(f.study_uid)
            or self._store.drafts.on_study(f.study_uid)
        )

    def exported(self, study_uid: str, form: str) -> bytes:
        """The prevailing report as a file: ``sr`` the released SR itself, ``text`` as plain text in UTF-8.

        Raises:
            NotFound: nothing final was released, or its SR has not come here yet.
        """
        prevailing = self.open(study_uid).history.prevailing
        reference = prevailing.act.publication if prevailing else None
        if reference is None:
            raise NotFound("The study has no final report to export")
        records = self._store.publications.by_uid(reference.sop_uid)
        content = next((r.content for r in records if r.digest == reference.digest), None)
        if content is None:
            raise NotFound("The released report {uid} has not come here yet", uid=reference.sop_uid)
        return content if form == "sr" else as_text(publication.decode(content)).encode()

    def standing_of(self, facts: StudyFacts) -> ReportStanding:
        """What the worklist says of a study's report."""
        key = self._identity(facts).key
        return self._standing(key, self._histories.of(key))

    def autosave(self, study_uid: str, session: Session, text: ReportText) -> dt.datetime:
        """Keep the person's draft; returns when it was kept."""
        identity = self._identity(self._studies.facts(study_uid))
        saved_at = self._clock()
        fresh = self._draft(identity.key, session.person.person_id) is None
        self._store.drafts.save(
            DraftRecord(
                identity=identity,
                person_id=session.person.person_id,
                text=text,
                updated_at=saved_at,
            )
        )
        if fresh:
            self.tell(identity.key)
        return saved_at

    def allowed(self, study_uid: str, session: Session) -> frozenset[ActKind]:
        """The acts the person may do now, apart from what they would say."""
        history = self.open(study_uid).history
        return frozenset(k for k in ActKind if self.why_not(k, history, session) is None)

    def why_not(self, kind: ActKind, history: History, session: Session) -> Refusal | None:
        """The rule that forbids the act to the person now, None when it is allowed."""
        try:
            check_right(kind, session.person, history, self._clock().date())
        except Refusal as refusal:
            return refusal
        return None

    def submit(
        self,
        study_uid: str,
        session: Session,
        text: ReportText,
        coverage: tuple[SeriesCoverage, ...] = (),
    ) -> SignedAct:
        """SUBMIT: the first-level reader answers for the text and asks for review."""
        words = ActWords(text=text, coverage=coverage)
        return self._act(ActKind.SUBMIT, study_uid, session, words)

    def recall(self, study_uid: str, session: Session) -> SignedAct:
        """RECALL: the submitter takes the report back; its text becomes the draft again."""
        signed = self._act(ActKind.RECALL, study_uid, session, ActWords())
        self._draft_from_head(study_uid, session)
        return signed

    def open_review(self, study_uid: str, session: Session) -> SignedAct | None:
        """OPEN_REVIEW, once per head and person: from now on the report cannot be recalled."""
        case = self.open(study_uid)
        if session.person.person_id in {o.person_id for o in case.history.review_openers}:
            return None
        return self._act(ActKind.OPEN_REVIEW, study_uid, session, ActWords())

    def return_(
        self,
        study_uid: str,
        session: Session,
        reason: str,
        comments: tuple[Comment, ...] = (),
    ) -> SignedAct:
        """RETURN: the second-level reader sends the report back with a reason."""
        words = ActWords(reason=reason, comments=comments)
        return self._act(ActKind.RETURN, study_uid, session, words)

    def release_preliminary(
        self, study_uid: str, session: Session, told_to: str, reason: str
    ) -> SignedAct:
        """RELEASE PRELIMINARY: the submitted text goes out before review, to whom and why."""
        words = ActWords(reason=reason, told_to=told_to)
        return self._act(ActKind.RELEASE_PRELIMINARY, study_uid, session, words)

    def cosign(
        self,
        study_uid: str,
        session: Session,
        text: ReportText,
        grade: Grade | None = None,
        coverage: tuple[SeriesCoverage, ...] = (),
    ) -> SignedAct:
        """COSIGN: another person signs; the grade, where given, is an act of its own in the same moment."""
        words = ActWords(text=text, coverage=coverage)
        signed = self._act(ActKind.COSIGN, study_uid, session, words)
        if grade is not None:
            self._act(ActKind.GRADE, study_uid, session, ActWords(grade=grade))
        return signed

    def addend(
        self,
        study_uid: str,
        session: Session,
        text: ReportText,
        coverage: tuple[SeriesCoverage, ...] = (),
    ) -> SignedAct:
        """ADDEND: words to be added to the final report once they are co-signed."""
        words = ActWords(text=text, coverage=coverage)
        return self._act(ActKind.ADDEND, study_uid, session, words)

    def amend(self, study_uid: str, session: Session, text: ReportText, reason: str) -> SignedAct:
        """AMEND: a whole new text in place of the final one, with the reason."""
        return self._act(ActKind.AMEND, study_uid, session, ActWords(text=text, reason=reason))

    def withdraw(self, study_uid: str, session: Session, reason: str) -> SignedAct:
        """WITHDRAW: what was released no longer holds."""
        return self._act(ActKind.WITHDRAW, study_uid, session, ActWords(reason=reason))

    def park(self, study_uid: str, session: Session, text: ReportText) -> SignedAct:
        """PARK: the draft travels, so that it opens at another station."""
        return self._act(ActKind.PARK, study_uid, session, ActWords(text=text))

    def hand_over(
        self, study_uid: str, session: Session, text: ReportText, recipient_id: str
    ) -> SignedAct:
        """HAND OVER: the draft now belongs to another person."""
        person = self._roster.person(recipient_id)
        if person is None:
            raise Refusal("PERSON", "{person} is not in the roster", person=recipient_id)
        recipient = Observer(person_id=person.person_id, name=person.name, organisation=person.site)
        words = ActWords(text=text, recipient=recipient)
        return self._act(ActKind.HAND_OVER, study_uid, session, words)

    def take_over(self, study_uid: str, session: Session, reason: str) -> SignedAct:
        """TAKE OVER: somebody else's draft becomes mine, with a reason."""
        signed = self._act(ActKind.TAKE_OVER, study_uid, session, ActWords(reason=reason))
        self._draft_from_head(study_uid, session)
        return signed

    def attest(self, study_uid: str, session: Session) -> SignedAct:
        """ATTEST: a first-level reader answers for the trainee's text as it stands."""
        head = self.open(study_uid).history.head
        text = (head.addition or head.text) if head else ReportText()
        signed = self._act(ActKind.ATTEST, study_uid, session, ActWords(text=text))
        self._draft_from_head(study_uid, session)
        return signed

    def resolve_fork(
        self,
        study_uid: str,
        session: Session,
        chosen: str,
        text: ReportText,
        outcome: Outcome,
    ) -> SignedAct:
        """RESOLVE FORK: one of the versions stands, named by the UID of its act."""
        words = ActWords(text=text, chosen=chosen, outcome=outcome)
        return self._act(ActKind.RESOLVE_FORK, study_uid, session, words)

    def reconcile_identity(self, study_uid: str, session: Session, reason: str) -> SignedAct:
        """RECONCILE IDENTITY: a person says that header and signed identity are one patient."""
        return self._act(ActKind.RECONCILE_IDENTITY, study_uid, session, ActWords(reason=reason))

    def _identity(self, facts: StudyFacts) -> ReportIdentity:
        """The report of a study: the one people already acted on, should an archive have changed the accession."""
        named = report_of(facts)
        keys = self._store.acts.report_keys_of(facts.study_uid)
        if not keys or named.key in keys:
            return named
        known = self._histories.signed(self._store.acts.of_study(facts.study_uid))
        return min(known, key=lambda s: (s.act.time, s.act.sop_uid)).act.report

    def _act(self, kind: ActKind, study_uid: str, session: Session, words: ActWords) -> SignedAct:
        facts = self._studies.facts(study_uid)
        identity = self._identity(facts)
        with self._store.writing() as tx:
            history = self._histories.fold(tx.acts_of(identity.key))
            differing = conflict(history, facts.patient)
            if kind in _RELEASES and differing:
                raise Refusal(
                    "IDENTITY",
                    "The image header and the signed report name different patients ({fields}); reconcile them first",
                    fields=", ".join(differing),
                )
            signed = self._signing.sign(tx, kind, facts, identity, history, session, words)
            if words.text is not None:
                tx.delete_draft(identity.key, session.person.person_id)
        self.tell(identity.key)
        return signed

    def _draft_from_head(self, study_uid: str, session: Session) -> None:
        head = self.open(study_uid).history.head
        if head is not None:
            self.autosave(study_uid, session, head.addition or head.text)

    def _standing(self, report_key: str, history: History) -> ReportStanding:
        drafts = self._store.drafts.on(report_key)
        return standing(
            history,
            has_draft=bool(drafts),
            drafted_by=drafts[0].person_id if drafts else "",
        )

    def _draft(self, report_key: str, person_id: str) -> Draft | None:
        kept = self._store.drafts.load(report_key, person_id)
        if kept is None:
            return None
        return Draft(person_id=kept.person_id, text=kept.text, saved_at=kept.updated_at)
