"""The report beside the images: renders a ``ReportView`` and emits what a person asks for as a ``Deed``.

Words under the hand are never replaced: a view of the same version, mode and kind leaves the boxes alone. It saves,
signs and judges nothing. Emits ``asked(Deed)``, ``edited(ReportText)``, ``startAsked(ActKind)``, ``seriesAsked``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from workstation.domain.act import ActKind, Comment, ReportText
from workstation.domain.study import StudyFacts
from workstation.ui.asking import asked_for
from workstation.ui.deeds import Deed
from workstation.ui.fork_panel import ForkPanel
from workstation.ui.history_list import HistoryList
from workstation.ui.notices import Coverage, Lines
from workstation.ui.offers import Offer, offers
from workstation.ui.patient_strip import identity_line
from workstation.ui.pieces import button, column, label, panel, row
from workstation.ui.report_editor import ReportEditor
from workstation.ui.report_foot import ReportFoot
from workstation.ui.report_head import Look, ReportHead
from workstation.ui.report_sheet import ReportSheet, addendum_sections, sections_of
from workstation.ui.report_view import Mode, ReportView
from workstation.ui.theme import set_role
from workstation.ui.words import translate


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where and who: the study, the person who would sign, the time, and whom a draft can be handed to."""

    facts: StudyFacts
    person: str
    now: dt.datetime
    people: tuple[tuple[str, str], ...] = ()
    signs: bool = False


