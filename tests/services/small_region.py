"""A region for the services' tests: real keys, real stations on real stores, an archive node on loopback.

Keys are made once per run and children are shared by all stations, so that a test pays only for what it asks.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.store.records import parsed
from viewer.sandbox import Sandbox
from workstation import wiring
from workstation.documents import keys, roster_file
from workstation.documents.keys import SigningKey
from workstation.domain.act import ReportText
from workstation.domain.errors import LineFailure
from workstation.domain.roster import Level, Term
from workstation.domain.study import PatientIdentity, StudyFacts
from workstation.network.dimse import ArchiveClient
from workstation.services.archive_node import ArchiveNode
from workstation.services.receiving import Receiving
from workstation.services.sending import Sending
from workstation.services.sessions import Session
from workstation.services.station import Station
from workstation.services.syncing import Syncing
from workstation.settings import Node
from workstation.store import Store
from workstation.store.credentials import Credentials

DATABASE = "store.db"
CHINA = dt.timezone(dt.timedelta(hours=8))
MADE = dt.datetime(2026, 11, 22, 8, 0, tzinfo=CHINA)
LEVELS = {
    "lilei": Level.FIRST,
    "zhoutao": Level.FIRST,
    "hanmei": Level.SECOND,
    "sunli": Level.SECOND,
    "chenchen": Level.TRAINEE,
    "wuming": None,
}
STUDY = "1.2.826.0.1.3680043.8.498.77"
PATIENT = PatientIdentity(
    patient_id="0004412",
    issuer="REGION",
    name="Wang^Xiuying=王^秀英",
    birth_date="19700302",
    sex="F",
)
TEXT = ReportText(findings="右肺上叶见一结节，约 8 mm。", impression="右肺上叶结节，建议复查。")
OTHER = ReportText(findings="双肺未见异常。", impression="未见明确异常。")


class Clock:
    """A clock that tests turn; each look moves it by a millisecond."""

    def __init__(self, start: dt.datetime) -> None:
        self.time = start

    def __call__(self) -> dt.datetime:
        self.time += dt.timedelta(milliseconds=1)
        return self.time

    def forward(self, **span: float) -> None:
        self.time += dt.timedelta(**span)


@cache
def root(name: str) -> SigningKey:
    return keys.make_root(name, MADE, bits=keys.SMALLEST_KEY_BITS)


@cache
def key_of(person_id: str, region: str) -> SigningKey:
    subject = keys.Subject(person_id=person_id, name=person_id, organisation="Centre")
    return keys.issue(root(region), subject, MADE, bits=keys.SMALLEST_KEY_BITS)


@cache
def roster(region: str) -> bytes:
    people = tuple(
        roster_file.EnrolledPerson(
            person_id=person,
            name=f"{person.title()}^{person.title()}=某^某",
            site="中心医院",
            terms=(Term(level=level, since=MADE.date() - dt.timedelta(days=30)),) if level else (),
            certificates=(key_of(person, region).certificate_der,),
        )
        for person, level in LEVELS.items()
    )
    content = roster_file.RosterContent(
        region=region,
        issued=MADE,
        expires=(MADE + dt.timedelta(days=90)).date(),
        people=people,
        sites=(),
    )
    return roster_file.dump(content, root(region))


def facts(uid: str = STUDY, **changes: Any) -> StudyFacts:
    given: dict[str, Any] = {
        "study_uid": uid,
        "patient": PATIENT,
        "accession": "CT1",
        "date": "20261122",
        "time": "081500",
        "description": "胸部平扫",
        "modalities": ("CT",),
    }
    return StudyFacts(**{**given, **changes})


class SharedChildren:
    """The children that all stations of a test run share; a station's end does not end them."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def warm(self) -> None:
        """They are."""

    def call(self, target: str, *args: object, **named: Any) -> Any:
        return self._sandbox.call(target, *args, **named)

    def close(self) -> None:
        """Not yet."""


