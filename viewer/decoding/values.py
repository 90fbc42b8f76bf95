"""Single values of a header, read with doubt: what cannot be read counts as absent.

Anything may be in the bytes of a file; pydicom converts while values are asked for, so every
question may fail. Functions here answer None, "" or () then, except `whole` and `needed`, which
refuse: the pixels depend on them.
"""

from __future__ import annotations

import math
from typing import Any

from pydicom.dataset import Dataset

from viewer.volume import ImageError


def text(dataset: Dataset, keyword: str) -> str:
    """A value as text; several joined by a backslash; "" where absent or unreadable."""
    value = _value(dataset, keyword)
    if value is None or isinstance(value, bytes):
        return ""
    if _is_many(value):
        return "\\".join(str(item).strip() for item in value)
    return str(value).strip().rstrip("\0")


def texts(dataset: Dataset, keyword: str) -> tuple[str, ...]:
    """A value of several texts."""
    joined = text(dataset, keyword)
    return tuple(joined.split("\\")) if joined else ()


def numbers(dataset: Dataset, keyword: str) -> tuple[float, ...]:
    """A value of several finite numbers; empty where absent or any is unreadable."""
    value = _value(dataset, keyword)
    if value is None or isinstance(value, (bytes, str)):
        return ()
    try:
        found = tuple(float(item) for item in (value if _is_many(value) else (value,)))
    except (TypeError, ValueError, OverflowError):
        return ()
    return found if all(math.isfinite(item) for item in found) else ()


def number(dataset: Dataset, keyword: str) -> float | None:
    """A single finite number, or None."""
    found = numbers(dataset, keyword)
    return found[0] if found else None


def whole_numbers(dataset: Dataset, keyword: str) -> tuple[int, ...]:
    """An OV or UV value (the Extended Offset Table) as integers."""
    value = _value(dataset, keyword)
    if isinstance(value, bytes):
        whole = len(value) // 8 * 8
        return tuple(int.from_bytes(value[at : at + 8], "little") for at in range(0, whole, 8))
    return ()


def _value(dataset: Dataset, keyword: str) -> Any:
    try:
        return dataset.get(keyword)
    except Exception:  # noqa: BLE001 - pydicom converts here, and anything may be in the bytes
        return None


def _is_many(value: Any) -> bool:
    return not isinstance(value, (str, bytes)) and hasattr(value, "__iter__")


def items(dataset: Dataset, keyword: str) -> list[Dataset]:
    """The items of a sequence; none where absent or unreadable."""
    value = _value(dataset, keyword)
    return list(value) if _is_many(value) else []


def whole(dataset: Dataset, keyword: str, absent: int) -> int:
    """An integer; absent gives `absent`, unreadable is refused: the pixels depend on it."""
    if keyword not in dataset:
        return absent
    value = number(dataset, keyword)
    if value is None and not text(dataset, keyword):
        return absent
    if value is None or value != int(value):
        raise ImageError("{attribute} cannot be read.", attribute=keyword)
    return int(value)


def needed(dataset: Dataset, keyword: str, instead: str = "") -> int:
    """A positive integer, from `instead` where the first is missing; ImageError without any."""
    value = whole(dataset, keyword, 0)
    if value <= 0 and instead:
        value = whole(dataset, instead, 0)
    if value <= 0:
        raise ImageError("The image has no {attribute}.", attribute=keyword)
    return value


def pair(values: tuple[float, ...]) -> tuple[float, float] | None:
    """Two positive numbers, or None."""
    if len(values) != 2 or min(values) <= 0:
        return None
    return (values[0], values[1])
