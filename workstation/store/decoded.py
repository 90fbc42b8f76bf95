"""Acts as they were decoded before: a table that can be made again, so that a list opens without decoding DICOM.

Knows texts by digest, nothing of what they say. ``form`` names how they were written; another program's are not taken.
"""

from __future__ import annotations

from collections.abc import Mapping

from workstation.store.database import Database


class Decoded:
    """The decoded acts of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def text(self, digest: str, form: str) -> str | None:
        """The act of that digest as it was kept, or None."""
        row = self._database.row(
            "SELECT text FROM decoded_acts WHERE digest = ? AND form = ?", [digest, form]
        )
        return str(row["text"]) if row else None

    def keep(self, texts: Mapping[str, str], form: str) -> None:
        """Keep acts by digest, in the place of what was kept of them before."""
        with self._database.writing() as db:
            db.conn.executemany(
                "INSERT OR REPLACE INTO decoded_acts VALUES (?, ?, ?)",
                [(digest, form, text) for digest, text in texts.items()],
            )
