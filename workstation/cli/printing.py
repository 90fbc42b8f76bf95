"""How a command answers: text for people, JSON for programs; refusals in one line on stderr.

Knows no command. JSON is made of the very values that services return, so that both forms say the same.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import sys
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any


class Printer:
    """Writes one answer per command.

    Args:
        as_json: whether programs read it.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def answer(self, value: Any, text: str) -> None:
        """Print the value as JSON, or the text."""
        if self.as_json:
            print(json.dumps(plain(value), ensure_ascii=False, indent=1), flush=True)
        elif text:
            print(text, flush=True)

    def line(self, text: str) -> None:
        """Progress and remarks for people, on stderr; nothing where programs read."""
        if not self.as_json:
            print(text, file=sys.stderr, flush=True)

    def refuse(self, error: BaseException) -> None:
        """One clear line on stderr."""
        line = " ".join(str(error).split())
        if self.as_json:
            rule = getattr(error, "rule", "")
            told = {"error": line, "kind": type(error).__name__, "rule": rule}
            print(json.dumps(told, ensure_ascii=False), file=sys.stderr, flush=True)
        else:
            print(f"cosight: {line}", file=sys.stderr, flush=True)


def plain(value: Any) -> Any:
    """The value as JSON knows it: dataclasses as objects, times in ISO 8601, enumerations by value."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(plain(k)): plain(v) for k, v in value.items()}
    if isinstance(value, frozenset | set):
        return sorted((plain(v) for v in value), key=str)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [plain(v) for v in value]
    return value


def table(rows: Sequence[Sequence[str]]) -> str:
    """Columns under each other; a Chinese character is two cells wide."""
    if not rows:
        return ""
    widths = [max(_cells(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = (
        "  ".join(
            cell + " " * (width - _cells(cell)) for cell, width in zip(row, widths, strict=True)
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def _cells(text: str) -> int:
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
