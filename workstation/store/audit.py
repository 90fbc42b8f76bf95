"""The audit trail: who did what when, each line bound to the one before by its hash.

Changing, removing or reordering a line breaks every hash after it. Cutting off the end is seen by the signed acts,
which carry the head of this chain. Lines name patients by study UID only.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass

import sqlite_utils

from workstation.store.database import Database, time_of, time_text


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One line; ``hash`` covers all other fields and, through ``previous``, all lines before."""

    seq: int
    time: dt.datetime
    person: str
    what: str
    detail: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """What checking the chain found: how many lines hold from the first, and the first that does not (or None)."""

    holding: int
    broken_at: int | None
    head: str

    @property
    def is_whole(self) -> bool:
        """Whether every line holds."""
        return self.broken_at is None


def head_of(db: sqlite_utils.Database) -> str:
    """The hash of the newest line, empty when there is none."""
    row = db.conn.execute("SELECT hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    return row["hash"] if row else ""


def append(
    db: sqlite_utils.Database, time: dt.datetime, person: str, what: str, detail: str
) -> str:
    """Add a line inside a transaction and return the new head of the chain."""
    newest = db.conn.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    seq, previous = (newest["seq"] + 1, newest["hash"]) if newest else (1, "")
    line = {
        "seq": seq,
        "time": time_text(time),
        "person": person,
        "what": what,
        "detail": detail,
        "previous": previous,
    }
    line["hash"] = _hash(line)
    db.table("audit").insert(line)
    return str(line["hash"])


def _hash(line: dict[str, object]) -> str:
    fields = [line[k] for k in ("seq", "time", "person", "what", "detail", "previous")]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=True).encode()).hexdigest()


class Audit:
    """The trail of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, time: dt.datetime, person: str, what: str, detail: str) -> str:
        """Add one line on its own and return the new head. Where something else is written, use its transaction."""
        with self._database.writing() as db:
            return append(db, time, person, what, detail)

    def lines(self, *, after: int = 0) -> tuple[AuditLine, ...]:
        """The lines with a number above ``after``, oldest first."""
        rows = self._database.rows("SELECT * FROM audit WHERE seq > ? ORDER BY seq", [after])
        return tuple(
            AuditLine(**{k: row[k] for k in row.keys() if k != "time"}, time=time_of(row["time"]))  # noqa: SIM118 - a row iterates over its values
            for row in rows
        )

    def verify_chain(self) -> ChainReport:
        """Compute every hash again, from the first line on."""
        previous, holding = "", 0
        for row in self._database.rows("SELECT * FROM audit ORDER BY seq"):
            line = {k: row[k] for k in row.keys()}  # noqa: SIM118 - a row iterates over its values
            sound = row["seq"] == holding + 1 and row["previous"] == previous
            if not sound or row["hash"] != _hash(line):
                return ChainReport(holding=holding, broken_at=row["seq"], head=previous)
            previous, holding = row["hash"], holding + 1
        return ChainReport(holding=holding, broken_at=None, head=previous)
