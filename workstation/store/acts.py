"""The signed acts this station knows, its own and those of others, as the bytes that were signed.

Two different contents under one SOP Instance UID are both kept: which of them counts is judged elsewhere. What an act
says is known here only by the columns that lists need.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import sqlite_utils

from workstation.store import alarms
from workstation.store.database import Database, time_of, time_text


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRecord:
    """One act with its bytes.

    ``digest`` is what names it in later acts, ``fault`` says what is wrong with its signature ('' if it holds),
    ``received_at`` is None for an act made here, ``study_uid`` is the report's home study.
    """

    sop_uid: str
    digest: str
    station_id: str
    number: int
    report_key: str
    study_uid: str
    kind: str
    time: dt.datetime
    content: bytes
    fault: str = ""
    received_at: dt.datetime | None = None


def insert(db: sqlite_utils.Database, act: ActRecord) -> bool:
    """Keep an act inside a transaction; False when exactly this one is known already."""
    known = db.conn.execute(
        "SELECT 1 FROM acts WHERE sop_uid = ? AND digest = ?", [act.sop_uid, act.digest]
    ).fetchone()
    if known:
        return False
    db.table("acts").insert(
        {
            "sop_uid": act.sop_uid,
            "digest": act.digest,
            "station_id": act.station_id,
            "number": act.number,
            "report_key": act.report_key,
            "study_uid": act.study_uid,
            "kind": act.kind,
            "time": time_text(act.time),
            "content": act.content,
            "fault": act.fault,
            "received_at": time_text(act.received_at) if act.received_at else None,
        }
    )
    return True


def record_of(row: sqlite3.Row) -> ActRecord:
    """The act of a row of the table."""
    received = row["received_at"]
    return ActRecord(
        sop_uid=row["sop_uid"],
        digest=row["digest"],
        station_id=row["station_id"],
        number=row["number"],
        report_key=row["report_key"],
        study_uid=row["study_uid"],
        kind=row["kind"],
        time=time_of(row["time"]),
        content=row["content"],
        fault=row["fault"],
        received_at=time_of(received) if received else None,
    )


class Acts:
    """Reading the acts, and keeping those that came from elsewhere."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_report(self, report_key: str) -> tuple[ActRecord, ...]:
        """The acts on one report, oldest signing time first."""
        return self._all("report_key = ?", report_key)

    def of_study(self, study_uid: str) -> tuple[ActRecord, ...]:
        """The acts on the reports whose home is that study."""
        return self._all("study_uid = ?", study_uid)

    def of_station(self, station_id: str) -> tuple[ActRecord, ...]:
        """One station's journal as far as it is here, by number."""
        found = self._database.rows(
            "SELECT * FROM acts WHERE station_id = ? ORDER BY number, digest", [station_id]
        )
        return tuple(record_of(row) for row in found)

    def by_uid(self, sop_uid: str) -> tuple[ActRecord, ...]:
        """Every content known under that SOP Instance UID: none, one, or more than one after a forgery."""
        return self._all("sop_uid = ?", sop_uid)

    def report_keys(self) -> frozenset[str]:
        """The reports on which there is any act."""
        rows = self._database.rows("SELECT DISTINCT report_key FROM acts")
        return frozenset(row["report_key"] for row in rows)

    def report_keys_of(self, study_uid: str) -> frozenset[str]:
        """The reports with an act whose home is that study."""
        rows = self._database.rows(
            "SELECT DISTINCT report_key FROM acts WHERE study_uid = ?", [study_uid]
        )
        return frozenset(row["report_key"] for row in rows)

    def signing_times(self, *, sound: bool = False) -> dict[str, dt.datetime]:
        """When each known act was signed, by SOP Instance UID: its journal's study and series follow from it.

        With ``sound`` only of acts whose signatures hold: a forgery must not pass for the act whose UID it bears.
        """
        rows = self._database.rows(
            "SELECT sop_uid, time FROM acts WHERE NOT ? OR fault = ''", [sound]
        )
        return {row["sop_uid"]: time_of(row["time"]) for row in rows}

    def of_kinds(self, kinds: Sequence[str]) -> tuple[ActRecord, ...]:
        """The acts of the given kinds whose signatures hold."""
        marks = ", ".join("?" for _ in kinds)
        found = self._database.rows(
            f"SELECT * FROM acts WHERE fault = '' AND kind IN ({marks}) ORDER BY time",  # noqa: S608 - made of fixed words only
            list(kinds),
        )
        return tuple(record_of(row) for row in found)

    def known_uids(self, prefix: str) -> frozenset[str]:
        """The SOP Instance UIDs known below ``prefix`` (a station's UID root and branch, without the last dot)."""
        below = prefix.rstrip(".") + "."
        rows = self._database.rows(
            "SELECT DISTINCT sop_uid FROM acts WHERE substr(sop_uid, 1, ?) = ?", [len(below), below]
        )
        return frozenset(row["sop_uid"] for row in rows)

    def numbers(self) -> dict[str, frozenset[int]]:
        """The journal numbers that are here, by station id: what is missing follows from them."""
        numbers: dict[str, set[int]] = {}
        for row in self._database.rows("SELECT DISTINCT station_id, number FROM acts"):
            numbers.setdefault(row["station_id"], set()).add(row["number"])
        return {station: frozenset(found) for station, found in numbers.items()}

    def add_received(self, act: ActRecord) -> bool:
        """Keep an act that came from an archive; False when exactly this one is known already.

        Another content under a known UID is kept beside the first and raises an alarm in the same transaction.
        """
        with self._database.writing() as db:
            others = db.conn.execute(
                "SELECT digest FROM acts WHERE sop_uid = ?", [act.sop_uid]
            ).fetchall()
            added = insert(db, act)
            if added and others:
                time = act.received_at or act.time
                detail = f"{act.sop_uid} {act.digest} {others[0]['digest']}"
                alarms.insert(db, time, "ACT_UID_REUSED", detail)
            return added

    def set_fault(self, sop_uid: str, digest: str, fault: str) -> None:
        """Note what a later judgement of the signature found ('' when it holds)."""
        with self._database.writing() as db:
            db.conn.execute(
                "UPDATE acts SET fault = ? WHERE sop_uid = ? AND digest = ?",
                [fault, sop_uid, digest],
            )

    def _all(self, condition: str, value: str) -> tuple[ActRecord, ...]:
        found = self._database.rows(
            f"SELECT * FROM acts WHERE {condition} ORDER BY time, sop_uid, digest",  # noqa: S608 - made of fixed words only
            [value],
        )
        return tuple(record_of(row) for row in found)
