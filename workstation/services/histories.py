"""Reports as this station knows them: acts out of the store, decoded once, folded when asked.

An act is verified when it enters the store; here its recorded fault is taken over. Decoded acts are immutable and are
kept in memory by digest, so that listing a thousand reports decodes nothing twice.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from workstation.documents import act_document
from workstation.domain.report import History, SignedAct, fold
from workstation.domain.roster import Roster
from workstation.store.acts import ActRecord
from workstation.store.home import Store


class Histories:
    """The folds of this station's copies of acts."""

    def __init__(self, store: Store, roster: Roster) -> None:
        self._store = store
        self._roster = roster
        self._decoded: dict[tuple[str, str], SignedAct] = {}
        self._lock = threading.Lock()

    def of(self, report_key: str) -> History:
        """The report of that key; an empty history where nobody has acted on it."""
        return self.fold(self._store.acts.of_report(report_key))

    def fold(self, records: Iterable[ActRecord]) -> History:
        """The report that the given copies tell."""
        return fold(self.signed(records), self._roster)

    def signed(self, records: Iterable[ActRecord]) -> list[SignedAct]:
        """The acts of the copies; one that cannot even be decoded was refused at the door."""
        return [self._signed(record) for record in records]

    def _signed(self, record: ActRecord) -> SignedAct:
        name = (record.digest, record.fault)
        with self._lock:
            known = self._decoded.get(name)
        if known is not None:
            return known
        act = act_document.decode(record.content)
        signed = SignedAct(act=act, digest=record.digest, fault=record.fault)
        with self._lock:
            self._decoded[name] = signed
        return signed
