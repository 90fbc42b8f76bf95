"""Reports as this station knows them: acts out of the store, decoded once, folded when asked.

An act is verified when it enters the store; here its recorded fault is taken over. Decoded acts and folded reports are
immutable and are kept in memory, so that listing a thousand reports decodes and folds nothing twice.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from workstation.documents import act_document
from workstation.domain.act import Act
from workstation.domain.errors import BadInput, StoreFailure
from workstation.domain.report import History, SignedAct, fold
from workstation.domain.roster import Roster
from workstation.services.decoded_acts import FORM, act_of, text_of
from workstation.store.acts import ActRecord
from workstation.store.home import Store

_MANY = 25


class DamagedAct(StoreFailure):
    """An act in the local store is no longer what was kept there."""


class Histories:
    """The folds of this station's copies of acts."""

    def __init__(self, store: Store, roster: Roster) -> None:
        self._store = store
        self._roster = roster
        self._decoded: dict[tuple[str, str], SignedAct] = {}
        self._fresh: dict[str, str] = {}
        self._folded: dict[str, tuple[tuple[tuple[str, str, str], ...], History]] = {}
        self._lock = threading.Lock()

    def of(self, report_key: str) -> History:
        """The report of that key; an empty history where nobody has acted on it."""
        history = self.fold(self._store.acts.of_report(report_key))
        self._keep_fresh()
        return history

    def fold(self, records: Iterable[ActRecord]) -> History:
        """The report that the given copies tell; folded again only when a copy came or was judged anew."""
        copies = tuple(records)
        name = tuple((r.sop_uid, r.digest, r.fault) for r in copies)
        report_key = copies[0].report_key if copies else ""
        with self._lock:
            known_name, known = self._folded.get(report_key, (None, None))
        if known is not None and known_name == name:
            return known
        history = fold(self.signed(copies), self._roster)
        with self._lock:
            self._folded[report_key] = (name, history)
        return history

    def signed(self, records: Iterable[ActRecord]) -> list[SignedAct]:
        """The acts of the copies; one that cannot even be decoded was refused at the door."""
        return [self._signed(record) for record in records]

    def learn(self, signed: SignedAct) -> None:
        """An act that was just made, or judged as it came: it need not be decoded again."""
        if signed.fault:
            return
        with self._lock:
            self._decoded[signed.digest, ""] = signed
            self._fresh[signed.digest] = text_of(signed.act)

    def _signed(self, record: ActRecord) -> SignedAct:
        name = (record.digest, record.fault)
        with self._lock:
            known = self._decoded.get(name)
        if known is not None:
            return known
        signed = SignedAct(act=self._act(record), digest=record.digest, fault=record.fault)
        with self._lock:
            self._decoded[name] = signed
        return signed

    def _act(self, record: ActRecord) -> Act:
        """Out of the table of decoded acts, which takes a fiftieth of the time that decoding does."""
        if record.fault:
            return _decoded(record)
        text = self._store.decoded.text(record.digest, FORM)
        act = act_of(text) if text is not None else None
        if act is None:
            act = _decoded(record)
            with self._lock:
                self._fresh[record.digest] = text_of(act)
        return act

    def _keep_fresh(self) -> None:
        """Write what was decoded to the table, many at a time; never inside a transaction of the caller."""
        with self._lock:
            if len(self._fresh) < _MANY:
                return
            fresh, self._fresh = self._fresh, {}
        self._store.decoded.keep(fresh, FORM)


def _decoded(record: ActRecord) -> Act:
    try:
        return act_document.decode(record.content)
    except BadInput as error:
        raise DamagedAct(
            "The local store is damaged; it was left as it is, restore it from a copy"
        ) from error
