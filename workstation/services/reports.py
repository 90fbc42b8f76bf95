"""Reports as they stand at this station: opened, listed, drafted, exported; nothing here signs.

A report is read as the fold of its acts; a draft is this station's own and travels only by an act. What the report of
a study is called follows from the study, or from what people already acted on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from workstation.documents import publication
from workstation.documents.text import as_text
from workstation.domain.act import ActKind, ReportIdentity, ReportText
from workstation.domain.errors import BadInput, NotFound, Refusal
from workstation.domain.identity import conflict
from workstation.domain.report import History, check_right
from workstation.domain.study import StudyFacts
from workstation.domain.worklist import ReportStanding, standing
from workstation.services.histories import DamagedAct, Histories
from workstation.services.sessions import Session
from workstation.services.studies import Studies
from workstation.store.drafts import DraftRecord
from workstation.store.home import Store


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


class Reports:
    """What this station knows of its studies' reports."""

    def __init__(
        self,
        *,
        store: Store,
        histories: Histories,
        studies: Studies,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._store = store
        self._histories = histories
        self._studies = studies
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
        """The study that a Study UID, accession number or report key names at this station.

        Raises:
            BadInput: an accession number of several studies; they may be of different patients.
        """
        known = self._studies.all()
        named = {f.study_uid for f in known if name in {f.study_uid, f.accession}}
        if len(named) > 1:
            raise BadInput(
                "{count} studies carry the number {name}: say which by its Study Instance UID",
                count=len(named),
                name=name,
            )
        if named:
            return named.pop()
        records = self._store.acts.of_report(name)
        if records:
            return records[0].study_uid
        return next((f.study_uid for f in known if self._identity(f).key == name), None)

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
        """What the worklist says of a study's report; one that is damaged in the store does not take the list away."""
        try:
            key = self._identity(facts).key
            return self._standing(key, self._histories.of(key))
        except DamagedAct:
            return ReportStanding(problems=1)

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

    def _identity(self, facts: StudyFacts) -> ReportIdentity:
        """The report of a study: the one people already acted on, should an archive have changed the accession."""
        named = report_of(facts)
        keys = self._store.acts.report_keys_of(facts.study_uid)
        if not keys or named.key in keys:
            return named
        sound = (r for r in self._store.acts.of_study(facts.study_uid) if not r.fault)
        known = self._histories.signed(sound)
        first = min(known, key=lambda s: (s.act.time, s.act.sop_uid), default=None)
        return first.act.report if first else named

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
