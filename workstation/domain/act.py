"""The signed acts: everything a person does to a case, as immutable values.

The words of an act on the wire are in docs/formats/acts.md; this module is the same table as types. It does not
know DICOM, signatures or time zones of the machine: times come in as aware datetimes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

from workstation.domain.roster import Level
from workstation.domain.study import PatientIdentity

ACT_FORMAT = 1
JOURNAL_PATIENT_ID = "COSIGHT-JOURNAL"


class ActKind(StrEnum):
    """The kinds of act on a report; the value is the code value in DICOM (scheme 99COSIGHT)."""

    PARK = "PARK"
    HAND_OVER = "HAND_OVER"
    TAKE_OVER = "TAKE_OVER"
    ATTEST = "ATTEST"
    SUBMIT = "SUBMIT"
    RECALL = "RECALL"
    OPEN_REVIEW = "OPEN_REVIEW"
    RETURN = "RETURN"
    RELEASE_PRELIMINARY = "RELEASE_PRELIM"
    COSIGN = "COSIGN"
    GRADE = "GRADE"
    ADDEND = "ADDEND"
    AMEND = "AMEND"
    WITHDRAW = "WITHDRAW"
    RESOLVE_FORK = "RESOLVE_FORK"
    RECONCILE_IDENTITY = "RECONCILE_ID"


class Grade(StrEnum):
    """How far the co-signed text departs from the submitted one."""

    CONCUR = "CONCUR"
    WORDING = "WORDING"
    MINOR = "MINOR"
    MAJOR = "MAJOR"


class Outcome(StrEnum):
    """What a resolved fork becomes."""

    SUBMITTED = "SUBMITTED"
    FINAL = "FINAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportIdentity:
    """What makes two submissions one report: home Study Instance UID, accession (or procedure), part."""

    study_uid: str
    accession: str = ""
    part: str = ""

    @property
    def key(self) -> str:
        """A short name of the report, the same at every station: 20 hex digits of a SHA-256."""
        text = f"cosight-report-1\x1f{self.study_uid}\x1f{self.accession}\x1f{self.part}"
        return hashlib.sha256(text.encode()).hexdigest()[:20]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportText:
    """The words of a report. ``language`` is an RFC 5646 tag."""

    findings: str = ""
    impression: str = ""
    technique: str = ""
    recommendation: str = ""
    language: str = "zh-CN"

    @property
    def is_empty(self) -> bool:
        """Whether nothing is written."""
        return not (self.findings or self.impression or self.technique or self.recommendation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observer:
    """A person as an act or a publication names them."""

    person_id: str
    name: str
    organisation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenAct:
    """An earlier act that the author had seen: its SOP Instance UID and digest (SHA-256 hex)."""

    sop_uid: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A reviewer's remark, at words (``section`` and ``quoted``) or at a place (SOP instance and frame)."""

    text: str
    section: str = ""
    quoted: str = ""
    start: int = 0
    sop_uid: str = ""
    frame: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesCoverage:
    """How much of a series was on screen before signing: ``seen`` of ``total`` images."""

    series_uid: str
    seen: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationRef:
    """The released SR an act brought out: where it is, its digest (SHA-256 hex), and its signature.

    ``signature_uid`` and ``signature`` (base64) are the Digital Signature UID and the Signature of the SR, so that
    a later release can name its predecessor with its signature without having the object.
    """

    sop_uid: str
    digest: str
    study_uid: str
    series_uid: str
    signature_uid: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an act stands: station, its number there, hash of the act before (empty for the first)."""

    station_id: str
    uid_root: str
    number: int
    previous_digest: str = ""
    audit_head: str = ""

    @property
    def sop_uid(self) -> str:
        """The SOP Instance UID of the act: the station's root, branch 1, the number."""
        return f"{self.uid_root}.1.{self.number}"

    @property
    def publication_uid(self) -> str:
        """The SOP Instance UID of what the act publishes."""
        return f"{self.uid_root}.2.{self.number}"

    @property
    def publication_series_uid(self) -> str:
        """The Series Instance UID of what the act publishes."""
        return f"{self.uid_root}.5.{self.number}"

    def study_uid(self, time: dt.datetime) -> str:
        """The journal's Study Instance UID for the UTC month of ``time``."""
        return f"{self.uid_root}.3.{time.astimezone(dt.UTC):%Y%m}"

    def series_uid(self, time: dt.datetime) -> str:
        """The journal's Series Instance UID for the UTC day of ``time``."""
        return f"{self.uid_root}.4.{time.astimezone(dt.UTC):%Y%m%d}"


def journal_uids(act_uid: str, time: dt.datetime) -> tuple[str, str]:
    """The Study and Series Instance UID in which the act of that UID, signed at ``time``, lies.

    Raises:
        ValueError: the UID is none of an act.
    """
    root, branch, number = act_uid.rsplit(".", 2)
    if branch != "1":
        raise ValueError(f"{act_uid} is not the UID of an act")
    place = Place(station_id="", uid_root=root, number=int(number))
    return place.study_uid(time), place.series_uid(time)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One signed deed on a report.

    ``actor_level`` is the level the actor acts in; ``writers`` are all who wrote the text so far, first-level reader
    first; ``attestor`` is the first-level reader who answers for the text; ``time`` is aware. ``clock_error_s`` is the
    known error of the station's clock in seconds, None when unknown. ``seen`` are the heads of the same report that
    the actor had seen.
    """

    kind: ActKind
    place: Place
    time: dt.datetime
    actor: Observer
    actor_level: Level
    certificate: str
    roster_digest: str
    report: ReportIdentity
    patient: PatientIdentity
    clock_error_s: float | None = None
    seen: tuple[SeenAct, ...] = ()
    text: ReportText | None = None
    writers: tuple[Observer, ...] = ()
    attestor: Observer | None = None
    attested_at: dt.datetime | None = None
    reason: str = ""
    comments: tuple[Comment, ...] = ()
    recipient: Observer | None = None
    told_to: str = ""
    grade: Grade | None = None
    outcome: Outcome | None = None
    chosen: str = ""
    coverage: tuple[SeriesCoverage, ...] = ()
    publication: PublicationRef | None = None
    format: int = field(default=ACT_FORMAT)

    @property
    def sop_uid(self) -> str:
        """The act's SOP Instance UID."""
        return self.place.sop_uid
