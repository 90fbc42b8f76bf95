"""Acts as DICOM objects and back: docs/formats/acts.md.

An act is an Enhanced SR under a pseudo-patient, one content row per field, signed over everything but the Patient
Module (PS3.3 C.17, PS3.15). Reading is strict about the table. Knows no store and no rule about who may do what.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import EnhancedSRStorage

from workstation.documents import act_table, content, sr_header
from workstation.documents.keys import SigningKey
from workstation.documents.part10 import file_bytes, open_dataset, unreadable_is_bad_input
from workstation.documents.signature import Purpose, Trust, Verified, sign, verify
from workstation.domain.act import (
    ACT_FORMAT,
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
    SeenAct,
    SeriesCoverage,
)
from workstation.domain.errors import BadInput
from workstation.domain.roster import Level
from workstation.domain.study import PatientIdentity
from workstation.domain.version import SignedAct


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedDocument:
    """A document just made: the complete DICOM file, and how others name it.

    ``digest`` is the SHA-256 (hex) of what the signature covers; ``signature`` the signature's bytes.
    """

    data: bytes
    sop_uid: str
    digest: str
    signature_uid: str
    signature: bytes


def encode(act: Act, key: SigningKey) -> SignedDocument:
    """The act as a signed DICOM file in explicit VR little endian.

    Raises:
        BadInput: a row that the table does not allow, or a value that DICOM cannot carry, naming the row.
    """
    if act.certificate != key.fingerprint:
        raise BadInput("The act names another certificate than the one it is signed with")
    dataset = _header(act)
    values = _values(act)
    _check_kind(act.kind, values)
    sr_header.root(dataset, act_table.TITLE, content.encode_rows(act_table.ROWS, values))
    with unreadable_is_bad_input():
        signed = sign(
            dataset,
            sr_header.ACT_SIGNED,
            key,
            purpose=Purpose.AUTHOR,
            time=act.time,
            signature_uid=signature_uid(act.place),
        )
    return SignedDocument(
        data=file_bytes(dataset),
        sop_uid=act.sop_uid,
        digest=signed.digest,
        signature_uid=signed.signature_uid,
        signature=signed.signature,
    )


def decode(source: Dataset | bytes) -> Act:
    """The act that a data set or a file holds; its signature is not looked at.

    Raises:
        BadInput: no act, of a newer format, or not as the table says, naming the row.
    """
    dataset = open_dataset(source) if isinstance(source, bytes) else source
    if not is_act(dataset):
        raise BadInput("The object is no act")
    with unreadable_is_bad_input():
        _check_format(dataset)
        values = content.decode_rows(act_table.ROWS, content.items_of(dataset, "ContentSequence"))
        act = _act(values)
    _check_kind(act.kind, values)
    return act


def read(data: bytes, trust: Trust) -> SignedAct:
    """The act in a file with its digest, and what is wrong with its signature or its header.

    Raises:
        BadInput: as `decode`.
    """
    dataset = open_dataset(data)
    verified = verify(dataset, sr_header.ACT_SIGNED, trust)
    act = decode(dataset)
    fault = verified.fault or _header_fault(dataset, act, verified)
    return SignedAct(act=act, digest=verified.digest, fault=fault)


def is_act(dataset: Dataset) -> bool:
    """Whether the data set says of itself that it is an act."""
    same_class = dataset.get("SOPClassUID") == EnhancedSRStorage
    return same_class and content.concept_of(dataset) == act_table.TITLE


def plain_act(act: Act) -> Act:
    """The act with every text as a document can carry it (see `content.plain`): what to sign instead of refusing."""
    plain: Act = _plain_value(act)
    return plain


def signature_uid(place: Place) -> str:
    """The Digital Signature UID of the act at that place."""
    return f"{place.uid_root}.6.{place.number}"


def _header(act: Act) -> Dataset:
    place, time = act.place, act.time
    content.valid_uid(place.sop_uid, "UID_ROOT")
    study, series = place.study_uid(time), place.series_uid(time)
    with unreadable_is_bad_input():
        dataset = sr_header.start(place.sop_uid, study, series, time)
        day = f"{time.astimezone(dt.UTC):%Y%m%d}"
        dataset.PatientName = "COSIGHT^JOURNAL"
        dataset.PatientID = "COSIGHT-JOURNAL"
        dataset.PatientBirthDate = dataset.PatientSex = ""
        dataset.StudyDate, dataset.StudyTime = f"{day[:6]}01", "000000"
        dataset.StudyID, dataset.StudyDescription = day[:6], "Cosight journal"
        dataset.AccessionNumber = dataset.ReferringPhysicianName = ""
        dataset.SeriesNumber, dataset.SeriesDate = int(day), day
        dataset.SeriesDescription = "Cosight acts"
        dataset.InstanceNumber = place.number
        dataset.CompletionFlag, dataset.VerificationFlag = "COMPLETE", "UNVERIFIED"
        dataset.AuthorObserverSequence = [sr_header.identified_person(act.actor)]
    return dataset


def _header_fault(dataset: Dataset, act: Act, verified: Verified) -> str:
    if verified.certificate_fingerprint != act.certificate:
        return "The act names another certificate than the one it is signed with"
    place = act.place
    said = (place.sop_uid, place.study_uid(act.time), place.series_uid(act.time), place.number)
    keywords = ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "InstanceNumber")
    if said != tuple(dataset.get(k) for k in keywords):
        return "The header of the act does not agree with its rows"
    if verified.signed_at != act.time:
        return "The act was not signed at the time that it tells"
    return ""


def _check_format(dataset: Dataset) -> None:
    """Look at the format before the table: a newer one has rows that this program does not know."""
    for item in content.items_of(dataset, "ContentSequence"):
        if content.concept_of(item) == content.own("FORMAT", "Format version"):
            found = content.decode_rows(act_table.ROWS[:1], [item])["FORMAT"]
            if found != ACT_FORMAT:
                raise BadInput("The act is of format {found}, unknown to this program", found=found)
            return
    raise BadInput("The row {row} is missing", row="FORMAT")


def _check_kind(kind: ActKind, values: Mapping[str, Any]) -> None:
    """Whether the act carries what its kind must, and nothing that it may not."""
    for code, kinds in act_table.REQUIRED_IN.items():
        if kind in kinds and not values.get(code):
            raise BadInput("The row {row} is missing", row=code)
    for code, kinds in act_table.ALLOWED_IN.items():
        if kind not in kinds and values.get(code):
            raise BadInput("An act {kind} does not carry the row {row}", kind=kind.value, row=code)


def _values(act: Act) -> dict[str, Any]:
    """The act as values by row code."""
    place, patient = act.place, act.patient
    return {
        "FORMAT": act.format,
        "KIND": act.kind.value,
        "STATION": place.station_id,
        "UID_ROOT": place.uid_root,
        "NUMBER": place.number,
        "PREVIOUS": place.previous_digest,
        "AUDIT_HEAD": place.audit_head,
        "TIME": act.time,
        "CLOCK_ERROR": act.clock_error_s,
        "ACTOR": _person_rows(act.actor),
        "LEVEL": act.actor_level.value,
        "CERTIFICATE": act.certificate,
        "ROSTER": act.roster_digest,
        "REPORT": {
            "STUDY": act.report.study_uid,
            "ACCESSION": act.report.accession,
            "PART": act.report.part,
        },
        "PATIENT": {
            "PATIENT_ID": patient.patient_id,
            "ISSUER": patient.issuer,
            "PATIENT_NAME": patient.name,
            "BIRTH_DATE": patient.birth_date,
            "SEX": patient.sex,
        },
        "ATTESTED_AT": act.attested_at,
        "REASON": act.reason,
        "TOLD_TO": act.told_to,
        "GRADE": act.grade and act.grade.value,
        "OUTCOME": act.outcome and act.outcome.value,
        "CHOSEN": act.chosen,
        **_grouped_values(act),
    }


def _grouped_values(act: Act) -> dict[str, Any]:
    return {
        "SEEN": [{"ACT_UID": s.sop_uid, "DIGEST": s.digest} for s in act.seen],
        "TEXT": act.text and _text_rows(act.text),
        "WRITER": [_person_rows(w) for w in act.writers],
        "ATTESTOR": act.attestor and _person_rows(act.attestor),
        "COMMENT": [_comment_rows(c) for c in act.comments],
        "RECIPIENT": act.recipient and _person_rows(act.recipient),
        "COVERAGE": [
            {"SERIES": c.series_uid, "SEEN_IMAGES": c.seen, "TOTAL_IMAGES": c.total}
            for c in act.coverage
        ],
        "PUBLICATION": act.publication and _publication_rows(act.publication),
    }


def _person_rows(person: Observer) -> dict[str, str]:
    return {
        "PERSON": person.person_id,
        "NAME": person.name,
        "ORGANISATION": person.organisation,
    }


def _text_rows(text: ReportText) -> dict[str, str]:
    return {
        "LANGUAGE": text.language,
        "FINDINGS": text.findings,
        "IMPRESSION": text.impression,
        "TECHNIQUE": text.technique,
        "RECOMMENDATION": text.recommendation,
    }


def _comment_rows(comment: Comment) -> dict[str, Any]:
    return {
        "REMARK": comment.text,
        "SECTION": comment.section,
        "QUOTED": comment.quoted,
        "START": comment.start,
        "IMAGE": comment.sop_uid,
        "FRAME": comment.frame,
    }


def _publication_rows(publication: PublicationRef) -> dict[str, str]:
    return {
        "SOP_UID": publication.sop_uid,
        "DIGEST": publication.digest,
        "STUDY": publication.study_uid,
        "SERIES": publication.series_uid,
        "SIGNATURE_UID": publication.signature_uid,
        "SIGNATURE": publication.signature,
    }


def _act(values: Mapping[str, Any]) -> Act:
    """The act that the values by row code tell."""
    grade, outcome = values.get("GRADE"), values.get("OUTCOME")
    patient = values["PATIENT"]
    return Act(
        kind=ActKind(values["KIND"]),
        place=Place(
            station_id=values["STATION"],
            uid_root=values["UID_ROOT"],
            number=values["NUMBER"],
            previous_digest=values.get("PREVIOUS", ""),
            audit_head=values.get("AUDIT_HEAD", ""),
        ),
        time=values["TIME"],
        clock_error_s=values.get("CLOCK_ERROR"),
        actor=_person(values["ACTOR"]),
        actor_level=Level(values["LEVEL"]),
        certificate=values["CERTIFICATE"],
        roster_digest=values["ROSTER"],
        report=ReportIdentity(
            study_uid=values["REPORT"]["STUDY"],
            accession=values["REPORT"].get("ACCESSION", ""),
            part=values["REPORT"].get("PART", ""),
        ),
        patient=PatientIdentity(
            patient_id=patient.get("PATIENT_ID", ""),
            issuer=patient.get("ISSUER", ""),
            name=patient.get("PATIENT_NAME", ""),
            birth_date=patient.get("BIRTH_DATE", ""),
            sex=patient.get("SEX", ""),
        ),
        attested_at=values.get("ATTESTED_AT"),
        reason=values.get("REASON", ""),
        told_to=values.get("TOLD_TO", ""),
        grade=Grade(grade) if grade else None,
        outcome=Outcome(outcome) if outcome else None,
        chosen=values.get("CHOSEN", ""),
        format=values["FORMAT"],
        **_grouped(values),
    )


def _grouped(values: Mapping[str, Any]) -> dict[str, Any]:
    text, publication = values.get("TEXT"), values.get("PUBLICATION")
    attestor, recipient = values.get("ATTESTOR"), values.get("RECIPIENT")
    return {
        "seen": tuple(SeenAct(sop_uid=s["ACT_UID"], digest=s["DIGEST"]) for s in values["SEEN"]),
        "text": text and _text(text),
        "writers": tuple(_person(w) for w in values["WRITER"]),
        "attestor": attestor and _person(attestor),
        "comments": tuple(_comment(c) for c in values["COMMENT"]),
        "recipient": recipient and _person(recipient),
        "coverage": tuple(
            SeriesCoverage(series_uid=c["SERIES"], seen=c["SEEN_IMAGES"], total=c["TOTAL_IMAGES"])
            for c in values["COVERAGE"]
        ),
        "publication": publication and _publication(publication),
    }


def _person(rows: Mapping[str, str]) -> Observer:
    organisation = rows.get("ORGANISATION", "")
    return Observer(person_id=rows["PERSON"], name=rows["NAME"], organisation=organisation)


def _text(rows: Mapping[str, str]) -> ReportText:
    return ReportText(
        language=rows["LANGUAGE"],
        findings=rows.get("FINDINGS", ""),
        impression=rows.get("IMPRESSION", ""),
        technique=rows.get("TECHNIQUE", ""),
        recommendation=rows.get("RECOMMENDATION", ""),
    )


def _comment(rows: Mapping[str, Any]) -> Comment:
    return Comment(
        text=rows["REMARK"],
        section=rows.get("SECTION", ""),
        quoted=rows.get("QUOTED", ""),
        start=rows["START"],
        sop_uid=rows.get("IMAGE", ""),
        frame=rows["FRAME"],
    )


def _publication(rows: Mapping[str, str]) -> PublicationRef:
    return PublicationRef(
        sop_uid=rows["SOP_UID"],
        digest=rows["DIGEST"],
        study_uid=rows["STUDY"],
        series_uid=rows["SERIES"],
        signature_uid=rows["SIGNATURE_UID"],
        signature=rows["SIGNATURE"],
    )


def _plain_value(value: Any) -> Any:
    """The value with all texts in it made plain, whatever it is made of."""
    if type(value) is str:
        return content.plain(value)
    if isinstance(value, tuple):
        return tuple(_plain_value(v) for v in value)
    if hasattr(value, "__dataclass_fields__"):
        return replace(
            value, **{f.name: _plain_value(getattr(value, f.name)) for f in fields(value)}
        )
    return value
