"""Errands of the worklist: fetch the selected study, import files, read what happened to a report.

Each runs on a worker and tells the case panel; one bad file never stops the others, and every rejected one is listed
with its reason. Emits ``changed`` when rows may have changed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog

from workstation.domain.report import History
from workstation.ui import words
from workstation.ui.background import Job, Lane, Runner
from workstation.ui.history_list import history_lines
from workstation.ui.words import translate
from workstation.ui.worklist_page import WorklistPage

if TYPE_CHECKING:
    from workstation.services.importing import ImportReport
    from workstation.services.station import Station

HISTORY_AFTER_MS = 120


class Errands(QObject):
    """What the worklist sends for."""

    changed = Signal()

    def __init__(
        self,
        station: Station,
        runner: Runner,
        page: WorklistPage,
        name_of: Callable[[str], str],
        clock: Callable[[], dt.datetime],
    ) -> None:
        super().__init__()
        self._station = station
        self._runner = runner
        self._page = page
        self._name_of = name_of
        self._clock = clock
        self._fetches: dict[str, Job] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(HISTORY_AFTER_MS)
        self._timer.timeout.connect(self._read_history)
        page.studySelected.connect(self._on_selected)
        page.case.fetchAsked.connect(self.fetch)
        page.case.cancelAsked.connect(self.cancel)
        page.case.importFilesAsked.connect(self._choose_files)
        page.case.importFolderAsked.connect(self._choose_folder)
        page.filesDropped.connect(self.import_paths)

    def fetch(self, study_uid: str) -> None:
        """Fetch a study's images in the background."""
        if study_uid in self._fetches:
            return
        progress = self._runner.bridge(
            lambda done, total: self._on_progress(study_uid, done, total)
        )
        fetching = self._station.fetching
        self._fetches[study_uid] = self._runner.run_job(
            lambda job: fetching.fetch(study_uid, progress, job.cancelled),
            done=lambda _report: self._on_fetched(study_uid),
            failed=lambda error: self._on_not_fetched(study_uid, error),
            lane=Lane.LINE,
        )
        self._on_progress(study_uid, 0, 0)

    def cancel(self, study_uid: str) -> None:
        """Stop a fetch; what came stays."""
        job = self._fetches.pop(study_uid, None)
        if job is not None:
            job.cancel()
            self._page.case.show_progress("", 0, 0)
            self._page.case.show_message(translate("Errands", "Fetching stopped."))
            self.changed.emit()

    def import_paths(self, paths: Sequence[str]) -> None:
        """Import files and folders."""
        importing = self._station.importing
        told = translate("Errands", "Importing {done} of {total}")
        progress = self._runner.bridge(
            lambda done, total: self._page.case.show_message(told.format(done=done, total=total))
        )
        self._runner.run_job(
            lambda job: importing.import_paths([Path(p) for p in paths], progress, job.cancelled),
            done=self._on_imported,
            failed=self._on_failed,
            lane=Lane.LINE,
        )

    def read_history(self) -> None:
        """Read what happened to the selected study's report, soon."""
        self._timer.start()

    def _on_selected(self, study_uid: str) -> None:
        if study_uid not in self._fetches:
            self._page.case.show_progress("", 0, 0)
        self.read_history()

    def _read_history(self) -> None:
        study = self._page.table.selected()
        if not study:
            return
        reporting = self._station.reporting

        def done(history: History) -> None:
            if study == self._page.table.selected():
                lines = history_lines(history, self._name_of)
                self._page.case.show_history(lines, self._clock())

        self._runner.run(
            lambda: reporting.open(study).history,
            done=done,
            failed=self._on_failed,
            lane=Lane.LIST,
        )

    def _on_progress(self, study_uid: str, done: int, total: int) -> None:
        if study_uid in self._fetches and study_uid == self._page.table.selected():
            self._page.case.show_progress(study_uid, done, total)

    def _on_fetched(self, study_uid: str) -> None:
        self._fetches.pop(study_uid, None)
        if study_uid == self._page.table.selected():
            self._page.case.show_progress("", 0, 0)
            self._page.case.show_message(translate("Errands", "The images are here."))
        self.changed.emit()

    def _on_not_fetched(self, study_uid: str, error: Exception) -> None:
        self._fetches.pop(study_uid, None)
        self._page.case.show_progress("", 0, 0)
        self._on_failed(error)
        self.changed.emit()

    def _on_failed(self, error: Exception) -> None:
        self._page.case.show_message(words.failure_text(error, self._name_of), alarm=True)

    def _on_imported(self, report: ImportReport) -> None:
        told = translate(
            "Errands", "Imported {stored}, already here {already}, rejected {rejected}."
        )
        head = told.format(
            stored=report.stored, already=report.already, rejected=len(report.rejected)
        )
        reasons = [f"{r.name}: {words.failure_text(r.reason)}" for r in report.rejected]
        self._page.case.show_message(head, alarm=bool(reasons))
        self._page.show_rejected(reasons)
        self.changed.emit()

    def _choose_files(self) -> None:
        title = translate("Errands", "Import files")
        paths, _ = QFileDialog.getOpenFileNames(self._page, title)
        if paths:
            self.import_paths(paths)

    def _choose_folder(self) -> None:
        title = translate("Errands", "Import a folder")
        path = QFileDialog.getExistingDirectory(self._page, title)
        if path:
            self.import_paths([path])
