"""The table of an act, format 1, as data: docs/formats/acts.md section 3, row by row.

Which rows there are, of which type, and which kinds of act must or may carry them. Knows no signature and no header.
"""

from __future__ import annotations

from collections.abc import Mapping

from workstation.documents.content import Code, Row, own
from workstation.domain.act import ActKind, Grade, Outcome
from workstation.domain.roster import Level

TITLE: Code = own("ACT", "Reading act")

KINDS: Mapping[str, str] = {
    ActKind.PARK: "Draft parked",
    ActKind.HAND_OVER: "Draft handed over",
    ActKind.TAKE_OVER: "Draft taken over",
    ActKind.ATTEST: "Text attested",
    ActKind.SUBMIT: "Report submitted",
    ActKind.RECALL: "Submission recalled",
    ActKind.OPEN_REVIEW: "Review opened",
    ActKind.RETURN: "Report returned",
    ActKind.RELEASE_PRELIMINARY: "Preliminary report released",
    ActKind.COSIGN: "Report co-signed",
    ActKind.GRADE: "Discrepancy graded",
    ActKind.ADDEND: "Addendum submitted",
    ActKind.AMEND: "Amendment submitted",
    ActKind.WITHDRAW: "Report withdrawn",
    ActKind.RESOLVE_FORK: "Fork resolved",
    ActKind.RECONCILE_IDENTITY: "Patient identity reconciled",
}
LEVELS: Mapping[str, str] = {
    Level.TRAINEE: "Trainee",
    Level.FIRST: "First-level reader",
    Level.SECOND: "Second-level reader",
    Level.QUALITY: "Quality controller",
    Level.TECHNOLOGIST: "Technologist",
    Level.ADMINISTRATOR: "Administrator",
}
GRADES: Mapping[str, str] = {
    Grade.CONCUR: "Concurrence",
    Grade.WORDING: "Difference of wording",
    Grade.MINOR: "Minor discrepancy",
    Grade.MAJOR: "Major discrepancy",
}
OUTCOMES: Mapping[str, str] = {
    Outcome.SUBMITTED: "Submitted",
    Outcome.FINAL: "Final",
}


