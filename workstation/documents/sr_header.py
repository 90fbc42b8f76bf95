"""What the headers of all our structured reports share: PS3.3 C.12.1, C.17.1, C.17.2, C.7.5.1.

The SOP common part, equipment, times, persons as the Identified Person macro, and the lists of elements that
signatures must cover. Knows neither acts nor reports.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from pydicom import config
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.uid import EnhancedSRStorage

from workstation.documents.content import (
    Code,
    code_item,
    coding_scheme,
    dt_value,
    moment_of,
    only_code,
    own,
    person_name,
    plain,
    set_name,
)
from workstation.documents.report_words import shown_name
from workstation.domain.act import Observer
from workstation.domain.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable

PROGRAM = "Cosight"
PROGRAM_VERSION = "0.1.0"


def _tags(*keywords: str) -> frozenset[int]:
    tags = {tag_for_keyword(keyword) for keyword in keywords}
    return frozenset(t for t in tags if t is not None)


_COMMON = _tags(
    "SpecificCharacterSet",
    "SOPClassUID",
    "SOPInstanceUID",
    "TimezoneOffsetFromUTC",
    "CodingSchemeIdentificationSequence",
    "StudyInstanceUID",
    "SeriesInstanceUID",
)
_EQUIPMENT = _tags(
    "Manufacturer",
    "InstitutionName",
    "InstitutionAddress",
    "StationName",
    "InstitutionalDepartmentName",
    "InstitutionalDepartmentTypeCodeSequence",
    "ManufacturerModelName",
    "DeviceSerialNumber",
    "SoftwareVersions",
    "DeviceUID",
)
_DOCUMENT = _tags(
    "InstanceNumber",
    "ContentDate",
    "ContentTime",
    "PreliminaryFlag",
    "CompletionFlag",
    "CompletionFlagDescription",
    "VerificationFlag",
    "VerifyingObserverSequence",
    "AuthorObserverSequence",
    "ParticipantSequence",
    "CustodialOrganizationSequence",
    "PredecessorDocumentsSequence",
    "IdenticalDocumentsSequence",
    "ReferencedRequestSequence",
    "PerformedProcedureCodeSequence",
    "CurrentRequestedProcedureEvidenceSequence",
    "PertinentOtherEvidenceSequence",
)
_CONTENT = _tags(
    "ObservationDateTime",
    "ObservationUID",
    "ValueType",
    "ConceptNameCodeSequence",
    "ContinuityOfContent",
    "ContentTemplateSequence",
    "ContentSequence",
)
_STUDY_AND_SERIES = _tags(
    "InstanceCreationDate",
    "InstanceCreationTime",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "StudyDescription",
    "AccessionNumber",
    "ReferringPhysicianName",
    "Modality",
    "SeriesNumber",
    "SeriesDate",
    "SeriesTime",
    "SeriesDescription",
    "ReferencedPerformedProcedureStepSequence",
)

PUBLICATION_SIGNED: frozenset[int] = _COMMON | _EQUIPMENT | _DOCUMENT | _CONTENT
"""The signed set of a publication: docs/formats/publications.md section 4."""

ACT_SIGNED: frozenset[int] = PUBLICATION_SIGNED | _STUDY_AND_SERIES
"""The signed set of an act, everything but the Patient Module: docs/formats/acts.md section 5."""

PATIENT_MODULE: frozenset[int] = _tags(
    "PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex", "PatientAge"
)
"""The patient's elements that we write; they are never signed."""


def start(sop_uid: str, study_uid: str, series_uid: str, time: dt.datetime) -> Dataset:
    """A data set with the SOP common, equipment and series parts, and the times of the document."""
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = EnhancedSRStorage
    dataset.SOPInstanceUID = sop_uid
    dataset.StudyInstanceUID = study_uid
    dataset.SeriesInstanceUID = series_uid
    dataset.Modality = "SR"
    dataset.Manufacturer = PROGRAM
    dataset.ManufacturerModelName = PROGRAM
    dataset.SoftwareVersions = PROGRAM_VERSION
    dataset.CodingSchemeIdentificationSequence = [coding_scheme()]
    dataset.ReferencedPerformedProcedureStepSequence = []
    dataset.PerformedProcedureCodeSequence = []
    moment = dt_value(time)
    dataset.InstanceCreationDate = dataset.ContentDate = moment[:8]
    dataset.InstanceCreationTime = dataset.ContentTime = moment[8:21]
    dataset.TimezoneOffsetFromUTC = moment[21:]
    return dataset


def root(dataset: Dataset, title: Code, items: Iterable[Dataset]) -> None:
    """Make the data set the root CONTAINER of a content tree."""
    dataset.ValueType = "CONTAINER"
    dataset.ConceptNameCodeSequence = [code_item(title)]
    dataset.ContinuityOfContent = "SEPARATE"
    dataset.ContentSequence = list(items)


def person_code(observer: Observer) -> Dataset:
    """The person id as a code of our scheme; the meaning is the name as it is shown."""
    return code_item(own(observer.person_id, shown_name(observer.name) or observer.person_id))


def identified_person(observer: Observer) -> Dataset:
    """An item of the Identified Person or Device macro (PS3.3 table 10-30) for a person."""
    item = Dataset()
    item.ObserverType = "PSN"
    set_name(item, "PersonName", person_name(observer.name, "PersonName"))
    item.PersonIdentificationCodeSequence = [person_code(observer)]
    item.InstitutionName = _organisation(observer)
    item.InstitutionCodeSequence = []
    return item


def observer_of(item: Dataset) -> Observer:
    """The person that an Identified Person item names."""
    return Observer(
        person_id=only_code(item, "PersonIdentificationCodeSequence").value,
        name=str(item.get("PersonName", "")),
        organisation=str(item.get("InstitutionName") or ""),
    )


def verifying_observer(observer: Observer, time: dt.datetime) -> Dataset:
    """An item of the Verifying Observer Sequence (PS3.3 C.17.2)."""
    if not observer.organisation:
        raise BadInput("A verifying reader needs an organisation")
    item = Dataset()
    item.VerifyingOrganization = _organisation(observer)
    item.VerificationDateTime = dt_value(time)
    name = person_name(observer.name, "VerifyingObserverName")
    set_name(item, "VerifyingObserverName", name)
    item.VerifyingObserverIdentificationCodeSequence = [person_code(observer)]
    return item


def verifier_of(item: Dataset) -> tuple[Observer, dt.datetime]:
    """The person and the time that an item of the Verifying Observer Sequence names."""
    code = only_code(item, "VerifyingObserverIdentificationCodeSequence")
    observer = Observer(
        person_id=code.value,
        name=str(item.VerifyingObserverName),
        organisation=str(item.VerifyingOrganization),
    )
    return observer, moment_of(str(item.VerificationDateTime))


def copy_value(dataset: Dataset, keyword: str, value: str) -> None:
    """Set a value that comes from elsewhere as it is, also where it is not valid DICOM."""
    tag = tag_for_keyword(keyword)
    if tag is not None:
        vr = dictionary_VR(tag)
        dataset.add(DataElement(tag, vr, value, validation_mode=config.IGNORE))


def _organisation(observer: Observer) -> str:
    """An LO value: at most 64 characters, no backslash."""
    name = observer.organisation
    if len(name) > 64 or "\\" in name or "\n" in name or name != plain(name).strip():
        raise BadInput("An organisation's name has at most 64 characters of plain text")
    return name
