"""The composition root: from a home folder to a station, and from a folder to the embedded archive.

The only place where store, network, documents and services meet. Free of Qt.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from viewer.cache import FrameCache
from viewer.loading import Loader
from viewer.sandbox import Priority, Sandbox, SandboxError
from workstation import settings as options
from workstation.documents import roster_file
from workstation.documents.certificates import der_of
from workstation.documents.signature import Trust
from workstation.domain.act import JOURNAL_PATIENT_ID
from workstation.domain.roster import Roster
from workstation.network.dimse import ArchiveClient
from workstation.services.archive_node import serve
from workstation.services.fetching import Fetching
from workstation.services.histories import Histories
from workstation.services.importing import Importing
from workstation.services.reading_back import ArchiveReader
from workstation.services.receiving import Receiving
from workstation.services.reindexing import Reindexing
from workstation.services.released import Released
from workstation.services.reporting import Reporting
from workstation.services.sending import Sending
from workstation.services.sessions import Sessions
from workstation.services.signing import Signing
from workstation.services.station import Station
from workstation.services.studies import Studies
from workstation.services.syncing import Syncing
from workstation.services.worklist import Worklist
from workstation.settings import Node, Settings
from workstation.store.credentials import Credentials
from workstation.store.home import Store

# Decoders only: what reads headers comes with the first import, and goes again when it is at rest.
_PRELOAD = ("viewer.decoding.filling",)


class _Line(TypedDict):
    """What sending and receiving have in common."""

    store: Store
    client_of: Callable[[Node], ArchiveClient]
    archive: ArchiveReader
    clock: Callable[[], dt.datetime]


class LazySandbox:
    """A sandbox whose children start with the first call: many commands never need one."""

    def __init__(self, memory_bytes: int, seconds: float) -> None:
        self._memory_bytes = memory_bytes
        self._seconds = seconds
        self._lock = threading.Lock()
        self._sandbox: Sandbox | None = None
        self._is_closed = False

    def warm(self) -> None:
        """Start the children now, before somebody waits for them."""
        self._started()

    def call(
        self,
        target: str,
        *args: object,
        seconds: float | None = None,
        on_report: Callable[[Any], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        priority: Priority = Priority.COMPUTE,
    ) -> Any:
        """As ``viewer.sandbox.Sandbox.call``."""
        return self._started().call(
            target,
            *args,
            seconds=seconds,
            on_report=on_report,
            cancelled=cancelled,
            priority=priority,
        )

    def close(self) -> None:
        """End the children."""
        with self._lock:
            self._is_closed = True
            sandbox, self._sandbox = self._sandbox, None
        if sandbox is not None:
            sandbox.close()

    def _started(self) -> Sandbox:
        with self._lock:
            if self._is_closed:
                raise SandboxError("closed", "The image process is closed.")
            if self._sandbox is None:
                # A spare comes with the first call: the study that is looked at in the list makes it.
                self._sandbox = Sandbox(
                    self._memory_bytes, self._seconds, _PRELOAD, resting_children=1
                )
            return self._sandbox


def now() -> dt.datetime:
    """The station's clock: local time with its offset."""
    return dt.datetime.now().astimezone()