def _codes(meanings: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((str(value), meaning) for value, meaning in meanings.items())


def _row(code: str, meaning: str, value_type: str = "TEXT", *, required: bool = False) -> Row:
    return Row(code=code, meaning=meaning, value_type=value_type, required=required)


def _must(code: str, meaning: str, value_type: str = "TEXT") -> Row:
    return _row(code, meaning, value_type, required=True)


_PERSON = (
    _must("PERSON", "Person"),
    _must("NAME", "Name", "PNAME"),
    _row("ORGANISATION", "Organisation"),
)


def _group(
    code: str, meaning: str, rows: tuple[Row, ...], *, required: bool = False, many: bool = False
) -> Row:
    return Row(
        code=code, meaning=meaning, value_type="CONTAINER", required=required, many=many, rows=rows
    )


def _coded(code: str, meaning: str, codes: Mapping[str, str], *, required: bool = False) -> Row:
    return Row(
        code=code, meaning=meaning, value_type="CODE", required=required, codes=_codes(codes)
    )


_REPORT = (
    _must("STUDY", "Home study", "UIDREF"),
    _row("ACCESSION", "Accession number or requested procedure"),
    _row("PART", "Part of the report"),
)
_PATIENT = (
    _row("PATIENT_ID", "Patient ID"),
    _row("ISSUER", "Issuer of Patient ID"),
    _row("PATIENT_NAME", "Patient's name", "PNAME"),
    _row("BIRTH_DATE", "Patient's birth date as recorded"),
    _row("SEX", "Patient's sex as recorded"),
)
_SEEN = (_must("ACT_UID", "Act", "UIDREF"), _must("DIGEST", "Digest"))
_TEXT = (
    _must("LANGUAGE", "Language (RFC 5646)"),
    _row("FINDINGS", "Findings"),
    _row("IMPRESSION", "Impression"),
    _row("TECHNIQUE", "Technique"),
    _row("RECOMMENDATION", "Recommendation"),
)
_COMMENT = (
    _must("REMARK", "Remark"),
    _row("SECTION", "Section of the text"),
    _row("QUOTED", "Quoted words"),
    _must("START", "Position of the words in the section", "NUM"),
    _row("IMAGE", "Image", "UIDREF"),
    _must("FRAME", "Frame of the image (0: the whole image)", "NUM"),
)
_COVERAGE = (
    _must("SERIES", "Series", "UIDREF"),
    _must("SEEN_IMAGES", "Images seen", "NUM"),
    _must("TOTAL_IMAGES", "Images in the series", "NUM"),
)
_PUBLICATION = (
    _must("SOP_UID", "Publication", "UIDREF"),
    _must("DIGEST", "Digest"),
    _must("STUDY", "Study of the publication", "UIDREF"),
    _must("SERIES", "Series of the publication", "UIDREF"),
    _must("SIGNATURE_UID", "Digital Signature UID", "UIDREF"),
    _must("SIGNATURE", "Signature (base64)"),
)

ROWS: tuple[Row, ...] = (
    _must("FORMAT", "Format version", "NUM"),
    _coded("KIND", "Kind of act", KINDS, required=True),
    _must("STATION", "Station"),
    _must("UID_ROOT", "UID root of the station", "UIDREF"),
    _must("NUMBER", "Number of the act at its station", "NUM"),
    _row("PREVIOUS", "Digest of the act before at this station"),
    _row("AUDIT_HEAD", "Head of the station's audit chain"),
    _must("TIME", "Time of the act", "DATETIME"),
    Row(code="CLOCK_ERROR", meaning="Known error of the clock", value_type="NUM", unit="s"),
    _group("ACTOR", "Actor", _PERSON, required=True),
    _coded("LEVEL", "Level in which the actor acts", LEVELS, required=True),
    _must("CERTIFICATE", "Fingerprint of the signing certificate"),
    _must("ROSTER", "Digest of the roster"),
    _group("REPORT", "Report", _REPORT, required=True),
    _group("PATIENT", "Patient", _PATIENT, required=True),
    _group("SEEN", "Act seen by the actor", _SEEN, many=True),
    _group("TEXT", "Text of the report", _TEXT),
    _group("WRITER", "Writer of the text", _PERSON, many=True),
    _group("ATTESTOR", "First-level reader who answers for the text", _PERSON),
    _row("ATTESTED_AT", "Time of the attestation", "DATETIME"),
    _row("REASON", "Reason"),
    _group("COMMENT", "Remark of the reviewer", _COMMENT, many=True),
    _group("RECIPIENT", "Who takes the draft", _PERSON),
    _row("TOLD_TO", "Who was told"),
    _coded("GRADE", "Discrepancy grade", GRADES),
    _coded("OUTCOME", "What the resolved report becomes", OUTCOMES),
    _row("CHOSEN", "Version that stands", "UIDREF"),
    _group("COVERAGE", "Images seen of a series", _COVERAGE, many=True),
    _group("PUBLICATION", "Publication of the act", _PUBLICATION),
)

_K = ActKind
_ALL = frozenset(ActKind)
_RELEASING = frozenset({_K.RELEASE_PRELIMINARY, _K.COSIGN, _K.WITHDRAW})

REQUIRED_IN: Mapping[str, frozenset[ActKind]] = {
    "TEXT": frozenset(
        {_K.ATTEST, _K.SUBMIT, _K.COSIGN, _K.ADDEND, _K.AMEND, _K.RESOLVE_FORK},
    ),
    "REASON": frozenset(
        {
            _K.TAKE_OVER,
            _K.RETURN,
            _K.RELEASE_PRELIMINARY,
            _K.AMEND,
            _K.WITHDRAW,
            _K.RECONCILE_IDENTITY,
        }
    ),
    "RECIPIENT": frozenset({_K.HAND_OVER}),
    "TOLD_TO": frozenset({_K.RELEASE_PRELIMINARY}),
    "GRADE": frozenset({_K.GRADE}),
    "OUTCOME": frozenset({_K.RESOLVE_FORK}),
    "CHOSEN": frozenset({_K.RESOLVE_FORK}),
    "PUBLICATION": _RELEASING,
}
"""The kinds of act that must carry a row which is not required in all."""

ALLOWED_IN: Mapping[str, frozenset[ActKind]] = {
    "TEXT": REQUIRED_IN["TEXT"] | {_K.PARK, _K.HAND_OVER, _K.TAKE_OVER},
    "REASON": _ALL,
    "COMMENT": frozenset({_K.RETURN, _K.COSIGN, _K.GRADE}),
    "RECIPIENT": REQUIRED_IN["RECIPIENT"],
    "TOLD_TO": frozenset(
        {_K.RELEASE_PRELIMINARY, _K.COSIGN, _K.GRADE, _K.AMEND, _K.WITHDRAW, _K.RESOLVE_FORK}
    ),
    "GRADE": REQUIRED_IN["GRADE"],
    "OUTCOME": REQUIRED_IN["OUTCOME"],
    "CHOSEN": REQUIRED_IN["CHOSEN"],
    "PUBLICATION": _RELEASING | {_K.RESOLVE_FORK, _K.RECONCILE_IDENTITY},
}
"""The kinds of act that may carry a row; rows that are not named here may stand in all."""
