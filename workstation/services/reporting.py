"""The report's life at this station: read -> ask the domain -> sign -> keep, each act in one transaction.

Every verb reads the newest state inside the transaction in which it writes, so that a window and a command line on
one home can not both act on the same head. The reader is done when the transaction is: sending is the syncer's work.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable, Sequence

from workstation.domain.act import (
    ActKind,
    Comment,
    Grade,
    Observer,
    Outcome,
    ReportText,
    SeriesCoverage,
)
from workstation.domain.errors import Refusal
from workstation.domain.identity import conflict
from workstation.domain.legality import refusal
from workstation.domain.report import History, SignedAct
from workstation.domain.roster import Roster
from workstation.domain.study import StudyFacts
from workstation.services.histories import Histories
from workstation.services.reports import Draft, ReportCase, Reports, report_of
from workstation.services.sessions import Session
from workstation.services.signing import ActWords, Occasion, Signing
from workstation.services.studies import Studies
from workstation.store.home import Store

__all__ = ["Draft", "ReportCase", "Reporting", "report_of"]

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


class Reporting(Reports):
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
        super().__init__(store=store, histories=histories, studies=studies, clock=clock)
        self._signing = signing
        self._roster = roster
        self._looked_at: frozenset[str] | None = None

    def having_seen(self, history: History) -> Reporting:
        """The same verbs for somebody who looks at ``history``: another head inside the transaction refuses the act.

        Holds for the first deed; what follows it stands on it.
        """
        looking = copy.copy(self)
        looking._looked_at = _heads(history)  # noqa: SLF001  another one of this very class
        return looking

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
        deeds = [(ActKind.COSIGN, ActWords(text=text, coverage=coverage))]
        if grade is not None:
            deeds.append((ActKind.GRADE, ActWords(grade=grade)))
        return self._acts(study_uid, session, deeds)[0]

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
            raise refusal("PERSON", person=recipient_id)
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

    def _act(self, kind: ActKind, study_uid: str, session: Session, words: ActWords) -> SignedAct:
        return self._acts(study_uid, session, [(kind, words)])[0]

    def _acts(
        self, study_uid: str, session: Session, deeds: Sequence[tuple[ActKind, ActWords]]
    ) -> list[SignedAct]:
        """Sign one act after the other in one transaction: all of them or none."""
        facts = self._studies.facts(study_uid)
        identity = self._identity(facts)
        signed = []
        with self._store.writing() as tx:
            for kind, words in deeds:
                history = self._histories.fold(tx.acts_of(identity.key))
                looked_at, self._looked_at = self._looked_at, None
                if looked_at is not None and looked_at != _heads(history):
                    raise refusal("CHANGED")
                if kind in _RELEASES:
                    _check_patient(history, facts)
                occasion = Occasion(
                    kind=kind,
                    facts=facts,
                    report=identity,
                    history=history,
                    session=session,
                    words=words,
                )
                signed.append(self._signing.sign(tx, occasion))
                if words.text is not None:
                    tx.delete_draft(identity.key, session.person.person_id)
        for made in signed:
            self._histories.learn(made)
        self.tell(identity.key)
        return signed

    def _draft_from_head(self, study_uid: str, session: Session) -> None:
        head = self.open(study_uid).history.head
        if head is not None:
            self.autosave(study_uid, session, head.addition or head.text)


def _heads(history: History) -> frozenset[str]:
    return frozenset(head.act.sop_uid for head in history.heads)


def _check_patient(history: History, facts: StudyFacts) -> None:
    differing = conflict(history, facts.patient)
    if differing:
        raise Refusal(
            "IDENTITY",
            "The image header and the signed report name different patients ({fields}); reconcile them first",
            fields=", ".join(differing),
        )
