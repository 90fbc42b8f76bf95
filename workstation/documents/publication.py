"""Released reports as DICOM objects and back: docs/formats/publications.md.

Enhanced SR after TID 2000 in the patient's study (PS3.3 A.35.2, C.17.2), readable by every viewer and verified by
dcmsign. The Patient Module is not signed; the content tree carries the signed identity. Knows no store and no act.
"""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.uid import EnhancedSRStorage

from workstation.documents import content, report_tree, sr_header, sr_references
from workstation.documents.act_document import SignedDocument
from workstation.documents.keys import SigningKey
from workstation.documents.part10 import file_bytes, open_dataset, unreadable_is_bad_input
from workstation.documents.publication_values import (
    EvidenceItem,
    Publication,
    PublicationKind,
    PublicationUids,
    check,
)
from workstation.documents.signature import Purpose, Trust, Verified, sign, verify
from workstation.domain.act import Observer, PublicationRef, ReportIdentity
from workstation.domain.errors import BadInput
from workstation.domain.identity import differences
from workstation.domain.study import PatientIdentity, StudyFacts

__all__ = [
    "EvidenceItem",
    "Publication",
    "PublicationKind",
    "PublicationUids",
    "ReadPublication",
    "decode",
    "encode",
    "is_publication",
    "read",
    "reference",
]

SERIES_NUMBER = 9000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPublication:
    """A publication that came in: digest (SHA-256 hex) and what is wrong with its signature ('' when it holds)."""

    publication: Publication
    digest: str
    fault: str
    signature_uid: str
    signature: bytes

    @property
    def reference(self) -> PublicationRef:
        """How a later document names this one."""
        return _reference(self.publication, self.digest, self.signature)

    @property
    def header_agrees(self) -> bool:
        """Whether the header, which archives coerce, still shows the patient that was signed."""
        return not differences(self.publication.patient, self.publication.study.patient)


def encode(publication: Publication, key: SigningKey) -> SignedDocument:
    """The publication as a signed DICOM file in explicit VR little endian.

    Raises:
        BadInput: a publication that its kind does not allow, or a value that DICOM cannot carry.
    """
    check(publication)
    with unreadable_is_bad_input():
        dataset = _header(publication)
        sr_header.root(dataset, report_tree.TITLE, report_tree.build(publication))
        dataset.ContentTemplateSequence = [_template()]
        signed = sign(
            dataset,
            sr_header.PUBLICATION_SIGNED,
            key,
            purpose=_purpose(publication.kind),
            time=publication.time,
            signature_uid=publication.uids.signature_uid,
        )
    return SignedDocument(
        data=file_bytes(dataset),
        sop_uid=publication.uids.sop_uid,
        digest=signed.digest,
        signature_uid=signed.signature_uid,
        signature=signed.signature,
    )


def reference(publication: Publication, document: SignedDocument) -> PublicationRef:
    """How an act or a later publication names the document just made."""
    return _reference(publication, document.digest, document.signature)


def decode(source: Dataset | bytes) -> Publication:
    """The publication that a data set or a file holds; its signature is not looked at.

    ``study`` holds what the header says of it: no counts, no modalities, no institution.

    Raises:
        BadInput: no publication, of a newer format, or not as the table says.
    """
    dataset = open_dataset(source) if isinstance(source, bytes) else source
    if not is_publication(dataset):
        raise BadInput("The object is no publication")
    with unreadable_is_bad_input():
        publication = _publication(dataset)
        check(publication)
        if _flags(publication.kind) != tuple(dataset.get(k) for k in _FLAGS):
            raise BadInput("The flags of the publication do not fit its kind")
    return publication


def read(data: bytes, trust: Trust) -> ReadPublication:
    """The publication in a file with its digest, and what is wrong with its signature.

    Raises:
        BadInput: as `decode`.
    """
    dataset = open_dataset(data)
    verified = verify(dataset, sr_header.PUBLICATION_SIGNED, trust)
    publication = decode(dataset)
    return ReadPublication(
        publication=publication,
        digest=verified.digest,
        fault=verified.fault or _signer_fault(publication, verified),
        signature_uid=verified.signature_uid,
        signature=verified.signature,
    )


