"""Fetching a study from an archive into the local store: only what is missing, every object as it came.

What has come stays, whatever happens to the line; fetching again asks for the rest.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from viewer.sandbox import Callee
from workstation.domain.errors import LineFailure, NotFound
from workstation.network.dimse import ArchiveClient
from workstation.network.objects import ReceivedObject
from workstation.services.intake import Intake, Rejected
from workstation.settings import Node
from workstation.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchReport:
    """What a fetch brought: objects stored, known already, refused, and those the archive could not send."""

    stored: int
    already: int
    rejected: tuple[Rejected, ...]
    failed: int = 0
    cancelled: bool = False


class Fetching:
    """Fetches into one store.

    Args:
        store: where objects go.
        sandbox: the children that read them.
        client_of: the client of an archive.
        clock: the time of now.
        changed: called when the store has more than before.
    """

    def __init__(
        self,
        *,
        store: Store,
        sandbox: Callee,
        client_of: Callable[[Node], ArchiveClient],
        clock: Callable[[], dt.datetime],
        changed: Callable[[], None],
    ) -> None:
        self._store = store
        self._sandbox = sandbox
        self._client_of = client_of
        self._clock = clock
        self._changed = changed

    def fetch(
        self,
        study_uid: str,
        progress: Callable[[int, int], None],
        cancelled: Callable[[], bool],
    ) -> FetchReport:
        """Fetch what is missing of a study; blocking.

        Archives that listed the study are asked first; where the first cannot be reached the next is asked.

        Raises:
            NotFound: no archive is known, or none has the study.
            LineFailure: no archive could be reached; what had come stays.
            StoreFailure: the store cannot keep more; what had come stays.
        """
        failure: LineFailure | None = None
        for node in self._nodes(study_uid):
            try:
                report = self._fetch_from(node, study_uid, progress, cancelled)
            except LineFailure as error:
                failure = failure or error
                continue
            if report is not None:
                return report
        if failure is not None:
            raise failure
        raise NotFound("No archive has the study {study_uid}", study_uid=study_uid)

    def _nodes(self, study_uid: str) -> list[Node]:
        first = self._store.remote.nodes_of(study_uid)
        return sorted(self._store.nodes.all(), key=lambda n: (n.name not in first, n.name))

    def _fetch_from(
        self,
        node: Node,
        study_uid: str,
        progress: Callable[[int, int], None],
        cancelled: Callable[[], bool],
    ) -> FetchReport | None:
        """Fetch from one archive; None where it does not have the study."""
        client = self._client_of(node)
        listed = client.list_objects(study_uid)
        if not listed:
            return None
        here = self._store.index.known(found.sop_uid for found in listed)
        missing = [found.sop_uid for found in listed if found.sop_uid not in here]
        failed = 0
        with Intake(self._store, self._sandbox, self._clock, self._changed) as intake:

            def sink(received: ReceivedObject) -> None:
                intake.add(received.sop_uid, received.file_chunks())

            def told(done: int, total: int) -> None:
                progress(len(here) + done, len(here) + total)

            if missing:
                wanted = missing if here else None
                failed = client.get(
                    study_uid,
                    None,
                    wanted,
                    sink=sink,
                    progress=told,
                    cancelled=cancelled,
                    listed=listed,
                ).failed
        taken = intake.taken
        return FetchReport(
            stored=taken.stored,
            already=taken.already + len(here),
            rejected=taken.rejected,
            failed=failed,
            cancelled=cancelled(),
        )
