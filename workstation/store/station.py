"""Who this station is: its id, the root of the UIDs it gives, its name.

The id is drawn once, when the store is made. The UID root is ``2.25.`` and the id as a number (PS3.5 B.2).
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

import sqlite_utils

from workstation.domain.errors import StoreFailure
from workstation.store.database import Database, time_text


@dataclass(frozen=True, slots=True, kw_only=True)
class StationIdentity:
    """The station: ``station_id`` (32 hex digits), ``uid_root`` (branches are added after a dot), ``name``."""

    station_id: str
    uid_root: str
    name: str


def identity_of(db: sqlite_utils.Database) -> StationIdentity:
    """The station's identity as seen inside a transaction."""
    row = db.conn.execute("SELECT * FROM station ORDER BY since DESC, rowid DESC").fetchone()
    if row is None:
        raise StoreFailure("The local store holds no station")
    return StationIdentity(station_id=row["id"], uid_root=row["uid_root"], name=row["name"])


def ensure_identity(database: Database, name: str, now: dt.datetime) -> StationIdentity:
    """The station's identity, drawn now if there is none yet."""
    with database.writing() as db:
        if db.conn.execute("SELECT 1 FROM station").fetchone() is None:
            drawn = uuid.uuid4()
            db.table("station").insert(
                {
                    "id": drawn.hex,
                    "uid_root": f"2.25.{drawn.int}",
                    "name": name,
                    "since": time_text(now),
                }
            )
        return identity_of(db)
