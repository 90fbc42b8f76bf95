"""DICOM files (PS3.10) as bytes: opened with limits, written as explicit VR little endian.

Bytes from an archive are hostile until their signature is verified. Opening caps the size before and after inflating
(pydicom inflates without a limit), and every failure of the parser becomes one BadInput. Knows nothing of what a
data set means.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_file_meta_info
from pydicom.tag import BaseTag
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from workstation.documents import explicit_vr
from workstation.domain.errors import BadInput, CosightError

LARGEST_BYTES = 64 * 1024 * 1024
IMPLEMENTATION_CLASS_UID = "2.25.190310229861520468823925837429823175461"
IMPLEMENTATION_VERSION = "COSIGHT_1"

_READABLE = {
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
}


def open_dataset(data: bytes, largest_bytes: int = LARGEST_BYTES) -> Dataset:
    """The data set of a DICOM file without pixels.

    Args:
        data: the whole file.
        largest_bytes: refuse what is or inflates to more.

    Raises:
        BadInput: no DICOM file, too large, damaged or in an encoding that is not for documents.
    """
    if len(data) > largest_bytes:
        raise BadInput("The object is larger than {limit} bytes", limit=largest_bytes)
    if data[128:132] != b"DICM":
        raise BadInput("The object is not a DICOM file")
    with unreadable_is_bad_input():
        meta = read_dataset(io.BytesIO(data[132:]), False, True, stop_when=_after_meta)
        syntax = str(meta.get("TransferSyntaxUID", ""))
        if syntax not in _READABLE:
            raise BadInput("The transfer syntax {syntax} is not for documents", syntax=syntax)
        if syntax == DeflatedExplicitVRLittleEndian:
            dataset = _inflated(data, meta, largest_bytes)
        else:
            dataset = pydicom.dcmread(io.BytesIO(data))
        check_depth(dataset)
        return dataset


def file_bytes(dataset: Dataset) -> bytes:
    """The data set as a complete DICOM file in explicit VR little endian, with an empty preamble.

    Raises:
        BadInput: a value that DICOM cannot hold.
    """
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION
    buffer = DicomBytesIO()
    buffer.write(b"\0" * 128 + b"DICM")
    with unreadable_is_bad_input():
        write_file_meta_info(buffer, meta)
        return buffer.getvalue() + explicit_vr.whole(dataset, explicit_vr.encodings_of(dataset))


@contextmanager
def unreadable_is_bad_input() -> Iterator[None]:
    """Turn whatever a parser raises on hostile bytes into BadInput; our own errors pass."""
    try:
        yield
    except CosightError:
        raise
    # A parser fed with hostile bytes raises anything, RecursionError and MemoryError included.
    except Exception as error:
        raise BadInput("The object is damaged ({kind})", kind=type(error).__name__) from error


def check_depth(dataset: Dataset, depth: int = 0) -> None:
    """Refuse data sets whose sequences are nested deeper than any document of ours.

    Raises:
        BadInput: nested too deep.
    """
    if depth > explicit_vr.DEEPEST_SEQUENCE:
        raise BadInput("The sequences of the object are nested too deep")
    for tag in explicit_vr.tags_of(dataset):
        # Looking at a value would decode it, and signatures are judged on the bytes as they came.
        if explicit_vr.vr_of(dataset, tag) == "SQ":
            for item in dataset[tag].value:
                check_depth(item, depth + 1)


def _inflated(data: bytes, meta: Dataset, largest_bytes: int) -> Dataset:
    """The data set of a deflated file, inflated up to the limit."""
    start = 132 + 12 + int(meta.FileMetaInformationGroupLength)
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    inflated = inflater.decompress(data[start:], largest_bytes)
    if inflater.unconsumed_tail:
        raise BadInput("The object is larger than {limit} bytes", limit=largest_bytes)
    return read_dataset(io.BytesIO(inflated), False, True)


def _after_meta(tag: BaseTag, _vr: str | None, _length: int) -> bool:
    return tag.group != 2
