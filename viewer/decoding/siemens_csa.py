"""Siemens' CSA header: a table of named values inside a private element.

The layout is not in the standard; it is known from published descriptions (two forms, the newer
begins with "SV10"). The bytes are untrusted: every length is checked, and what does not fit ends
the reading. Knows names and values, not what they mean.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

from pydicom.dataset import Dataset

from viewer.decoding.values import private_bytes

CREATOR = "SIEMENS CSA HEADER"
_IMAGE, _SERIES = 0x10, 0x20
_MOST_TAGS = 1024
_MOST_ITEMS = 65536
_TAG = struct.Struct("<64si4siii")
_ITEM = struct.Struct("<4i")

Csa = Mapping[str, tuple[str, ...]]


def csa_image_header(dataset: Dataset) -> Csa:
    """The values of the image's CSA header by name; empty where there is none."""
    return csa_values(private_bytes(dataset, 0x0029, CREATOR, _IMAGE))


def csa_values(data: bytes) -> Csa:
    """Non-empty values by name; reading ends where the bytes stop making sense."""
    is_new = data[:4] == b"SV10"
    at = 8 if is_new else 0
    if len(data) < at + 8:
        return {}
    (tags,) = struct.unpack_from("<I", data, at)
    if not 0 < tags <= _MOST_TAGS:
        return {}
    at += 8
    found: dict[str, tuple[str, ...]] = {}
    first_count = 0
    for _ in range(tags):
        if at + _TAG.size > len(data):
            break
        name, _, _, _, count, _ = _TAG.unpack_from(data, at)
        # The older form writes lengths that are too large by the number of items tags have.
        first_count = first_count or count
        surplus = 0 if is_new else first_count
        read = _items(data, at + _TAG.size, count, is_new=is_new, surplus=surplus)
        if read is None:
            break
        values, at = read
        found[_text(name)] = values
    return found


def csa_numbers(csa: Csa, name: str) -> tuple[float, ...]:
    """A value of numbers; empty where absent or any is unreadable."""
    try:
        return tuple(float(value) for value in csa.get(name, ()))
    except ValueError:
        return ()


def _items(
    data: bytes, at: int, count: int, *, is_new: bool, surplus: int
) -> tuple[tuple[str, ...], int] | None:
    """The values of one tag and where the next begins; None where they leave the data."""
    if not 0 <= count <= _MOST_ITEMS:
        return None
    values = []
    for _ in range(count):
        if at + _ITEM.size > len(data):
            return None
        lengths = _ITEM.unpack_from(data, at)
        length = lengths[1] if is_new else lengths[0] - surplus
        at += _ITEM.size
        if length < 0 and not is_new:
            break  # so the older form ends a tag that has fewer items than it says
        if length < 0 or at + length > len(data):
            return None
        value = _text(data[at : at + length])
        if value:
            values.append(value)
        at += (length + 3) // 4 * 4
    return tuple(values), at


def _text(data: bytes) -> str:
    return data.split(b"\0", 1)[0].decode("latin-1").strip()
