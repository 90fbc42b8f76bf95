"""Query identifiers: both ways, in the peer's character set, and never past their bounds."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from workstation.domain.errors import BadInput
from workstation.network import identifiers


def on_the_wire(dataset: Dataset, implicit: bool = False) -> io.BytesIO:
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = implicit, True
    write_dataset(buffer, dataset)
    return io.BytesIO(buffer.getvalue())


@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.parametrize("charset", ["GB18030", "ISO_IR 192", "GBK"])
def test_a_question_is_read_in_its_own_character_set(charset: str, implicit: bool) -> None:
    dataset = Dataset()
    dataset.SpecificCharacterSet = charset
    dataset.QueryRetrieveLevel = "STUDY"
    dataset.PatientName = "*张*"
    dataset.StudyInstanceUID = ["1.2", "1.3"]
    dataset.NumberOfStudyRelatedInstances = None
    syntax = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    level, keys, told = identifiers.read_question(on_the_wire(dataset, implicit), syntax)
    assert (level, told) == ("STUDY", charset)
    assert keys == {
        "PatientName": "*张*", "StudyInstanceUID": "1.2\\1.3", "NumberOfStudyRelatedInstances": "",
    }  # fmt: skip


def test_a_question_of_ours_is_utf_8() -> None:
    asked = identifiers.question("STUDY", {"PatientName": "王^晓东", "StudyDate": "20260101-"})
    content = on_the_wire(asked).getvalue()
    assert "王^晓东".encode() in content
    assert b"ISO_IR 192" in content


@pytest.mark.parametrize(
    ("charset", "name", "expected"),
    [
        ("GB18030", "张^三", "GB18030"),
        ("GBK", "张^三", "GBK"),
        ("GBK", "𠮷^三", "ISO_IR 192"),  # a character that GBK does not have
        ("", "张^三", "ISO_IR 192"),
        ("ISO_IR 100", "张^三", "ISO_IR 192"),
    ],
)
def test_an_answer_is_in_the_peers_character_set_where_it_can_be(
    charset: str, name: str, expected: str
) -> None:
    found = {"PatientName": name, "StudyInstanceUID": "1.2"}
    answer = identifiers.answer("STUDY", ["PatientName", "Modality"], found, charset, "NODE")
    assert answer.SpecificCharacterSet == expected
    assert (str(answer.PatientName), answer.Modality, answer.RetrieveAETitle) == (name, "", "NODE")
    assert "StudyInstanceUID" not in answer


def refused(content: bytes) -> Any:
    with pytest.raises(BadInput) as told:
        identifiers.read_question(io.BytesIO(content), ImplicitVRLittleEndian)
    return told.value


def test_a_level_that_does_not_exist_is_refused() -> None:
    dataset = Dataset()
    dataset.QueryRetrieveLevel = "PATIENT"
    refusal = refused(on_the_wire(dataset, implicit=True).getvalue())
    assert str(refusal) == "There is no query level PATIENT"


def test_too_large_and_damaged_identifiers_are_refused() -> None:
    assert "larger" in str(refused(bytes(identifiers.LARGEST_BYTES + 1)))
    many = Dataset()
    many.QueryRetrieveLevel = "STUDY"
    for number in range(300):
        many.add_new((0x0011, 0x1000 + number), "LO", "x")
    assert "damaged" in str(refused(on_the_wire(many, implicit=True).getvalue()))
    assert refused(b"\x08\x00\x52\x00\xff\xff\xff\x7fSTUDY")


def test_values_that_break_the_rules_of_their_vr_still_go_out() -> None:
    odd = {"StudyDate": "2026.03.04", "PatientID": "x" * 100, "StudyTime": "noon"}
    answer = identifiers.answer("STUDY", odd, odd, "", "NODE")
    content = on_the_wire(answer).getvalue()
    assert b"2026.03.04" in content
    assert b"x" * 100 in content