class ReportPanel(QWidget):
    """Head, remarks, text, foot."""

    asked = Signal(object)
    edited = Signal(object)
    startAsked = Signal(ActKind)  # noqa: N815 - Qt's own spelling of signals
    seriesAsked = Signal(str)  # noqa: N815 - Qt's own spelling of signals

    def __init__(self) -> None:
        super().__init__()
        set_role(self, "right")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._view: ReportView | None = None
        self._desk: Desk | None = None
        self._look = Look.EDIT
        self._history_open = False
        self._go_on = False
        self._marked: Comment | None = None
        self._coverage: tuple[Coverage, ...] = ()
        self._head = ReportHead()
        self._alarms = Lines("report.alarms", "alarm")
        self._remarks = Lines("report.remarks", "remark")
        self._only_reading = Lines("report.onlyReading", "remark")
        self._standing = ReportSheet("report.standing")
        self._editor = ReportEditor()
        self._sheet = ReportSheet("report.sheet")
        self._fork = ForkPanel()
        self._history = HistoryList("report.history")
        self._stack = QStackedWidget()
        self._foot = ReportFoot()
        self._older = self._older_line()
        self._lay_out()
        self._connect()

    def _older_line(self) -> QWidget:
        made = panel("caution", "report.older")
        across = row(made, margins=(10, 6, 10, 6))
        told = translate("Report", "An older draft of yours is kept; a newer version is shown.")
        across.addWidget(label(told, role="cautionText", wrap=True), 1)
        show = translate("Report", "Use the draft")
        across.addWidget(button(show, self._use_older, name="report.useOlder", role="link"))
        return made

    def _lay_out(self) -> None:
        for page in (self._editor, self._sheet, self._fork, self._history):
            self._stack.addWidget(page)
        self._standing.setMaximumHeight(190)
        down = column(self, margins=(16, 12, 16, 14), spacing=10)
        down.addWidget(self._head)
        for piece in (self._alarms, self._remarks, self._only_reading, self._older):
            down.addWidget(piece)
        down.addWidget(self._standing)
        down.addWidget(self._stack, 1)
        down.addWidget(self._foot, 0, Qt.AlignmentFlag.AlignBottom)

    def _connect(self) -> None:
        self._head.lookAsked.connect(self._on_look)
        self._head.historyAsked.connect(self._on_history)
        self._editor.edited.connect(self._on_edited)
        self._foot.offered.connect(self._on_offer)
        self._foot.coverage.seriesAsked.connect(self.seriesAsked)
        self._foot.deed_line.confirmed.connect(self._on_told)
        self._fork.asked.connect(self.asked)

    def show_view(self, view: ReportView, desk: Desk) -> None:
        """Show a report; the boxes keep what is typed when it is the same version in the same mode."""
        before, earlier = self._view, self._desk
        same = (
            before is not None
            and earlier is not None
            and earlier.facts.study_uid == desk.facts.study_uid
            and (before.mode, before.base_uid, before.kind) == (view.mode, view.base_uid, view.kind)
        )
        self._view, self._desk = view, desk
        if earlier is None or earlier.facts.study_uid != desk.facts.study_uid:
            self._foot.message.say("")
        if not same:
            self._begin(view)
        self._head.show_view(view)
        self._alarms.show_lines(view.alarms)
        self._remarks.show_lines(view.remarks)
        self._only_reading.show_lines((view.only_reading,) if view.only_reading else ())
        self._older.setVisible(view.older_draft is not None and not same)
        self._standing.setVisible(view.standing_text is not None)
        if view.standing_text is not None:
            self._standing.show_sections(sections_of(view.standing_text))
        self._fork.show_view(view, signs=desk.signs)
        self._history.show_lines(view.history, desk.now)
        self._foot.grades.setVisible(view.mode is Mode.REVIEW)
        self._foot.show_busy(busy=False)
        self._show_page()
        self._show_foot()

    def clear(self) -> None:
        """Forget the case; nothing of it may be seen or typed into another."""
        self._view = self._desk = None
        self._editor.show_text(ReportText())
        for sheet in (self._sheet, self._standing):
            sheet.show_sections(())
        self._history.clear()
        self._fork.clear()
        for lines in (self._alarms, self._remarks, self._only_reading):
            lines.show_lines(())
        for part in (self._head, self._older, self._standing, self._stack, self._foot.grades):
            part.hide()
        self._foot.message.say("")
        self._foot.deed_line.leave()
        self._foot.show_offers(())
        self._foot.show_identity("")
        self.show_coverage(())
        self.setEnabled(False)

    def text(self) -> ReportText:
        """The words as they stand on screen."""
        return self._editor.text()

    def leave_line(self) -> bool:
        """Close the line that asks for a reason; False when none is open."""
        line = self._foot.deed_line
        was_open = line.isVisible()
        line.leave()
        return was_open

    def write(self) -> None:
        """Put the cursor where writing begins, if this is a time to write."""
        if self._view is not None and self._stack.currentWidget() is self._editor:
            self._editor.write()

    def show_coverage(self, coverage: Sequence[Coverage]) -> None:
        """Say what was not looked at."""
        self._coverage = tuple(coverage)
        self._show_foot()

    def show_saved(self, saved_at: dt.datetime) -> None:
        """Say when the draft was kept."""
        self._head.show_saved(saved_at)

    def show_not_saved(self, why: str) -> None:
        """Say that the draft could not be kept."""
        self._head.show_not_saved(why)
        self.say(why, alarm=True)

    def say(self, text: str, *, alarm: bool = False) -> None:
        """One sentence about the last thing that was done or refused."""
        self._foot.message.say(text, alarm=alarm)
        self._foot.show_busy(busy=False)

    def _begin(self, view: ReportView) -> None:
        self.setEnabled(True)
        self._head.show()
        self._stack.show()
        self._editor.show_text(view.text)
        self._history_open = False
        self._head.show_history_open(shown=False)
        self._foot.grades.clear()
        self._foot.deed_line.leave()
        changed = view.before is not None and view.before != view.text
        if view.mode is Mode.REVIEW:
            self._look = Look.CHANGES if changed else Look.EDIT
        else:
            self._look = Look.CHANGES if changed else Look.FINAL
        self._head.show_look(self._look)

    def _show_page(self) -> None:
        view = self._view
        if view is None:
            return
        editing = view.mode is Mode.WRITE or (view.mode is Mode.REVIEW and self._look is Look.EDIT)
        page: QWidget = self._editor if editing else self._sheet
        if view.mode is Mode.CHOOSE:
            page = self._fork
        if self._history_open:
            page = self._history
        if page is self._sheet:
            text = view.text if view.mode is Mode.READ else self._editor.text()
            before = view.before if self._look is Look.CHANGES else None
            added = addendum_sections(view.addenda)
            self._sheet.show_sections((*sections_of(text, before), *added))
        self._stack.setCurrentWidget(page)

    def _show_foot(self) -> None:
        view, desk = self._view, self._desk
        if view is None or desk is None:
            return
        signing = view.mode in {Mode.WRITE, Mode.REVIEW}
        self._foot.coverage.show_coverage(self._coverage if signing else ())
        self._foot.show_offers(offers(view, self._editor.text()))
        self._foot.show_identity(signing_line(view, desk, self._coverage))

    def _on_look(self, look: Look) -> None:
        self._look = look
        self._history_open = False
        self._head.show_history_open(shown=False)
        self._show_page()
        self.write()

    def _on_history(self, shown: bool) -> None:
        self._history_open = shown
        self._show_page()

    def _on_edited(self) -> None:
        self._foot.message.say("")
        self._show_foot()
        self.edited.emit(self._editor.text())

    def _use_older(self) -> None:
        if self._view is not None and self._view.older_draft is not None:
            self._editor.show_text(self._view.older_draft)
            self._older.hide()
            self._show_page()
            self._on_edited()

    def _on_offer(self, offer: Offer) -> None:
        if self._view is None or self._desk is None:
            return
        self._go_on = offer.go_on
        if offer.starts:
            self.startAsked.emit(offer.kind)
        elif offer.asks:
            self._marked = self._editor.marked_words()
            self._foot.ask(asked_for(offer.kind, self._desk.people, self._marked))
        else:
            self._emit(Deed(kind=offer.kind, grade=self._foot.grades.grade()))

    def _on_told(self, kind: ActKind, reason: str, told_to: str, person_id: str) -> None:
        remark = self._marked if kind is ActKind.RETURN else None
        comments = (replace(remark, text=reason),) if remark is not None else ()
        self._emit(
            Deed(
                kind=kind,
                reason=reason,
                told_to=told_to,
                recipient_id=person_id,
                comments=comments,
            )
        )

    def _emit(self, deed: Deed) -> None:
        self._foot.show_busy(busy=True)
        self.asked.emit(replace(deed, text=self._editor.text(), go_on=self._go_on))


def signing_line(view: ReportView, desk: Desk, coverage: Sequence[Coverage]) -> str:
    """Whose report is about to be signed, by whom, and whether all of it was looked at."""
    who = identity_line(desk.facts)
    if view.mode is Mode.WRITE and view.kind in view.offered:
        return translate("Report", "To submit: {patient}").format(patient=who)
    if view.mode is not Mode.REVIEW:
        return who
    open_ones = sum(not c.is_whole for c in coverage)
    seen = translate("Report", "all series seen")
    if open_ones:
        seen = translate("Report", "series not seen whole: {count}").format(count=open_ones)
    if not coverage:
        seen = translate("Report", "no images here")
    told = translate(
        "Report", "To co-sign: {patient}  |  author {author}  |  reviewer {reviewer}  |  {seen}"
    )
    return told.format(patient=who, author=view.author, reviewer=desk.person, seen=seen)
