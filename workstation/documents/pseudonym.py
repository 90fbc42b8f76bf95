"""Giving a study another identity: attributes and UIDs change, every pixel byte stays.

For the demo region, whose patients are made up. UIDs are derived (``2.25.`` and a name-based UUID, PS3.5 B.2), so the
same source always becomes the same instance.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from pathlib import Path

_NAMESPACE = uuid.UUID("6f6a2c1e-3d0f-5c55-9a51-54b6f1f2c0de")


# What would contradict the made-up identity or time.
_REMOVED = (
    "OtherPatientIDs",
    "OtherPatientIDsSequence",
    "PatientComments",
    "PatientOrientation",
    "AcquisitionDateTime",
    "LastMenstrualDate",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeUpIdentity:
    """What the header is to say: DICOM keywords and values, the same for all instances of a study."""

    seed: str
    attributes: dict[str, str] = field(default_factory=dict)


def derived_uid(seed: str, uid: str) -> str:
    """The UID that stands for ``uid`` under a seed; the same every time."""
    return f"2.25.{uuid.uuid5(_NAMESPACE, f'{seed}/{uid}').int}"


def with_identity(source: Path, identity: MadeUpIdentity) -> bytes:
    """The instance of ``source`` as a complete file under the made-up identity, in UTF-8.

    Raises:
        pydicom.errors.InvalidDicomError: the source is no DICOM file.
    """
    import io

    from pydicom import dcmread
    from pydicom.uid import UID

    dataset = dcmread(source)
    dataset.decode()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    for keyword in _REMOVED:
        if keyword in dataset:
            delattr(dataset, keyword)
    for keyword in (
        "StudyInstanceUID",
        "SeriesInstanceUID",
        "SOPInstanceUID",
        "FrameOfReferenceUID",
    ):
        if keyword in dataset:
            setattr(dataset, keyword, UID(derived_uid(identity.seed, str(dataset[keyword].value))))
    for keyword, value in identity.attributes.items():
        setattr(dataset, keyword, value)
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    out = io.BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()
