"""Released reports that arrived with a study: do they say what their acts say?

Images and reports come from the archive together. An SR under the UID of a known release is judged; one that was
altered raises an alarm and is told, and the rest of the study goes on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from workstation.documents import act_document
from workstation.documents.address import ENHANCED_SR
from workstation.domain.act import PublicationRef
from workstation.domain.errors import CosightError, SignatureFailure
from workstation.services.reading_back import ArchiveReader
from workstation.services.receiving import ALARMS
from workstation.store.home import Store


class Released:
    """Compares what lies in a study with what was signed."""

    def __init__(
        self, store: Store, archive: ArchiveReader, clock: Callable[[], dt.datetime]
    ) -> None:
        self._store = store
        self._archive = archive
        self._clock = clock

    def check(self, study_uid: str) -> tuple[CosightError, ...]:
        """What is wrong with the released reports of a study that lie here."""
        references = self._references(study_uid)
        found: list[CosightError] = []
        for instance in self._store.index.instances(study_uid):
            if instance.sop_class != ENHANCED_SR:
                continue
            reference = references.get(instance.sop_uid)
            why = self._fault(instance.path.read_bytes(), reference)
            if why:
                detail = f"{instance.sop_uid}: {why}"
                self._store.alarms.add(self._clock(), "RELEASE_BROKEN", detail)
                found.append(SignatureFailure(ALARMS["RELEASE_BROKEN"], detail=detail))
        return tuple(found)

    def _fault(self, content: bytes, reference: PublicationRef | None) -> str:
        try:
            read = self._archive.judge(content)
        except CosightError as error:
            return str(error)
        if not read.digest:
            return read.fault if reference is not None else ""
        if reference is not None and read.digest != reference.digest:
            return read.fault or "not what was signed"
        return read.fault

    def _references(self, study_uid: str) -> dict[str, PublicationRef]:
        sound = (r for r in self._store.acts.of_study(study_uid) if not r.fault)
        acts = (act_document.decode(record.content) for record in sound)
        named = (a.publication for a in acts if a.publication is not None)
        return {reference.sop_uid: reference for reference in named}
