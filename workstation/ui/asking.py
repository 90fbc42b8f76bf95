"""What the line in place asks for before a deed: its sentence, its button, and which fields it has.

Pure: an act and the people it may go to become an ``Asked`` value. Which fields an act needs is the domain's rule; this
module only words it.
"""

from __future__ import annotations

from collections.abc import Sequence

from workstation.domain.act import ActKind, Comment
from workstation.ui.notices import Asked
from workstation.ui.words import translate


def asked_for(
    kind: ActKind, people: Sequence[tuple[str, str]], marked: Comment | None = None
) -> Asked:
    """The line for a deed; ``marked`` are the words that a returned report is commented at."""
    titles = {
        ActKind.RETURN: translate("Asking", "Return to the author: what is to be changed?"),
        ActKind.AMEND: translate("Asking", "Amend the signed report: why?"),
        ActKind.WITHDRAW: translate("Asking", "Withdraw what was released: why?"),
        ActKind.TAKE_OVER: translate("Asking", "Take this draft over from its owner: why?"),
        ActKind.HAND_OVER: translate("Asking", "Hand this draft over to:"),
        ActKind.RELEASE_PRELIMINARY: translate(
            "Asking", "Release before review: to whom, and why?"
        ),
        ActKind.RECONCILE_IDENTITY: translate(
            "Asking", "Header and report are the same patient: how do you know?"
        ),
    }
    confirm = {
        ActKind.RETURN: translate("Asking", "Return"),
        ActKind.AMEND: translate("Asking", "Submit amendment"),
        ActKind.WITHDRAW: translate("Asking", "Withdraw"),
        ActKind.TAKE_OVER: translate("Asking", "Take over"),
        ActKind.HAND_OVER: translate("Asking", "Hand over"),
        ActKind.RELEASE_PRELIMINARY: translate("Asking", "Release"),
        ActKind.RECONCILE_IDENTITY: translate("Asking", "Same patient"),
    }
    title = titles[kind]
    if kind is ActKind.RETURN and marked is not None:
        title = translate("Asking", "Return to the author, about “{words}”:").format(
            words=_short(marked.quoted)
        )
    return Asked(
        kind=kind,
        title=title,
        confirm=confirm[kind],
        reason=kind is not ActKind.HAND_OVER,
        told_to=kind is ActKind.RELEASE_PRELIMINARY,
        people=tuple(people) if kind is ActKind.HAND_OVER else (),
    )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 24 else line[:23] + "…"
