"""Matching of query keys against index values: single value, list of UIDs, wildcard, range, universal.

PS3.4 C.2.2.2. Names match in any of their component groups, without regard to case, with or without carets, so that
``*张*`` and ``张三`` both find ``Zhang^San=张^三``.
"""

from __future__ import annotations

import re
from functools import lru_cache


def matches_text(pattern: str, value: str) -> bool:
    """Whether a value matches a pattern with ``*`` and ``?``; an empty pattern matches everything.

    A value of several values (separated by a backslash) matches where one of them does.
    """
    if not pattern or set(pattern) == {"*"}:
        return True
    expression = _expression(pattern)
    return any(expression.fullmatch(v.strip()) for v in value.split("\\"))


def matches_name(pattern: str, value: str) -> bool:
    """Whether a PN value or one of its component groups matches."""
    if not pattern or set(pattern) == {"*"}:
        return True
    wanted = [_expression(p.rstrip("^= ")) for p in {pattern, *pattern.split("=")} if p]
    forms = {value.rstrip("^= ")}
    for group in value.split("="):
        forms |= {group.rstrip("^ "), group.replace("^", ""), group.replace("^", " ").strip()}
    return any(w.fullmatch(form) for w in wanted for form in forms if form)


def matches_range(pattern: str, value: str) -> bool:
    """Whether a DA or TM value is the one asked for or lies in ``first-last`` (one end may be open)."""
    if not pattern:
        return True
    first, dash, last = pattern.partition("-")
    if not dash:
        return _is_same_moment(pattern, value)
    if not value:
        return False
    first, last = _plain(first), _plain(last)
    given = _plain(value)
    # A shorter bound (a TM of hours) covers all that begins with it.
    above = not first or given[: len(first)] >= first[: len(given)]
    return above and (not last or given[: len(last)] <= last)


def _is_same_moment(pattern: str, value: str) -> bool:
    wanted, given = _plain(pattern), _plain(value)
    if "*" in pattern or "?" in pattern:
        return matches_text(pattern, value)
    return wanted == given or wanted.rstrip("0") == given.rstrip("0") != ""


def _plain(moment: str) -> str:
    """A DA or TM without the separators of older editions and without an empty fraction."""
    digits = moment.replace(":", "").strip()
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


@lru_cache(maxsize=256)
def _expression(pattern: str) -> re.Pattern[str]:
    parts = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern.strip())
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)
