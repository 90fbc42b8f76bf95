"""What was signed here goes to an archive: store it, read it back, verify it, only then call it sent.

An archive's "0000" is a hint. It may re-encode, coerce the patient, keep an older object of the same UID or strip the
signature: what comes back decides.
"""

from __future__ import annotations

import datetime as dt
import os
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from workstation.documents.address import address_of
from workstation.domain.errors import CosightError, LineFailure, SignatureFailure
from workstation.network.answers import StoreAnswer
from workstation.network.dimse import ArchiveClient
from workstation.services.reading_back import ArchiveReader, ReadBack
from workstation.settings import Node
from workstation.store.home import Store
from workstation.store.outbox import OutboxItem, OutboxKind

_BATCH = 32
_AGAIN_S = 30.0
_TRIES_BEFORE_REFUSED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainReport:
    """What one drain of the outbox did."""

    confirmed: int = 0
    unconfirmed: int = 0
    problems: tuple[CosightError, ...] = ()


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

    def stop(self) -> None:
        """Take no further batch."""
        self._stopping.set()

    def drain(self, node: Node) -> DrainReport:
        """Send what waits for the node until nothing more is due.

        Raises:
            LineFailure: the node could not be reached; leased rows are given back and wait.
        """
        confirmed, unconfirmed = 0, 0
        problems: list[CosightError] = []
        try:
            while not self._stopping.is_set():
                items = self._store.outbox.lease(
                    node.name, now=self._clock(), limit=_BATCH, owner=self._owner
                )
                if not items:
                    break
                good, waiting, found = self._send(node, items)
                confirmed, unconfirmed = confirmed + good, unconfirmed + waiting
                problems += found
        finally:
            self._store.outbox.release(self._owner)
        return DrainReport(confirmed=confirmed, unconfirmed=unconfirmed, problems=tuple(problems))

    def _send(
        self, node: Node, items: tuple[OutboxItem, ...]
    ) -> tuple[int, int, list[CosightError]]:
        client = self._client_of(node)
        contents = [self._content(item) for item in items]
        answers = {a.sop_uid: a for a in client.store_all(contents)}
        back = self._archive.read_back(client, [address_of(c) for c in contents])
        confirmed, waiting = 0, 0
        problems: list[CosightError] = []
        for item in items:
            answer = answers.get(item.sop_uid)
            doubt = self._doubt(node, item, answer, back.get(item.sop_uid))
            if doubt is None:
                self._store.outbox.confirm(item)
                confirmed += 1
                continue
            problems.append(doubt)
            if item.sop_uid in back and item.attempts + 1 >= _TRIES_BEFORE_REFUSED:
                self._store.outbox.refuse(item, str(doubt))
            else:
                later = self._clock() + dt.timedelta(seconds=_AGAIN_S)
                self._store.outbox.sent(item, next_at=later, note=str(doubt))
                waiting += 1
        return confirmed, waiting, problems

    def _content(self, item: OutboxItem) -> bytes:
        records = (
            self._store.acts.by_uid(item.sop_uid)
            if item.kind is OutboxKind.ACT
            else self._store.publications.by_uid(item.sop_uid)
        )
        return next(r.content for r in records if r.digest == item.digest)

    def _doubt(
        self,
        node: Node,
        item: OutboxItem,
        answer: StoreAnswer | None,
        back: ReadBack | None,
    ) -> CosightError | None:
        """Why the object does not count as sent, None when it came back whole."""
        if back is None and answer is not None and not answer.is_taken:
            return LineFailure(
                "{node} refused {uid} with status {status}",
                node=node.name,
                uid=item.sop_uid,
                status="none" if answer.status is None else f"{answer.status:04X}",
            )
        if back is None:
            return LineFailure(
                "{node} took {uid} but does not give it back yet", node=node.name, uid=item.sop_uid
            )
        if back.digest == item.digest and not back.fault:
            return None
        if not back.digest:
            return SignatureFailure(
                "{node} stripped the signature of {uid}: keep reports at another node",
                node=node.name,
                uid=item.sop_uid,
            )
        return SignatureFailure(
            "ALARM: {node} holds another content under {uid} ({fault})",
            node=node.name,
            uid=item.sop_uid,
            fault=back.fault or "same UID, other digest",
        )
