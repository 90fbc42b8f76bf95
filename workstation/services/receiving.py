"""What others signed comes in: journals by their counts, then by their days, then by their numbers.

A journal is one study per station and month with one series per day, so the counts of one study-level query tell what
changed. A number that the archive lost is offered again; a broken or forged act is kept, told and never counts; a
release that an act names is fetched and compared with what the act says of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from workstation.documents import act_document
from workstation.documents.address import ENHANCED_SR, Address
from workstation.domain.act import JOURNAL_PATIENT_ID, Act, ActKind, journal_uids
from workstation.domain.errors import BadInput, CosightError, SignatureFailure
from workstation.network.dimse import ArchiveClient
from workstation.services.reading_back import ArchiveReader, ReadBack
from workstation.settings import Node
from workstation.store.acts import ActRecord
from workstation.store.home import Store
from workstation.store.outbox import OutboxKind, Sent
from workstation.store.publications import PublicationRecord

RELEASING = (
    ActKind.RELEASE_PRELIMINARY,
    ActKind.COSIGN,
    ActKind.WITHDRAW,
    ActKind.RESOLVE_FORK,
)

ALARMS: Mapping[str, str] = {
    "ACT_BROKEN": "An act in the archive has no valid signature and does not count: {detail}",
    "ACT_UID_REUSED": "Two different acts carry one UID; neither counts: {detail}",
    "RELEASE_BROKEN": "A released report in the archive was altered or its signature does not hold: {detail}",
    "PUBLICATION_UID_REUSED": "Two different released reports carry one UID: {detail}",
    "OBJECT_UNREADABLE": "An object in a journal cannot be read: {detail}",
}


@dataclass(slots=True, kw_only=True)
class Received:
    """What one round brought in."""

    acts: int = 0
    offered_again: int = 0
    problems: list[CosightError] = field(default_factory=list)
    changed_reports: set[str] = field(default_factory=set)


class Receiving:
    """Fetches the journals' new numbers from one node at a time."""

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
        self._unreadable: dict[str, set[str]] = {}

    def alarms(self) -> tuple[CosightError, ...]:
        """What no program may settle, newest first."""
        return tuple(
            SignatureFailure(ALARMS[alarm.what], detail=alarm.detail)
            for alarm in self._store.alarms.all()
            if alarm.what in ALARMS
        )

    def receive(self, node: Node) -> Received:
        """One round with a node.

        Raises:
            LineFailure: the node cannot be reached; what came in before stays.
        """
        client = self._client_of(node)
        received = Received()
        known = self._known()
        remote = {
            study.study_uid: study.instance_count
            for study in client.find_studies(patient_id=JOURNAL_PATIENT_ID)
        }
        for study_uid, count in remote.items():
            here = known.get(study_uid, {})
            if count is None or count != sum(map(len, here.values())):
                self._study(node, client, study_uid, here, received)
        for study_uid in known.keys() - remote.keys():
            lost = set().union(*known[study_uid].values())
            received.offered_again += self._offer_again(node, lost)
        self._releases(client, received)
        return received

    def _known(self) -> dict[str, dict[str, set[str]]]:
        """The acts here: journal study -> journal series -> SOP Instance UIDs."""
        known: dict[str, dict[str, set[str]]] = {}
        for sop_uid, time in self._store.acts.signing_times().items():
            study_uid, series_uid = journal_uids(sop_uid, time)
            known.setdefault(study_uid, {}).setdefault(series_uid, set()).add(sop_uid)
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
            known = here.get(series_uid, set()) | self._unreadable.get(series_uid, set())
            if count is not None and count == len(known):
                continue
            there = set(client.find_instances(study_uid, series_uid))
            missing = sorted(there - known)
            if missing:
                for content in client.get_bytes(study_uid, series_uid, missing):
                    self._take(content, received)
                refused = set(missing) - self._store.acts.signing_times().keys()
                self._unreadable.setdefault(series_uid, set()).update(refused)
            received.offered_again += self._offer_again(node, here.get(series_uid, set()) - there)
        for series_uid in here.keys() - remote.keys():
            received.offered_again += self._offer_again(node, here[series_uid])

    def _take(self, content: bytes, received: Received) -> None:
        """Keep one act, sound or broken."""
        try:
            read = self._archive.judge(content)
        except BadInput as error:
            self._alarm("OBJECT_UNREADABLE", str(error), received)
            return
        act = read.act
        if act is None:
            self._alarm("ACT_BROKEN", f"{read.address.sop_uid}: {read.fault}", received)
            return
        added = self._store.acts.add_received(self._record(act, read))
        if not added:
            return
        received.acts += 1
        received.changed_reports.add(act.report.key)
        if read.fault:
            self._alarm("ACT_BROKEN", f"{act.sop_uid}: {read.fault}", received)

    def _record(self, act: Act, read: ReadBack) -> ActRecord:
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
            received_at=self._clock(),
        )

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

    def _releases(self, client: ArchiveClient, received: Received) -> None:
        """Fetch the released SRs that acts name and that are not here, and compare them."""
        wanted: dict[str, Act] = {}
        for record in self._store.acts.of_kinds([k.value for k in RELEASING]):
            if not self._store.publications.of_act(record.sop_uid):
                act = act_document.decode(record.content)
                if act.publication is not None:
                    wanted[act.publication.sop_uid] = act
        addresses = [_address(act) for act in wanted.values()]
        for sop_uid, read in self._archive.read_back(client, addresses).items():
            self._take_release(wanted[sop_uid], read, received)

    def _take_release(self, act: Act, read: ReadBack, received: Received) -> None:
        reference = act.publication
        if reference is None:
            return
        self._store.publications.add_received(
            PublicationRecord(
                sop_uid=read.address.sop_uid,
                digest=read.digest,
                act_uid=act.sop_uid,
                study_uid=read.address.study_uid,
                content=read.content,
                received_at=self._clock(),
            )
        )
        received.changed_reports.add(act.report.key)
        if read.fault or read.digest != reference.digest:
            why = read.fault or "not what was signed"
            self._alarm("RELEASE_BROKEN", f"{read.address.sop_uid}: {why}", received)

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
