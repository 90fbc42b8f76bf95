"""The functional groups of a multi-frame header, asked frame by frame (PS3.3 C.7.6.16).

A fact lies in the frame's own item, else in the shared item, else (classic images) in the data
set itself. Thousands of frames repeat the same window and rescale: what is equal byte for byte is
parsed and read once. Knows no fact itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pydicom.datadict import keyword_for_tag
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from viewer.decoding.values import items

T = TypeVar("T")
Groups = dict[str, Dataset]


class FunctionalGroups:
    """The header of one instance, by frame.

    Where there are fewer own items than frames nobody knows which item belongs to which frame;
    none is used then, so that such frames have no place and no own rescale rather than a wrong one.
    """

    def __init__(self, dataset: Dataset, frames: int) -> None:
        self.dataset = dataset
        self._keywords: dict[int, str] = {}
        self._first_items: dict[tuple[str, object], Dataset] = {}
        self._read: dict[tuple[int, Callable[[Dataset], Any]], Any] = {}
        own = items(dataset, "PerFrameFunctionalGroupsSequence")
        shared = items(dataset, "SharedFunctionalGroupsSequence")
        self._own = [self._groups(item) for item in own] if len(own) >= frames else []
        self._shared = self._groups(shared[0]) if shared else {}

    @property
    def are_enhanced(self) -> bool:
        """Whether there are functional groups at all."""
        return bool(self._own or self._shared)

    def ask(self, index: int, sequence: str, read: Callable[[Dataset], T]) -> T:
        """What `read` finds in the functional group of a frame (counted from 0)."""
        item = self._own[index].get(sequence) if self._own else None
        return self._once(self._shared.get(sequence, self.dataset) if item is None else item, read)

    def whole(self, read: Callable[[Dataset], T]) -> T:
        """What `read` finds in the data set itself; the same for all frames."""
        return self._once(self.dataset, read)

    def _once(self, item: Dataset, read: Callable[[Dataset], T]) -> T:
        """What `read` finds in an item, read once. Every item asked lives as long as this object."""
        key = (id(item), read)
        if key not in self._read:
            self._read[key] = read(item)
        found: T = self._read[key]
        return found

    def _groups(self, item: Dataset) -> Groups:
        """The first item of every functional group, by keyword; private groups are left out."""
        found: Groups = {}
        for tag in item.keys():  # noqa: SIM118 - a Dataset iterates over elements, not tags
            keyword = self._keyword(int(tag))
            group = self._first_item(item, int(tag), keyword) if keyword else None
            if group is not None:
                found[keyword] = group
        return found

    def _keyword(self, tag: int) -> str:
        if tag not in self._keywords:
            self._keywords[tag] = keyword_for_tag(tag)
        return self._keywords[tag]

    def _first_item(self, item: Dataset, tag: int, keyword: str) -> Dataset | None:
        """The first item of a sequence, the same object for the same bytes; None where unreadable."""
        try:
            element: Any = item.get_item(tag)
            if isinstance(element, RawDataElement):
                return self._same_for(keyword, element.value, lambda: item[tag].value)
            value = element.value
            if not isinstance(value, Sequence) or not len(value):
                return None
            return self._same_for(keyword, _raw_content(value[0]), lambda: value)
        except Exception:  # noqa: BLE001 - pydicom converts here, and anything may be in the bytes
            return None

    def _same_for(
        self, keyword: str, content: object, parsed: Callable[[], object]
    ) -> Dataset | None:
        """The item that was first parsed from this content, or the one parsed now."""
        key = (keyword, content)
        if content is not None and key in self._first_items:
            return self._first_items[key]
        value = parsed()
        if not isinstance(value, Sequence) or not len(value):
            return None
        first: Dataset = value[0]
        if content is not None:
            self._first_items[key] = first
        return first


def _raw_content(item: Dataset) -> object:
    """An item's bytes, so far nobody converted any of them; None where they cannot tell it."""
    content = []
    for tag in item.keys():  # noqa: SIM118 - a Dataset iterates over elements, not tags
        element: Any = item.get_item(tag)
        if not isinstance(element, RawDataElement):
            return None
        content.append((int(tag), element.value))
    return tuple(content)
