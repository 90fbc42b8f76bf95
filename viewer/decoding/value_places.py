"""Where the value of one element lies in its file: for bytes that are read later, or never.

The parser keeps the place of every element it has read; nothing is copied here. In a deflated file
places are in the inflated stream. An element that was put together in memory has none.
"""

from __future__ import annotations

from typing import Any

from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset


def value_place(dataset: Dataset, tag: int) -> tuple[int, int] | None:
    """(offset, length) of the element's value; None where it is absent or of undefined length."""
    if tag not in dataset:
        return None
    try:
        element: Any = dataset.get_item(tag)
    except Exception:  # noqa: BLE001 - a damaged element may fail in any way; it counts as absent
        return None
    raw = isinstance(element, RawDataElement)
    place: Any = element.value_tell if raw else element.file_tell
    value: Any = element.value
    if not isinstance(place, int) or place <= 0 or not isinstance(value, bytes):
        return None
    return (place, len(value))


def value_representation(dataset: Dataset, tag: int) -> str:
    """The VR the file gives the element, "" where it gives none."""
    element = dataset.get_item(tag) if tag in dataset else None
    return str(element.VR or "") if element is not None else ""
