"""One reading station: its services in one value, made by the composition root and given to windows and commands.

Decides nothing; it only knows in which order things end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from viewer.loading import Loader
from viewer.sandbox import Callee
from workstation.documents.signature import Trust
from workstation.domain.roster import Roster
from workstation.network.dimse import ArchiveClient
from workstation.services.fetching import Fetching
from workstation.services.histories import Histories
from workstation.services.importing import Importing
from workstation.services.reading_back import ArchiveReader
from workstation.services.reindexing import Reindexing
from workstation.services.released import Released
from workstation.services.reporting import Reporting
from workstation.services.sessions import Sessions
from workstation.services.studies import Studies
from workstation.services.syncing import Syncing
from workstation.services.worklist import Worklist
from workstation.settings import Node, Settings
from workstation.store.home import Store


class Children(Callee, Protocol):
    """The killable children of a station."""

    def warm(self) -> None:
        """Start them before somebody waits."""

    def close(self) -> None:
        """End them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """Everything a window or a command may ask of a station. Close it at the end."""

    settings: Settings
    roster: Roster
    trust: Trust
    store: Store
    sandbox: Children
    loader: Loader
    sessions: Sessions
    importing: Importing
    fetching: Fetching
    reindexing: Reindexing
    studies: Studies
    worklist: Worklist
    histories: Histories
    reporting: Reporting
    syncing: Syncing
    archive_reader: ArchiveReader
    released: Released
    client_of: Callable[[Node], ArchiveClient]

    @property
    def name(self) -> str:
        """What the station is called."""
        return self.store.station.name or self.settings.station_name

    def nodes(self) -> tuple[Node, ...]:
        """The archives this station knows."""
        return self.store.nodes.all()

    def add_node(self, node: Node) -> None:
        """Know an archive; one of that name is replaced."""
        self.store.nodes.add(node)

    def close(self) -> None:
        """Stop the loops, then the child processes, then the store."""
        self.syncing.stop()
        self.loader.close()
        self.sandbox.close()
        self.store.close()
