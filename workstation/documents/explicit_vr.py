"""Single elements in explicit VR little endian (PS3.5 section 7.1.2): what files and signatures are made of.

Values are taken as the bytes that a file holds wherever it was little endian, so that nothing is lost by decoding
them. Knows no file and no signature.
"""

from __future__ import annotations

import struct

from pydicom.charset import convert_encodings
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_data_element
from pydicom.tag import BaseTag

DEEPEST_SEQUENCE = 32

_WITH_LONG_LENGTH = frozenset(
    {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"}
)
# A single text in UTF-8 is its own encoding; pydicom's writer comes to the same and takes ten times as long.
_PLAIN_TEXT = frozenset({"CS", "DA", "DT", "LO", "SH", "TM", "UI", "UT"})
_UTF_8 = ["UTF8"]
_PADDED_WITH_NUL = frozenset({"UI", "OB", "UN"})


def encodings_of(dataset: Dataset) -> list[str]:
    """The Python encodings of the data set's Specific Character Set."""
    charset = dataset.get("SpecificCharacterSet")
    return convert_encodings(list(charset) if isinstance(charset, list) else charset)


def tags_of(dataset: Dataset) -> list[BaseTag]:
    """The tags of a data set in order; iterating over it would decode every value."""
    return sorted(dataset.keys())


def vr_of(dataset: Dataset, tag: BaseTag) -> str:
    """The VR of an element as it was read, else the dictionary's; UN where neither is known."""
    found = getattr(dataset.get_item(tag), "VR", None)
    if found is None:
        try:
            found = dictionary_VR(tag)
        except KeyError:
            found = "UN"
    return str(found) if len(found) == 2 else "UN"


def header(tag: BaseTag, vr: str) -> bytes:
    """Tag and VR, with the reserved bytes where the VR has a long length; the length itself follows."""
    short = struct.pack("<HH", tag.group, tag.element) + vr.encode()
    return short + b"\0\0" if vr in _WITH_LONG_LENGTH else short


def leaf(dataset: Dataset, tag: BaseTag, encodings: list[str]) -> bytes:
    """A whole element that is no sequence, its value padded to an even length."""
    vr = vr_of(dataset, tag)
    value = _value(dataset, tag, encodings)
    if len(value) % 2:
        value += b"\0" if vr in _PADDED_WITH_NUL else b" "
    length = struct.pack("<L" if vr in _WITH_LONG_LENGTH else "<H", len(value))
    return header(tag, vr) + length + value


def whole(dataset: Dataset, encodings: list[str], depth: int = 0) -> bytes:
    """All elements of a data set, sequences and items with their lengths.

    Raises:
        ValueError: nested deeper than any document of ours.
    """
    if depth > DEEPEST_SEQUENCE:
        raise ValueError
    parts: list[bytes] = []
    for tag in tags_of(dataset):
        if vr_of(dataset, tag) != "SQ":
            parts.append(leaf(dataset, tag, encodings))
            continue
        items = [whole(item, encodings, depth + 1) for item in dataset[tag].value]
        content = b"".join(struct.pack("<HHL", 0xFFFE, 0xE000, len(i)) + i for i in items)
        parts += [header(tag, "SQ"), struct.pack("<L", len(content)), content]
    return b"".join(parts)


def _value(dataset: Dataset, tag: BaseTag, encodings: list[str]) -> bytes:
    raw: object = dataset.get_item(tag)
    if isinstance(raw, RawDataElement) and raw.is_little_endian:
        return raw.value or b""
    element = dataset[tag]
    text = element.value
    if element.VR in _PLAIN_TEXT and encodings == _UTF_8 and isinstance(text, str):
        return text.encode()
    buffer = DicomBytesIO()
    buffer.is_little_endian = True
    buffer.is_implicit_VR = False
    write_data_element(buffer, element, encodings)
    return buffer.getvalue()[12 if element.VR in _WITH_LONG_LENGTH else 8 :]
