"""What a person has to know and no program may settle: reused UIDs, rewritten journals, altered identities."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from workstation.store.database import Database, time_of, time_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One alarm: ``what`` is a name for programs, ``detail`` holds UIDs and digests, never a patient's name."""

    time: dt.datetime
    what: str
    detail: str


class Alarms:
    """The alarms of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, alarm: Alarm) -> None:
        """Keep an alarm; the same one again is kept once."""
        with self._database.writing() as db:
            db.conn.execute(
                """INSERT INTO alarms (time, what, detail) SELECT ?, ?, ?
                   WHERE NOT EXISTS (SELECT 1 FROM alarms WHERE what = ? AND detail = ?)""",
                [time_text(alarm.time), alarm.what, alarm.detail, alarm.what, alarm.detail],
            )

    def all(self) -> tuple[Alarm, ...]:
        """Every alarm, newest first."""
        rows = self._database.rows("SELECT * FROM alarms ORDER BY id DESC")
        return tuple(
            Alarm(time=time_of(r["time"]), what=r["what"], detail=r["detail"]) for r in rows
        )
