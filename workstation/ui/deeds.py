"""What a person asks for at a report, as one frozen value: the intent that the report panel emits.

It carries the words on screen at the moment of the click, so that nothing typed later can slip into a signed text. Who
may do it is decided by ``domain.report``; doing it is the reporting service's work.
"""

from __future__ import annotations

from dataclasses import dataclass

from workstation.domain.act import ActKind, Comment, Grade, Outcome, ReportText

_UNWRITTEN = ReportText()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One act asked for. ``go_on`` asks for the next case once it is done."""

    kind: ActKind
    text: ReportText = _UNWRITTEN
    reason: str = ""
    told_to: str = ""
    recipient_id: str = ""
    comments: tuple[Comment, ...] = ()
    grade: Grade | None = None
    chosen: str = ""
    outcome: Outcome | None = None
    go_on: bool = False