@dataclass
class SmallRegion:
    """Where a test's stations lie, and the clock they share."""

    folder: Path
    sandbox: Sandbox
    clock: Clock
    stations: list[Station] = field(default_factory=list)
    nodes: list[ArchiveNode] = field(default_factory=list)
    stores: list[Store] = field(default_factory=list)

    def station(self, name: str = "a", *, region: str = "Test region") -> Station:
        """A station that belongs to the region, opened on its home (again)."""
        home = self.folder / name
        credentials = Credentials(home / "region")
        if not credentials.is_installed():
            credentials.install_region(root(region).certificate_pem, roster(region))
        station = wiring.build(home, clock=self.clock)
        self.stations.append(station)
        return station

    def archive(self, name: str = "archive", largest_bytes: int = 1 << 30) -> tuple[Node, Store]:
        """The embedded archive over a store of its own, listening on loopback."""
        store = Store.open(self.folder / name, name="ARCHIVE")
        serving = ArchiveNode(
            store=store, sandbox=self.sandbox, aet="ARCHIVE", largest_bytes=largest_bytes
        )
        self.stores.append(store)
        self.nodes.append(serving)
        node = Node(name=name, aet="ARCHIVE", host="127.0.0.1", port=serving.start())
        return node, store

    def close(self) -> None:
        for station in self.stations:
            station.close()
        for node in self.nodes:
            node.stop()
        for store in self.stores:
            store.close()


@contextmanager
def small_region(
    folder: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SmallRegion]:
    monkeypatch.setattr(wiring, "LazySandbox", lambda *_limits: SharedChildren(sandbox))
    region = SmallRegion(folder, sandbox, Clock(MADE + dt.timedelta(hours=2)))
    try:
        yield region
    finally:
        region.close()


def session(station: Station, person_id: str, key: SigningKey | None = None) -> Session:
    """As a log-in makes it, without the half second that Argon2id takes on purpose."""
    person = station.roster.person(person_id)
    assert person is not None
    region = station.roster.region
    levels = person.levels_on(MADE.date())
    return Session(person=person, levels=levels, key=key or key_of(person_id, region))


def keep_study(station: Station, study: StudyFacts | None = None, images: int = 2) -> str:
    """A study with images in the station's index."""
    known = study or facts()
    for number in range(1, images + 1):
        content = f"{known.study_uid} {number}".encode()
        station.store.index.add_instance(
            parsed(
                f"{known.study_uid}.1.{number}", content=content, study_facts=known, number=number
            ),
            station.store.files.stage(content),
            MADE,
        )
    return known.study_uid


def change(station: Station, sql: str, *values: object) -> None:
    """Change the station's database behind its back, as somebody with the disk in hands could."""
    with closing(sqlite3.connect(station.store.volumes.folder.parent / DATABASE)) as db:
        db.execute(sql, values)
        db.commit()


@dataclass
class Line:
    """The real client of an archive, whose calls are counted and can be made to fail."""

    station: Station
    calls: list[str] = field(default_factory=list)
    broken: Callable[[str, int], bool] = lambda _name, _count: False
    changed: Callable[[tuple[bytes, ...]], tuple[bytes, ...]] = lambda contents: contents

    def client_of(self, node: Node) -> Any:
        return _Client(self, self.station.client_of(node))

    def syncing(self) -> Syncing:
        """Syncing over this line, otherwise as the station's own."""
        station, clock = self.station, self.station.reporting._clock
        made: dict[str, Any] = {
            "store": station.store,
            "client_of": self.client_of,
            "archive": station.archive_reader,
            "clock": clock,
        }
        return Syncing(
            store=station.store,
            sending=Sending(**made),
            receiving=Receiving(**made),
            clock=clock,
            tell=station.reporting.tell,
            rest_s=0.05,
        )


class _Client:
    def __init__(self, line: Line, client: ArchiveClient) -> None:
        self._line = line
        self._client = client

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._client, name)

        def call(*args: Any, **named: Any) -> Any:
            self._line.calls.append(name)
            if self._line.broken(name, self._line.calls.count(name)):
                raise LineFailure("{node} cannot be reached", node="archive")
            answer = real(*args, **named)
            if name == "get_bytes":
                return self._line.changed(answer)
            return answer

        return call


def files_of(store: Store, studies: Sequence[str] | None = None) -> dict[str, Path]:
    """What an archive holds, by SOP Instance UID."""
    wanted = [s.study_uid for s in store.index.studies()] if studies is None else studies
    return {i.sop_uid: i.path for uid in wanted for i in store.index.instances(uid)}
