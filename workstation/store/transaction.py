"""The one transaction of an act: act, publication, outbox rows, audit line and the end of the draft, all or nothing.

The head of the station's chain is read and extended inside it, so two processes never give one number twice.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlite_utils

from workstation.store import acts, alarms, audit, drafts, outbox, publications
from workstation.store.acts import ActRecord
from workstation.store.outbox import OutboxKind
from workstation.store.publications import PublicationRecord
from workstation.store.station import identity_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainHead:
    """Where the next act of this station stands.

    ``number`` is the number that the next act takes (1 for the first), ``previous_digest`` the digest of the act
    before it (empty for the first), ``audit_head`` the hash of the newest audit line.
    """

    station_id: str
    uid_root: str
    number: int
    previous_digest: str
    audit_head: str


class Transaction:
    """What may be read and written together; it ends with the ``with`` block that gave it."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db

    def chain_head(self) -> ChainHead:
        """The station's place for the next act, its own returned acts counted where the archive knew more."""
        station = identity_of(self._db)
        newest = self._db.conn.execute(
            "SELECT number, digest FROM acts WHERE station_id = ? AND fault = '' ORDER BY number DESC, rowid LIMIT 1",
            [station.station_id],
        ).fetchone()
        return ChainHead(
            station_id=station.station_id,
            uid_root=station.uid_root,
            number=newest["number"] + 1 if newest else 1,
            previous_digest=newest["digest"] if newest else "",
            audit_head=audit.head_of(self._db),
        )

    def acts_of(self, report_key: str) -> tuple[ActRecord, ...]:
        """The acts on one report as they are now, oldest signing time first."""
        found = self._db.conn.execute(
            "SELECT * FROM acts WHERE report_key = ? ORDER BY time, sop_uid, digest", [report_key]
        ).fetchall()
        return tuple(acts.record_of(row) for row in found)

    def add_act(self, act: ActRecord) -> bool:
        """Keep an act; False when exactly this one is known already."""
        return acts.insert(self._db, act)

    def add_publication(self, publication: PublicationRecord) -> bool:
        """Keep a publication; False when exactly this one is known already."""
        return publications.insert(self._db, publication)

    def add_outbox(
        self, node: str, kind: OutboxKind, sop_uid: str, digest: str, *, now: dt.datetime
    ) -> None:
        """Let an object go to a node, due at once."""
        outbox.insert(self._db, (node, kind, sop_uid, digest), now)

    def add_audit(self, time: dt.datetime, person: str, what: str, detail: str) -> str:
        """Add a line to the audit trail and return its new head."""
        return audit.append(self._db, time, person, what, detail)

    def add_alarm(self, time: dt.datetime, what: str, detail: str) -> None:
        """Tell people something that no program may settle."""
        alarms.insert(self._db, time, what, detail)

    def delete_draft(self, report_key: str, person_id: str | None = None) -> None:
        """Forget a draft; everybody's on that report where no person is named."""
        drafts.delete(self._db, report_key, person_id)
