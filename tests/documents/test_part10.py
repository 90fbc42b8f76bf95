"""DICOM files as bytes: what is opened, what is refused, and that nothing unpacks without a limit."""

from __future__ import annotations

import io
import struct
import zlib

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from tests.documents.judges import split
from tests.documents.reading_people import signed_act, trust
from workstation.documents import act_document
from workstation.documents.part10 import file_bytes, open_dataset
from workstation.domain.errors import BadInput


def test_what_is_no_document_is_refused_in_one_sentence() -> None:
    whole = signed_act().data
    for data in (
        b"",
        b"text",
        b"\0" * 4096,
        b"\0" * 128 + b"DICM",
        whole[:400],
    ):
        with pytest.raises(BadInput):
            act_document.decode(data)


def test_a_file_cut_anywhere_never_passes() -> None:
    whole = signed_act().data
    for length in [*range(0, len(whole), 97), len(whole) - 1]:
        try:
            assert act_document.read(whole[:length], trust()).fault
        except BadInput:
            continue


def test_size_is_limited() -> None:
    whole = signed_act().data
    assert open_dataset(whole, len(whole)).SOPInstanceUID
    with pytest.raises(BadInput, match="larger than"):
        open_dataset(whole, len(whole) - 1)


def deflated(plain: bytes) -> bytes:
    head, _ = split(signed_act().data)
    old = ExplicitVRLittleEndian.encode()
    new = b"1.2.840.10008.1.2.1.99"
    at = head.index(old + b"\0")
    length = struct.pack("<H", len(new))
    meta = head[: at - 2] + length + new + head[at + len(old) + 1 :]
    group = struct.unpack_from("<L", meta, 140)[0] + len(new) - len(old) - 1
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return (
        meta[:140] + struct.pack("<L", group) + meta[144:] + packer.compress(plain) + packer.flush()
    )


def test_a_deflated_act_is_read() -> None:
    whole = signed_act().data
    head, _ = split(whole)
    assert act_document.decode(deflated(whole[len(head) :])) == act_document.decode(whole)


def test_a_deflate_bomb_is_refused() -> None:
    """300 MB of blanks in a few hundred kilobytes."""
    bomb = deflated(b"\x09\x00\x10\x00LT\xff\xff" + b" " * 300_000_000)
    assert len(bomb) < 400_000
    with pytest.raises(BadInput, match="larger than"):
        open_dataset(bomb)


def test_deep_nesting_is_refused() -> None:
    dataset = pydicom.dcmread(io.BytesIO(signed_act().data))
    inner = Dataset()
    for _ in range(40):
        outer = Dataset()
        outer.ContentSequence = [inner]
        inner = outer
    dataset.ContentSequence = [inner]
    buffer = io.BytesIO()
    dataset.save_as(buffer)
    with pytest.raises(BadInput, match="too deep"):
        open_dataset(buffer.getvalue())
    very_deep = b"\x40\x00\x30\xa7SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff" * 50_000
    head, _ = split(signed_act().data)
    with pytest.raises(BadInput):
        open_dataset(head + very_deep)


def test_pictures_are_no_documents() -> None:
    dataset = pydicom.dcmread(io.BytesIO(signed_act().data))
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.50"
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, dataset, implicit_vr=False, little_endian=True)
    with pytest.raises(BadInput, match="not for documents"):
        open_dataset(buffer.getvalue())


def test_files_are_complete_and_without_preamble() -> None:
    data = file_bytes(open_dataset(signed_act().data))
    assert data == signed_act().data
    assert data[:132] == b"\0" * 128 + b"DICM"
    meta = pydicom.dcmread(io.BytesIO(data)).file_meta
    assert meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert meta.MediaStorageSOPInstanceUID == act_document.decode(data).sop_uid
