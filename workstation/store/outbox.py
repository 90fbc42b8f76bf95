"""What still has to reach which archive, as rows that several processes may work on.

A row is leased in the database, so the window and the command line never send one object at the same time; a lease
that ran out (its holder was killed) is free again. Rows are never removed: CONFIRMED means read back and verified.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlite_utils

from workstation.store.database import Database, time_of, time_text


class Sent(StrEnum):
    """How far an object is on its way to one node."""

    WAITING = "WAITING"
    UNCONFIRMED = "UNCONFIRMED"
    CONFIRMED = "CONFIRMED"
    REFUSED = "REFUSED"


class OutboxKind(StrEnum):
    """What lies in the outbox."""

    ACT = "ACT"
    PUBLICATION = "PUBLICATION"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxItem:
    """One object on its way to one node; ``lease_owner`` is empty while nobody works on it."""

    id: int
    node: str
    kind: OutboxKind
    sop_uid: str
    digest: str
    state: Sent
    attempts: int
    next_at: dt.datetime
    error: str
    lease_owner: str = ""


def insert(
    db: sqlite_utils.Database, item: tuple[str, OutboxKind, str, str], now: dt.datetime
) -> None:
    """Put (node, kind, SOP Instance UID, digest) into the outbox inside a transaction, due at once.

    Offering again what was confirmed or refused before makes it WAITING again; what waits keeps its place.
    """
    node, kind, sop_uid, digest = item
    db.conn.execute(
        """INSERT INTO outbox (node, kind, sop_uid, digest, state, attempts, next_at, error)
           VALUES (?, ?, ?, ?, 'WAITING', 0, ?, '')
           ON CONFLICT (node, kind, sop_uid, digest) DO UPDATE
           SET state = 'WAITING', attempts = 0, next_at = excluded.next_at, error = ''
           WHERE state IN ('CONFIRMED', 'REFUSED')""",
        [node, kind.value, sop_uid, digest, time_text(now)],
    )


def _item_of(row: sqlite3.Row | dict[str, Any]) -> OutboxItem:
    return OutboxItem(
        id=row["id"],
        node=row["node"],
        kind=OutboxKind(row["kind"]),
        sop_uid=row["sop_uid"],
        digest=row["digest"],
        state=Sent(row["state"]),
        attempts=row["attempts"],
        next_at=time_of(row["next_at"]),
        error=row["error"],
        lease_owner=row["lease_owner"] or "",
    )


class Outbox:
    """The rows of one store. A change on an item whose lease went to somebody else is not made and returns False."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def lease(
        self, node: str, *, now: dt.datetime, limit: int, owner: str, seconds: float = 120.0
    ) -> tuple[OutboxItem, ...]:
        """Take up to ``limit`` due items (WAITING or UNCONFIRMED) for ``owner``, oldest first.

        Nobody else gets them until the lease is given back or ``seconds`` have passed.
        """
        until = time_text(now + dt.timedelta(seconds=seconds))
        moment = time_text(now)
        with self._database.writing() as db:
            found = db.conn.execute(
                """SELECT * FROM outbox WHERE node = ? AND state IN ('WAITING', 'UNCONFIRMED') AND next_at <= ?
                   AND (lease_until IS NULL OR lease_until <= ?) ORDER BY id LIMIT ?""",
                [node, moment, moment, limit],
            ).fetchall()
            for row in found:
                db.conn.execute(
                    "UPDATE outbox SET lease_owner = ?, lease_until = ? WHERE id = ?",
                    [owner, until, row["id"]],
                )
        return tuple(_item_of({**dict(row), "lease_owner": owner}) for row in found)

    def confirm(self, item: OutboxItem) -> bool:
        """The object was read back and holds."""
        return self._settle(item, Sent.CONFIRMED, item.next_at, "")

    def sent(self, item: OutboxItem, *, next_at: dt.datetime, note: str = "") -> bool:
        """The node answered well but the object has not been read back; look again at ``next_at``."""
        return self._settle(item, Sent.UNCONFIRMED, next_at, note)

    def postpone(self, item: OutboxItem, *, next_at: dt.datetime, error: str) -> bool:
        """The attempt failed; try again at ``next_at``."""
        return self._settle(item, item.state, next_at, error)

    def refuse(self, item: OutboxItem, error: str) -> bool:
        """The node will never take it; a person has to look."""
        return self._settle(item, Sent.REFUSED, item.next_at, error)

    def release(self, owner: str) -> None:
        """Give back every lease of ``owner`` unchanged."""
        with self._database.writing() as db:
            db.conn.execute(
                "UPDATE outbox SET lease_owner = NULL, lease_until = NULL WHERE lease_owner = ?",
                [owner],
            )

    def offer(
        self, node: str, kind: OutboxKind, sop_uid: str, digest: str, *, now: dt.datetime
    ) -> None:
        """Put one object in, or make it WAITING again because the node no longer has it."""
        with self._database.writing() as db:
            insert(db, (node, kind, sop_uid, digest), now)

    def hasten(self, node: str, now: dt.datetime) -> None:
        """Make everything that waits for the node due now: the line is back."""
        with self._database.writing() as db:
            db.conn.execute(
                """UPDATE outbox SET next_at = ? WHERE node = ? AND next_at > ?
                   AND state IN ('WAITING', 'UNCONFIRMED')""",
                [time_text(now), node, time_text(now)],
            )

    def items(self, node: str | None = None) -> tuple[OutboxItem, ...]:
        """All rows, oldest first; of one node where it is named."""
        sql = "SELECT * FROM outbox WHERE ? IS NULL OR node = ? ORDER BY id"
        return tuple(_item_of(row) for row in self._database.rows(sql, [node, node]))

    def counts(self, node: str | None = None) -> dict[Sent, int]:
        """How many rows are in each state."""
        sql = "SELECT state, COUNT(*) AS n FROM outbox WHERE ? IS NULL OR node = ? GROUP BY state"
        found = {row["state"]: row["n"] for row in self._database.rows(sql, [node, node])}
        return {state: found.get(state.value, 0) for state in Sent}

    def _settle(self, item: OutboxItem, state: Sent, next_at: dt.datetime, error: str) -> bool:
        with self._database.writing() as db:
            changed = db.conn.execute(
                """UPDATE outbox SET state = ?, next_at = ?, error = ?, attempts = attempts + 1,
                   lease_owner = NULL, lease_until = NULL WHERE id = ? AND COALESCE(lease_owner, '') = ?""",
                [state.value, time_text(next_at), error, item.id, item.lease_owner],
            )
            return changed.rowcount == 1
