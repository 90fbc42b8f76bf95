"""Report text to read: sections one below the other, with what went struck in red and what came underlined in green.

A change is never told by colour alone. ``sections_of`` turns texts into values, ``ReportSheet`` paints them; text is
inserted as plain text, markup in it stays visible as it was written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QSize
from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit

from workstation.domain.act import ReportText
from workstation.domain.review import ChangeKind, changes
from workstation.ui.pieces import named
from workstation.ui.report_editor import reading_lines
from workstation.ui.theme import DARK, colour, font
from workstation.ui.words import translate


class Look(StrEnum):
    """How a piece of text is painted."""

    PLAIN = "PLAIN"
    DELETED = "DELETED"
    INSERTED = "INSERTED"
    DIFFERS = "DIFFERS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A caption and the pieces of text under it."""

    caption: str
    pieces: tuple[tuple[Look, str], ...]


_LOOKS = {
    ChangeKind.SAME: Look.PLAIN,
    ChangeKind.DELETED: Look.DELETED,
    ChangeKind.INSERTED: Look.INSERTED,
}


def sections_of(text: ReportText, before: ReportText | None = None) -> tuple[Section, ...]:
    """The parts of a report that hold words, compared with ``before`` where it is given."""
    old = before or text
    parts = (
        (translate("Report", "Technique"), old.technique, text.technique),
        (translate("Report", "Findings"), old.findings, text.findings),
        (translate("Report", "Impression"), old.impression, text.impression),
        (translate("Report", "Recommendation"), old.recommendation, text.recommendation),
    )
    return tuple(
        Section(caption=caption, pieces=compared(was, now))
        for caption, was, now in parts
        if was or now
    )


def compared(before: str, after: str) -> tuple[tuple[Look, str], ...]:
    """The pieces of two texts as a reviewer's changes."""
    return tuple((_LOOKS[c.kind], c.text) for c in changes(before, after))


def differing(text: ReportText, other: ReportText) -> tuple[Section, ...]:
    """A text with the pieces marked that the other one does not have; neither is the right one."""
    return tuple(
        Section(
            caption=section.caption,
            pieces=tuple(
                (Look.DIFFERS if look is Look.INSERTED else look, words)
                for look, words in section.pieces
                if look is not Look.DELETED
            ),
        )
        for section in sections_of(text, other)
    )


def addendum_sections(addenda: Sequence[ReportText]) -> tuple[Section, ...]:
    """Each addendum under its number."""
    return tuple(
        Section(
            caption=translate("Report", "Addendum {number}").format(number=number),
            pieces=((Look.PLAIN, "\n".join(p for p in (a.findings, a.impression) if p)),),
        )
        for number, a in enumerate(addenda, 1)
    )


class ReportSheet(QTextEdit):
    """A read-only page of sections."""

    def __init__(self, name: str) -> None:
        super().__init__()
        named(self, name)
        self.setReadOnly(True)
        self.setFont(font(DARK.report_px))

    def show_sections(self, sections: Sequence[Section]) -> None:
        """Show these sections from the top; the place is kept when the words stay the same."""
        place = self.verticalScrollBar().value()
        self.clear()
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        for number, section in enumerate(sections):
            _start_block(cursor, first=number == 0, block=_caption_block(first=number == 0))
            cursor.insertText(section.caption, _caption_format())
            _start_block(cursor, first=False, block=reading_lines())
            for look, text in section.pieces:
                cursor.insertText(text, _FORMATS[look]())
        cursor.endEditBlock()
        self.verticalScrollBar().setValue(place)

    def sizeHint(self) -> QSize:
        """As much room as there is."""
        return QSize(320, 160)


def _start_block(cursor: QTextCursor, *, first: bool, block: QTextBlockFormat) -> None:
    if first:
        cursor.setBlockFormat(block)
    else:
        cursor.insertBlock(block)


def _caption_block(*, first: bool) -> QTextBlockFormat:
    block = QTextBlockFormat()
    block.setTopMargin(0 if first else 12)
    block.setBottomMargin(4)
    return block


def _caption_format() -> QTextCharFormat:
    made = QTextCharFormat()
    made.setFont(font(DARK.font_px))
    made.setForeground(colour(DARK.dim))
    return made


def _plain() -> QTextCharFormat:
    made = QTextCharFormat()
    made.setFont(font(DARK.report_px))
    made.setForeground(colour(DARK.text))
    return made


def _deleted() -> QTextCharFormat:
    made = _plain()
    made.setForeground(colour(DARK.deleted))
    made.setBackground(colour(DARK.deleted_ground))
    made.setFontStrikeOut(True)
    return made


def _inserted() -> QTextCharFormat:
    made = _plain()
    made.setForeground(colour(DARK.inserted))
    made.setBackground(colour(DARK.inserted_ground))
    made.setFontUnderline(True)
    return made


def _differs() -> QTextCharFormat:
    made = _plain()
    made.setBackground(colour(DARK.selected))
    made.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
    return made


_FORMATS = {
    Look.PLAIN: _plain,
    Look.DELETED: _deleted,
    Look.INSERTED: _inserted,
    Look.DIFFERS: _differs,
}
