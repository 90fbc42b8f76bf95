"""Lookup tables of the header: modality, VOI and palette (PS3.3 C.11.1.1, C.11.2.1.1, C.7.9).

Entries come as US or SS numbers, as words, or as bytes packed two to a word; segmented palettes
are expanded. A table that does not hold what its descriptor says is left out or refused, never
guessed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from pydicom.dataset import Dataset

from viewer.volume import ImageError, LookupTable, Palette


def lookup_table(item: Dataset) -> LookupTable | None:
    """One item of a Modality or VOI LUT Sequence; None where it is unusable."""
    descriptor = _descriptor(item, "LUTDescriptor")
    if descriptor is None:
        return None
    count, first, bits = descriptor
    entries = _entries(_get(item, "LUTData"), count, bits, item)
    if entries is None:
        return None
    explanation = str(_get(item, "LUTExplanation") or "").strip()
    return LookupTable(
        first_mapped=first, bits=bits, data=entries.astype("<u2").tobytes(), explanation=explanation
    )


def palette(dataset: Dataset, pixel_representation: int = 0) -> Palette:
    """The three palette tables; ImageError where one is missing or too short.

    The first mapped value has the sign of the pixels, whatever VR the file gives it (C.7.6.3.1.5).
    """
    tables = (_palette_table(dataset, name) for name in ("Red", "Green", "Blue"))
    red, green, blue = (_signed_as(table, pixel_representation) for table in tables)
    return Palette(red=red, green=green, blue=blue)


def _signed_as(table: LookupTable, pixel_representation: int) -> LookupTable:
    first = table.first_mapped & 0xFFFF
    if pixel_representation and first > 0x7FFF:
        first -= 0x10000
    return replace(table, first_mapped=first)


def _palette_table(dataset: Dataset, colour: str) -> LookupTable:
    descriptor = _descriptor(dataset, f"{colour}PaletteColorLookupTableDescriptor")
    entries = None
    if descriptor is not None:
        count, first, bits = descriptor
        plain = _get(dataset, f"{colour}PaletteColorLookupTableData")
        segmented = _get(dataset, f"Segmented{colour}PaletteColorLookupTableData")
        if plain is not None:
            entries = _entries(plain, count, bits, dataset)
        elif isinstance(segmented, bytes):
            entries = _expanded(segmented, count, bits, _order(dataset))
    if descriptor is None or entries is None:
        raise ImageError("The {colour} palette is missing or too short.", colour=colour.lower())
    if int(entries.max()) > 255:
        bits = 16  # a descriptor that says 8 of entries that plainly are not
    return LookupTable(first_mapped=first, bits=bits, data=entries.astype("<u2").tobytes())


def _get(dataset: Dataset, keyword: str) -> Any:
    try:
        return dataset.get(keyword)
    except Exception:  # noqa: BLE001 - pydicom converts here, and anything may be in the bytes
        return None


def _order(dataset: Dataset) -> str:
    return "<" if dataset.original_encoding[1] in {True, None} else ">"


def _descriptor(dataset: Dataset, keyword: str) -> tuple[int, int, int] | None:
    """(entries, first mapped value, bits); 0 entries mean 65536."""
    value = _get(dataset, keyword)
    try:
        count, first, bits = (int(part) for part in value)
    except (TypeError, ValueError):
        return None
    if not 1 <= bits <= 16:
        return None
    return ((count & 0xFFFF) or 65536, first, bits)


def _entries(value: Any, count: int, bits: int, dataset: Dataset) -> np.ndarray[Any, Any] | None:
    if isinstance(value, bytes):
        packed = len(value) in {count, count + 1} and count > 1
        kind = "u1" if packed else _order(dataset) + "u2"
        whole = value if packed else value[: len(value) // 2 * 2]
        found = np.frombuffer(whole, dtype=kind)
    else:
        try:
            found = np.atleast_1d(np.asarray(value, dtype=np.int64)) & 0xFFFF
        except (TypeError, ValueError):
            return None
        if len(found) in {count // 2, (count + 1) // 2} and bits <= 8 < count:
            found = found.astype("<u2").view("u1")
    return found[:count] if len(found) >= count else None


def _expanded(data: bytes, count: int, bits: int, order: str) -> np.ndarray[Any, Any] | None:
    """The entries of a segmented table; None where it is damaged or too short."""
    whole = data if bits <= 8 else data[: len(data) // 2 * 2]
    words = np.frombuffer(whole, dtype="u1" if bits <= 8 else order + "u2").tolist()
    segments = _Segments(words, is_bytes=bits <= 8, most=count)
    try:
        segments.expand(0, None)
    except (IndexError, ZeroDivisionError):
        return None
    return np.array(segments.out[:count]) if len(segments.out) >= count else None


class _Segments:
    """A segmented table under expansion (C.7.9.2): discrete, linear and indirect segments."""

    def __init__(self, words: list[int], *, is_bytes: bool, most: int) -> None:
        self.out: list[int] = []
        self._words = words
        self._is_bytes = is_bytes
        self._most = most

    def expand(self, at: int, segments: int | None) -> None:
        """Appends the entries of `segments` segments (None: all there are) from word `at` on."""
        done = 0
        while at < len(self._words) and len(self.out) < self._most and done != segments:
            kind, length = self._words[at], self._words[at + 1]
            if kind == 0:
                found = self._words[at + 2 : at + 2 + length]
                if len(found) < length:
                    raise IndexError
                self.out.extend(found)
                at += 2 + length
            elif kind == 1:
                start, end = self.out[-1], self._words[at + 2]
                steps = range(1, length + 1)
                self.out.extend(round(start + (end - start) * n / length) for n in steps)
                at += 3
            elif kind == 2 and segments is None:
                self.expand(self._target(at + 2), length)
                at += 6 if self._is_bytes else 4
            else:
                raise IndexError
            done += 1

    def _target(self, at: int) -> int:
        """The word an indirect segment's byte offset points to, least significant part first."""
        count, bits = (4, 8) if self._is_bytes else (2, 16)
        parts = self._words[at : at + count]
        offset = sum(part << (bits * n) for n, part in enumerate(parts))
        return offset if self._is_bytes else offset // 2
