"""The index of what lies in the store: studies, series and objects with the facts of their headers.

Opening a study reads these rows only. The text of the frames is opaque here. An object whose SOP Instance UID is
known with other content is kept apart among the rejected, never in the place of the first.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import sqlite_utils

from workstation.documents.headers import ParsedFile, SeriesFacts
from workstation.domain.study import StudyFacts
from workstation.store import alarms, query
from workstation.store.database import Database, time_text
from workstation.store.files import Files, StagedFile
from workstation.store.study_rows import facts_of, row_of

OTHER_CONTENT = "Another object with the same SOP Instance UID is already here; both are kept, the first one counts"
OTHER_ENCODING = "This object is already here in another encoding than {there}; both are kept, the first one counts"


class Kept(StrEnum):
    """What became of an object that was given to the index."""

    STORED = "STORED"
    ALREADY = "ALREADY"
    OTHER_CONTENT = "OTHER_CONTENT"
    OTHER_ENCODING = "OTHER_ENCODING"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSeries:
    """One series that lies here; ``instance_count`` counts objects, ``image_count`` those with pixels."""

    study_uid: str
    facts: SeriesFacts
    instance_count: int
    image_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalInstance:
    """One object that lies here, and its file."""

    sop_uid: str
    study_uid: str
    series_uid: str
    sop_class: str
    transfer_syntax: str
    number: int | None
    frame_count: int
    size: int
    content_digest: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFrames:
    """The frames of one image as text, where its file lies, and the SHA-256 (hex) of that file's bytes."""

    sop_uid: str
    path: str
    digest: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An object that arrived: what the child read, where its bytes are, what to call it towards people."""

    parsed: ParsedFile
    staged: StagedFile
    name: str = ""


class Index:
    """The index of one store."""

    def __init__(self, database: Database, files: Files) -> None:
        self._database = database
        self._files = files

    def add_instances(self, arrivals: Sequence[Arrival], now: dt.datetime) -> tuple[Kept, ...]:
        """Keep objects: bytes flushed and in place first, then all rows in one transaction.

        On return they survive a power cut. Staged files that are not kept are gone afterwards.

        Raises:
            StoreFailure: nothing of this call was kept.
        """
        staged = [a.staged for a in arrivals]
        try:
            with self._database.writing() as db:
                kept = _judge(db, arrivals)
                fresh = [(a, k) for a, k in zip(arrivals, kept, strict=True) if _is_fresh(db, a, k)]
                self._files.keep(arrival.staged for arrival, _ in fresh)
                for arrival, verdict in fresh:
                    _insert(db, arrival, verdict, now)
        except BaseException:
            self._files.undo(staged)
            raise
        self._files.settle(staged)
        return kept

    def add_instance(self, parsed: ParsedFile, staged: StagedFile, now: dt.datetime) -> Kept:
        """Keep one object; see ``add_instances``."""
        return self.add_instances([Arrival(parsed=parsed, staged=staged)], now)[0]

    def studies(self) -> tuple[StudyFacts, ...]:
        """Every study that lies here, newest first, with the counts of what lies here."""
        sql = f"{query.STUDIES} ORDER BY s.date DESC, s.time DESC, s.study_uid"
        return tuple(facts_of(row) for row in self._database.rows(sql))

    def study(self, study_uid: str) -> StudyFacts | None:
        """One study, or None where nothing of it lies here."""
        row = self._database.row(f"{query.STUDIES} WHERE s.study_uid = ?", [study_uid])
        return facts_of(row) if row else None

    def counts(self) -> dict[str, int]:
        """How many of each study's archived objects are here: files, and released reports the archive has."""
        sql = """SELECT study_uid, COUNT(*) AS n FROM (
                   SELECT study_uid, sop_uid FROM instances UNION SELECT study_uid, sop_uid FROM publications p
                   WHERE received_at IS NOT NULL OR EXISTS (SELECT 1 FROM outbox o
                     WHERE o.sop_uid = p.sop_uid AND o.state = 'CONFIRMED')) GROUP BY study_uid"""
        return {row["study_uid"]: row["n"] for row in self._database.rows(sql)}

    def released_counts(self) -> dict[str, int]:
        """How many released reports of each study the archive has, as far as known here: they are no images."""
        sql = """SELECT study_uid, COUNT(DISTINCT sop_uid) AS n FROM publications p
                 WHERE received_at IS NOT NULL OR EXISTS (SELECT 1 FROM outbox o
                   WHERE o.sop_uid = p.sop_uid AND o.state = 'CONFIRMED') GROUP BY study_uid"""
        return {row["study_uid"]: row["n"] for row in self._database.rows(sql)}

    def known(self, sop_uids: Iterable[str]) -> frozenset[str]:
        """Those of the SOP Instance UIDs that lie here."""
        wanted = json.dumps(list(sop_uids))
        sql = "SELECT sop_uid FROM instances WHERE sop_uid IN (SELECT value FROM json_each(?))"
        return frozenset(row["sop_uid"] for row in self._database.rows(sql, [wanted]))

    def series(self, study_uid: str) -> tuple[LocalSeries, ...]:
        """The series of a study by number."""
        sql = "SELECT * FROM series WHERE study_uid = ? ORDER BY number, series_uid"
        return tuple(_series_of(row) for row in self._database.rows(sql, [study_uid]))

    def frames(self, study_uid: str, series_uid: str | None = None) -> tuple[StoredFrames, ...]:
        """The frames of every image of a study or of one of its series, by series and number."""
        sql = """SELECT sop_uid, file_id, digest, frames FROM instances WHERE study_uid = ?
                 AND (? IS NULL OR series_uid = ?) AND frames != '' ORDER BY series_uid, number, sop_uid"""
        rows = self._database.rows(sql, [study_uid, series_uid, series_uid])
        return tuple(self._frames_of(row) for row in rows)

    def outdated(self, beginning: str, most: int) -> tuple[StoredFrames, ...]:
        """Images whose text of frames begins otherwise, at most so many: another program version wrote it."""
        sql = """SELECT sop_uid, file_id, digest, frames FROM instances WHERE frames != ''
                 AND substr(frames, 1, ?) != ? ORDER BY added_at DESC, sop_uid LIMIT ?"""
        rows = self._database.rows(sql, [len(beginning), beginning, most])
        return tuple(self._frames_of(row) for row in rows)

    def renew_frames(self, renewed: Mapping[str, ParsedFile]) -> None:
        """What the files of these SOP Instance UIDs hold, read anew. Raises StoreFailure: nothing was changed."""
        sql = """UPDATE instances SET frames = ?, frame_count = ?, rows = ?, columns = ?
                 WHERE sop_uid = ? AND content_digest = ?"""
        values = [
            (p.frames, p.instance.frame_count, p.instance.rows, p.instance.columns, uid, p.content_digest)
            for uid, p in renewed.items()
        ]  # fmt: skip
        with self._database.writing() as db:
            db.conn.executemany(sql, values)

    def stamp(self, study_uid: str) -> tuple[int, int]:
        """Two numbers that change when objects are added to a study: cheap to ask, nothing to keep."""
        sql = "SELECT COUNT(*) AS n, MAX(rowid) AS newest FROM instances WHERE study_uid = ?"
        row = self._database.row(sql, [study_uid])
        return (row["n"], row["newest"] or 0) if row else (0, 0)

    def instances(self, study_uid: str, series_uid: str | None = None) -> tuple[LocalInstance, ...]:
        """The objects of a study or of one of its series."""
        sql = """SELECT * FROM instances WHERE study_uid = ? AND (? IS NULL OR series_uid = ?)
                 ORDER BY series_uid, number, sop_uid"""
        rows = self._database.rows(sql, [study_uid, series_uid, series_uid])
        return tuple(self._instance_of(row) for row in rows)

    def instance(self, sop_uid: str) -> LocalInstance | None:
        """One object, or None."""
        row = self._database.row("SELECT * FROM instances WHERE sop_uid = ?", [sop_uid])
        return self._instance_of(row) if row else None

    def stored_syntaxes(self) -> dict[str, frozenset[str]]:
        """The transfer syntaxes in which objects lie here, by SOP class."""
        found: dict[str, set[str]] = {}
        for row in self._database.rows("SELECT DISTINCT sop_class, transfer_syntax FROM instances"):
            found.setdefault(row["sop_class"], set()).add(row["transfer_syntax"])
        return {sop_class: frozenset(syntaxes) for sop_class, syntaxes in found.items()}

    def selected(self, level: str, keys: Mapping[str, str]) -> tuple[LocalInstance, ...]:
        """The objects that a C-GET identifier names by its unique keys (PS3.4 C.4.3.2): UIDs or lists of them."""
        sql, values = query.selection(level, keys)
        return tuple(self._instance_of(row) for row in self._database.rows(sql, values))

    def find(self, level: str, keys: Mapping[str, str]) -> tuple[dict[str, str], ...]:
        """What a study root C-FIND at ``STUDY``, ``SERIES`` or ``IMAGE`` finds.

        Args:
            level: the query/retrieve level.
            keys: DICOM keywords and what to match; '' asks for everything.

        Returns:
            one mapping of keyword to value per match; several values are joined by a backslash.
        """
        sql, values = query.question(level, keys)
        return tuple(query.answer(level, row) for row in self._database.rows(sql, values))

    def _frames_of(self, row: sqlite3.Row) -> StoredFrames:
        return StoredFrames(
            sop_uid=row["sop_uid"],
            path=str(self._files.path(row["file_id"])),
            digest=row["digest"],
            text=row["frames"],
        )

    def _instance_of(self, row: sqlite3.Row) -> LocalInstance:
        return LocalInstance(
            sop_uid=row["sop_uid"],
            study_uid=row["study_uid"],
            series_uid=row["series_uid"],
            sop_class=row["sop_class"],
            transfer_syntax=row["transfer_syntax"],
            number=row["number"],
            frame_count=row["frame_count"],
            size=row["size"],
            content_digest=row["content_digest"],
            path=self._files.path(row["file_id"]),
        )


