"""Single values of a header, read with doubt: what cannot be read counts as absent.

Anything may be in the bytes of a file; pydicom converts while values are asked for, so every
question may fail. Functions here answer None, "" or () then, except `whole` and `needed`, which
refuse: the pixels depend on them.
"""

from __future__ import annotations

import math
import struct
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
    return _finite(value)


def _finite(value: Any) -> tuple[float, ...]:
    try:
        found = tuple(float(item) for item in (value if _is_many(value) else (value,)))
    except (TypeError, ValueError, OverflowError):
        return ()
    return found if all(math.isfinite(item) for item in found) else ()


def number(dataset: Dataset, keyword: str) -> float | None:
    """A single finite number, or None."""
    found = numbers(dataset, keyword)
    return found[0] if found else None


def count(dataset: Dataset, keyword: str) -> int | None:
    """A single whole number, or None."""
    value = number(dataset, keyword)
    return int(value) if value is not None and value == int(value) else None


def within(value: float | None, least: float, most: float) -> float | None:
    """The value where it lies between two bounds, else None: no scanner writes the others."""
    return value if value is not None and least <= value <= most else None


def private_text(dataset: Dataset, group: int, creator: str, element: int) -> str:
    """A private value as text, several joined by a backslash; "" where absent."""
    value = _private(dataset, group, creator, element)
    if isinstance(value, bytes):
        return value.rstrip(b"\0 ").decode("latin-1").strip()
    if value is None:
        return ""
    if _is_many(value):
        return "\\".join(str(item).strip() for item in value)
    return str(value).strip()


def private_bytes(dataset: Dataset, group: int, creator: str, element: int) -> bytes:
    """A private value of bytes (OB or UN); b"" where absent or something else."""
    value = _private(dataset, group, creator, element)
    return value if isinstance(value, bytes) else b""


def private_numbers(
    dataset: Dataset, group: int, creator: str, element: int, *, binary: str = ""
) -> tuple[float, ...]:
    """A private value of finite numbers; empty where absent or any is unreadable.

    Implicit VR and archives that know no private tags turn them into bytes (UN): `binary` is then
    their form in `struct`'s letters, "" for text. An empty `creator` means the block at 10xx of a
    group whose creator somebody removed.
    """
    value = _private(dataset, group, creator, element)
    if isinstance(value, bytes) and binary:
        size = struct.calcsize(f"<{binary}")
        if len(value) % size:
            return ()
        value = struct.unpack(f"<{len(value) // size}{binary}", value)
    elif isinstance(value, bytes):
        value = value.rstrip(b"\0 ").decode("latin-1")
    if isinstance(value, str):
        value = value.split("\\")
    if value is None:
        return ()
    return _finite(value)


def private_items(dataset: Dataset, group: int, creator: str, element: int) -> list[Dataset]:
    """The items of a private sequence; none where absent or unreadable."""
    value = _private(dataset, group, creator, element)
    found = list(value) if _is_many(value) else []
    return found if all(isinstance(item, Dataset) for item in found) else []


def _private(dataset: Dataset, group: int, creator: str, element: int) -> Any:
    """A private value by its creator, wherever in the group that reserved its block (PS3.5 7.8)."""
    creators = {
        tag.element: _private_creator(dataset, int(tag))
        for tag in dataset.keys()  # noqa: SIM118 - a Dataset iterates over elements, not tags
        if tag.group == group and 0x10 <= tag.element <= 0xFF
    }
    if not creator:
        blocks = [] if creators else [0x10]
    else:
        wanted = creator.upper()
        blocks = [block for block, name in sorted(creators.items()) if name == wanted]
    for block in blocks:
        tag = group << 16 | block << 8 | element
        if tag in dataset:
            try:
                return dataset[tag].value
            except Exception:  # noqa: BLE001 - pydicom converts here, as in `_value`
                return None
    return None


def _private_creator(dataset: Dataset, tag: int) -> str:
    try:
        value = dataset[tag].value
    except Exception:  # noqa: BLE001 - pydicom converts here, as in `_value`
        return ""
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    return str(value).strip(" \0").upper()


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