def is_publication(dataset: Dataset) -> bool:
    """Whether the data set is a report with our status section."""
    if dataset.get("SOPClassUID") != EnhancedSRStorage:
        return False
    items = content.items_of(dataset, "ContentSequence")
    return any(content.concept_of(item) == report_tree.STATUS for item in items)


_FLAGS = ("CompletionFlag", "VerificationFlag", "PreliminaryFlag")


def _flags(kind: PublicationKind) -> tuple[str, str, str]:
    if kind is PublicationKind.PRELIMINARY:
        return "COMPLETE", "UNVERIFIED", "PRELIMINARY"
    return "COMPLETE", "VERIFIED", "FINAL"


def _purpose(kind: PublicationKind) -> Purpose:
    preliminary = kind is PublicationKind.PRELIMINARY
    return Purpose.AUTHOR if preliminary else Purpose.VERIFICATION


def _signer_fault(publication: Publication, verified: Verified) -> str:
    if verified.purpose != _purpose(publication.kind):
        return "The signature was made for another purpose"
    verifier = publication.verifier
    if verifier is not None and verified.person_id != verifier.person_id:
        return "Somebody else than the verifying reader signed the publication"
    if verified.signed_at != publication.time:
        return "The publication was not signed at the time that it tells"
    return ""


def _header(publication: Publication) -> Dataset:
    uids, study = publication.uids, publication.study
    for uid in (uids.sop_uid, uids.series_uid, uids.signature_uid, study.study_uid):
        content.valid_uid(uid, "UID")
    dataset = sr_header.start(uids.sop_uid, study.study_uid, uids.series_uid, publication.time)
    _copy_study(dataset, study)
    dataset.SeriesNumber, dataset.SeriesDescription = SERIES_NUMBER, "Report"
    dataset.InstanceNumber = uids.number
    dataset.CompletionFlag, dataset.VerificationFlag, dataset.PreliminaryFlag = _flags(
        publication.kind
    )
    dataset.ObservationDateTime = content.dt_value(publication.attested_at or publication.time)
    dataset.AuthorObserverSequence = [sr_header.identified_person(a) for a in publication.authors]
    _add_people(dataset, publication)
    dataset.ReferencedRequestSequence = [sr_references.request(study)]
    sr_references.add_evidence(dataset, publication.evidence)
    sr_references.add_predecessors(dataset, publication.predecessors)
    return dataset


def _add_people(dataset: Dataset, publication: Publication) -> None:
    if publication.attestor and publication.attested_at:
        item = sr_header.identified_person(publication.attestor)
        item.ParticipationType = "ATTEST"
        item.ParticipationDateTime = content.dt_value(publication.attested_at)
        dataset.ParticipantSequence = [item]
    if publication.verifier and publication.verified_at:
        dataset.VerifyingObserverSequence = [
            sr_header.verifying_observer(publication.verifier, publication.verified_at)
        ]


def _copy_study(dataset: Dataset, study: StudyFacts) -> None:
    """Patient and study as the archive has them, also where its values are not valid DICOM."""
    patient = study.patient
    values = {
        "PatientName": patient.name,
        "PatientID": patient.patient_id,
        "PatientBirthDate": patient.birth_date,
        "PatientSex": patient.sex,
        "StudyDate": study.date,
        "StudyTime": study.time,
        "StudyID": study.study_id,
        "AccessionNumber": study.accession,
        "ReferringPhysicianName": study.referring_physician,
    }
    optional = {
        "IssuerOfPatientID": patient.issuer,
        "PatientAge": study.age,
        "StudyDescription": study.description,
    }
    for keyword, value in (values | {k: v for k, v in optional.items() if v}).items():
        sr_header.copy_value(dataset, keyword, value)


def _reference(publication: Publication, digest: str, signature: bytes) -> PublicationRef:
    uids = publication.uids
    return PublicationRef(
        sop_uid=uids.sop_uid,
        digest=digest,
        study_uid=publication.study.study_uid,
        series_uid=uids.series_uid,
        signature_uid=uids.signature_uid,
        signature=base64.b64encode(signature).decode(),
    )


