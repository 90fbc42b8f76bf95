"""Where a DICOM file belongs: its class and its place in the study tree, read without the rest.

For bytes of our own and, inside the child, for what an archive answers (PS3.10).
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from workstation.domain.errors import BadInput

ENHANCED_SR = "1.2.840.10008.5.1.4.1.1.88.22"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """SOP class and the three UIDs of an instance."""

    sop_class: str
    study_uid: str
    series_uid: str
    sop_uid: str


def address_of(content: bytes) -> Address:
    """The address of a complete DICOM file.

    Raises:
        BadInput: the bytes are no DICOM file or lack one of the UIDs.
    """
    from pydicom import dcmread
    from pydicom.errors import InvalidDicomError

    tags = ["SOPClassUID", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"]
    try:
        dataset = dcmread(io.BytesIO(content), stop_before_pixels=True, specific_tags=tags)
    except (InvalidDicomError, ValueError, EOFError) as error:
        raise BadInput("The archive answered with something that is not DICOM") from error
    missing = [tag for tag in tags if not dataset.get(tag)]
    if missing:
        raise BadInput("The object from the archive has no {element}", element=missing[0])
    return Address(
        sop_class=str(dataset.SOPClassUID),
        study_uid=str(dataset.StudyInstanceUID),
        series_uid=str(dataset.SeriesInstanceUID),
        sop_uid=str(dataset.SOPInstanceUID),
    )
