"""The list as Qt's model: rows of ``domain.worklist`` in the order given, cells as texts.

Rows keep their identity by Study Instance UID: when only values changed the model says so cell by cell and nothing
moves; when rows came, went or changed places it is reset, and the view puts its selection back by UID. It sorts and
filters nothing itself: that is the domain's work.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from workstation.domain.study import StudyFacts
from workstation.domain.worklist import Column, ImagesHere, WorklistRow
from workstation.ui import words
from workstation.ui.words import translate

ROW_ROLE = int(Qt.ItemDataRole.UserRole)
Index = QModelIndex | QPersistentModelIndex

COLUMNS: tuple[tuple[Column, int], ...] = (
    (Column.STATUS, 118),
    (Column.NAME, 120),
    (Column.AGE, 88),
    (Column.MODALITY, 74),
    (Column.DESCRIPTION, 0),
    (Column.SITE, 150),
    (Column.TIME, 130),
    (Column.IMAGES, 104),
    (Column.FIRST_READER, 106),
    (Column.SECOND_READER, 138),
)


def column_title(column: Column) -> str:
    """What stands over a column."""
    titles = {
        Column.STATUS: translate("Worklist", "State"),
        Column.NAME: translate("Worklist", "Name"),
        Column.SEX: translate("Worklist", "Sex"),
        Column.AGE: translate("Worklist", "Sex / age"),
        Column.MODALITY: translate("Worklist", "Modality"),
        Column.DESCRIPTION: translate("Worklist", "Examination"),
        Column.SITE: translate("Worklist", "Site"),
        Column.TIME: translate("Worklist", "Study time"),
        Column.IMAGES: translate("Worklist", "Images"),
        Column.FIRST_READER: translate("Worklist", "Reader"),
        Column.SECOND_READER: translate("Worklist", "Reviewer"),
    }
    return titles[column]


class WorklistModel(QAbstractTableModel):
    """Rows to show, as texts; ``name_of`` turns a person id into a name."""

    def __init__(self, name_of: Callable[[str], str]) -> None:
        super().__init__()
        self._rows: tuple[WorklistRow, ...] = ()
        self._name_of = name_of
        self._now = dt.datetime.now().astimezone()

    def show_rows(self, rows: Sequence[WorklistRow], now: dt.datetime) -> None:
        """Show these rows in this order."""
        before, self._now = self._rows, now
        if [_uid(r) for r in before] == [_uid(r) for r in rows]:
            self._rows = tuple(rows)
            if rows:
                last = self.index(len(rows) - 1, len(COLUMNS) - 1)
                self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def row_at(self, number: int) -> WorklistRow | None:
        """The row of that number, None outside."""
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def number_of(self, study_uid: str) -> int:
        """Where a study stands; -1 when it is not shown."""
        found = (n for n, row in enumerate(self._rows) if _uid(row) == study_uid)
        return next(found, -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """The number of studies."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """The number of columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Titles over the columns, nothing at the side."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return column_title(COLUMNS[section][0])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The cell's text, the whole text as tool tip, or the row itself under ROW_ROLE."""
        row = self.row_at(index.row())
        if row is None:
            return None
        if role == ROW_ROLE:
            return row
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return self._text(row, COLUMNS[index.column()][0])
        return None

    def _text(self, row: WorklistRow, column: Column) -> str:
        facts, held = row.facts, row.standing
        match column:
            case Column.STATUS:
                return words.status_name(held.status)
            case Column.NAME:
                return words.patient_name(facts.patient)
            case Column.AGE:
                parts = (words.sex_name(facts.patient.sex), words.age_name(facts))
                return " ".join(p for p in parts if p) or "—"
            case Column.MODALITY:
                return words.modality_names(facts.modalities) or "—"
            case Column.DESCRIPTION:
                return examination_text(facts)
            case Column.SITE:
                return facts.institution or "—"
            case Column.TIME:
                return study_moment(facts, self._now)
            case Column.IMAGES:
                return images_text(row)
            case Column.FIRST_READER:
                return self._name_of(held.first_reader) or "—"
            case _:
                return self._reviewer(row)

    def _reviewer(self, row: WorklistRow) -> str:
        held = row.standing
        name = self._name_of(held.second_reader)
        if not name:
            return "—"
        when = words.moment(held.signed_at, self._now) if held.signed_at else ""
        return f"{name} {when}".strip()


def examination_text(facts: StudyFacts) -> str:
    """What was examined: the description, or the part where there is none."""
    return facts.description or words.part_name(facts.body_part) or "—"


def images_text(row: WorklistRow) -> str:
    """``92`` when all are here, ``12/92`` when some are, the announced number when none is."""
    if row.images is ImagesHere.PARTIAL and row.total is not None:
        return f"{row.here}/{row.total}"
    count = row.total if row.total is not None else row.here
    return str(count) if count else "—"


def study_moment(facts: StudyFacts, now: dt.datetime) -> str:
    """Today by the clock, yesterday in a word, else the date and time."""
    clock = words.time_text(facts.time)
    today = now.astimezone().date()
    if facts.date == today.strftime("%Y%m%d") and clock:
        return clock
    if facts.date == (today - dt.timedelta(days=1)).strftime("%Y%m%d"):
        return translate("Worklist", "yesterday {time}").format(time=clock).strip()
    return f"{words.date_text(facts.date)} {clock}".strip() or "—"


def _uid(row: WorklistRow) -> str:
    return row.facts.study_uid