def _template() -> Dataset:
    item = Dataset()
    item.MappingResource = "DCMR"
    item.TemplateIdentifier = "2000"
    return item


def _publication(dataset: Dataset) -> Publication:
    tree = report_tree.read(content.items_of(dataset, "ContentSequence"))
    status = tree.status
    attestor, attested_at = _attestor(dataset)
    verifier, verified_at = _verifier(dataset)
    study = _study(dataset)
    return Publication(
        kind=PublicationKind(status["KIND"]),
        uids=_uids(dataset),
        study=study,
        patient=tree.patient,
        report=ReportIdentity(
            study_uid=study.study_uid,
            accession=status.get("ACCESSION", ""),
            part=status.get("PART", ""),
        ),
        time=content.moment_of(
            f"{dataset.ContentDate}{dataset.ContentTime}{dataset.TimezoneOffsetFromUTC}"
        ),
        authors=tuple(
            sr_header.observer_of(item)
            for item in content.items_of(dataset, "AuthorObserverSequence")
        ),
        text=tree.text,
        addenda=tree.addenda,
        attestor=attestor,
        attested_at=attested_at,
        modified_at_review=status.get("ATTESTATION") == "MODIFIED",
        verifier=verifier,
        verified_at=verified_at,
        reason=status.get("REASON", ""),
        told_to=status.get("TOLD_TO", ""),
        predecessors=sr_references.predecessors(dataset),
        evidence=sr_references.evidence(dataset),
    )


def _uids(dataset: Dataset) -> PublicationUids:
    signatures = content.items_of(dataset, "DigitalSignaturesSequence")
    return PublicationUids(
        sop_uid=str(dataset.SOPInstanceUID),
        series_uid=str(dataset.SeriesInstanceUID),
        signature_uid=str(signatures[0].DigitalSignatureUID) if signatures else "",
        number=int(dataset.InstanceNumber),
    )


def _study(dataset: Dataset) -> StudyFacts:
    """Patient and study as the header has them; accession and procedure from the signed request."""
    requests = content.items_of(dataset, "ReferencedRequestSequence")
    request = requests[0] if requests else Dataset()
    return StudyFacts(
        study_uid=str(dataset.StudyInstanceUID),
        patient=PatientIdentity(
            patient_id=_value(dataset, "PatientID"),
            issuer=_value(dataset, "IssuerOfPatientID"),
            name=_value(dataset, "PatientName"),
            birth_date=_value(dataset, "PatientBirthDate"),
            sex=_value(dataset, "PatientSex"),
        ),
        accession=_value(request, "AccessionNumber"),
        procedure_id=_value(request, "RequestedProcedureID"),
        date=_value(dataset, "StudyDate"),
        time=_value(dataset, "StudyTime"),
        description=_value(dataset, "StudyDescription"),
        referring_physician=_value(dataset, "ReferringPhysicianName"),
        age=_value(dataset, "PatientAge"),
        study_id=_value(dataset, "StudyID"),
    )


def _attestor(dataset: Dataset) -> tuple[Observer | None, dt.datetime | None]:
    found = [
        item
        for item in content.items_of(dataset, "ParticipantSequence")
        if item.get("ParticipationType") == "ATTEST"
    ]
    if len(found) > 1:
        raise BadInput("The publication names more than one attestor")
    if not found:
        return None, None
    return sr_header.observer_of(found[0]), content.moment_of(str(found[0].ParticipationDateTime))


def _verifier(dataset: Dataset) -> tuple[Observer | None, dt.datetime | None]:
    found = content.items_of(dataset, "VerifyingObserverSequence")
    if len(found) > 1:
        raise BadInput("The publication names more than one verifying reader")
    if not found:
        return None, None
    return sr_header.verifier_of(found[0])


def _value(dataset: Dataset, keyword: str) -> str:
    value = dataset.get(keyword)
    return "" if value is None else str(value)
