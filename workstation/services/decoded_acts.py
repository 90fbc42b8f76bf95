"""Acts as JSON text and back, for this station's own table of decoded acts; never signed, never sent.

The act's DICOM object stays the only truth: a text that does not fit is decoded from it again, and ``cosight verify``
compares both.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import types
import typing
from enum import Enum
from functools import cache
from typing import Any

from workstation.domain.act import Act

FORM = "1"


def text_of(act: Act) -> str:
    """The act as JSON."""
    return json.dumps(dataclasses.asdict(act), ensure_ascii=False, default=_told)


def act_of(text: str) -> Act | None:
    """The act that a text tells; None where it is not of this form."""
    try:
        act: Act = _built(Act, json.loads(text))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return act


def _told(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _built(kind: Any, value: Any) -> Any:
    """The value of a field of that type."""
    if value is None:
        return None
    origin = typing.get_origin(kind)
    if origin is types.UnionType:
        return _built(typing.get_args(kind)[0], value)
    if origin is tuple:
        item = typing.get_args(kind)[0]
        return tuple(_built(item, v) for v in value)
    if hasattr(kind, "__dataclass_fields__"):
        return kind(**{name: _built(of, value[name]) for name, of in _fields(kind)})
    if kind is dt.datetime:
        return dt.datetime.fromisoformat(value)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    return value


@cache
def _fields(kind: Any) -> tuple[tuple[str, Any], ...]:
    return tuple(typing.get_type_hints(kind).items())
