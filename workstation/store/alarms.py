"""What a person has to know and no program may settle: reused UIDs, rewritten journals, altered identities.

An alarm is kept once however often it is found, and never removed. Its detail holds UIDs and digests only: these
lines reach logs, so no patient's name is ever in them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlite_utils

from workstation.store.database import Database, time_of, time_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One alarm: ``what`` is a name for programs, ``detail`` holds UIDs and digests, never a patient's name."""

    time: dt.datetime
    what: str
    detail: str


def insert(db: sqlite_utils.Database, time: dt.datetime, what: str, detail: str) -> bool:
    """Keep an alarm inside a transaction; False when the same one is known."""
    added = db.conn.execute(
        """INSERT INTO alarms (time, what, detail) SELECT ?, ?, ?
           WHERE NOT EXISTS (SELECT 1 FROM alarms WHERE what = ? AND detail = ?)""",
        [time_text(time), what, detail, what, detail],
    )
    return added.rowcount == 1


class Alarms:
    """The alarms of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, time: dt.datetime, what: str, detail: str) -> bool:
        """Keep an alarm; the same one again is kept once and gives False."""
        with self._database.writing() as db:
            return insert(db, time, what, detail)

    def all(self) -> tuple[Alarm, ...]:
        """Every alarm, newest first."""
        rows = self._database.rows("SELECT * FROM alarms ORDER BY id DESC")
        return tuple(
            Alarm(time=time_of(r["time"]), what=r["what"], detail=r["detail"]) for r in rows
        )
