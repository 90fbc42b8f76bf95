"""Studies and patients as the worklist and the reports know them.

Plain values: text is already decoded, dates stay in DICOM's own form (DA, TM) because a hospital's archive holds
partial and odd ones, and turning them into calendar dates would lose that.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientIdentity:
    """Who the patient is said to be: Patient ID with its issuer, name, birth date and sex.

    ``name`` is a PN value with its component groups (``Wang^Xiaodong=王^晓东``), ``birth_date`` a DA value or
    empty, ``sex`` M, F, O or empty (PS3.3 C.7.1.1).
    """

    patient_id: str
    issuer: str = ""
    name: str = ""
    birth_date: str = ""
    sex: str = ""

    @property
    def display_name(self) -> str:
        """The ideographic group where there is one, else the alphabetic one, without carets."""
        groups = self.name.split("=")
        ideographic = groups[1] if len(groups) > 1 else ""
        return (ideographic or groups[0]).replace("^", " ").strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFacts:
    """One study as an archive's answer or the local index describes it.

    ``date`` and ``time`` are DA and TM values; ``modalities`` Modalities in Study; counts are None where the source
    did not say.
    """

    study_uid: str
    patient: PatientIdentity
    accession: str = ""
    procedure_id: str = ""
    date: str = ""
    time: str = ""
    description: str = ""
    modalities: tuple[str, ...] = ()
    body_part: str = ""
    institution: str = ""
    referring_physician: str = ""
    age: str = ""
    study_id: str = ""
    series_count: int | None = None
    instance_count: int | None = None


def age_text(facts: StudyFacts) -> str:
    """The patient's age at the study as DICOM's AS value (``056Y``), from the header or the birth date."""
    if facts.age:
        return facts.age
    born, seen = _date(facts.patient.birth_date), _date(facts.date)
    if born is None or seen is None or seen < born:
        return ""
    years = seen.year - born.year - ((seen.month, seen.day) < (born.month, born.day))
    if years > 999:  # a birth date of year 1 stands for one that is not known; AS has three digits
        return ""
    if years >= 2:
        return f"{years:03d}Y"
    days = (seen - born).days
    months = (seen.year - born.year) * 12 + seen.month - born.month - (seen.day < born.day)
    return f"{months:03d}M" if months >= 1 else f"{days:03d}D"


def _date(da: str) -> dt.date | None:
    if len(da) != 8 or not da.isdigit():
        return None
    try:
        return dt.date(int(da[:4]), int(da[4:6]), int(da[6:8]))
    except ValueError:
        return None
