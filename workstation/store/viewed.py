"""Which images a person has had on screen: what was not looked at is told before signing.

Only the fact is kept, once per person and image, neither when nor for how long: it protects the patient and does not
measure the reader.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workstation.domain.act import SeriesCoverage
from workstation.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFrame:
    """One image that was on screen before that person."""

    person_id: str
    study_uid: str
    series_uid: str
    sop_uid: str
    frame: int


class Viewed:
    """The images that were seen."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, frames: Iterable[SeenFrame]) -> None:
        """Note images as seen; those noted before change nothing."""
        with self._database.writing() as db:
            db.conn.executemany(
                "INSERT OR IGNORE INTO seen_frames VALUES (?, ?, ?, ?, ?)",
                [(f.person_id, f.study_uid, f.series_uid, f.sop_uid, f.frame) for f in frames],
            )

    def frames(self, person_id: str, study_uid: str) -> frozenset[tuple[str, int]]:
        """SOP Instance UID and frame number of every image of a study that a person has seen."""
        rows = self._database.rows(
            "SELECT sop_uid, frame FROM seen_frames WHERE person = ? AND study_uid = ?",
            [person_id, study_uid],
        )
        return frozenset((row["sop_uid"], row["frame"]) for row in rows)

    def coverage(self, person_id: str, study_uid: str) -> tuple[SeriesCoverage, ...]:
        """Per series with images: how many of the images that lie here that person has seen."""
        rows = self._database.rows(
            """SELECT e.series_uid, (SELECT SUM(frame_count) FROM instances i
                   WHERE i.study_uid = e.study_uid AND i.series_uid = e.series_uid) AS total,
                 (SELECT COUNT(*) FROM seen_frames f JOIN instances i ON i.sop_uid = f.sop_uid
                   WHERE f.person = ? AND f.study_uid = e.study_uid AND f.series_uid = e.series_uid
                   AND f.frame BETWEEN 1 AND i.frame_count) AS seen
               FROM series e WHERE e.study_uid = ? AND e.image_count > 0 ORDER BY e.number, e.series_uid""",
            [person_id, study_uid],
        )
        return tuple(
            SeriesCoverage(series_uid=r["series_uid"], seen=r["seen"], total=r["total"])
            for r in rows
        )
