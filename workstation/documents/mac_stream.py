"""The bytes that a digital signature covers (PS3.3 C.12.1.1.3.1.1), in explicit VR little endian.

Each element in tag order: tag, VR, length, value. A sequence has no lengths: its tag and VR, for every item the
item tag and the item's elements, then the sequence delimitation tag. Values are taken as the bytes that the file holds
wherever it was little endian, so that nothing is lost by decoding them. Knows no keys.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from pydicom.charset import convert_encodings
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_data_element
from pydicom.tag import BaseTag

DEEPEST_SEQUENCE = 32

_SEQUENCE_DELIMITER = struct.pack("<HH", 0xFFFE, 0xE0DD)
_ITEM = struct.pack("<HH", 0xFFFE, 0xE000)
_WITH_LONG_LENGTH = frozenset(
    {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UR", "UT", "UV"}
)
# A single text in UTF-8 is its own encoding; pydicom's writer comes to the same and takes ten times as long.
_PLAIN_TEXT = frozenset({"CS", "DA", "DT", "LO", "SH", "TM", "UI", "UT"})
_UTF_8 = ["UTF8"]
_PADDED_WITH_NUL = frozenset({"UI", "OB"})


class UnsignableError(Exception):
    """An element that cannot be part of a signature; the text says why."""


def encode(dataset: Dataset, tags: Iterable[BaseTag]) -> bytes:
    """The stream of the named elements that are present, in tag order.

    Raises:
        UnsignableError: a private element, one of unknown VR, or sequences nested too deep.
    """
    charset = dataset.get("SpecificCharacterSet")
    encodings = convert_encodings(list(charset) if isinstance(charset, list) else charset)
    present = sorted(t for t in set(tags) if t in dataset)
    return b"".join(_element(dataset, tag, encodings, 0) for tag in present)


def tags_of(dataset: Dataset) -> list[BaseTag]:
    """The tags of a data set; iterating over it would decode every value."""
    return list(dataset.keys())


def check_signable(tag: BaseTag) -> None:
    """Whether an element with that tag may be signed at all.

    Raises:
        UnsignableError: it may not.
    """
    if tag.is_private:
        raise UnsignableError("A private element is in the signed set")
    if tag.group < 8 or tag.group in {0xFFFA, 0xFFFC} or tag == 0x4FFE0001 or tag.element == 0:
        raise UnsignableError("An element that cannot be signed is in the signed set")


def _element(dataset: Dataset, tag: BaseTag, encodings: list[str], depth: int) -> bytes:
    check_signable(tag)
    element = dataset.get_item(tag)
    vr = _vr(element, tag)
    header = struct.pack("<HH", tag.group, tag.element) + vr.encode()
    if vr == "SQ":
        return header + b"\0\0" + _items(dataset[tag], encodings, depth + 1)
    value = _value(dataset, element, encodings)
    if len(value) % 2:
        value += b"\0" if vr in _PADDED_WITH_NUL else b" "
    if vr in _WITH_LONG_LENGTH:
        return header + b"\0\0" + struct.pack("<L", len(value)) + value
    return header + struct.pack("<H", len(value)) + value


def _items(sequence: DataElement, encodings: list[str], depth: int) -> bytes:
    if depth > DEEPEST_SEQUENCE:
        raise UnsignableError("The sequences of the object are nested too deep")
    parts: list[bytes] = []
    for item in sequence.value:
        # Group lengths change when an archive writes the file anew; they are never part of the MAC.
        inside = sorted(t for t in tags_of(item) if t.element != 0)
        parts += [_ITEM, *(_element(item, tag, encodings, depth) for tag in inside)]
    return b"".join([*parts, _SEQUENCE_DELIMITER])


def _vr(element: object, tag: BaseTag) -> str:
    vr = element.VR if isinstance(element, (DataElement, RawDataElement)) else None
    if vr is None:
        try:
            vr = dictionary_VR(tag)
        except KeyError:
            vr = "UN"
    if vr == "UN" or len(vr) != 2:
        raise UnsignableError("An element of unknown value representation is in the signed set")
    return str(vr)


def _value(dataset: Dataset, element: object, encodings: list[str]) -> bytes:
    if isinstance(element, RawDataElement):
        if element.is_little_endian:
            return element.value or b""
        element = dataset[element.tag]
    if not isinstance(element, DataElement):
        raise UnsignableError("An element cannot be read")
    if element.VR in _PLAIN_TEXT and encodings[:1] == _UTF_8 and isinstance(element.value, str):
        return element.value.encode()
    buffer = DicomBytesIO()
    buffer.is_little_endian = True
    buffer.is_implicit_VR = False
    write_data_element(buffer, element, encodings)
    return buffer.getvalue()[12 if element.VR in _WITH_LONG_LENGTH else 8 :]
