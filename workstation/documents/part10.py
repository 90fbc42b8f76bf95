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
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from workstation.domain.errors import BadInput, CosightError

LARGEST_BYTES = 64 * 1024 * 1024
DEEPEST_SEQUENCE = 32
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
        meta = pydicom.filereader.read_file_meta_info(io.BytesIO(data))
        syntax = meta.get("TransferSyntaxUID", "")
        if syntax not in _READABLE:
            raise BadInput("The transfer syntax {syntax} is not for documents", syntax=syntax)
        if syntax == DeflatedExplicitVRLittleEndian:
            data = _inflated(data, meta, largest_bytes)
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
    meta.ImplementationClassUID = IMPLEMENTATION_CLASS_UID
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION
    whole = pydicom.FileDataset("", dataset, file_meta=meta, preamble=b"\0" * 128)
    buffer = io.BytesIO()
    with unreadable_is_bad_input():
        whole.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


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
    if depth > DEEPEST_SEQUENCE:
        raise BadInput("The sequences of the object are nested too deep")
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                check_depth(item, depth + 1)


def _inflated(data: bytes, meta: FileMetaDataset, largest_bytes: int) -> bytes:
    """The same file in explicit VR little endian, inflated up to the limit."""
    start = 132 + 12 + int(meta.FileMetaInformationGroupLength)
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    plain = inflater.decompress(data[start:], largest_bytes)
    if inflater.unconsumed_tail:
        raise BadInput("The object is larger than {limit} bytes", limit=largest_bytes)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    buffer = io.BytesIO()
    buffer.write(b"\0" * 128 + b"DICM")
    pydicom.filewriter.write_file_meta_info(buffer, meta, enforce_standard=False)
    return buffer.getvalue() + plain