def build(home: Path, clock: Callable[[], dt.datetime] = now) -> Station:
    """The station whose folder is ``home``, made where there is none.

    Raises:
        BadInput: the settings or the roster file are wrong, naming what.
        StoreFailure: the store cannot be opened.
        SignatureFailure: the roster is not signed by the region's root.
    """
    chosen = options.load(home)
    credentials = Credentials(home / "region")
    roster, trust = _region(credentials)
    store = Store.open(
        home, name=chosen.station_name, volume_budget_bytes=chosen.volume_budget_mb << 20
    )
    sandbox = LazySandbox(chosen.child_memory_mb << 20, chosen.child_seconds)
    workshop = _Workshop(
        settings=chosen, roster=roster, trust=trust, store=store, sandbox=sandbox, clock=clock
    )
    return workshop.station(credentials)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Workshop:
    """What every service of one station is made of."""

    settings: Settings
    roster: Roster
    trust: Trust
    store: Store
    sandbox: LazySandbox
    clock: Callable[[], dt.datetime]

    def station(self, credentials: Credentials) -> Station:
        """All services, joined: a change of a report or of the store reaches the list."""
        reindexing = Reindexing(store=self.store, sandbox=self.sandbox, clock=self.clock)
        studies = Studies(store=self.store, reindexing=reindexing)
        histories = Histories(self.store, self.roster)
        reporting = self._reporting(studies, histories)
        worklist = self._worklist(reporting)
        reporting.listen(lambda _key: worklist.notify())
        reader = ArchiveReader(self.sandbox, self.trust)
        frames = FrameCache(self.settings.cache_mb << 20)
        return Station(
            settings=self.settings,
            roster=self.roster,
            trust=self.trust,
            store=self.store,
            sandbox=self.sandbox,
            loader=Loader(
                self.sandbox,
                frames,
                self.store.volumes.folder,
                volume_budget_bytes=self.settings.volume_mb << 20,
            ),
            sessions=Sessions(credentials, self.roster, self.clock),
            importing=Importing(
                store=self.store, sandbox=self.sandbox, clock=self.clock, changed=worklist.notify
            ),
            fetching=Fetching(
                store=self.store,
                sandbox=self.sandbox,
                client_of=self.client_of,
                clock=self.clock,
                changed=worklist.notify,
            ),
            reindexing=reindexing,
            studies=studies,
            worklist=worklist,
            histories=histories,
            reporting=reporting,
            syncing=self._syncing(reader, reporting, histories),
            archive_reader=reader,
            released=Released(self.store, reader, self.clock),
            client_of=self.client_of,
        )

    def client_of(self, node: Node) -> ArchiveClient:
        """The client of an archive."""
        return ArchiveClient(
            node=node,
            our_aet=self.settings.station_aet,
            connect_seconds=self.settings.connect_seconds,
            answer_seconds=self.settings.answer_seconds,
        )

    def _reporting(self, studies: Studies, histories: Histories) -> Reporting:
        return Reporting(
            store=self.store,
            histories=histories,
            studies=studies,
            signing=Signing(self.store, self.roster, self.clock),
            roster=self.roster,
            clock=self.clock,
        )

    def _worklist(self, reporting: Reporting) -> Worklist:
        return Worklist(
            store=self.store,
            client_of=self.client_of,
            standing_of=reporting.standing_of,
            clock=self.clock,
            hidden_patient_ids=frozenset({JOURNAL_PATIENT_ID}),
            days=self.settings.worklist_days,
        )

    def _syncing(
        self, reader: ArchiveReader, reporting: Reporting, histories: Histories
    ) -> Syncing:
        line: _Line = {
            "store": self.store,
            "client_of": self.client_of,
            "archive": reader,
            "clock": self.clock,
        }
        return Syncing(
            store=self.store,
            sending=Sending(**line),
            receiving=Receiving(**line, learn=histories.learn),
            clock=self.clock,
            tell=reporting.tell,
            rest_s=self.settings.sync_seconds,
        )


def serve_archive(
    folder: Path,
    port: int,
    aet: str,
    *,
    ready: Callable[[int], None],
    stop: threading.Event,
) -> None:
    """Run the embedded archive over ``folder`` until ``stop`` is set."""
    serve(folder, port=port, aet=aet, ready=ready, stopped=stop)


def _region(credentials: Credentials) -> tuple[Roster, Trust]:
    """The region's people; nobody where the station has not been given a region yet."""
    if not credentials.is_installed():
        nobody = Roster(
            region="",
            issued=dt.datetime.min.replace(tzinfo=dt.UTC),
            expires=dt.date.max,
            people=(),
            sites=(),
            digest="",
        )
        return nobody, Trust(roots=())
    return roster_file.parse(credentials.roster(), der_of(credentials.root_certificate()))
