"""The words of a data set in the character set they are really in.

Specific Character Set is honoured (GB18030, GBK, ISO 2022 IR 58, UTF-8, ...; PS3.5 6.1, PS3.3 C.12.1.1.2). Many
devices write GBK or UTF-8 bytes and label them ISO_IR 100 or not at all; such text is recognised and noted. It reads
a data set whose values are still raw and changes nothing in it.
"""

from __future__ import annotations

import re
from typing import Any

_WORDS = (
    "PatientName", "StudyDescription", "SeriesDescription", "InstitutionName", "ReferringPhysicianName",
    "PatientID", "BodyPartExamined", "AccessionNumber", "ProtocolName", "PatientComments", "StudyID",
)  # fmt: skip
_UNLABELLED = frozenset({"", "ISO_IR 6", "ISO_IR 100", "ISO 2022 IR 6", "ISO 2022 IR 100"})
# Both bytes high: the plane of GB 2312, where the common ideographs are. Latin-1 words hardly ever look so.
_GB2312_PAIR = re.compile(rb"[\xb0-\xf7][\xa1-\xfe]")
# pydicom decodes ISO 2022 IR 58 and leaves the escape that announces it in the text.
_GB2312_ESCAPE = "\x1b$)A"
_UNDEFINED = 0xFFFFFFFF
_PADDING = " \0"


class HeaderText:
    """Text values of one data set.

    Attributes:
        notes: sentences on what was repaired.
    """

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset
        self._repair = _real_encoding(dataset)
        self.notes: tuple[str, ...] = ()
        if self._repair:
            self.notes = (
                f"The text is in {self._repair.upper()} although the header does not say so",
            )

    def of(self, keyword: str) -> str:
        """The value as text, '' where it is absent; several values are joined by a backslash."""
        raw = _raw(self._dataset, keyword)
        if self._repair and raw is not None and not raw.isascii():
            return raw.decode(self._repair, "replace").strip(_PADDING)
        try:
            value = self._dataset.get(keyword)
        except (ValueError, TypeError, LookupError, NotImplementedError):
            return raw.decode("ascii", "replace").strip(_PADDING) if raw is not None else ""
        if value is None:
            return ""
        several = not isinstance(value, str) and hasattr(value, "append")
        text = "\\".join(str(v) for v in value) if several else str(value)
        return text.replace(_GB2312_ESCAPE, "").strip(_PADDING)

    def number(self, keyword: str) -> int | None:
        """The value as a whole number, None where it is absent or is none."""
        try:
            return int(self._dataset.get(keyword))
        except (ValueError, TypeError, OverflowError):
            return None

    def requested_procedure(self) -> str:
        """Requested Procedure ID of the first item of Request Attributes Sequence, '' where there is none."""
        items = self._dataset.get("RequestAttributesSequence")
        if not items:
            return ""
        return str(items[0].get("RequestedProcedureID") or "")


def ends_early(dataset: Any) -> bool:
    """Whether an element holds fewer bytes than it announces: pydicom takes what is there and says nothing."""
    for tag in list(dataset.keys()):
        element = dataset.get_item(tag)
        length, value = getattr(element, "length", 0) or 0, getattr(element, "value", None)
        if isinstance(value, bytes) and length != _UNDEFINED and len(value) < length:
            return True
    return False


def _raw(dataset: Any, keyword: str) -> bytes | None:
    """The bytes of an element that has not been converted, else None."""
    from pydicom.datadict import tag_for_keyword

    element = dataset.get_item(tag_for_keyword(keyword)) if keyword in dataset else None
    value = getattr(element, "value", None)
    return value if isinstance(value, bytes) else None


def _real_encoding(dataset: Any) -> str:
    """The Python codec of text that is labelled wrongly, '' where the label may be right."""
    label = dataset.get("SpecificCharacterSet") or ""
    labels = {label} if isinstance(label, str) else set(label)
    if not labels <= _UNLABELLED:
        return ""
    values = [v for k in _WORDS if (v := _raw(dataset, k)) is not None and not v.isascii()]
    if not values:
        return ""
    if all(_decodes(v, "utf-8") for v in values):
        return "utf-8"
    looks_chinese = any(_GB2312_PAIR.search(v) for v in values)
    return "gb18030" if looks_chinese and all(_decodes(v, "gb18030") for v in values) else ""


def _decodes(value: bytes, codec: str) -> bool:
    """Whether the bytes are text of that codec whose non-ASCII characters are all East Asian."""
    try:
        text = value.decode(codec)
    except UnicodeDecodeError:
        return False
    return all(c.isascii() or _is_east_asian(c) for c in text)


def _is_east_asian(character: str) -> bool:
    point = ord(character)
    return (
        0x2E80 <= point <= 0x9FFF
        or 0xF900 <= point <= 0xFAFF
        or 0xFF00 <= point <= 0xFFEF
        or 0x20000 <= point <= 0x323AF
        or point == 0x00B7
    )
