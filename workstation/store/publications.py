"""The released SRs this station made or fetched, as the bytes that were signed.

As with acts, two contents under one SOP Instance UID are both kept.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from dataclasses import dataclass

import sqlite_utils

from workstation.store import alarms
from workstation.store.database import Database, time_of, time_text


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationRecord:
    """One released SR; ``act_uid`` is the act that released it, ``received_at`` None when it was made here."""

    sop_uid: str
    digest: str
    act_uid: str
    study_uid: str
    content: bytes
    received_at: dt.datetime | None = None


def insert(db: sqlite_utils.Database, publication: PublicationRecord) -> bool:
    """Keep a publication inside a transaction; False when exactly this one is known already."""
    key = [publication.sop_uid, publication.digest]
    known = db.conn.execute("SELECT 1 FROM publications WHERE sop_uid = ? AND digest = ?", key)
    if known.fetchone():
        return False
    received = publication.received_at
    db.table("publications").insert(
        {
            "sop_uid": publication.sop_uid,
            "digest": publication.digest,
            "act_uid": publication.act_uid,
            "study_uid": publication.study_uid,
            "content": publication.content,
            "received_at": time_text(received) if received else None,
        }
    )
    return True


def record_of(row: sqlite3.Row) -> PublicationRecord:
    """The publication of a row of the table."""
    received = row["received_at"]
    return PublicationRecord(
        sop_uid=row["sop_uid"],
        digest=row["digest"],
        act_uid=row["act_uid"],
        study_uid=row["study_uid"],
        content=row["content"],
        received_at=time_of(received) if received else None,
    )


class Publications:
    """Reading the publications, and keeping those that came from elsewhere."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def by_uid(self, sop_uid: str) -> tuple[PublicationRecord, ...]:
        """Every content known under that SOP Instance UID."""
        return self._all("sop_uid = ?", sop_uid)

    def of_study(self, study_uid: str) -> tuple[PublicationRecord, ...]:
        """The publications in that study."""
        return self._all("study_uid = ?", study_uid)

    def of_act(self, act_uid: str) -> tuple[PublicationRecord, ...]:
        """What that act published."""
        return self._all("act_uid = ?", act_uid)

    def add_received(self, publication: PublicationRecord) -> bool:
        """Keep a publication that came from an archive; False when exactly this one is known already.

        Another content under a known UID is kept beside the first and raises an alarm in the same transaction.
        """
        with self._database.writing() as db:
            others = db.conn.execute(
                "SELECT digest FROM publications WHERE sop_uid = ?", [publication.sop_uid]
            ).fetchall()
            added = insert(db, publication)
            if added and others:
                time = publication.received_at or dt.datetime.now(dt.UTC)
                detail = f"{publication.sop_uid} {publication.digest} {others[0]['digest']}"
                alarms.insert(db, time, "PUBLICATION_UID_REUSED", detail)
            return added

    def _all(self, condition: str, value: str) -> tuple[PublicationRecord, ...]:
        found = self._database.rows(
            f"SELECT * FROM publications WHERE {condition} ORDER BY sop_uid, digest",  # noqa: S608 - made of fixed words only
            [value],
        )
        return tuple(record_of(row) for row in found)
