"""Uncompressed objects in another uncompressed syntax; runs in the child, for it parses what others made.

Only needed for peers that accept neither the syntax an object is stored in nor any other it could go in.
"""

from __future__ import annotations

import io

from workstation.domain.errors import BadInput

_UNCOMPRESSED = ("1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2")


def converted(path: str, transfer_syntax: str) -> bytes:
    """The PS3.10 file at ``path`` in explicit or implicit VR little endian. Raises BadInput."""
    from pydicom import dcmread
    from pydicom.uid import UID

    if transfer_syntax not in _UNCOMPRESSED[:2]:
        raise BadInput("Objects are not converted to {syntax}", syntax=transfer_syntax)
    try:
        dataset = dcmread(path)
        _refuse_compressed(dataset.file_meta.TransferSyntaxUID)
        dataset.file_meta.TransferSyntaxUID = UID(transfer_syntax)
        implicit = transfer_syntax == _UNCOMPRESSED[1]
        buffer = io.BytesIO()
        dataset.save_as(
            buffer,
            implicit_vr=implicit,
            little_endian=True,
            enforce_file_format=False,
            force_encoding=True,
        )
        return buffer.getvalue()
    except BadInput:
        raise
    # A parser fed with what others made raises anything.
    except Exception as error:
        raise BadInput("The object is damaged ({kind})", kind=type(error).__name__) from error


def _refuse_compressed(transfer_syntax: str) -> None:
    if transfer_syntax not in _UNCOMPRESSED:
        raise BadInput("Compressed objects are sent as they are or not at all")
