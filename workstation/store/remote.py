"""The last answer of each archive to the worklist query, so that the list is there at once and without the line.

An answer is replaced as a whole, never mixed with an older one. It says what an archive listed, not what lies here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from workstation.domain.study import StudyFacts
from workstation.store.database import Database, time_of, time_text
from workstation.store.study_rows import facts_of, row_of


class RemoteStudies:
    """What the archives said last."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def replace(self, node: str, studies: Iterable[StudyFacts], now: dt.datetime) -> None:
        """Put a node's whole answer in the place of its last one."""
        with self._database.writing() as db:
            db.conn.execute("DELETE FROM remote_studies WHERE node = ?", [node])
            for facts in studies:
                row = row_of(facts) | {"node": node, "seen_at": time_text(now)}
                counts = {
                    "series_count": facts.series_count,
                    "instance_count": facts.instance_count,
                }
                db.table("remote_studies").upsert(row | counts, pk=("node", "study_uid"))

    def studies(self) -> tuple[tuple[str, StudyFacts], ...]:
        """(node, facts) of everything that any archive listed, newest study first."""
        sql = "SELECT * FROM remote_studies ORDER BY date DESC, time DESC, study_uid, node"
        return tuple((row["node"], facts_of(row)) for row in self._database.rows(sql))

    def nodes_of(self, study_uid: str) -> tuple[str, ...]:
        """The names of the archives that listed the study."""
        sql = "SELECT node FROM remote_studies WHERE study_uid = ? ORDER BY node"
        return tuple(row["node"] for row in self._database.rows(sql, [study_uid]))

    def asked_at(self, node: str) -> dt.datetime | None:
        """When that node answered last with at least one study."""
        row = self._database.row(
            "SELECT MAX(seen_at) AS t FROM remote_studies WHERE node = ?", [node]
        )
        return time_of(row["t"]) if row and row["t"] else None
