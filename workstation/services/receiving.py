"""What others signed comes in: journals by their counts, then by their days, then by their numbers.

A journal is one study per station and month with one series per day, so the counts of one study-level query tell what
changed. A number that the archive lost is offered again; a broken or forged act is kept, told and never counts; a
release that an act names is fetched and compared with what the act says of it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from workstation.documents import act_document
from workstation.documents.address import ENHANCED_SR, Address
from workstation.domain.act import JOURNAL_PATIENT_ID, Act, ActKind, journal_uids
from workstation.domain.errors import BadInput, CosightError, LineFailure, SignatureFailure
from workstation.domain.report import SignedAct
from workstation.network.dimse import ArchiveClient
from workstation.services.reading_back import ArchiveReader, ReadBack
from workstation.services.sending import act_record
from workstation.settings import Node
from workstation.store.home import Store
from workstation.store.outbox import OutboxKind, Sent
from workstation.store.publications import PublicationRecord

RELEASING = (
    ActKind.RELEASE_PRELIMINARY,
    ActKind.COSIGN,
    ActKind.WITHDRAW,
    ActKind.RESOLVE_FORK,
)

ALARMS = {
    "ACT_BROKEN": "An act in the archive has no valid signature and does not count: {detail}",
    "ACT_UID_REUSED": "Two different acts carry one UID; neither counts: {detail}",
    "RELEASE_BROKEN": "A released report in the archive was altered or its signature does not hold: {detail}",
    "PUBLICATION_UID_REUSED": "Two different released reports carry one UID: {detail}",
    "OBJECT_UNREADABLE": "An object in a journal cannot be read: {detail}",
    "SIGNATURE_STRIPPED": "The archive strips signatures; what was signed here is not safe there: {detail}",
    "OTHER_CONTENT": "The archive holds something else in the place of what was signed here: {detail}",
    "SENDING_LOST": "What was to be sent is missing or damaged in the local store: {detail}",
}
_BATCH = 50


@dataclass(slots=True, kw_only=True)
class Received:
    """What one round brought in. ``cut_off`` says that the node could not be reached to the end."""

    acts: int = 0
    offered_again: int = 0
    problems: list[CosightError] = field(default_factory=list)
    changed_reports: set[str] = field(default_factory=set)
    cut_off: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Journal:
    """One series of a journal at one node."""

    node: str
    study_uid: str
    series_uid: str


class Receiving:
    """Fetches the journals' new numbers from one node at a time."""

    def __init__(
        self,
        *,
        store: Store,
        client_of: Callable[[Node], ArchiveClient],
        archive: ArchiveReader,
        clock: Callable[[], dt.datetime],
        learn: Callable[[SignedAct], None] | None = None,
    ) -> None:
        self._store = store
        self._learn = learn
        self._client_of = client_of
        self._archive = archive
        self._clock = clock
        self._stopping = threading.Event()
        # What a node gives that is no sound act of that journal: looked at once, not again every round.
        self._aside: dict[_Journal, set[str]] = {}
        # Acts of which nothing released is wanted any more, and releases that a node holds altered.
        self._settled: set[str] = set()
        self._altered: set[tuple[str, str]] = set()
        self._failures: dict[str, int] = {}

    def start(self) -> None:
        """Fetch again."""
        self._stopping.clear()

    def stop(self) -> None:
        """Fetch no further batch."""
        self._stopping.set()

    def alarms(self) -> tuple[CosightError, ...]:
        """What no program may settle, newest first."""
        return tuple(
            SignatureFailure(ALARMS[alarm.what], detail=alarm.detail)
            for alarm in self._store.alarms.all()
            if alarm.what in ALARMS
        )

    def receive(self, node: Node) -> Received:
        """One round with a node; where the line breaks, what came in before stays and is told."""
        received = Received()
        try:
            self._journals(node, received)
            self._releases(node, received)
        except LineFailure as error:
            received.problems.append(error)
            received.cut_off = True
        return received

    def _journals(self, node: Node, received: Received) -> None:
        client = self._client_of(node)
        known = self._known(node)
        remote = {
            study.study_uid: study.instance_count
            for study in client.find_studies(patient_id=JOURNAL_PATIENT_ID)
            if study.patient.patient_id.strip() == JOURNAL_PATIENT_ID
        }
        for study_uid in sorted(remote, key=lambda uid: self._failures.get(uid, 0)):
            count, here = remote[study_uid], known.get(study_uid, {})
            if count is None or count != sum(map(len, here.values())):
                with self._noting_failure(study_uid):
                    self._study(node, client, study_uid, here, received)
        for study_uid in known.keys() - remote.keys():
            lost = set[str]().union(*known[study_uid].values())
            received.offered_again += self._offer_again(node, lost)

    def _known(self, node: Node) -> dict[str, dict[str, set[str]]]:
        """The sound acts here and what was set aside: journal study -> journal series -> SOP Instance UIDs."""
        known: dict[str, dict[str, set[str]]] = {}
        for sop_uid, time in self._store.acts.signing_times(sound=True).items():
            study_uid, series_uid = journal_uids(sop_uid, time)
            known.setdefault(study_uid, {}).setdefault(series_uid, set()).add(sop_uid)
        for journal, sop_uids in self._aside.items():
            if journal.node == node.name:
                place = known.setdefault(journal.study_uid, {})
                place.setdefault(journal.series_uid, set()).update(sop_uids)
        return known

    def _study(
        self,
        node: Node,
        client: ArchiveClient,
        study_uid: str,
        here: Mapping[str, set[str]],
        received: Received,
    ) -> None:
        remote = {s.series_uid: s.instance_count for s in client.find_series(study_uid)}
        for series_uid, count in remote.items():
            known = here.get(series_uid, set())
            if count is not None and count == len(known):
                continue
            journal = _Journal(node=node.name, study_uid=study_uid, series_uid=series_uid)
            there = set(client.find_instances(study_uid, series_uid))
            self._aside.setdefault(journal, set()).intersection_update(there)
            self._fetch(client, journal, sorted(there - known), received)
            received.offered_again += self._offer_again(node, known - there)
        for series_uid in here.keys() - remote.keys():
            journal = _Journal(node=node.name, study_uid=study_uid, series_uid=series_uid)
            self._aside.pop(journal, None)
            received.offered_again += self._offer_again(node, here[series_uid])

    def _fetch(
        self, client: ArchiveClient, journal: _Journal, missing: Sequence[str], received: Received
    ) -> None:
        """Fetch in batches, so that a line that breaks keeps what had come."""
        for start in range(0, len(missing), _BATCH):
            if self._stopping.is_set():
                return
            some = missing[start : start + _BATCH]
            given = self._archive.read_series(client, journal.study_uid, journal.series_uid, some)
            for sop_uid, read in given.items():
                if self._take(read, received) != sop_uid:
                    self._aside.setdefault(journal, set()).add(sop_uid)

    def _take(self, read: ReadBack, received: Received) -> str:
        """Keep one act, sound or broken; returns the UID under which a sound one is kept, else nothing."""
        act, named = read.act, f"{read.address.sop_uid}: {read.fault}"
        if act is None and self._stopping.is_set():
            return ""  # the child that judges may have ended with the station
        if act is None:
            self._alarm("ACT_BROKEN" if read.readable else "OBJECT_UNREADABLE", named, received)
            return ""
        if self._store.acts.add_received(act_record(act, read, self._clock())):
            received.acts += 1
            received.changed_reports.add(act.report.key)
            if self._learn is not None:
                self._learn(SignedAct(act=act, digest=read.digest, fault=read.fault))
            if read.fault:
                self._alarm("ACT_BROKEN", named, received)
        return "" if read.fault else act.sop_uid

    def _offer_again(self, node: Node, sop_uids: set[str]) -> int:
        """Put acts that the archive lost, and what they released, back into the outbox."""
        waiting = {
            item.sop_uid
            for item in self._store.outbox.items(node.name)
            if item.state in {Sent.WAITING, Sent.UNCONFIRMED}
        }
        again = 0
        for sop_uid in sorted(sop_uids - waiting):
            for record in self._store.acts.by_uid(sop_uid):
                if record.fault:
                    continue
                now = self._clock()
                self._store.outbox.offer(node.name, OutboxKind.ACT, sop_uid, record.digest, now=now)
                for released in self._store.publications.of_act(sop_uid):
                    self._store.outbox.offer(
                        node.name,
                        OutboxKind.PUBLICATION,
                        released.sop_uid,
                        released.digest,
                        now=now,
                    )
                again += 1
        return again

    def _releases(self, node: Node, received: Received) -> None:
        """Fetch the released SRs that acts name and that are not here, and compare them."""
        known = self._store.acts.signing_times(sound=True).keys()
        if known <= self._settled:
            return
        wanted = self._wanted()
        self._settled |= known - {act.sop_uid for act in wanted}
        client = self._client_of(node)
        for act in sorted(wanted, key=lambda a: self._failures.get(a.sop_uid, 0)):
            address = _address(act)
            if self._stopping.is_set() or (node.name, address.sop_uid) in self._altered:
                continue
            with self._noting_failure(act.sop_uid):
                read = self._archive.read_back(client, [address]).get(address.sop_uid)
            if read is not None:
                self._take_release(node, act, read, received)

    def _wanted(self) -> list[Act]:
        """The acts whose release is not here as they name it."""
        wanted = []
        for record in self._store.acts.of_kinds([k.value for k in RELEASING]):
            if record.sop_uid in self._settled:
                continue
            act = act_document.decode(record.content)
            reference = act.publication
            if reference is not None:
                here = self._store.publications.by_uid(reference.sop_uid)
                if reference.digest not in {r.digest for r in here}:
                    wanted.append(act)
        return wanted

    def _take_release(self, node: Node, act: Act, read: ReadBack, received: Received) -> None:
        reference = act.publication
        if reference is None:
            return
        sound = not read.fault and read.digest == reference.digest
        kept = self._store.publications.add_received(
            PublicationRecord(
                sop_uid=reference.sop_uid,
                digest=read.digest,
                act_uid=act.sop_uid,
                study_uid=reference.study_uid,
                content=read.content,
                received_at=self._clock(),
            )
        )
        if kept:
            received.changed_reports.add(act.report.key)
        if sound:
            self._settled.add(act.sop_uid)
            return
        self._altered.add((node.name, reference.sop_uid))
        why = read.fault or "not what was signed"
        self._alarm("RELEASE_BROKEN", f"{reference.sop_uid}: {why}", received)

    @contextlib.contextmanager
    def _noting_failure(self, uid: str) -> Iterator[None]:
        """What the archive failed on comes last in the next round, so that it never blocks the others."""
        try:
            yield
        except LineFailure:
            self._failures[uid] = self._failures.get(uid, 0) + 1
            raise

    def _alarm(self, what: str, detail: str, received: Received) -> None:
        self._store.alarms.add(self._clock(), what, detail)
        received.problems.append(SignatureFailure(ALARMS[what], detail=detail))


def _address(act: Act) -> Address:
    reference = act.publication
    if reference is None:
        raise BadInput("The act {uid} released nothing", uid=act.sop_uid)
    return Address(
        sop_class=ENHANCED_SR,
        study_uid=reference.study_uid,
        series_uid=reference.series_uid,
        sop_uid=reference.sop_uid,
    )
