"""What was signed here goes to an archive: store it, read it back, verify it, only then call it sent.

An archive's "0000" is a hint. It may re-encode, coerce the patient, keep an older object of the same UID or strip the
signature: what comes back decides. What is not settled waits longer with each try; what an archive will never take
right becomes an alarm.
"""

from __future__ import annotations

import datetime as dt
import os
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from workstation.documents.address import Address, address_of
from workstation.domain.act import Act
from workstation.domain.errors import (
    BadInput,
    CosightError,
    LineFailure,
    SignatureFailure,
    StoreFailure,
)
from workstation.network.answers import StoreAnswer
from workstation.network.dimse import ArchiveClient
from workstation.services.reading_back import ArchiveReader, ReadBack
from workstation.settings import Node
from workstation.store.acts import ActRecord
from workstation.store.home import Store
from workstation.store.outbox import OutboxItem, OutboxKind
from workstation.store.publications import PublicationRecord

_BATCH = 32
_AGAIN_S = 30.0
_LONGEST_WAIT_S = 1800.0
_TRIES_BEFORE_REFUSED = 5


@dataclass(slots=True, kw_only=True)
class Drained:
    """What one drain of the outbox did. ``cut_off`` says that the node could not be reached to the end."""

    confirmed: int = 0
    unconfirmed: int = 0
    problems: list[CosightError] = field(default_factory=list)
    cut_off: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parcel:
    """One leased row with what it stands for."""

    item: OutboxItem
    content: bytes
    address: Address


