"""The bytes that a digital signature covers (PS3.3 C.12.1.1.3.1.1), in explicit VR little endian.

Each element in tag order: tag, VR, length, value. A sequence has no lengths: its tag and VR, for every item the
item tag and the item's elements, then the sequence delimitation tag. Knows no keys.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from workstation.documents import explicit_vr

_SEQUENCE_DELIMITER = struct.pack("<HH", 0xFFFE, 0xE0DD)
_ITEM = struct.pack("<HH", 0xFFFE, 0xE000)


class UnsignableError(Exception):
    """An element that cannot be part of a signature; the text says why."""


def encode(dataset: Dataset, tags: Iterable[BaseTag]) -> bytes:
    """The stream of the named elements that are present, in tag order.

    Raises:
        UnsignableError: a private element, one of unknown VR, or sequences nested too deep.
    """
    encodings = explicit_vr.encodings_of(dataset)
    present = sorted(t for t in set(tags) if t in dataset)
    return b"".join(_element(dataset, tag, encodings, 0) for tag in present)


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
    vr = explicit_vr.vr_of(dataset, tag)
    if vr == "UN":
        raise UnsignableError("An element of unknown value representation is in the signed set")
    if vr != "SQ":
        return explicit_vr.leaf(dataset, tag, encodings)
    if depth >= explicit_vr.DEEPEST_SEQUENCE:
        raise UnsignableError("The sequences of the object are nested too deep")
    parts = [explicit_vr.header(tag, vr)]
    for item in dataset[tag].value:
        # Group lengths change when an archive writes the file anew; they are never part of the MAC.
        inside = [t for t in explicit_vr.tags_of(item) if t.element != 0]
        parts += [_ITEM, *(_element(item, t, encodings, depth + 1) for t in inside)]
    return b"".join([*parts, _SEQUENCE_DELIMITER])
