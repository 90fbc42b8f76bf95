"""A DICOM file's header as values: whose study, which series, which object, and the frames it holds.

``parse`` runs in the killable child by its import path, so a file that crashes or hangs the parser costs one file.
The values are what the index keeps; opening a study later parses no DICOM. It knows no database and no network and
never touches pixel values. PS3.10 (file format), PS3.5 6.1 (character sets), PS3.3 C.7.1-C.7.3 (study, series).
"""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workstation.documents.header_text import HeaderText, ends_early
from workstation.domain.errors import BadInput
from workstation.domain.study import PatientIdentity, StudyFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesFacts:
    """One series as its objects' headers describe it; ``date`` and ``time`` are DA and TM values."""

    series_uid: str
    modality: str = ""
    number: int | None = None
    description: str = ""
    body_part: str = ""
    date: str = ""
    time: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceFacts:
    """One object; ``frame_count`` is 0 where it holds no image."""

    sop_uid: str
    sop_class: str
    number: int | None = None
    rows: int = 0
    columns: int = 0
    frame_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why the image in a readable object cannot be shown: an English template and its fields."""

    template: str
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFile:
    """What the child found in one file.

    ``content_digest`` is the SHA-256 (hex) of the data set alone, without preamble and file meta, so that the same
    object is known again whichever way it came. ``frames`` is the text of ``viewer.volume.dump_frames``. ``fault``
    says why the image cannot be shown (None when it can, or when there is none). ``notes`` tell what was repaired.
    """

    study: StudyFacts
    series: SeriesFacts
    instance: InstanceFacts
    transfer_syntax: str
    content_digest: str
    frames: str = ""
    fault: Fault | None = None
    notes: tuple[str, ...] = ()


DIRECTORY_CLASS = "1.2.840.10008.1.3.10"
_PROGRAMS = (
    b"MZ", b"\x7fELF", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe", b"#!",
)  # fmt: skip
_UID = re.compile(r"[0-9.]{1,64}")
_IDENTIFIERS = (
    ("StudyInstanceUID", "Study Instance UID"),
    ("SeriesInstanceUID", "Series Instance UID"),
    ("SOPInstanceUID", "SOP Instance UID"),
    ("SOPClassUID", "SOP Class UID"),
)


def parse(path: str) -> ParsedFile:
    """Read one file's header, in the child.

    An object whose header is sound and whose image is not (truncated, sizes that lie) is described with its
    ``fault``; what cannot even be named is refused.

    Raises:
        BadInput: no DICOM file, a program in DICOM's clothes, truncated before the pixels, or without its UIDs.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _parse(path)


def _parse(path: str) -> ParsedFile:
    from viewer.decoding import parse_file
    from viewer.volume import ImageError, dump_frames

    with Path(path).open("rb") as stream:
        _refuse_programs(stream.read(132))
    fault: Fault | None = None
    frames: list[Any] = []
    try:
        dataset, frames = parse_file(path)
    except ImageError as error:
        dataset = _header_alone(path, error)
        fault = Fault(
            template=error.template,
            fields=tuple((k, str(v)) for k, v in error.fields.items()),
        )
    _refuse_incomplete(dataset)
    text = HeaderText(dataset)
    return ParsedFile(
        study=_study(text),
        series=_series(text),
        instance=_instance(text, len(frames)),
        transfer_syntax=_transfer_syntax(dataset, frames),
        content_digest=content_digest(path),
        frames=dump_frames(frames) if frames else "",
        fault=fault,
        notes=text.notes,
    )


def content_digest(path: str) -> str:
    """The SHA-256 (hex) of the data set in a file, from behind the file meta information on."""
    from viewer.decoding.files import meta_end

    digest = hashlib.sha256()
    with Path(path).open("rb") as stream:
        stream.seek(128)
        start = meta_end(stream)[0] if stream.read(4) == b"DICM" else 0
        stream.seek(start)
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _refuse_programs(head: bytes) -> None:
    """PS3.10 7.1 leaves the preamble free; a program in it would run when the file is opened by name."""
    if head.startswith(_PROGRAMS):
        raise BadInput("The file begins like a program, not like a DICOM file")


def _header_alone(path: str, error: Any) -> Any:
    """The header of a file whose pixels were refused; BadInput in the same words where there is none."""
    from pydicom import dcmread

    refusal = BadInput(error.template, **error.fields)
    try:
        dataset = dcmread(path, stop_before_pixels=True)
    # A damaged header makes the parser raise anything; the first reader's sentence says it already.
    except Exception as damage:
        raise refusal from damage
    if "SOPInstanceUID" not in dataset or "deflate" in _transfer_syntax(dataset, []):
        raise refusal
    return dataset


def _refuse_incomplete(dataset: Any) -> None:
    if dataset.get("SOPClassUID") == DIRECTORY_CLASS or "DirectoryRecordSequence" in dataset:
        raise BadInput(
            "A DICOMDIR is a list of files; the files themselves are taken, not the list"
        )
    if ends_early(dataset):
        raise BadInput("The file is truncated: its header ends early")
    for keyword, name in _IDENTIFIERS:
        if not _UID.fullmatch(str(dataset.get(keyword) or "")):
            raise BadInput("The object has no valid {name}", name=name)


def _transfer_syntax(dataset: Any, frames: Sequence[Any]) -> str:
    """What the file meta says; for a file without it what the frames were found to be, else the plain default."""
    meta = getattr(dataset, "file_meta", None)
    named = str(meta.get("TransferSyntaxUID", "")) if meta is not None else ""
    if named or frames:
        return named or str(frames[0].transfer_syntax)
    implicit, little = getattr(dataset, "original_encoding", (True, True))
    if implicit:
        return "1.2.840.10008.1.2"
    return "1.2.840.10008.1.2.1" if little else "1.2.840.10008.1.2.2"


def _study(text: HeaderText) -> StudyFacts:
    modality = text.of("Modality")
    return StudyFacts(
        study_uid=text.of("StudyInstanceUID"),
        patient=PatientIdentity(
            patient_id=text.of("PatientID"),
            issuer=text.of("IssuerOfPatientID"),
            name=text.of("PatientName"),
            birth_date=text.of("PatientBirthDate"),
            sex=text.of("PatientSex"),
        ),
        accession=text.of("AccessionNumber"),
        procedure_id=text.of("RequestedProcedureID") or text.requested_procedure(),
        date=text.of("StudyDate"),
        time=text.of("StudyTime"),
        description=text.of("StudyDescription"),
        modalities=(modality,) if modality else (),
        body_part=text.of("BodyPartExamined"),
        institution=text.of("InstitutionName"),
        referring_physician=text.of("ReferringPhysicianName"),
        age=text.of("PatientAge"),
        study_id=text.of("StudyID"),
    )


def _series(text: HeaderText) -> SeriesFacts:
    return SeriesFacts(
        series_uid=text.of("SeriesInstanceUID"),
        modality=text.of("Modality"),
        number=text.number("SeriesNumber"),
        description=text.of("SeriesDescription"),
        body_part=text.of("BodyPartExamined"),
        date=text.of("SeriesDate"),
        time=text.of("SeriesTime"),
    )


def _instance(text: HeaderText, frame_count: int) -> InstanceFacts:
    return InstanceFacts(
        sop_uid=text.of("SOPInstanceUID"),
        sop_class=text.of("SOPClassUID"),
        number=text.number("InstanceNumber"),
        rows=text.number("Rows") or 0,
        columns=text.number("Columns") or 0,
        frame_count=frame_count,
    )