class Sending:
    """Drains the outbox of this station."""

    def __init__(
        self,
        *,
        store: Store,
        client_of: Callable[[Node], ArchiveClient],
        archive: ArchiveReader,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._store = store
        self._client_of = client_of
        self._archive = archive
        self._clock = clock
        self._owner = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._stopping = threading.Event()

    def start(self) -> None:
        """Take batches again."""
        self._stopping.clear()

    def stop(self) -> None:
        """Take no further batch."""
        self._stopping.set()

    def drain(self, node: Node) -> Drained:
        """Send what waits for the node until nothing more is due; leased rows are given back whatever happens."""
        drained = Drained()
        try:
            while not self._stopping.is_set():
                items = self._store.outbox.lease(
                    node.name, now=self._clock(), limit=_BATCH, owner=self._owner
                )
                if not items:
                    break
                self._send(node, items, drained)
        except LineFailure as error:
            drained.problems.append(error)
            drained.cut_off = True
        finally:
            self._store.outbox.release(self._owner)
        return drained

    def _send(self, node: Node, items: tuple[OutboxItem, ...], drained: Drained) -> None:
        parcels = [p for item in items if (p := self._parcel(item, drained)) is not None]
        client = self._client_of(node)
        answers = {a.sop_uid: a for a in client.store_all([p.content for p in parcels])}
        back = self._archive.read_back(client, [p.address for p in parcels])
        for parcel in parcels:
            uid = parcel.item.sop_uid
            self._settle(node, parcel.item, answers.get(uid), back.get(uid), drained)

    def _parcel(self, item: OutboxItem, drained: Drained) -> _Parcel | None:
        """The object of a row; a row whose object is gone or damaged is refused, and the others go on."""
        records = self._records(item)
        content = next((r.content for r in records if r.digest == item.digest), None)
        try:
            if content is not None:
                return _Parcel(item=item, content=content, address=address_of(content))
        except BadInput:
            pass
        lost = StoreFailure(
            "{uid} waits to be sent but is missing or damaged in the local store", uid=item.sop_uid
        )
        drained.problems.append(lost)
        self._store.alarms.add(self._clock(), "SENDING_LOST", item.sop_uid)
        self._store.outbox.refuse(item, str(lost))
        return None

    def _records(self, item: OutboxItem) -> tuple[ActRecord, ...] | tuple[PublicationRecord, ...]:
        if item.kind is OutboxKind.ACT:
            return self._store.acts.by_uid(item.sop_uid)
        return self._store.publications.by_uid(item.sop_uid)

    def _settle(
        self,
        node: Node,
        item: OutboxItem,
        answer: StoreAnswer | None,
        back: ReadBack | None,
        drained: Drained,
    ) -> None:
        if back is None:
            drained.problems.append(self._wait(node, item, answer))
            drained.unconfirmed += 1
            return
        if back.digest == item.digest and not back.fault:
            self._store.outbox.confirm(item)
            drained.confirmed += 1
            return
        what, doubt = _doubt(node, item, back)
        drained.problems.append(doubt)
        if what == "OTHER_CONTENT" and back.readable:
            self._keep_other(item, back)
        if item.attempts + 1 < _TRIES_BEFORE_REFUSED:
            self._store.outbox.sent(item, next_at=self._later(item), note=str(doubt))
            drained.unconfirmed += 1
            return
        self._store.alarms.add(self._clock(), what, f"{item.sop_uid} ({node.name})")
        self._store.outbox.refuse(item, str(doubt))

    def _wait(self, node: Node, item: OutboxItem, answer: StoreAnswer | None) -> CosightError:
        """Nothing came back: the archive refused the object, or has it and does not give it yet."""
        if answer is not None and answer.is_taken:
            doubt = LineFailure(
                "{node} took {uid} but does not give it back yet", node=node.name, uid=item.sop_uid
            )
            self._store.outbox.sent(item, next_at=self._later(item), note=str(doubt))
            return doubt
        status = answer.status if answer is not None else None
        doubt = LineFailure(
            "{node} refused {uid} with status {status}",
            node=node.name,
            uid=item.sop_uid,
            status="none" if status is None else f"{status:04X}",
        )
        self._store.outbox.postpone(item, next_at=self._later(item), error=str(doubt))
        return doubt

    def _later(self, item: OutboxItem) -> dt.datetime:
        """Twice as long after each try, half an hour at most."""
        wait_s = min(_LONGEST_WAIT_S, _AGAIN_S * 2 ** min(item.attempts, 10))
        return self._clock() + dt.timedelta(seconds=wait_s)

    def _keep_other(self, item: OutboxItem, back: ReadBack) -> None:
        """Something else under the UID of ours is kept beside it and raises an alarm: people must see both."""
        now = self._clock()
        if item.kind is OutboxKind.PUBLICATION:
            ours: Mapping[str, str] = {
                r.digest: r.act_uid for r in self._store.publications.by_uid(item.sop_uid)
            }
            self._store.publications.add_received(
                PublicationRecord(
                    sop_uid=item.sop_uid,
                    digest=back.digest,
                    act_uid=ours.get(item.digest, ""),
                    study_uid=back.address.study_uid,
                    content=back.content,
                    received_at=now,
                )
            )
        elif back.act is not None and back.act.sop_uid == item.sop_uid:
            self._store.acts.add_received(act_record(back.act, back, now))
        else:
            self._store.alarms.add(now, "ACT_UID_REUSED", f"{item.sop_uid} {item.digest}")


def act_record(act: Act, read: ReadBack, received_at: dt.datetime | None) -> ActRecord:
    """An act as the store keeps it; ``received_at`` None where it was made here."""
    return ActRecord(
        sop_uid=act.sop_uid,
        digest=read.digest,
        station_id=act.place.station_id,
        number=act.place.number,
        report_key=act.report.key,
        study_uid=act.report.study_uid,
        kind=act.kind.value,
        time=act.time,
        content=read.content,
        fault=read.fault,
        received_at=received_at,
    )


def _doubt(node: Node, item: OutboxItem, back: ReadBack) -> tuple[str, CosightError]:
    """The alarm that it may become, and why the object that came back does not count as sent."""
    if back.readable and not back.digest:
        return "SIGNATURE_STRIPPED", SignatureFailure(
            "{node} stripped the signature of {uid}: keep reports at another node",
            node=node.name,
            uid=item.sop_uid,
        )
    return "OTHER_CONTENT", SignatureFailure(
        "ALARM: {node} holds another content under {uid} ({fault})",
        node=node.name,
        uid=item.sop_uid,
        fault=back.fault or "same UID, other digest",
    )
