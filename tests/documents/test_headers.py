"""What import reads in a file's header: facts in the right words, and one reason for each refusal."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from workstation.documents.headers import parse
from workstation.domain.errors import BadInput

CT = "1.2.840.10008.5.1.4.1.1.2"
NAME = "Zhang^San=张^三"


def image(**changes: object) -> Dataset:
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = CT
    dataset.SOPInstanceUID = "1.2.3.4"
    dataset.StudyInstanceUID = "1.2.3"
    dataset.SeriesInstanceUID = "1.2.3.1"
    dataset.Modality = "CT"
    dataset.PatientName = NAME
    dataset.PatientID = "P1"
    dataset.StudyDescription = "胸部平扫"
    dataset.SeriesNumber = "7"
    dataset.InstanceNumber = "12"
    dataset.Rows, dataset.Columns = 4, 6
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit, dataset.PixelRepresentation = 15, 0
    dataset.PixelData = bytes(48)
    for keyword, value in changes.items():
        if value is None:
            delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, value)
    return dataset


def as_bytes(dataset: Dataset, syntax: str = ExplicitVRLittleEndian) -> bytes:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.get("SOPClassUID", CT)
    meta.MediaStorageSOPInstanceUID = dataset.get("SOPInstanceUID", "1.2.3.4")
    meta.TransferSyntaxUID = syntax
    meta.ImplementationClassUID = "1.2.3.9"
    buffer = io.BytesIO()
    dataset.file_meta = meta
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


@pytest.fixture
def put(tmp_path: Path):
    def write(content: bytes) -> str:
        path = tmp_path / "file"
        path.write_bytes(content)
        return str(path)

    return write


def test_facts_come_out_as_they_are_written(put) -> None:
    parsed = parse(put(as_bytes(image(BodyPartExamined="CHEST", PatientAge="056Y"))))
    assert parsed.study.study_uid == "1.2.3"
    assert parsed.study.patient.name == NAME
    assert parsed.study.description == "胸部平扫"
    assert (parsed.study.modalities, parsed.study.body_part, parsed.study.age) == (
        ("CT",),
        "CHEST",
        "056Y",
    )
    assert (parsed.series.number, parsed.series.modality) == (7, "CT")
    assert (parsed.instance.number, parsed.instance.rows, parsed.instance.columns) == (12, 4, 6)
    assert parsed.instance.frame_count == 1
    assert parsed.transfer_syntax == ExplicitVRLittleEndian
    assert (parsed.fault, parsed.notes) == (None, ())


def test_the_digest_is_of_the_data_set_alone(put) -> None:
    content = as_bytes(image())
    bare = content[content.index(b"\x08\x00\x05\x00CS") :]
    expected = hashlib.sha256(bare).hexdigest()
    assert parse(put(content)).content_digest == expected
    touched = b"II*\0" + content[4:]
    assert parse(put(touched)).content_digest == expected
    assert parse(put(bare)).content_digest == expected


def test_a_report_has_no_frames_and_no_fault(put) -> None:
    report = image(
        PixelData=None, Rows=None, Columns=None, SOPClassUID="1.2.840.10008.5.1.4.1.1.88.22"
    )
    parsed = parse(put(as_bytes(report)))
    assert (parsed.instance.frame_count, parsed.frames, parsed.fault) == (0, "", None)


@pytest.mark.parametrize(
    ("keyword", "sentence"),
    [
        ("StudyInstanceUID", "Study Instance UID"),
        ("SeriesInstanceUID", "Series Instance UID"),
    ],
)
def test_a_missing_uid_is_named(put, keyword: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        parse(put(as_bytes(image(**{keyword: None}))))


@pytest.mark.parametrize("uid", ["../../etc/passwd", "1.2.3/4", "x", "1." * 40])
def test_a_uid_that_is_none_is_refused(put, uid: str) -> None:
    content = as_bytes(image())
    padded = uid.encode() + b"\0" * (len(uid) % 2)
    old = b"\x20\x00\x0d\x00UI\x06\x001.2.3\0"
    new = b"\x20\x00\x0d\x00UI" + len(padded).to_bytes(2, "little") + padded
    assert content.count(old) == 1
    with pytest.raises(BadInput, match="no valid Study Instance UID"):
        parse(put(content.replace(old, new)))


@pytest.mark.parametrize(
    "content",
    [
        b"this is a text file named .dcm\n" * 40,
        b"",
        b"\0" * 1000,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 400,
    ],
)
def test_what_is_no_dicom_is_refused(put, content: bytes) -> None:
    with pytest.raises(BadInput, match="not DICOM"):
        parse(put(content))


@pytest.mark.parametrize("magic", [b"MZ", b"\x7fELF", b"#!/bin/sh\n", b"\xcf\xfa\xed\xfe"])
def test_a_program_in_the_preamble_is_refused(put, magic: bytes) -> None:
    content = as_bytes(image())
    with pytest.raises(BadInput, match="like a program"):
        parse(put(magic + content[len(magic) :]))


def test_a_tiff_preamble_is_allowed(put) -> None:
    content = as_bytes(image())
    assert parse(put(b"II*\0" + content[4:])).fault is None


def test_truncated_pixels_are_a_fault_and_the_rest_is_known(put) -> None:
    parsed = parse(put(as_bytes(image())[:-10]))
    assert parsed.instance.sop_uid == "1.2.3.4"
    assert parsed.fault is not None
    assert "truncated" in parsed.fault.template


def test_rows_and_columns_that_lie_are_a_fault(put) -> None:
    parsed = parse(put(as_bytes(image(Rows=4000, Columns=6000))))
    assert parsed.fault is not None
    assert parsed.instance.frame_count == 0


def test_a_truncated_header_is_refused(put) -> None:
    report = image(PixelData=None, Rows=None, Columns=None, PatientComments="x" * 400)
    content = as_bytes(report)
    cut = content.index(b"x" * 400) + 100
    with pytest.raises(BadInput, match="truncated"):
        parse(put(content[:cut]))


def test_a_dicomdir_says_what_it_is(put, shared_data: Path) -> None:
    content = (shared_data / "pydicom_test_files/test_files/dicomdirtests/DICOMDIR").read_bytes()
    with pytest.raises(BadInput, match="DICOMDIR"):
        parse(put(content))


@pytest.mark.parametrize(
    ("label", "codec", "noted"),
    [
        ("GB18030", "gb18030", False),
        ("GBK", "gbk", False),
        ("ISO_IR 192", "utf-8", False),
        ("ISO_IR 100", "gb18030", True),
        (None, "gbk", True),
        ("ISO_IR 6", "utf-8", True),
        (None, "utf-8", True),
    ],
)
def test_chinese_is_read_whatever_the_label_says(
    put, label: str | None, codec: str, noted: bool
) -> None:
    name = "Zhu^Rongji=朱^镕基"
    dataset = image(
        SpecificCharacterSet="ISO_IR 100", PatientName="N" * 40, StudyDescription="D" * 20
    )
    content = as_bytes(dataset)
    content = content.replace(b"N" * 40, name.encode(codec).ljust(40))
    content = content.replace(b"D" * 20, "胸部平扫".encode(codec).ljust(20))
    old = b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100"
    assert content.count(old) == 1
    if label is None:
        content = content.replace(old, b"")
    else:
        value = label.encode() + b" " * (len(label) % 2)
        new = b"\x08\x00\x05\x00CS" + len(value).to_bytes(2, "little") + value
        content = content.replace(old, new)
    parsed = parse(put(content))
    assert parsed.study.patient.name == name
    assert parsed.study.description == "胸部平扫"
    assert bool(parsed.notes) is noted


@pytest.mark.parametrize("name", ["Müller^Jürgen", "Buc^Jérôme", "Äneas^Rüdiger", "Ñandú^José"])
def test_western_names_are_not_taken_for_chinese(put, name: str) -> None:
    parsed = parse(
        put(
            as_bytes(
                image(
                    SpecificCharacterSet="ISO_IR 100", PatientName=name, StudyDescription="Schädel"
                )
            )
        )
    )
    assert parsed.study.patient.name == name
    assert parsed.notes == ()


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("charset_extra/chrGB2312.dcm", "Zhang^XiaoDong=张^小东"),
        ("charset_extra/chrX1.dcm", "Wang^XiaoDong=王^小東"),
        ("pydicom_test_files/charset_files/chrX2.dcm", "Wang^XiaoDong=王^小东"),
        ("pydicom_test_files/charset_files/chrX1.dcm", "Wang^XiaoDong=王^小東"),
        ("pydicom_test_files/charset_files/chrH31.dcm", "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        ("pydicom_test_files/charset_files/chrI2.dcm", "Hong^Gildong=洪^吉洞=홍^길동"),
        ("pydicom_test_files/charset_files/chrRuss.dcm", "Люкceмбypг"),
        ("pydicom_test_files/charset_files/chrGerm.dcm", "Äneas^Rüdiger"),
    ],
)
def test_real_files_of_many_scripts(shared_data: Path, file: str, name: str) -> None:
    """The names are those of PS3.5 annexes H to K and of the files' own sources."""
    assert parse(str(shared_data / file)).study.patient.name == name


def test_numbers_that_are_none_are_absent(put) -> None:
    content = as_bytes(image(SeriesNumber="7", InstanceNumber="12"))
    content = content.replace(b"IS\x02\x007 ", b"IS\x02\x00x ")
    parsed = parse(put(content))
    assert (parsed.series.number, parsed.instance.number) == (None, 12)


def test_every_demo_object_is_whole(shared_data: Path) -> None:
    for folder, count in (("ct_chest_lidc_0314_3mm", 92), ("dx_chest_nih", 1)):
        files = sorted((shared_data / "demo" / folder).glob("*.dcm"))
        assert len(files) == count
        for file in files[:10]:
            parsed = parse(str(file))
            dataset = dcmread(file, stop_before_pixels=True)
            assert parsed.fault is None
            assert parsed.instance.sop_uid == dataset.SOPInstanceUID
            assert (parsed.instance.rows, parsed.instance.columns) == (
                dataset.Rows,
                dataset.Columns,
            )


def test_implicit_files_are_told_as_such(put) -> None:
    assert (
        parse(put(as_bytes(image(), ImplicitVRLittleEndian))).transfer_syntax
        == ImplicitVRLittleEndian
    )
