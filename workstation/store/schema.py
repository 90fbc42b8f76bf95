"""The tables, as migrations from version 1: each runs in one transaction together with the record that it ran.

A migration that has been released is never edited; a change of the tables is a new migration below the last.
"""

from __future__ import annotations

import sqlite_utils
from sqlite_utils.migrations import Migrations

from workstation.store.database import Database

_STUDY_COLUMNS = """
    patient_id TEXT NOT NULL, issuer TEXT NOT NULL, name TEXT NOT NULL, birth_date TEXT NOT NULL,
    sex TEXT NOT NULL, accession TEXT NOT NULL, procedure_id TEXT NOT NULL, date TEXT NOT NULL,
    time TEXT NOT NULL, description TEXT NOT NULL, modalities TEXT NOT NULL, body_part TEXT NOT NULL,
    institution TEXT NOT NULL, referring_physician TEXT NOT NULL, age TEXT NOT NULL, study_id TEXT NOT NULL"""

_VERSION_1 = (
    """CREATE TABLE station (id TEXT PRIMARY KEY, uid_root TEXT NOT NULL, name TEXT NOT NULL, since TEXT NOT NULL)""",
    f"""CREATE TABLE studies (study_uid TEXT PRIMARY KEY, {_STUDY_COLUMNS}, added_at TEXT NOT NULL)""",
    "CREATE INDEX studies_by_date ON studies (date)",
    "CREATE INDEX studies_by_patient ON studies (patient_id)",
    "CREATE INDEX studies_by_accession ON studies (accession)",
    """CREATE TABLE series (study_uid TEXT NOT NULL REFERENCES studies, series_uid TEXT NOT NULL,
        modality TEXT NOT NULL, number INTEGER, description TEXT NOT NULL, body_part TEXT NOT NULL,
        date TEXT NOT NULL, time TEXT NOT NULL, instance_count INTEGER NOT NULL, image_count INTEGER NOT NULL,
        PRIMARY KEY (study_uid, series_uid))""",
    "CREATE INDEX series_by_uid ON series (series_uid)",
    """CREATE TABLE instances (sop_uid TEXT PRIMARY KEY, study_uid TEXT NOT NULL, series_uid TEXT NOT NULL,
        sop_class TEXT NOT NULL, transfer_syntax TEXT NOT NULL, number INTEGER, rows INTEGER NOT NULL,
        columns INTEGER NOT NULL, frame_count INTEGER NOT NULL, file_id TEXT NOT NULL UNIQUE,
        size INTEGER NOT NULL, digest TEXT NOT NULL, content_digest TEXT NOT NULL, frames TEXT NOT NULL,
        added_at TEXT NOT NULL, FOREIGN KEY (study_uid, series_uid) REFERENCES series)""",
    "CREATE INDEX instances_by_series ON instances (study_uid, series_uid)",
    "CREATE INDEX instances_by_class ON instances (sop_class, transfer_syntax)",
    """CREATE TABLE rejected (id INTEGER PRIMARY KEY, name TEXT NOT NULL, template TEXT NOT NULL,
        fields TEXT NOT NULL, time TEXT NOT NULL, sop_uid TEXT NOT NULL, digest TEXT NOT NULL,
        file_id TEXT NOT NULL)""",
    "CREATE INDEX rejected_by_uid ON rejected (sop_uid)",
    f"""CREATE TABLE remote_studies (node TEXT NOT NULL, study_uid TEXT NOT NULL, {_STUDY_COLUMNS},
        series_count INTEGER, instance_count INTEGER, seen_at TEXT NOT NULL, PRIMARY KEY (node, study_uid))""",
    "CREATE INDEX remote_by_study ON remote_studies (study_uid)",
    """CREATE TABLE nodes (name TEXT PRIMARY KEY, aet TEXT NOT NULL, host TEXT NOT NULL, port INTEGER NOT NULL,
        images_only INTEGER NOT NULL)""",
    """CREATE TABLE drafts (report_key TEXT NOT NULL, person_id TEXT NOT NULL, study_uid TEXT NOT NULL,
        accession TEXT NOT NULL, part TEXT NOT NULL, findings TEXT NOT NULL, impression TEXT NOT NULL,
        technique TEXT NOT NULL, recommendation TEXT NOT NULL, language TEXT NOT NULL, updated_at TEXT NOT NULL,
        PRIMARY KEY (report_key, person_id))""",
    """CREATE TABLE acts (sop_uid TEXT NOT NULL, digest TEXT NOT NULL, station_id TEXT NOT NULL,
        number INTEGER NOT NULL, report_key TEXT NOT NULL, study_uid TEXT NOT NULL, kind TEXT NOT NULL,
        time TEXT NOT NULL, content BLOB NOT NULL, fault TEXT NOT NULL, received_at TEXT,
        PRIMARY KEY (sop_uid, digest))""",
    "CREATE INDEX acts_by_report ON acts (report_key)",
    "CREATE INDEX acts_by_study ON acts (study_uid)",
    "CREATE INDEX acts_by_station ON acts (station_id, number)",
    """CREATE TABLE publications (sop_uid TEXT NOT NULL, digest TEXT NOT NULL, act_uid TEXT NOT NULL,
        study_uid TEXT NOT NULL, content BLOB NOT NULL, received_at TEXT, PRIMARY KEY (sop_uid, digest))""",
    "CREATE INDEX publications_by_study ON publications (study_uid)",
    """CREATE TABLE outbox (id INTEGER PRIMARY KEY, node TEXT NOT NULL, kind TEXT NOT NULL, sop_uid TEXT NOT NULL,
        digest TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, next_at TEXT NOT NULL,
        lease_owner TEXT, lease_until TEXT, error TEXT NOT NULL, UNIQUE (node, kind, sop_uid, digest))""",
    "CREATE INDEX outbox_due ON outbox (node, state, next_at)",
    """CREATE TABLE audit (seq INTEGER PRIMARY KEY, time TEXT NOT NULL, person TEXT NOT NULL, what TEXT NOT NULL,
        detail TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL)""",
    """CREATE TABLE seen_frames (person TEXT NOT NULL, study_uid TEXT NOT NULL, series_uid TEXT NOT NULL,
        sop_uid TEXT NOT NULL, frame INTEGER NOT NULL, PRIMARY KEY (person, study_uid, series_uid, sop_uid, frame))
        WITHOUT ROWID""",
    "CREATE TABLE alarms (id INTEGER PRIMARY KEY, time TEXT NOT NULL, what TEXT NOT NULL, detail TEXT NOT NULL)",
)

_VERSION_2 = (
    """CREATE TABLE decoded_acts (digest TEXT PRIMARY KEY, form TEXT NOT NULL, text TEXT NOT NULL)
        WITHOUT ROWID""",
)


def _set() -> Migrations:
    migrations = Migrations("cosight")

    @migrations(name="0001")
    def first_tables(db: sqlite_utils.Database) -> None:
        for statement in _VERSION_1:
            db.conn.execute(statement)

    @migrations(name="0002")
    def decoded_acts(db: sqlite_utils.Database) -> None:
        for statement in _VERSION_2:
            db.conn.execute(statement)

    return migrations


def migrate(database: Database) -> None:
    """Bring the tables to the newest version.

    One transaction holds them all together with their records: a crash leaves the old version, never something
    between; two programs that start at once take turns.
    """
    migrations = _set()
    with database.writing() as db:
        migrations.apply(db)
