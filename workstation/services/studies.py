"""The studies that lie here, as the reading window asks for them: series, frames, facts, and what was looked at.

Opening a study reads rows of the index; no DICOM is parsed, unless another version of the program wrote them.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from viewer.volume import DisplaySet, LocatedFrame, display_sets
from workstation.domain.act import SeriesCoverage
from workstation.domain.errors import NotFound
from workstation.domain.study import StudyFacts
from workstation.services.reindexing import Reindexing
from workstation.store import Store
from workstation.store.viewed import SeenFrame

_FLUSH_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRow:
    """One series that lies here; ``instance_count`` counts objects, ``image_count`` those with pixels."""

    series_uid: str
    modality: str
    number: int | None
    description: str
    body_part: str
    instance_count: int
    image_count: int


class Studies:
    """The studies of one store."""

    def __init__(self, *, store: Store, reindexing: Reindexing) -> None:
        self._store = store
        self._reindexing = reindexing
        self._lock = threading.Lock()
        self._noted: set[SeenFrame] = set()
        self._waiting: list[SeenFrame] = []
        self._flushed_at = time.monotonic()

    def series(self, study_uid: str) -> tuple[SeriesRow, ...]:
        """The series of a study by number."""
        return tuple(
            SeriesRow(
                series_uid=found.facts.series_uid,
                modality=found.facts.modality,
                number=found.facts.number,
                description=found.facts.description,
                body_part=found.facts.body_part,
                instance_count=found.instance_count,
                image_count=found.image_count,
            )
            for found in self._store.index.series(study_uid)
        )

    def frames(self, study_uid: str, series_uid: str | None = None) -> list[LocatedFrame]:
        """Every frame of a study or of one of its series, and the file it lies in.

        Raises:
            ImageError: the index is of another version and none of the files can be read anew.
        """
        return self._reindexing.located(self._store.index.frames(study_uid, series_uid))

    def stamp(self, study_uid: str) -> tuple[int, int]:
        """Changes when images are added to a study: whether what was read of it is still all."""
        return self._store.index.stamp(study_uid)

    def facts(self, study_uid: str) -> StudyFacts:
        """What is known of a study, here or in an archive. Raises NotFound."""
        local = self._store.index.study(study_uid)
        if local is not None:
            return local
        for _, facts in self._store.remote.studies():
            if facts.study_uid == study_uid:
                return facts
        raise NotFound("The study {study_uid} is not known here", study_uid=study_uid)

    def all(self) -> tuple[StudyFacts, ...]:
        """Every study known here or in an archive, in no order."""
        known = {facts.study_uid: facts for _, facts in self._store.remote.studies()}
        known |= {facts.study_uid: facts for facts in self._store.index.studies()}
        return tuple(known.values())

    def display_sets(self, study_uid: str) -> list[DisplaySet]:
        """The images of a study that lie here, sorted for reading."""
        return display_sets(self.frames(study_uid))

    def display_sets_of_series(self, series_uid: str) -> list[DisplaySet]:
        """The images of one series that lie here, sorted for reading."""
        return [
            shown
            for facts in self._store.index.studies()
            if any(
                s.facts.series_uid == series_uid for s in self._store.index.series(facts.study_uid)
            )
            for shown in display_sets(self.frames(facts.study_uid, series_uid))
        ]

    def mark_seen(
        self, person_id: str, study_uid: str, series_uid: str, sop_uid: str, frame: int
    ) -> None:
        """Note that an image was on screen; cheap, written to the disk every two seconds or when asked for."""
        seen = SeenFrame(
            person_id=person_id,
            study_uid=study_uid,
            series_uid=series_uid,
            sop_uid=sop_uid,
            frame=frame,
        )
        with self._lock:
            if seen in self._noted:
                return
            self._noted.add(seen)
            self._waiting.append(seen)
            due = time.monotonic() - self._flushed_at > _FLUSH_SECONDS
        if due:
            self.flush()

    def coverage(self, person_id: str, study_uid: str) -> tuple[SeriesCoverage, ...]:
        """Per series: how many of its images that person has had on screen."""
        self.flush()
        return self._store.viewed.coverage(person_id, study_uid)

    def seen(self, person_id: str, study_uid: str) -> frozenset[tuple[str, int]]:
        """SOP Instance UID and frame number of every image of a study that a person has had on screen."""
        self.flush()
        return self._store.viewed.frames(person_id, study_uid)

    def flush(self) -> None:
        """Write what was seen to the disk."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
            self._flushed_at = time.monotonic()
        if waiting:
            self._store.viewed.add(waiting)
