"""What an archive answers, as values, and the keys it is asked for.

Plain: knows no association and no socket. PS3.4 C.6.2 (study root keys).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workstation.domain.study import PatientIdentity, StudyFacts
from workstation.network.objects import ReceivedObject, taken_from

STUDY_KEYS = (
    "StudyInstanceUID", "PatientID", "IssuerOfPatientID", "PatientName", "PatientBirthDate", "PatientSex",
    "PatientAge", "AccessionNumber", "StudyDate", "StudyTime", "StudyDescription", "StudyID",
    "ReferringPhysicianName", "InstitutionName", "ModalitiesInStudy", "BodyPartExamined",
    "RequestedProcedureID", "NumberOfStudyRelatedSeries", "NumberOfStudyRelatedInstances",
)  # fmt: skip
SERIES_KEYS = (
    "SeriesInstanceUID", "Modality", "SeriesNumber", "SeriesDescription", "BodyPartExamined",
    "NumberOfSeriesRelatedInstances",
)  # fmt: skip
IMAGE_KEYS = ("SOPInstanceUID", "SOPClassUID", "SeriesInstanceUID", "InstanceNumber")
_UIDS_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteSeries:
    """One series as the archive lists it."""

    series_uid: str
    modality: str = ""
    number: int | None = None
    description: str = ""
    body_part: str = ""
    instance_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteInstance:
    """One object as the archive lists it; ``sop_class`` is empty where the archive does not say."""

    sop_uid: str
    series_uid: str
    sop_class: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieval:
    """What a C-GET brought: how many objects came, how many the archive could not send."""

    received: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAnswer:
    """What the archive said to one object: DIMSE status and comment, None as status where nothing came back."""

    sop_uid: str
    status: int | None
    comment: str = ""

    @property
    def is_taken(self) -> bool:
        """Whether the archive says it has the object (success or a warning that something was coerced)."""
        return self.status is not None and (self.status == 0 or self.status & 0xF000 == 0xB000)


def never() -> bool:
    """Nobody cancels."""
    return False


def unwatched(_done: int, _total: int) -> None:
    """Nobody watches."""


@dataclass(slots=True, kw_only=True)
class Taking:
    """What happens to the objects of one C-GET while they come."""

    sink: Callable[[ReceivedObject], None]
    progress: Callable[[int, int], None]
    cancelled: Callable[[], bool]
    total: int
    received: int = 0
    error: BaseException | None = None

    def take(self, event: Any) -> int:
        """Hand an object on; the sink's own failure ends the transfer and is told afterwards."""
        if self.error is not None or self.cancelled():
            event.assoc.abort()
            return 0xA700
        try:
            self.sink(taken_from(event))
        # Whatever the sink raises belongs to the caller, not to the library's thread.
        except BaseException as error:  # noqa: BLE001
            self.error = error
            return 0xA700
        self.received += 1
        self.progress(self.received, max(self.total, self.received))
        return 0x0000


def retrieval_keys(
    study_uid: str,
    series_uid: str | None,
    sop_uids: Sequence[str] | None,
    listed: Sequence[RemoteInstance],
) -> Iterator[dict[str, str]]:
    """The C-GET identifiers for a study, a series, or named objects in lists that an archive can take."""
    keys = {"StudyInstanceUID": study_uid}
    if sop_uids is None:
        level = "STUDY" if series_uid is None else "SERIES"
        named = {} if series_uid is None else {"SeriesInstanceUID": series_uid}
        yield {"QueryRetrieveLevel": level, **keys, **named}
        return
    by_series: dict[str, list[str]] = {}
    for found in listed:
        by_series.setdefault(found.series_uid, []).append(found.sop_uid)
    for series, uids in by_series.items():
        for start in range(0, len(uids), _UIDS_AT_ONCE):
            some = "\\".join(uids[start : start + _UIDS_AT_ONCE])
            named = {"SeriesInstanceUID": series, "SOPInstanceUID": some}
            yield {"QueryRetrieveLevel": "IMAGE", **keys, **named}


def study_of(texts: Mapping[str, str]) -> StudyFacts:
    """The facts in an answer that has all of ``STUDY_KEYS``."""
    return StudyFacts(
        study_uid=texts["StudyInstanceUID"],
        patient=PatientIdentity(
            patient_id=texts["PatientID"],
            issuer=texts["IssuerOfPatientID"],
            name=texts["PatientName"],
            birth_date=texts["PatientBirthDate"],
            sex=texts["PatientSex"],
        ),
        accession=texts["AccessionNumber"],
        procedure_id=texts["RequestedProcedureID"],
        date=texts["StudyDate"],
        time=texts["StudyTime"],
        description=texts["StudyDescription"],
        modalities=tuple(m.strip() for m in texts["ModalitiesInStudy"].split("\\") if m.strip()),
        body_part=texts["BodyPartExamined"],
        institution=texts["InstitutionName"],
        referring_physician=texts["ReferringPhysicianName"],
        age=texts["PatientAge"],
        study_id=texts["StudyID"],
        series_count=number_of(texts["NumberOfStudyRelatedSeries"]),
        instance_count=number_of(texts["NumberOfStudyRelatedInstances"]),
    )


def number_of(text: str) -> int | None:
    """A whole number, None for anything else."""
    return int(text) if text.strip().isdigit() else None
