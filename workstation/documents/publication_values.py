"""What a released report is, as a value: docs/formats/publications.md.

The rules here are those of the document itself (PS3.3 C.17.2: who verifies whom, what a state needs); whether a
person may release at all is judged by the domain. Knows no DICOM encoding.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

from workstation.domain.act import Observer, Place, PublicationRef, ReportIdentity, ReportText
from workstation.domain.errors import BadInput
from workstation.domain.study import PatientIdentity, StudyFacts


class PublicationKind(StrEnum):
    """The kinds of publication; the value is the code value in DICOM (scheme 99COSIGHT)."""

    PRELIMINARY = "PRELIMINARY"
    FINAL = "FINAL"
    ADDENDUM = "ADDENDUM"
    AMENDMENT = "AMENDMENT"
    WITHDRAWAL = "WITHDRAWAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationUids:
    """Where a publication lies: its SOP Instance, Series Instance and Digital Signature UID, and the act's number."""

    sop_uid: str
    series_uid: str
    signature_uid: str
    number: int

    @classmethod
    def at(cls, place: Place) -> PublicationUids:
        """The UIDs of what the act at that place releases (docs/formats/acts.md section 1)."""
        return cls(
            sop_uid=place.publication_uid,
            series_uid=place.publication_series_uid,
            signature_uid=f"{place.uid_root}.7.{place.number}",
            number=place.number,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceItem:
    """One image that the report is about."""

    study_uid: str
    series_uid: str
    sop_class_uid: str
    sop_uid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A released report.

    ``study`` is the home study with the patient as the image header has it; ``patient`` the identity that is signed.
    ``time`` is the time of the act, aware. ``authors`` are the first-level reader first, then who changed the
    text. ``verifier`` is the second-level reader, in a withdrawal who withdraws. ``predecessors`` are the released
    documents that this one continues.
    """

    kind: PublicationKind
    uids: PublicationUids
    study: StudyFacts
    patient: PatientIdentity
    report: ReportIdentity
    time: dt.datetime
    authors: tuple[Observer, ...]
    text: ReportText = field(default_factory=ReportText)
    addenda: tuple[ReportText, ...] = ()
    attestor: Observer | None = None
    attested_at: dt.datetime | None = None
    modified_at_review: bool = False
    verifier: Observer | None = None
    verified_at: dt.datetime | None = None
    reason: str = ""
    told_to: str = ""
    predecessors: tuple[PublicationRef, ...] = ()
    evidence: tuple[EvidenceItem, ...] = ()

    @property
    def is_verified(self) -> bool:
        """Whether the document is VERIFIED and FINAL; only a preliminary is not."""
        return self.kind is not PublicationKind.PRELIMINARY


def check(publication: Publication) -> None:
    """Whether the publication is one that its kind allows.

    Raises:
        BadInput: saying what is wrong.
    """
    fault = _fault(publication)
    if fault:
        raise BadInput(fault)


def _fault(it: Publication) -> str:
    kind = it.kind
    withdrawal = kind is PublicationKind.WITHDRAWAL
    if not it.authors:
        return "A publication needs an author"
    if it.study.study_uid != it.report.study_uid:
        return "A report is published in its home study"
    if it.is_verified != (it.verifier is not None and it.verified_at is not None):
        return "Exactly the verified publications name who verified them and when"
    if not withdrawal and (it.attestor is None or it.attested_at is None):
        return "A publication names who attested the text and when"
    if it.attestor and it.verifier and it.attestor.person_id == it.verifier.person_id:
        return "Attestor and verifier must be different persons"
    if withdrawal != it.text.is_empty:
        return "Every publication but a withdrawal has a text"
    if withdrawal and not it.reason:
        return "A withdrawal needs a reason"
    continues = {
        PublicationKind.ADDENDUM,
        PublicationKind.AMENDMENT,
        PublicationKind.WITHDRAWAL,
    }
    if kind in continues and not it.predecessors:
        return "An addendum, amendment or withdrawal names what it continues"
    return ""
