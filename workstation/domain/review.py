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

_MARKS = "，。；、,.;"


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
    return tuple(_told(_folded(_slid(pieces))))


def changed(before: str, after: str) -> bool:
    """Whether anything but white space at the ends differs."""
    return before.strip() != after.strip()


def _slid(pieces: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """A phrase that came or went takes the mark that ends it, not the same mark that stands before it."""
    slid = list(pieces)
    for index in range(1, len(slid) - 1):
        before, (gone, came), after = slid[index - 1 : index + 2]
        phrase = gone or came
        single = not (gone and came) and before[0] == before[1] and after[0] == after[1]
        if single and phrase[0] in _MARKS and after[0][:1] == phrase[0]:
            mark, ended = phrase[0], phrase[1:] + phrase[0]
            slid[index - 1] = (before[0] + mark, before[0] + mark)
            slid[index] = (ended, "") if gone else ("", ended)
            slid[index + 1] = (after[0][1:], after[0][1:])
    return slid


def _folded(pieces: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Join a change, an unchanged island of one character in its line, and the next change into one change."""
    folded: list[tuple[str, str]] = []
    for index, (gone, came) in enumerate(pieces):
        island = gone == came and len(gone) <= 1 and 0 < index < len(pieces) - 1 and gone != "\n"
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
            told += [Change(kind=ChangeKind.SAME, text=gone)] if gone else []
            continue
        if gone:
            told.append(Change(kind=ChangeKind.DELETED, text=gone))
        if came:
            told.append(Change(kind=ChangeKind.INSERTED, text=came))
    return told
