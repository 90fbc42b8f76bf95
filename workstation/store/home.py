"""The store of one station: everything it keeps, under one home folder.

``store.db`` (rows), ``files/xx/<id>.dcm`` (objects), ``volumes/`` (decoded, can be made again), ``incoming/``
(arriving). It decides nothing about reports and reads no DICOM.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from workstation.domain.errors import StoreFailure
from workstation.store.acts import Acts
from workstation.store.alarms import Alarms
from workstation.store.audit import Audit
from workstation.store.database import Database
from workstation.store.decoded import Decoded
from workstation.store.drafts import Drafts
from workstation.store.files import Files
from workstation.store.index import Index
from workstation.store.nodes import Nodes
from workstation.store.outbox import Outbox
from workstation.store.publications import Publications
from workstation.store.query import FUNCTIONS
from workstation.store.rejected import RejectedObjects
from workstation.store.remote import RemoteStudies
from workstation.store.schema import migrate
from workstation.store.station import StationIdentity, ensure_identity
from workstation.store.transaction import Transaction
from workstation.store.viewed import Viewed
from workstation.store.volumes import Volumes

VOLUME_BUDGET_BYTES = 8 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """The nouns of the store; every one is safe to use from any thread. ``station`` is who this station is."""

    home: Path
    station: StationIdentity
    database: Database
    files: Files
    index: Index
    rejected: RejectedObjects
    remote: RemoteStudies
    nodes: Nodes
    drafts: Drafts
    acts: Acts
    decoded: Decoded
    publications: Publications
    outbox: Outbox
    audit: Audit
    viewed: Viewed
    alarms: Alarms
    volumes: Volumes

    @staticmethod
    def open(
        home: Path, *, name: str = "", volume_budget_bytes: int = VOLUME_BUDGET_BYTES
    ) -> Store:
        """Open the store in ``home``, made where there is none; what a killed process left half done is removed.

        Args:
            home: the station's folder.
            name: what the station is called, used when the store is made.
            volume_budget_bytes: how much the area of decoded volumes may hold.

        Raises:
            StoreFailure: the disk is full or read-only, or the database is damaged; nothing was changed.
        """
        try:
            home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreFailure("The folder of the local store cannot be made") from error
        database = Database(home / "store.db", dict(FUNCTIONS))
        try:
            migrate(database)
            station = ensure_identity(database, name, dt.datetime.now(dt.UTC))
            files = Files(home, lambda file_id: _is_indexed(database, file_id))
            return _assembled(home, station, database, files, Volumes(home, volume_budget_bytes))
        except BaseException:
            database.close()
            raise

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """The one transaction of an act (BEGIN IMMEDIATE): all of it is kept, or nothing.

        Raises:
            StoreFailure: disk full, read-only, damaged or held too long by another process; nothing was changed.
            RuntimeError: a transaction is already open in this thread.
        """
        with self.database.writing() as db:
            yield Transaction(db)

    def close(self) -> None:
        """Close the files and the database; a write under way ends first."""
        self.files.close()
        self.database.close()


def _assembled(
    home: Path, station: StationIdentity, database: Database, files: Files, volumes: Volumes
) -> Store:
    return Store(
        home=home,
        station=station,
        database=database,
        files=files,
        index=Index(database, files),
        rejected=RejectedObjects(database, files),
        remote=RemoteStudies(database),
        nodes=Nodes(database),
        drafts=Drafts(database),
        acts=Acts(database),
        decoded=Decoded(database),
        publications=Publications(database),
        outbox=Outbox(database),
        audit=Audit(database),
        viewed=Viewed(database),
        alarms=Alarms(database),
        volumes=volumes,
    )


def _is_indexed(database: Database, file_id: str) -> bool:
    sql = "SELECT 1 FROM instances WHERE file_id = ? UNION SELECT 1 FROM rejected WHERE file_id = ?"
    return database.row(sql, [file_id, file_id]) is not None
