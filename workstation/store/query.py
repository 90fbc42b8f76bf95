"""The query/retrieve information model (study root, PS3.4 C.6.2) as SQL over the index.

Each DICOM keyword is one column and one kind of matching. Keys of upper levels match too, so a query may be
hierarchical or relational. Unknown keywords are ignored, as the standard lets an archive do.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from types import MappingProxyType

from workstation.domain.errors import BadInput
from workstation.store import matching

FUNCTIONS = MappingProxyType(
    {
        "dicom_text": matching.matches_text,
        "dicom_name": matching.matches_name,
        "dicom_range": matching.matches_range,
    }
)

_MODALITIES = """(SELECT replace(group_concat(m), ',', '\\') FROM (SELECT DISTINCT modality AS m FROM series
    WHERE study_uid = s.study_uid AND modality != '' ORDER BY m))"""
_SERIES_COUNT = "(SELECT COUNT(*) FROM series WHERE study_uid = s.study_uid)"
_INSTANCE_COUNT = "(SELECT SUM(instance_count) FROM series WHERE study_uid = s.study_uid)"

STUDIES = f"""SELECT s.study_uid, s.patient_id, s.issuer, s.name, s.birth_date, s.sex, s.accession, s.procedure_id,
    s.date, s.time, s.description, s.body_part, s.institution, s.referring_physician, s.age, s.study_id,
    {_MODALITIES} AS modalities, {_SERIES_COUNT} AS series_count, {_INSTANCE_COUNT} AS instance_count
    FROM studies s"""  # noqa: S608 - made of fixed words only

_STUDY_KEYS = {
    "StudyInstanceUID": ("s.study_uid", "uid"),
    "PatientID": ("s.patient_id", "dicom_text"),
    "IssuerOfPatientID": ("s.issuer", "dicom_text"),
    "PatientName": ("s.name", "dicom_name"),
    "PatientBirthDate": ("s.birth_date", "dicom_range"),
    "PatientSex": ("s.sex", "dicom_text"),
    "PatientAge": ("s.age", "dicom_text"),
    "AccessionNumber": ("s.accession", "dicom_text"),
    "StudyDate": ("s.date", "dicom_range"),
    "StudyTime": ("s.time", "dicom_range"),
    "StudyDescription": ("s.description", "dicom_text"),
    "StudyID": ("s.study_id", "dicom_text"),
    "ReferringPhysicianName": ("s.referring_physician", "dicom_name"),
    "InstitutionName": ("s.institution", "dicom_text"),
    "ModalitiesInStudy": (_MODALITIES, "list"),
    "NumberOfStudyRelatedSeries": (_SERIES_COUNT, ""),
    "NumberOfStudyRelatedInstances": (_INSTANCE_COUNT, ""),
}
# What the index knows of the study as a whole although the model puts it at another level.
_STUDY_LEVEL_KEYS = {
    "BodyPartExamined": ("s.body_part", "dicom_text"),
    "RequestedProcedureID": ("s.procedure_id", "dicom_text"),
}
_SERIES_KEYS = {
    "SeriesInstanceUID": ("e.series_uid", "uid"),
    "Modality": ("e.modality", "list"),
    "SeriesNumber": ("e.number", "number"),
    "SeriesDescription": ("e.description", "dicom_text"),
    "BodyPartExamined": ("e.body_part", "dicom_text"),
    "SeriesDate": ("e.date", "dicom_range"),
    "SeriesTime": ("e.time", "dicom_range"),
    "NumberOfSeriesRelatedInstances": ("e.instance_count", ""),
}
_IMAGE_KEYS = {
    "SOPInstanceUID": ("i.sop_uid", "uid"),
    "SOPClassUID": ("i.sop_class", "uid"),
    "InstanceNumber": ("i.number", "number"),
    "Rows": ("NULLIF(i.rows, 0)", ""),
    "Columns": ("NULLIF(i.columns, 0)", ""),
    "NumberOfFrames": ("NULLIF(i.frame_count, 0)", ""),
    "AvailableTransferSyntaxUID": ("i.transfer_syntax", "uid"),
}
_STUDY_TABLES = "studies s"
_SERIES_TABLES = f"{_STUDY_TABLES} JOIN series e ON e.study_uid = s.study_uid"
_IMAGE_TABLES = f"{_SERIES_TABLES} JOIN instances i ON i.study_uid = e.study_uid AND i.series_uid = e.series_uid"
_LEVELS = MappingProxyType(
    {
        "STUDY": (
            _STUDY_TABLES,
            _STUDY_KEYS | _STUDY_LEVEL_KEYS,
            "s.date DESC, s.time DESC, s.study_uid",
        ),
        "SERIES": (_SERIES_TABLES, _STUDY_KEYS | _SERIES_KEYS, "e.number, e.series_uid"),
        "IMAGE": (_IMAGE_TABLES, _STUDY_KEYS | _SERIES_KEYS | _IMAGE_KEYS, "i.number, i.sop_uid"),
    }
)
_UNIQUE_KEYS = MappingProxyType(
    {
        "STUDY": ("StudyInstanceUID",),
        "SERIES": ("StudyInstanceUID", "SeriesInstanceUID"),
        "IMAGE": ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"),
    }
)
_UNKNOWN_LEVEL = "There is no query level {level}"


def question(level: str, keys: Mapping[str, str]) -> tuple[str, list[object]]:
    """The SELECT and its values for a C-FIND. Raises BadInput for an unknown level."""
    if level not in _LEVELS:
        raise BadInput(_UNKNOWN_LEVEL, level=level[:16])
    tables, known, order = _LEVELS[level]
    columns = ", ".join(f"{column} AS {keyword}" for keyword, (column, _) in known.items())
    where, values = _conditions(known, keys)
    return f"SELECT {columns} FROM {tables} WHERE {where} ORDER BY {order}", values  # noqa: S608 - made of fixed words only


def selection(level: str, keys: Mapping[str, str]) -> tuple[str, list[object]]:
    """The SELECT of objects for a C-GET: only the unique keys count, that of the level itself must be given."""
    if level not in _UNIQUE_KEYS:
        raise BadInput(_UNKNOWN_LEVEL, level=level[:16])
    unique = _UNIQUE_KEYS[level]
    if not keys.get(unique[-1]):
        raise BadInput("A retrieval at level {level} must name {key}", level=level, key=unique[-1])
    given = {k: keys[k] for k in unique if keys.get(k)}
    where, values = _conditions(_LEVELS["IMAGE"][1], given)
    order = "i.series_uid, i.number, i.sop_uid"
    return f"SELECT i.* FROM {_IMAGE_TABLES} WHERE {where} ORDER BY {order}", values  # noqa: S608 - made of fixed words only


def answer(level: str, row: sqlite3.Row) -> dict[str, str]:
    """A found row as keyword -> value."""
    known = _LEVELS[level][1]
    return {k: "" if row[k] is None else str(row[k]) for k in known}


def _conditions(
    known: Mapping[str, tuple[str, str]], keys: Mapping[str, str]
) -> tuple[str, list[object]]:
    where, values = ["1"], list[object]()
    for keyword, pattern in keys.items():
        if not pattern or keyword not in known:
            continue
        column, kind = known[keyword]
        match kind:
            case "uid":
                uids = [u.strip() for u in pattern.split("\\") if u.strip()]
                where.append(f"{column} IN ({', '.join('?' * len(uids))})")
                values += uids
            case "list":
                wanted = pattern.split("\\")
                where.append(f"({' OR '.join(f'dicom_text(?, {column})' for _ in wanted)})")
                values += wanted
            case "number":
                where.append(f"CAST({column} AS TEXT) = ?")
                values.append(pattern.strip())
            case function if function:
                where.append(f"{function}(?, {column})")
                values.append(pattern)
            case _:
                pass
    return " AND ".join(where), values
