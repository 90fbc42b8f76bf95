"""Made-up records for the store's tests: objects, acts, publications, all small and distinct."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace

from workstation.documents.headers import InstanceFacts, ParsedFile, SeriesFacts
from workstation.domain.study import PatientIdentity, StudyFacts
from workstation.store.acts import ActRecord
from workstation.store.publications import PublicationRecord

NOW = dt.datetime(2026, 3, 4, 5, 6, 7, tzinfo=dt.UTC)
CT = "1.2.840.10008.5.1.4.1.1.2"
JPEG_LS = "1.2.840.10008.1.2.4.80"
LATIN_AND_CHINESE = "Zhang^San=张^三"


def study(uid: str = "1.2.3", **changes: object) -> StudyFacts:
    facts = StudyFacts(
        study_uid=uid,
        patient=PatientIdentity(patient_id=f"P{uid}", name=LATIN_AND_CHINESE, sex="F"),
        accession=f"A{uid}",
        date="20260304",
        time="101500",
        description="胸部CT",
    )
    return replace(facts, **changes)  # type: ignore[arg-type]  # the fields' types are the test's business


def parsed(
    sop_uid: str,
    *,
    content: bytes = b"",
    study_facts: StudyFacts | None = None,
    series_uid: str = "",
    modality: str = "CT",
    syntax: str = JPEG_LS,
    frames: int = 1,
    number: int = 1,
) -> ParsedFile:
    facts = study_facts or study()
    return ParsedFile(
        study=facts,
        series=SeriesFacts(
            series_uid=series_uid or f"{facts.study_uid}.1", modality=modality, number=1
        ),
        instance=InstanceFacts(
            sop_uid=sop_uid, sop_class=CT, number=number, rows=4, columns=4, frame_count=frames
        ),
        transfer_syntax=syntax,
        content_digest=hashlib.sha256(content or sop_uid.encode()).hexdigest(),
        frames=f"frames of {sop_uid}" if frames else "",
    )


def act(number: int, *, station_id: str, key: str = "report", content: bytes = b"") -> ActRecord:
    data = content or f"act {station_id} {number}".encode()
    return ActRecord(
        sop_uid=f"2.25.7.1.{number}",
        digest=hashlib.sha256(data).hexdigest(),
        station_id=station_id,
        number=number,
        report_key=key,
        study_uid="1.2.3",
        kind="SUBMIT",
        time=NOW + dt.timedelta(seconds=number),
        content=data,
    )


def publication(number: int, *, content: bytes = b"") -> PublicationRecord:
    data = content or f"publication {number}".encode()
    return PublicationRecord(
        sop_uid=f"2.25.7.2.{number}",
        digest=hashlib.sha256(data).hexdigest(),
        act_uid=f"2.25.7.1.{number}",
        study_uid="1.2.3",
        content=data,
    )
