"""What was refused and why: every object that arrived and is not in the index, with its reason.

Objects that contradict a known one under the same UID are kept apart with their bytes; of what could not even be
named only the reason stays, for its giver still has it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workstation.domain.errors import BadInput, CosightError
from workstation.store.database import Database, time_of, time_text
from workstation.store.files import Files


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedObject:
    """One refused object: ``name`` as the person who gave it knows it, ``path`` where its bytes are kept apart."""

    name: str
    reason: CosightError
    time: dt.datetime
    sop_uid: str = ""
    path: Path | None = None


class RejectedObjects:
    """The refused objects of one store."""

    def __init__(self, database: Database, files: Files) -> None:
        self._database = database
        self._files = files

    def add(self, name: str, reason: CosightError, now: dt.datetime) -> None:
        """Note a refusal; the same name refused again for the same reason is noted once, at its newest time."""
        self.add_all([(name, reason)], now)

    def add_all(self, refusals: Sequence[tuple[str, CosightError]], now: dt.datetime) -> None:
        """Note several refusals (name, reason) together."""
        with self._database.writing() as db:
            for name, reason in refusals:
                fields = json.dumps({k: str(v) for k, v in reason.fields.items()})
                key = [name, reason.template, fields]
                db.conn.execute(
                    "DELETE FROM rejected WHERE name = ? AND template = ? AND fields = ? AND file_id = ''",
                    key,
                )
                db.conn.execute(
                    "INSERT INTO rejected (name, template, fields, time, sop_uid, digest, file_id) "
                    "VALUES (?, ?, ?, ?, '', '', '')",
                    [*key, time_text(now)],
                )

    def all(self) -> tuple[RejectedObject, ...]:
        """Every refusal, newest first."""
        rows = self._database.rows("SELECT * FROM rejected ORDER BY id DESC")
        return tuple(
            RejectedObject(
                name=row["name"],
                reason=BadInput(row["template"], **json.loads(row["fields"])),
                time=time_of(row["time"]),
                sop_uid=row["sop_uid"],
                path=self._files.path(row["file_id"]) if row["file_id"] else None,
            )
            for row in rows
        )
