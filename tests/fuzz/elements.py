"""Where the elements of a DICOM file lie, found without any DICOM library: what mutations aim at.

Tolerant on purpose: it reads explicit and implicit little endian, goes into sequences of defined and undefined
length, and stops without a word where the bytes stop making sense. Knows nothing of the code under test.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

LONG_VRS = frozenset(
    {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
)
DEFLATED = b"1.2.840.10008.1.2.1.99"
IMPLICIT = b"1.2.840.10008.1.2"
UNDEFINED = 0xFFFFFFFF
MOST_ELEMENTS = 4000
_DELIMITERS = frozenset({0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element: its header starts at `at`, its length field at `length_at`, its value at `value_at`."""

    tag: int
    vr: bytes
    at: int
    length_at: int
    value_at: int
    length: int

    @property
    def end(self) -> int:
        """The first byte after the value; of an undefined length, the first byte of the value."""
        return self.value_at + (0 if self.length == UNDEFINED else self.length)

    @property
    def length_bytes(self) -> int:
        """Width of the length field."""
        return self.value_at - self.length_at


def elements(data: bytes | bytearray) -> list[Element]:
    """Every element of the file in file order, those in sequences too, as far as they can be followed."""
    has_preamble = bytes(data[128:132]) == b"DICM"
    at, found = (132, []) if has_preamble else (0, [])
    implicit = packed = False
    while at + 8 <= len(data) and len(found) < MOST_ELEMENTS:
        element = _element(data, at, implicit and bytes(data[at : at + 2]) != b"\2\0")
        if element is None or (packed and element.tag >> 16 != 2):
            break
        found.append(element)
        if element.tag == 0x00020010:
            value = bytes(data[element.value_at : element.end]).rstrip(b"\0 ")
            implicit = value == IMPLICIT
            packed = value == DEFLATED
        at = _next(element, len(data))
    return found


def data_set_start(data: bytes | bytearray) -> int:
    """Where the data set begins: after the file meta information, if there is one."""
    meta = [element for element in elements(data) if element.tag >> 16 == 2]
    return meta[-1].end if meta else 0


def is_deflated(data: bytes | bytearray) -> bool:
    """Whether the transfer syntax is the deflated one."""
    head = bytes(data[:1024])
    return b"UI" + struct.pack("<H", 22) + DEFLATED in head


def inflated(data: bytes) -> bytes:
    """The file with its data set inflated; the bytes as they are where they do not inflate."""
    start = data_set_start(data)
    try:
        return data[:start] + zlib.decompress(data[start:], wbits=-zlib.MAX_WBITS)
    except zlib.error:
        return data


def deflated(data: bytes) -> bytes:
    """The inverse of `inflated`."""
    start = data_set_start(data)
    packer = zlib.compressobj(1, wbits=-zlib.MAX_WBITS)
    return data[:start] + packer.compress(data[start:]) + packer.flush()


def _next(element: Element, total: int) -> int:
    """Where the next element starts: inside a sequence, item or run of fragments, else behind the value."""
    enters = element.length == UNDEFINED or element.vr == b"SQ" or element.tag == 0xFFFEE000
    if element.tag == 0xFFFEE000 and element.length != UNDEFINED and element.length > 4096:
        enters = False  # a fragment of pixel data
    return element.value_at if enters else min(element.end, total)


def _element(data: bytes | bytearray, at: int, implicit: bool) -> Element | None:
    group, number = struct.unpack_from("<HH", data, at)
    tag = group << 16 | number
    vr = bytes(data[at + 4 : at + 6])
    if tag in _DELIMITERS or implicit or not (vr.isalpha() and vr.isupper()):
        (length,) = struct.unpack_from("<I", data, at + 4)
        vr, length_at, value_at = b"", at + 4, at + 8
    elif vr in LONG_VRS:
        if at + 12 > len(data):
            return None
        (length,) = struct.unpack_from("<I", data, at + 8)
        length_at, value_at = at + 8, at + 12
    else:
        (length,) = struct.unpack_from("<H", data, at + 6)
        length_at, value_at = at + 6, at + 8
    return Element(tag=tag, vr=vr, at=at, length_at=length_at, value_at=value_at, length=length)
