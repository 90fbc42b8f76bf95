"""Two versions of one report side by side: author, station, time and text of each, and the choice of which stands.

Nothing is merged by the program. Words that only one version has are marked, with no side taken. Emits ``Deed`` values
of RESOLVE_FORK: the chosen version waits for review again, or is signed at once by who may.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from workstation.domain.act import ActKind, Outcome
from workstation.ui.deeds import Deed
from workstation.ui.glyphs import StatusGlyph
from workstation.ui.pieces import button, column, label, named, row
from workstation.ui.report_sheet import ReportSheet, differing
from workstation.ui.report_view import HeadView, ReportView
from workstation.ui.words import translate


class ForkPanel(QWidget):
    """A column for each version."""

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        named(self, "report.fork")
        self._across: QHBoxLayout = row(self, spacing=12)

    def show_view(self, view: ReportView, *, signs: bool) -> None:
        """Show the versions; ``signs`` says whether the person may sign the chosen one at once."""
        self.clear()
        resolves = ActKind.RESOLVE_FORK in view.offered
        for number, head in enumerate(view.heads):
            other = view.heads[1 if number == 0 else 0]
            self._across.addWidget(
                self._column(number, head, other, resolves=resolves, signs=signs)
            )

    def clear(self) -> None:
        """Show no version."""
        while (item := self._across.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def _column(
        self, number: int, head: HeadView, other: HeadView, *, resolves: bool, signs: bool
    ) -> QWidget:
        made = named(QWidget(), f"report.fork.{number}")
        down = column(made, spacing=6)
        line = row(spacing=6)
        glyph = StatusGlyph()
        glyph.show_status(head.status)
        line.addWidget(glyph)
        line.addWidget(label(head.title, role="strong"), 1)
        down.addLayout(line)
        down.addWidget(label(head.detail, role="dim", wrap=True))
        sheet = ReportSheet(f"report.fork.{number}.sheet")
        sheet.show_sections(differing(head.text, other.text))
        down.addWidget(sheet, 1)
        if resolves:
            keep = translate("Fork", "This version stands")
            down.addWidget(
                button(
                    keep,
                    lambda: self._choose(head, Outcome.SUBMITTED),
                    name=f"report.fork.{number}.keep",
                )
            )
        if resolves and signs:
            sign = translate("Fork", "This version stands, co-sign it")
            down.addWidget(
                button(
                    sign,
                    lambda: self._choose(head, Outcome.FINAL),
                    name=f"report.fork.{number}.sign",
                )
            )
        return made

    def _choose(self, head: HeadView, outcome: Outcome) -> None:
        self.asked.emit(
            Deed(kind=ActKind.RESOLVE_FORK, text=head.text, chosen=head.sop_uid, outcome=outcome)
        )
