"""Unfinished report texts, kept on this station only: one per report and person, so that kill -9 loses no words.

A draft is no act: it is not signed, not sent, and gone once its author has submitted. The texts stay columns of
their own, so that a damaged field never costs the others.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from dataclasses import dataclass

import sqlite_utils

from workstation.domain.act import ReportIdentity, ReportText
from workstation.store.database import Database, time_of, time_text


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRecord:
    """What one person has written so far on one report."""

    identity: ReportIdentity
    person_id: str
    text: ReportText
    updated_at: dt.datetime


def delete(db: sqlite_utils.Database, report_key: str, person_id: str | None) -> None:
    """Remove a draft inside a transaction; every person's where none is named."""
    db.conn.execute(
        "DELETE FROM drafts WHERE report_key = ? AND (? IS NULL OR person_id = ?)",
        [report_key, person_id, person_id],
    )


def _record_of(row: sqlite3.Row) -> DraftRecord:
    return DraftRecord(
        identity=ReportIdentity(
            study_uid=row["study_uid"], accession=row["accession"], part=row["part"]
        ),
        person_id=row["person_id"],
        text=ReportText(
            findings=row["findings"],
            impression=row["impression"],
            technique=row["technique"],
            recommendation=row["recommendation"],
            language=row["language"],
        ),
        updated_at=time_of(row["updated_at"]),
    )


class Drafts:
    """The drafts of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, draft: DraftRecord) -> None:
        """Keep the draft in the place of the one before."""
        identity, text = draft.identity, draft.text
        with self._database.writing() as db:
            db.conn.execute(
                "INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    identity.key, draft.person_id, identity.study_uid, identity.accession,
                    identity.part, text.findings, text.impression, text.technique,
                    text.recommendation, text.language, time_text(draft.updated_at),
                ],
            )  # fmt: skip

    def load(self, report_key: str, person_id: str) -> DraftRecord | None:
        """What that person wrote on that report, or None."""
        sql = "SELECT * FROM drafts WHERE report_key = ? AND person_id = ?"
        row = self._database.row(sql, [report_key, person_id])
        return _record_of(row) if row else None

    def delete(self, report_key: str, person_id: str) -> None:
        """Forget a draft."""
        with self._database.writing() as db:
            delete(db, report_key, person_id)

    def of(self, person_id: str) -> tuple[DraftRecord, ...]:
        """A person's drafts, newest first."""
        sql = "SELECT * FROM drafts WHERE person_id = ? ORDER BY updated_at DESC"
        return tuple(_record_of(row) for row in self._database.rows(sql, [person_id]))

    def on(self, report_key: str) -> tuple[DraftRecord, ...]:
        """Everybody's drafts on one report, newest first."""
        sql = "SELECT * FROM drafts WHERE report_key = ? ORDER BY updated_at DESC"
        return tuple(_record_of(row) for row in self._database.rows(sql, [report_key]))

    def on_study(self, study_uid: str) -> tuple[DraftRecord, ...]:
        """Everybody's drafts on the reports of one study, newest first."""
        sql = "SELECT * FROM drafts WHERE study_uid = ? ORDER BY updated_at DESC"
        return tuple(_record_of(row) for row in self._database.rows(sql, [study_uid]))
