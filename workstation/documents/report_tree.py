"""The content tree of a released report: PS3.16 TID 2000 with TID 1204, 1001-1007 and 2002.

Built from a publication and read back by concept; docs/formats/publications.md section 3 is the table. Knows no
header and no signature.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydicom.dataset import Dataset

from workstation.documents import content
from workstation.documents.content import Code, Row, own
from workstation.documents.publication_values import Publication, PublicationKind
from workstation.documents.report_words import status_lines, words_for
from workstation.domain.act import Observer, ReportText
from workstation.domain.errors import BadInput
from workstation.domain.study import PatientIdentity

FORMAT = "1"
TITLE = Code("18748-4", "LN", "Diagnostic Imaging Report")
STATUS = own("STATUS", "Report status")

_CONTEXT = "HAS OBS CONTEXT"
_LANGUAGE = Code("121049", "DCM", "Language of Content Item and Descendants")
_OBSERVER_TYPE = Code("121005", "DCM", "Observer Type")
_PERSON = Code("121006", "DCM", "Person")
_OBSERVER_NAME = Code("121008", "DCM", "Person Observer Name")
_OBSERVER_LOGIN = Code("128774", "DCM", "Person Observer's Login Name")
_OBSERVER_ORGANISATION = Code("121009", "DCM", "Person Observer's Organization Name")
_STUDY_UID = Code("121018", "DCM", "Procedure Study Instance UID")
_ACCESSION = Code("121022", "DCM", "Accession Number")
_SUBJECT_CLASS = Code("121024", "DCM", "Subject Class")
_PATIENT = Code("121025", "DCM", "Patient")
_SUBJECT_NAME = Code("121029", "DCM", "Subject Name")
_SUBJECT_ID = Code("121030", "DCM", "Subject ID")
_SUBJECT_BIRTH_DATE = Code("121031", "DCM", "Subject Birth Date")
_SUBJECT_SEX = Code("121032", "DCM", "Subject Sex")
_ADDENDUM = Code("55107-7", "LN", "Addendum")
_SEXES: Mapping[str, Code] = {
    "M": Code("M", "DCM", "Male"),
    "F": Code("F", "DCM", "Female"),
    "O": Code("121102", "DCM", "Other sex"),
}


class _Section(NamedTuple):
    """A section of TID 2000: its heading (BCID 7001) and the element in it (BCID 7002)."""

    field: str
    heading: Code
    element: Code


_SECTIONS = (
    _Section(
        "technique",
        Code("55111-9", "LN", "Current Procedure Descriptions"),
        Code("121065", "DCM", "Procedure Description"),
    ),
    _Section("findings", Code("59776-5", "LN", "Findings"), Code("121071", "DCM", "Finding")),
    _Section(
        "impression", Code("19005-8", "LN", "Impressions"), Code("121073", "DCM", "Impression")
    ),
    _Section(
        "recommendation",
        Code("18783-1", "LN", "Recommendations"),
        Code("121075", "DCM", "Recommendation"),
    ),
)

_KINDS = (
    (PublicationKind.PRELIMINARY.value, "Preliminary report"),
    (PublicationKind.FINAL.value, "Final report"),
    (PublicationKind.ADDENDUM.value, "Final report with addendum"),
    (PublicationKind.AMENDMENT.value, "Amended final report"),
    (PublicationKind.WITHDRAWAL.value, "Withdrawal of a report"),
)
_ATTESTATIONS = (
    ("AS_ATTESTED", "As attested"),
    ("MODIFIED", "Attested, modified at review"),
)


def _text_row(code: str, meaning: str) -> Row:
    return Row(code=code, meaning=meaning, value_type="TEXT")


STATUS_ROWS = (
    Row(code="LINE", meaning="Status", value_type="TEXT", required=True, many=True),
    Row(
        code="KIND",
        meaning="Kind of publication",
        value_type="CODE",
        required=True,
        codes=_KINDS,
    ),
    Row(code="ATTESTATION", meaning="Attestation", value_type="CODE", codes=_ATTESTATIONS),
    _text_row("REASON", "Reason"),
    _text_row("TOLD_TO", "Told to"),
    _text_row("ACCESSION", "Accession number or requested procedure"),
    _text_row("PART", "Part of the report"),
    _text_row("ISSUER", "Issuer of Patient ID"),
    _text_row("BIRTH_DATE", "Patient's birth date as recorded"),
    _text_row("SEX", "Patient's sex as recorded"),
    Row(code="FORMAT", meaning="Format version", value_type="TEXT", required=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeContent:
    """What the content tree alone tells of a publication."""

    status: Mapping[str, Any]
    patient: PatientIdentity
    text: ReportText
    addenda: tuple[ReportText, ...]


def build(publication: Publication) -> list[Dataset]:
    """The items below the root, in the order of TID 2000."""
    language = publication.text.language
    return [
        content.code(_LANGUAGE, Code(language, "RFC5646", language), "HAS CONCEPT MOD"),
        *_observers(publication.authors),
        *_procedure(publication),
        *_subject(publication.patient),
        content.container(STATUS, content.encode_rows(STATUS_ROWS, _status(publication))),
        *(
            content.container(section.heading, [item])
            for section, item in _narrative(publication.text)
        ),
        *(
            content.container(_ADDENDUM, [item for _, item in _narrative(addendum)])
            for addendum in publication.addenda
        ),
    ]


def read(items: Iterable[Dataset]) -> TreeContent:
    """What the items below the root tell.

    Raises:
        BadInput: no publication of ours, or of a newer format.
    """
    by_concept: dict[Code, list[Dataset]] = {}
    for item in items:
        by_concept.setdefault(_key(content.concept_of(item)), []).append(item)
    status = _status_values(by_concept.get(_key(STATUS), []))
    language = _only(by_concept, _LANGUAGE)
    tag = content.only_code(language, "ConceptCodeSequence").value if language else ""
    sections = [
        inside
        for section in _SECTIONS
        for container in by_concept.get(_key(section.heading), [])
        for inside in content.items_of(container, "ContentSequence")
    ]
    return TreeContent(
        status=status,
        patient=_read_patient(by_concept, status),
        text=_read_text(sections, tag),
        addenda=tuple(
            _read_text(content.items_of(addendum, "ContentSequence"), tag)
            for addendum in by_concept.get(_key(_ADDENDUM), [])
        ),
    )


def is_whole_date(value: str) -> bool:
    """Whether a DA value names a day of the calendar."""
    if len(value) != 8 or not (value.isascii() and value.isdigit()):
        return False
    try:
        dt.date(int(value[:4]), int(value[4:6]), int(value[6:]))
    except ValueError:
        return False
    return True


def _observers(authors: Iterable[Observer]) -> Iterator[Dataset]:
    for author in authors:
        yield content.code(_OBSERVER_TYPE, _PERSON, _CONTEXT)
        yield content.name(_OBSERVER_NAME, author.name, _CONTEXT)
        yield content.text(_OBSERVER_LOGIN, author.person_id, _CONTEXT)
        if author.organisation:
            yield content.text(_OBSERVER_ORGANISATION, author.organisation, _CONTEXT)


def _procedure(publication: Publication) -> Iterator[Dataset]:
    yield content.uid(_STUDY_UID, publication.study.study_uid, _CONTEXT)
    if publication.study.accession:
        yield content.text(_ACCESSION, publication.study.accession, _CONTEXT)


def _subject(patient: PatientIdentity) -> Iterator[Dataset]:
    yield content.code(_SUBJECT_CLASS, _PATIENT, _CONTEXT)
    if patient.name:
        yield content.name(_SUBJECT_NAME, patient.name, _CONTEXT)
    if patient.patient_id:
        yield content.text(_SUBJECT_ID, patient.patient_id, _CONTEXT)
    if is_whole_date(patient.birth_date):
        yield content.date(_SUBJECT_BIRTH_DATE, patient.birth_date, _CONTEXT)
    if patient.sex in _SEXES:
        yield content.code(_SUBJECT_SEX, _SEXES[patient.sex], _CONTEXT)


def _status(publication: Publication) -> dict[str, Any]:
    patient = publication.patient
    attestation = "MODIFIED" if publication.modified_at_review else "AS_ATTESTED"
    return {
        "FORMAT": FORMAT,
        "KIND": publication.kind.value,
        "ATTESTATION": attestation if publication.attestor else None,
        "LINE": status_lines(publication, words_for(publication.text.language)),
        "REASON": publication.reason,
        "TOLD_TO": publication.told_to,
        "ACCESSION": publication.report.accession,
        "PART": publication.report.part,
        "ISSUER": patient.issuer,
        "BIRTH_DATE": "" if is_whole_date(patient.birth_date) else patient.birth_date,
        "SEX": "" if patient.sex in _SEXES else patient.sex,
    }


def _narrative(text: ReportText) -> Iterator[tuple[_Section, Dataset]]:
    for section in _SECTIONS:
        words = getattr(text, section.field)
        if words:
            yield section, content.text(section.element, words)


def _status_values(found: list[Dataset]) -> dict[str, Any]:
    if len(found) != 1:
        raise BadInput("The object is no publication")
    items = content.items_of(found[0], "ContentSequence")
    for item in items:
        if content.concept_of(item).value == "FORMAT":
            version = content.decode_rows(STATUS_ROWS[-1:], [item])["FORMAT"]
            if version != FORMAT:
                raise BadInput(
                    "The publication is of format {found}, unknown to this program", found=version
                )
    return content.decode_rows(STATUS_ROWS, items, "STATUS.")


def _read_patient(
    by_concept: Mapping[Code, list[Dataset]], status: Mapping[str, Any]
) -> PatientIdentity:
    name, patient_id = _only(by_concept, _SUBJECT_NAME), _only(by_concept, _SUBJECT_ID)
    birth, sex = _only(by_concept, _SUBJECT_BIRTH_DATE), _only(by_concept, _SUBJECT_SEX)
    sex_code = _key(content.only_code(sex, "ConceptCodeSequence")) if sex else None
    known = {_key(code): value for value, code in _SEXES.items()}
    return PatientIdentity(
        patient_id=str(patient_id.TextValue) if patient_id else "",
        issuer=status.get("ISSUER", ""),
        name=str(name.PersonName) if name else "",
        birth_date=str(birth.Date) if birth else status.get("BIRTH_DATE", ""),
        sex=known.get(sex_code, "") if sex_code else status.get("SEX", ""),
    )


def _read_text(items: Iterable[Dataset], language: str) -> ReportText:
    elements = {_key(section.element): section.field for section in _SECTIONS}
    words: dict[str, str] = {}
    for item in items:
        field = elements.get(_key(content.concept_of(item)))
        if field is None or field in words or item.get("ValueType") != "TEXT":
            raise BadInput("A section of the publication is not as the table says")
        words[field] = str(item.TextValue)
    return ReportText(language=language, **words)


def _only(by_concept: Mapping[Code, list[Dataset]], concept: Code) -> Dataset | None:
    """The one item of a concept; several would leave open which one counts."""
    found = by_concept.get(_key(concept), [])
    if len(found) > 1:
        raise BadInput("The publication tells {concept} twice", concept=concept.meaning)
    return found[0] if found else None


def _key(code: Code) -> Code:
    """A code without its meaning, which is for people."""
    return Code(code.value, code.scheme, "")
