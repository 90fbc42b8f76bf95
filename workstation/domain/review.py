"""What the reviewer changed: the difference of two texts as data.

Chinese has no spaces, so Han characters are compared one by one and other scripts by word; short islands of
unchanged text between changes are folded into them, because a reader takes in phrases, not letters.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from enum import StrEnum

_TOKENS = re.compile(r"[A-Za-z]+|\d+(?:\.\d+)?|\s+|.", re.DOTALL)


class ChangeKind(StrEnum):
    """What happened to a piece of text."""

    SAME = "SAME"
    DELETED = "DELETED"
    INSERTED = "INSERTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A piece of text that stayed, went or came."""

    kind: ChangeKind
    text: str


def changes(before: str, after: str) -> tuple[Change, ...]:
    """The pieces of ``before`` and ``after`` in reading order, a deletion before the insertion in its place.

    The SAME and DELETED pieces joined give ``before``; the SAME and INSERTED ones give ``after``.
    """
    old, new = _TOKENS.findall(before), _TOKENS.findall(after)
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    pieces: list[tuple[str, str]] = []
    for tag, a0, a1, b0, b1 in matcher.get_opcodes():
        gone, came = "".join(old[a0:a1]), "".join(new[b0:b1])
        pieces.append((gone, came) if tag != "equal" else (gone, gone))
    return tuple(_told(_folded(pieces)))


def changed(before: str, after: str) -> bool:
    """Whether anything but white space at the ends differs."""
    return before.strip() != after.strip()


def _folded(pieces: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Join a change, an unchanged island of one character, and the next change into one change."""
    folded: list[tuple[str, str]] = []
    for index, (gone, came) in enumerate(pieces):
        island = gone == came and len(gone) == 1 and 0 < index < len(pieces) - 1
        follows = bool(folded) and folded[-1][0] != folded[-1][1]
        if follows and (island or gone != came):
            last = folded.pop()
            folded.append((last[0] + gone, last[1] + came))
        else:
            folded.append((gone, came))
    return folded


def _told(pieces: list[tuple[str, str]]) -> list[Change]:
    told: list[Change] = []
    for gone, came in pieces:
        if gone == came:
            told.append(Change(kind=ChangeKind.SAME, text=gone))
            continue
        if gone:
            told.append(Change(kind=ChangeKind.DELETED, text=gone))
        if came:
            told.append(Change(kind=ChangeKind.INSERTED, text=came))
    return told
