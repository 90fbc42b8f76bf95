"""A study's facts as table columns and back; the same columns in the local and in the remote table.

Dates stay in DICOM's own form (DA, TM), for archives hold partial and odd ones; several modalities are joined by a
backslash as in DICOM (PS3.5 6.2).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from workstation.domain.study import PatientIdentity, StudyFacts

_PLAIN = (
    "study_uid", "accession", "procedure_id", "date", "time", "description", "body_part",
    "institution", "referring_physician", "age", "study_id",
)  # fmt: skip


def row_of(facts: StudyFacts) -> dict[str, str]:
    """The facts as columns; modalities are joined by a backslash as DICOM does."""
    patient = facts.patient
    return {c: str(getattr(facts, c)) for c in _PLAIN} | {
        "patient_id": patient.patient_id,
        "issuer": patient.issuer,
        "name": patient.name,
        "birth_date": patient.birth_date,
        "sex": patient.sex,
        "modalities": "\\".join(facts.modalities),
    }


def facts_of(row: sqlite3.Row | Mapping[str, Any]) -> StudyFacts:
    """The facts of a row that has a study's columns, ``series_count`` and ``instance_count``."""
    return StudyFacts(
        study_uid=row["study_uid"],
        patient=PatientIdentity(
            patient_id=row["patient_id"],
            issuer=row["issuer"],
            name=row["name"],
            birth_date=row["birth_date"],
            sex=row["sex"],
        ),
        accession=row["accession"],
        procedure_id=row["procedure_id"],
        date=row["date"],
        time=row["time"],
        description=row["description"],
        modalities=tuple(m for m in (row["modalities"] or "").split("\\") if m),
        body_part=row["body_part"],
        institution=row["institution"],
        referring_physician=row["referring_physician"],
        age=row["age"],
        study_id=row["study_id"],
        series_count=row["series_count"],
        instance_count=row["instance_count"],
    )
