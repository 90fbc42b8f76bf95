"""Objects on the wire: our file meta in front, the data set untouched behind it."""

from __future__ import annotations

import io

import pytest
from pydicom import dcmread

from workstation.domain.errors import BadInput
from workstation.network import contexts
from workstation.network.objects import ReceivedObject, dataset_start, file_head, wire_object

CT = "1.2.840.10008.5.1.4.1.1.2"
JPEG_LS = "1.2.840.10008.1.2.4.80"
DATASET = b"\x08\x00\x18\x00UI\x06\x001.2.3\0"


def received() -> ReceivedObject:
    return ReceivedObject(
        sop_class=CT, sop_uid="1.2.3", transfer_syntax=JPEG_LS, dataset=memoryview(DATASET)
    )


def test_what_came_is_a_file_that_pydicom_reads() -> None:
    content = received().file_bytes()
    assert content[:132] == bytes(128) + b"DICM"
    assert content[dataset_start(content) :] == DATASET
    read = dcmread(io.BytesIO(content))
    assert read.file_meta.TransferSyntaxUID == JPEG_LS
    assert read.file_meta.MediaStorageSOPClassUID == CT
    assert read.file_meta.MediaStorageSOPInstanceUID == "1.2.3"
    assert read.SOPInstanceUID == "1.2.3"


def test_a_file_to_send_is_named_by_its_meta() -> None:
    wire = wire_object(received().file_bytes())
    assert (wire.sop_class, wire.sop_uid, wire.transfer_syntax) == (CT, "1.2.3", JPEG_LS)


@pytest.mark.parametrize("content", [b"", b"text" * 100, file_head(CT, "1.2.3", JPEG_LS)[:150]])
def test_what_is_no_file_is_not_sent(content: bytes) -> None:
    with pytest.raises(BadInput, match="no DICOM file"):
        wire_object(content)


@pytest.mark.parametrize("count", [0, 1, 2, 5, 22, 63, 100, 500])
def test_a_proposal_never_exceeds_128_contexts(count: int) -> None:
    """PS3.8 9.3.2.2: context ids are the odd numbers up to 255."""
    classes = [f"1.2.3.{n}" for n in range(count)]
    proposed = contexts.retrieval(classes)
    assert len(proposed) <= 128
    wanted = set(classes[:126]) or set(contexts.COMMON_CLASSES)
    assert {c.abstract_syntax for c in proposed} == wanted | {contexts.STUDY_ROOT_GET}
    for sop_class in wanted:
        offered = {s for c in proposed if c.abstract_syntax == sop_class for s in c.transfer_syntax}
        assert offered == set(contexts.SYNTAXES)
