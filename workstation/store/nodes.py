"""The archives this station knows.

Adding one under a known name replaces it. Whether an archive answers is not known here, and no password or key is
kept in these rows.
"""

from __future__ import annotations

from workstation.settings import Node
from workstation.store.database import Database


class Nodes:
    """The archives of one station, by name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, node: Node) -> None:
        """Keep a node; one of that name is replaced."""
        with self._database.writing() as db:
            db.conn.execute(
                "INSERT OR REPLACE INTO nodes (name, aet, host, port, images_only) VALUES (?, ?, ?, ?, ?)",
                [node.name, node.aet, node.host, node.port, int(node.images_only)],
            )

    def remove(self, name: str) -> bool:
        """Forget a node; False when there is none of that name."""
        with self._database.writing() as db:
            return bool(db.conn.execute("DELETE FROM nodes WHERE name = ?", [name]).rowcount)

    def all(self) -> tuple[Node, ...]:
        """Every node by name."""
        rows = self._database.rows("SELECT * FROM nodes ORDER BY name")
        return tuple(
            Node(
                name=row["name"],
                aet=row["aet"],
                host=row["host"],
                port=row["port"],
                images_only=bool(row["images_only"]),
            )
            for row in rows
        )

    def get(self, name: str) -> Node | None:
        """The node of that name, or None."""
        return next((n for n in self.all() if n.name == name), None)
