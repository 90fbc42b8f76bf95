"""Signed objects as an archive gives them back, judged in the killable child.

What an archive answers is untrusted: it is parsed, decoded and verified where a malformed object can at worst end the
child. The child gives values back, never datasets.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from viewer.sandbox import Callee, SandboxError
from workstation.documents import act_document, publication
from workstation.documents.address import Address, address_of
from workstation.documents.part10 import open_dataset, unreadable_is_bad_input
from workstation.documents.signature import Trust
from workstation.domain.act import Act
from workstation.domain.errors import BadInput, CosightError, LineFailure
from workstation.network.dimse import ArchiveClient
from workstation.network.objects import wire_object


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """One object from an archive: where it says it belongs, its digest, and what is wrong with it.

    ``digest`` is empty where there is no signature; ``act`` is None for a publication and for what cannot be read;
    ``readable`` is False where not even an address could be read.
    """

    address: Address
    content: bytes
    digest: str
    fault: str
    act: Act | None = None
    readable: bool = True


class ArchiveReader:
    """Gets signed objects and has them judged."""

    def __init__(self, sandbox: Callee, trust: Trust) -> None:
        self._sandbox = sandbox
        self._trust = trust

    def read_back(self, client: ArchiveClient, wanted: Sequence[Address]) -> dict[str, ReadBack]:
        """The wanted objects that the archive gives, by the SOP Instance UID under which it gave them.

        Raises:
            LineFailure: the archive cannot be reached.
        """
        by_series: dict[tuple[str, str], list[str]] = {}
        for address in wanted:
            place = (address.study_uid, address.series_uid)
            by_series.setdefault(place, []).append(address.sop_uid)
        found: dict[str, ReadBack] = {}
        for (study_uid, series_uid), sop_uids in by_series.items():
            given = self.read_series(client, study_uid, series_uid, sop_uids)
            found |= {uid: read for uid, read in given.items() if uid in sop_uids}
        return found

    def read_series(
        self, client: ArchiveClient, study_uid: str, series_uid: str, sop_uids: Sequence[str]
    ) -> dict[str, ReadBack]:
        """Named objects of a series, judged, by the UID under which they came; one bad object never stops the others.

        Raises:
            LineFailure: the archive cannot be reached.
        """
        found: dict[str, ReadBack] = {}
        for content in client.get_bytes(study_uid, series_uid, sop_uids):
            sop_uid = wire_object(content).sop_uid
            try:
                found[sop_uid] = self.judge(content)
            except BadInput as error:
                address = Address(
                    sop_class="", study_uid=study_uid, series_uid=series_uid, sop_uid=sop_uid
                )
                found[sop_uid] = ReadBack(
                    address=address, content=content, digest="", fault=str(error), readable=False
                )
        return found

    def judge(self, content: bytes) -> ReadBack:
        """Verify an object; one whose signature or table does not hold becomes a fault, not an error.

        Raises:
            BadInput: not even its address can be read.
            LineFailure: the station is closing; nothing is known of the object.
        """
        try:
            read: ReadBack = self._sandbox.call(f"{__name__}:read", content, self._trust)
        except SandboxError as error:
            if error.kind in {"closed", "cancelled"}:
                raise LineFailure("The station is closing") from error
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
        with unreadable_is_bad_input():
            if act_document.is_act(open_dataset(content)):
                signed = act_document.read(content, trust)
                signed.act.time.astimezone(dt.UTC)  # a year 1 or 9999 may have no time in UTC
                digest, fault, act = signed.digest, signed.fault, signed.act
            else:
                published = publication.read(content, trust)
                digest, fault = published.digest, published.fault
    except CosightError as error:
        digest, fault = "", str(error)
    return ReadBack(address=address, content=content, digest=digest, fault=fault, act=act)
