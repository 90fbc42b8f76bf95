"""Objects on the wire as the bytes they are: taken without decoding, sent without encoding.

A received data set is wrapped into a PS3.10 file by writing file meta information of our own in front of it; the
data set's bytes are never touched. Sending hands the stored bytes on, so signatures and compressed pixels survive.
"""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workstation.documents.part10 import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION
from workstation.domain.errors import BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class WireObject:
    """One object to send: its names, and either a PS3.10 file or the bytes of one."""

    sop_class: str
    sop_uid: str
    transfer_syntax: str
    source: Path | bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedObject:
    """One object that came: names and syntax as agreed on the association, and the data set's bytes."""

    sop_class: str
    sop_uid: str
    transfer_syntax: str
    dataset: memoryview
    calling_aet: str = ""

    def file_chunks(self) -> tuple[bytes, bytes]:
        """The bytes of the PS3.10 file: preamble and meta of ours, then the data set as it came."""
        head = file_head(self.sop_class, self.sop_uid, self.transfer_syntax)
        return head, bytes(self.dataset)

    def file_bytes(self) -> bytes:
        """The whole PS3.10 file."""
        return b"".join(self.file_chunks())


def file_head(sop_class: str, sop_uid: str, transfer_syntax: str) -> bytes:
    """An empty preamble and the file meta information (PS3.10 7.1)."""
    from pydicom.dataset import FileMetaDataset
    from pydicom.filebase import DicomBytesIO
    from pydicom.filewriter import write_file_meta_info
    from pydicom.uid import UID

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(sop_class)
    meta.MediaStorageSOPInstanceUID = UID(sop_uid)
    meta.TransferSyntaxUID = UID(transfer_syntax)
    meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION
    buffer = DicomBytesIO()
    buffer.write(b"\0" * 128 + b"DICM")
    write_file_meta_info(buffer, meta)
    return bytes(buffer.getvalue())


def wire_object(content: bytes) -> WireObject:
    """A PS3.10 file in memory as an object to send. Raises BadInput where it names no object."""
    from pydicom import dcmread

    try:
        head = content[: dataset_start(content)]
        meta = dcmread(io.BytesIO(head)).file_meta
        return WireObject(
            sop_class=str(meta.MediaStorageSOPClassUID),
            sop_uid=str(meta.MediaStorageSOPInstanceUID),
            transfer_syntax=str(meta.TransferSyntaxUID),
            source=content,
        )
    # Whatever is wrong with the head of a file, it names no object that could be sent.
    except Exception as error:
        raise BadInput("The bytes to send are no DICOM file") from error


def taken_from(event: Any) -> ReceivedObject:
    """The object of a C-STORE request (EVT_C_STORE), not decoded."""
    request = event.request
    return ReceivedObject(
        sop_class=str(request.AffectedSOPClassUID),
        sop_uid=str(request.AffectedSOPInstanceUID),
        transfer_syntax=str(event.context.transfer_syntax),
        dataset=request.DataSet.getbuffer(),
        calling_aet=str(event.assoc.requestor.ae_title),
    )


def context_for(association: Any, sop_class: str, transfer_syntax: str) -> Any | None:
    """The accepted context on which we may send that class in exactly that syntax, or None."""
    for context in association.accepted_contexts:
        agreed = (context.abstract_syntax, context.transfer_syntax[0])
        if context.as_scu and agreed == (sop_class, transfer_syntax):
            return context
    return None


def send_object(association: Any, wire: WireObject, context: Any, message_id: int) -> Any:
    """Send one object as it is and return the status data set (empty when no answer came).

    The library's own C-STORE decodes and encodes again, which would touch signed bytes.
    """
    from pynetdicom.dimse_primitives import C_STORE

    request = C_STORE()
    request.MessageID = message_id
    request.Priority = 2
    request.AffectedSOPClassUID = wire.sop_class
    request.AffectedSOPInstanceUID = wire.sop_uid
    request.DataSet = io.BytesIO(_dataset_bytes(wire.source))
    return _exchanged(association, request, context.context_id)


def _exchanged(association: Any, request: Any, context_id: int) -> Any:
    """Send a request while the association's own loop pauses, as the library's send methods do."""
    from pydicom.dataset import Dataset

    association._reactor_checkpoint.clear()  # noqa: SLF001 - the library has no public pause
    while not association._is_paused:  # noqa: SLF001
        time.sleep(0.0001)
    try:
        association.dimse.send_msg(request, context_id)
        _, response = association.dimse.get_msg(block=True)
    finally:
        association._reactor_checkpoint.set()  # noqa: SLF001
    if response is None:
        association._handle_no_response()  # noqa: SLF001
        return Dataset()
    return association._check_received_status(response)  # noqa: SLF001


def _dataset_bytes(source: Path | bytes) -> bytes:
    """The bytes behind the file meta information."""
    content = source if isinstance(source, bytes) else source.read_bytes()
    return content[dataset_start(content) :]


def dataset_start(content: bytes) -> int:
    """Where the data set begins: behind group 0002, which is always explicit VR little endian (PS3.10 7.1)."""
    if content[128:132] != b"DICM":
        return 0
    place = 132
    while content[place : place + 2] == b"\x02\x00":
        long_form = content[place + 4 : place + 6] in {b"OB", b"OW", b"UN", b"UT", b"SQ", b"OF"}
        end = place + 12 if long_form else place + 8
        size = content[place + 8 : end] if long_form else content[place + 6 : end]
        place = end + int.from_bytes(size, "little")
    return place