def _series_of(row: sqlite3.Row) -> LocalSeries:
    facts = SeriesFacts(
        series_uid=row["series_uid"],
        modality=row["modality"],
        number=row["number"],
        description=row["description"],
        body_part=row["body_part"],
        date=row["date"],
        time=row["time"],
    )
    return LocalSeries(
        study_uid=row["study_uid"],
        facts=facts,
        instance_count=row["instance_count"],
        image_count=row["image_count"],
    )


def _judge(db: sqlite_utils.Database, arrivals: Sequence[Arrival]) -> tuple[Kept, ...]:
    """Compare each arrival with what is here and with the arrivals before it."""
    verdicts = []
    earlier: dict[str, tuple[str, str]] = {}
    for arrival in arrivals:
        uid = arrival.parsed.instance.sop_uid
        verdict = _compare(arrival, earlier.get(uid) or _known(db, uid))
        if verdict is Kept.STORED:
            earlier[uid] = (arrival.parsed.content_digest, arrival.parsed.transfer_syntax)
        verdicts.append(verdict)
    return tuple(verdicts)


def _known(db: sqlite_utils.Database, sop_uid: str) -> tuple[str, str] | None:
    sql = "SELECT content_digest, transfer_syntax FROM instances WHERE sop_uid = ?"
    row = db.conn.execute(sql, [sop_uid]).fetchone()
    return (row["content_digest"], row["transfer_syntax"]) if row else None


