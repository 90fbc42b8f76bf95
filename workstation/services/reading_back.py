"""Signed objects as an archive gives them back, judged in the killable child.

What an archive answers is untrusted: it is parsed, decoded and verified where a malformed object can at worst end the
child. The child gives values back, never datasets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from viewer.sandbox import Callee, SandboxError
from workstation.documents import act_document, publication
from workstation.documents.address import Address, address_of
from workstation.documents.part10 import open_dataset, unreadable_is_bad_input
from workstation.documents.signature import Trust
from workstation.domain.act import Act
from workstation.domain.errors import BadInput, CosightError
from workstation.network.dimse import ArchiveClient


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """One object from an archive: where it says it belongs, its digest, and what is wrong with it.

    ``digest`` is empty where there is no signature; ``act`` is None for a publication and for what cannot be read.
    """

    address: Address
    content: bytes
    digest: str
    fault: str
    act: Act | None = None


class ArchiveReader:
    """Gets signed objects and has them judged."""

    def __init__(self, sandbox: Callee, trust: Trust) -> None:
        self._sandbox = sandbox
        self._trust = trust

    def read_back(self, client: ArchiveClient, wanted: Sequence[Address]) -> dict[str, ReadBack]:
        """The wanted objects that the archive gives, by SOP Instance UID.

        Raises:
            LineFailure: the archive cannot be reached.
        """
        by_series: dict[tuple[str, str], list[str]] = {}
        for address in wanted:
            place = (address.study_uid, address.series_uid)
            by_series.setdefault(place, []).append(address.sop_uid)
        found: dict[str, ReadBack] = {}
        for (study_uid, series_uid), sop_uids in by_series.items():
            for content in client.get_bytes(study_uid, series_uid, sop_uids):
                read = self.judge(content)
                found[read.address.sop_uid] = read
        return found

    def judge(self, content: bytes) -> ReadBack:
        """Verify an object; one that cannot be read becomes a fault, not an error.

        Raises:
            BadInput: not even its address can be read.
        """
        try:
            read: ReadBack = self._sandbox.call(f"{__name__}:read", content, self._trust)
        except SandboxError as error:
            raise BadInput("An object from the archive cannot be read: {why}", why=error) from error
        return read


def read(content: bytes, trust: Trust) -> ReadBack:
    """Parse and verify one signed object; runs in the child.

    Raises:
        BadInput: the bytes are no DICOM instance.
    """
    with unreadable_is_bad_input():
        address = address_of(content)
    act: Act | None = None
    try:
        if act_document.is_act(open_dataset(content)):
            signed = act_document.read(content, trust)
            digest, fault, act = signed.digest, signed.fault, signed.act
        else:
            published = publication.read(content, trust)
            digest, fault = published.digest, published.fault
    except CosightError as error:
        digest, fault = "", str(error)
    return ReadBack(address=address, content=content, digest=digest, fault=fault, act=act)
