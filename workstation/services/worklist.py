"""The worklist: the archives' studies and the local ones in one list, with the standing of their reports.

Rows come from the local store only, so the list is there at once and without the line; refreshing asks the archives.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from workstation.domain.errors import LineFailure
from workstation.domain.study import StudyFacts
from workstation.domain.worklist import ReportStanding, WorklistRow
from workstation.network.dimse import ArchiveClient
from workstation.settings import Node
from workstation.store import Store

_FILLED_FROM_HERE = (
    "accession", "procedure_id", "description", "body_part", "institution", "referring_physician", "age",
    "study_id", "time",
)  # fmt: skip


class Worklist:
    """The list of one station.

    Args:
        store: the local store.
        client_of: the client of an archive.
        standing_of: what the list says of a study's report.
        clock: the time of now, aware.
        hidden_patient_ids: pseudo-patients that no list shows (the journals).
        days: how many days back archives are asked for; 0 asks for all.
    """

    def __init__(
        self,
        *,
        store: Store,
        client_of: Callable[[Node], ArchiveClient],
        standing_of: Callable[[StudyFacts], ReportStanding],
        clock: Callable[[], dt.datetime],
        hidden_patient_ids: frozenset[str] = frozenset(),
        days: int = 0,
    ) -> None:
        self._store = store
        self._client_of = client_of
        self._standing_of = standing_of
        self._clock = clock
        self._hidden = hidden_patient_ids
        self._days = days
        self._listeners: list[Callable[[], None]] = []

    def rows(self) -> tuple[WorklistRow, ...]:
        """Every study known here or in an archive, newest first."""
        local = {facts.study_uid: facts for facts in self._store.index.studies()}
        remote: dict[str, StudyFacts] = {}
        for _, facts in self._store.remote.studies():
            remote[facts.study_uid] = _fuller(remote.get(facts.study_uid), facts)
        here = self._store.index.counts()
        released = self._store.index.released_counts()
        rows = []
        for study_uid in {**local, **remote}:
            facts = merged(remote.get(study_uid), local.get(study_uid))
            if facts.patient.patient_id in self._hidden:
                continue
            # Released reports lie among the study's objects. The archive may have been asked before the last one came.
            reports = released.get(study_uid, 0)
            images = max(0, here.get(study_uid, 0) - reports) if study_uid in local else 0
            total = facts.instance_count
            rows.append(
                WorklistRow(
                    facts=facts,
                    standing=self._standing_of(facts),
                    here=images,
                    total=None if total is None else max(images, total - reports),
                    in_archive=study_uid in remote,
                )
            )
        rows.sort(key=lambda row: (row.facts.date, row.facts.time), reverse=True)
        return tuple(rows)

    def refresh(self) -> None:
        """Ask every archive for its studies; the list keeps what an archive said last where it is silent.

        Raises:
            LineFailure: of the first archive that could not be asked, after all have been tried.
        """
        failure: LineFailure | None = None
        for node in self._store.nodes.all():
            try:
                found = self._client_of(node).find_studies(dates=self._dates())
            except LineFailure as error:
                failure = failure or error
                continue
            shown = [facts for facts in found if facts.patient.patient_id not in self._hidden]
            self._store.remote.replace(node.name, shown, self._clock())
        self.notify()
        if failure is not None:
            raise failure

    def listen(self, callback: Callable[[], None]) -> None:
        """Call back, from any thread, whenever the list may have changed."""
        self._listeners.append(callback)

    def notify(self) -> None:
        """Tell the listeners that the list may have changed."""
        for callback in tuple(self._listeners):
            callback()

    def _dates(self) -> str:
        if not self._days:
            return ""
        first = self._clock().astimezone().date() - dt.timedelta(days=self._days)
        return f"{first:%Y%m%d}-"


def merged(remote: StudyFacts | None, local: StudyFacts | None) -> StudyFacts:
    """The archive's words where it lists the study, filled up from the headers that lie here."""
    if remote is None or local is None:
        known = remote or local
        if known is None:
            raise ValueError("a row needs a study")
        # Nobody has said how many objects there are: what lies here is not the whole by itself.
        return known if known is remote else replace(known, instance_count=None)
    filled = {name: getattr(local, name) for name in _FILLED_FROM_HERE if not getattr(remote, name)}
    modalities = remote.modalities or local.modalities
    return replace(remote, modalities=modalities, **filled)


def _fuller(known: StudyFacts | None, facts: StudyFacts) -> StudyFacts:
    """Of two archives' answers the one that knows of more objects."""
    if known is None or (facts.instance_count or 0) > (known.instance_count or 0):
        return facts
    return known