def _compare(arrival: Arrival, known: tuple[str, str] | None) -> Kept:
    parsed = arrival.parsed
    if known is None:
        return Kept.STORED
    if known[0] == parsed.content_digest:
        return Kept.ALREADY
    return Kept.OTHER_CONTENT if known[1] == parsed.transfer_syntax else Kept.OTHER_ENCODING


def _is_fresh(db: sqlite_utils.Database, arrival: Arrival, verdict: Kept) -> bool:
    """Whether these bytes are new here: neither in the index nor kept apart before."""
    if verdict in {Kept.STORED, Kept.ALREADY}:
        return verdict is Kept.STORED
    key = [arrival.parsed.instance.sop_uid, arrival.parsed.content_digest]
    sql = "SELECT 1 FROM rejected WHERE sop_uid = ? AND digest = ?"
    return db.conn.execute(sql, key).fetchone() is None


def _insert(db: sqlite_utils.Database, arrival: Arrival, verdict: Kept, now: dt.datetime) -> None:
    if verdict is Kept.STORED:
        _insert_rows(db, arrival, now)
    else:
        _insert_apart(db, arrival, verdict, now)


def _insert_rows(db: sqlite_utils.Database, arrival: Arrival, now: dt.datetime) -> None:
    parsed, instance, series = arrival.parsed, arrival.parsed.instance, arrival.parsed.series
    study_uid = parsed.study.study_uid
    _insert_study(db, parsed.study, now)
    is_image = 1 if instance.frame_count else 0
    db.conn.execute(
        """INSERT INTO series VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?) ON CONFLICT (study_uid, series_uid)
           DO UPDATE SET instance_count = instance_count + 1, image_count = image_count + excluded.image_count""",
        [study_uid, series.series_uid, series.modality, series.number, series.description,
         series.body_part, series.date, series.time, is_image],
    )  # fmt: skip
    db.table("instances").insert(
        {
            "sop_uid": instance.sop_uid,
            "study_uid": study_uid,
            "series_uid": series.series_uid,
            "sop_class": instance.sop_class,
            "transfer_syntax": parsed.transfer_syntax,
            "number": instance.number,
            "rows": instance.rows,
            "columns": instance.columns,
            "frame_count": instance.frame_count,
            "file_id": arrival.staged.file_id,
            "size": arrival.staged.size,
            "digest": arrival.staged.digest,
            "content_digest": parsed.content_digest,
            "frames": parsed.frames,
            "added_at": time_text(now),
        }
    )


def _insert_study(db: sqlite_utils.Database, study: StudyFacts, now: dt.datetime) -> None:
    """The first object's words stand for the study; another patient under one study UID raises an alarm."""
    known = db.conn.execute(
        "SELECT patient_id, name FROM studies WHERE study_uid = ?", [study.study_uid]
    ).fetchone()
    if known is None:
        db.table("studies").insert(row_of(study) | {"added_at": time_text(now)})
    elif (known["patient_id"], known["name"]) != (study.patient.patient_id, study.patient.name):
        alarms.insert(db, now, "STUDY_OF_TWO_PATIENTS", study.study_uid)


def _insert_apart(
    db: sqlite_utils.Database, arrival: Arrival, verdict: Kept, now: dt.datetime
) -> None:
    parsed = arrival.parsed
    fields: dict[str, str] = {}
    template = OTHER_CONTENT
    if verdict is Kept.OTHER_ENCODING:
        fields = {"there": parsed.transfer_syntax}
        template = OTHER_ENCODING
    db.table("rejected").insert(
        {
            "name": arrival.name or parsed.instance.sop_uid,
            "template": template,
            "fields": json.dumps(fields),
            "time": time_text(now),
            "sop_uid": parsed.instance.sop_uid,
            "digest": parsed.content_digest,
            "file_id": arrival.staged.file_id,
        }
    )
