"""Damage: each function changes a file's bytes in one way a line, a disk, a vendor or an attacker might.

All take the bytes and a source of chance, and give bytes; what they do depends on nothing else. They aim by the
elements they find, and fall back to blind damage where they find none. Which are made, and how many, is `mutated`'s.
"""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable, Sequence

from tests.fuzz.elements import (
    UNDEFINED,
    Element,
    data_set_start,
    deflated,
    elements,
    inflated,
    is_deflated,
)

Mutation = Callable[[bytearray, random.Random], bytearray]

PIXEL_DATA = 0x7FE00010
MOST_BYTES = 6 << 20
LENGTHS = (
    0,
    1,
    2,
    3,
    7,
    0xFE,
    0xFFFE,
    0xFFFF,
    0x10000,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFFE,
    UNDEFINED,
)
WORDS = (
    0,
    1,
    2,
    3,
    4,
    7,
    8,
    9,
    12,
    15,
    16,
    17,
    24,
    31,
    32,
    33,
    64,
    255,
    256,
    512,
    4095,
    16384,
    32767,
    32768,
    65534,
    65535,
)
TEXTS = (
    b"", b"0", b"-1", b"1", b"2", b"1e308", b"-1e308", b"1e-308", b"nan", b"inf", b"-inf", b"99999999999999999999",
    b"2147483647", b"2147483648", b"-2147483649", b"0.0\\0.0", b"1\\2\\3", b"1\\0\\0\\1\\0\\0", b"\\", b"\\\\\\", b"abc",
    b"0\\0\\0\\0\\0\\0", b"1e300\\1e300\\1e300", b"-0.5\\-0.5", b"1_0", b" ", b"\0\0", b"+", b"0x10", b"\xff\xfe",
)  # fmt: skip
VRS = (
    b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO", b"LT", b"OB", b"OD", b"OF", b"OL",
    b"OV", b"OW", b"PN", b"SH", b"SL", b"SQ", b"SS", b"ST", b"SV", b"TM", b"UC", b"UI", b"UL", b"UN", b"UR", b"US",
    b"UT", b"UV", b"ZZ", b"\0\0",
)  # fmt: skip
SYNTAXES = tuple(
    f"1.2.840.10008.1.2{suffix}".encode()
    for suffix in (
        "", ".1", ".1.98", ".1.99", ".2", ".5", ".4.50", ".4.51", ".4.57", ".4.70", ".4.80", ".4.81", ".4.90", ".4.91",
        ".4.100", ".4.103", ".4.107", ".4.110", ".4.112", ".4.201", ".4.202", ".4.203", ".9.9",
    )
)  # fmt: skip
PHOTOMETRIC = (
    b"MONOCHROME1", b"MONOCHROME2", b"RGB", b"PALETTE COLOR", b"YBR_FULL", b"YBR_FULL_422", b"YBR_RCT", b"YBR_ICT",
    b"YBR_PARTIAL_420", b"HSV", b"",
)  # fmt: skip
# What decides how bytes become pixels and where they lie, with the VR each is written in.
NUMBERS: dict[int, bytes] = {
    0x00280002: b"US", 0x00280006: b"US", 0x00280008: b"IS", 0x00280010: b"US", 0x00280011: b"US", 0x00280100: b"US",
    0x00280101: b"US", 0x00280102: b"US", 0x00280103: b"US", 0x00280120: b"US", 0x00280121: b"US", 0x00280030: b"DS",
    0x00280034: b"IS", 0x00281050: b"DS", 0x00281051: b"DS", 0x00281052: b"DS", 0x00281053: b"DS", 0x00281101: b"US",
    0x00281102: b"US", 0x00281103: b"US", 0x00200013: b"IS", 0x00200032: b"DS", 0x00200037: b"DS", 0x00200012: b"IS",
    0x00180050: b"DS", 0x00180088: b"DS", 0x00181114: b"DS", 0x00181164: b"DS", 0x00189087: b"FD", 0x00200100: b"IS",
    0x00180081: b"DS", 0x00201041: b"DS", 0x00186018: b"UL", 0x0018601E: b"UL", 0x0018602C: b"FD", 0x00540081: b"US",
    0x60000010: b"US", 0x60000011: b"US", 0x60000015: b"IS", 0x60000050: b"SS", 0x60000051: b"US", 0x60000100: b"US",
    0x60000102: b"US", 0x00281054: b"LO", 0x00281056: b"CS", 0x00181063: b"DS", 0x0019100A: b"US", 0x0065102B: b"IS",
    0x00191008: b"CS", 0x00080008: b"CS", 0x00080060: b"CS",
}  # fmt: skip
TABLES = (
    0x00281201,
    0x00281202,
    0x00281203,
    0x00281221,
    0x00282000,
    0x60003000,
    0x00283006,
    0x00291010,
    0x00291020,
)


def mutated(data: bytes, others: Callable[[], bytes], chance: random.Random) -> bytes:
    """The bytes with one to four kinds of damage; `others` gives a second file for splices."""
    packed = is_deflated(data) and chance.random() < 0.8
    body = bytearray(inflated(data) if packed else data)
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4))):
        if not body:
            break
        if chance.random() < 0.05:
            body = spliced(body, others(), chance)
        else:
            body = chance.choices(_KINDS, _WEIGHTS)[0](body, chance)
    if chance.random() < 0.001:
        body, packed = bomb(body, chance), False
    result = bytes(body[:MOST_BYTES])
    return deflated(result) if packed else result


def bits(data: bytearray, chance: random.Random) -> bytearray:
    """Single bits flipped, near each other or anywhere."""
    start, end = _region(data, chance)
    for _ in range(chance.choice((1, 1, 2, 4, 8, 32))):
        data[chance.randrange(start, end)] ^= 1 << chance.randrange(8)
    return data


def run(data: bytearray, chance: random.Random) -> bytearray:
    """A run of bytes overwritten, as a bad sector does."""
    start, end = _region(data, chance)
    at = chance.randrange(start, end)
    count = min(chance.choice((1, 2, 4, 16, 64, 512, 4096)), len(data) - at)
    fill = chance.choice((b"\0", b"\xff", b"\x80", None))
    data[at : at + count] = chance.randbytes(count) if fill is None else fill * count
    return data


def cut(data: bytearray, chance: random.Random) -> bytearray:
    """The end lost."""
    at = chance.choice(
        (chance.randrange(len(data)), len(data) - chance.randrange(1, 64), _pixels_at(data) + 100)
    )
    return data[: max(0, at)]


def length(data: bytearray, chance: random.Random) -> bytearray:
    """A length field that lies."""
    element = _one(data, chance)
    if element is None:
        return run(data, chance)
    value = chance.choice(
        (*LENGTHS, element.length + 1, element.length - 1, element.length * 2, len(data))
    )
    width = element.length_bytes if element.length_bytes in {2, 4} else 4
    data[element.length_at : element.length_at + width] = (value % (1 << 8 * width)).to_bytes(
        width, "little"
    )
    return data


def tag(data: bytearray, chance: random.Random) -> bytearray:
    """An element under another's tag."""
    element = _one(data, chance)
    if element is None:
        return run(data, chance)
    other = chance.choice(
        (*NUMBERS, *TABLES, PIXEL_DATA, 0x7FE00008, 0x7FE00009, 0x7FE00001, 0xFFFEE000, 0xFFFEE0DD)
    )
    data[element.at : element.at + 4] = _tag_bytes(other)
    return data


def representation(data: bytearray, chance: random.Random) -> bytearray:
    """An element that claims another value representation."""
    explicit = [element for element in elements(data) if element.vr]
    if not explicit:
        return run(data, chance)
    element = chance.choice(explicit)
    data[element.at + 4 : element.at + 6] = chance.choice(VRS)
    return data


def block(data: bytearray, chance: random.Random) -> bytearray:
    """A block doubled, lost or moved."""
    start, end = _region(data, chance)
    at = chance.randrange(start, end)
    piece = data[at : at + chance.choice((2, 8, 64, 512, 8192))]
    deed = chance.randrange(3)
    if deed == 0:
        data[at:at] = piece
    elif deed == 1:
        del data[at : at + len(piece)]
    else:
        del data[at : at + len(piece)]
        to = chance.randrange(len(data) + 1)
        data[to:to] = piece
    return data


def repeated_element(data: bytearray, chance: random.Random) -> bytearray:
    """A whole element twice, or one lost."""
    element = _one(data, chance)
    if element is None or element.length == UNDEFINED:
        return block(data, chance)
    piece = data[element.at : element.end]
    if chance.random() < 0.5:
        data[element.at : element.at] = piece
    else:
        del data[element.at : element.end]
    return data


def number(data: bytearray, chance: random.Random) -> bytearray:
    """A hostile number in an attribute that decides something; put there where it is absent."""
    found = {element.tag: element for element in elements(data)}
    present = [known for known in NUMBERS if known in found]
    if not present or chance.random() < 0.25:
        return _put(data, chance.choice(list(NUMBERS)), chance)
    wanted = chance.choice(present)
    element = found[wanted]
    return _with_value(data, element, _hostile(element.vr or NUMBERS[wanted], chance))


def coded_text(data: bytearray, chance: random.Random) -> bytearray:
    """Another transfer syntax or photometric interpretation than the pixels have."""
    wanted, values = chance.choice(((0x00020010, SYNTAXES), (0x00280004, PHOTOMETRIC)))
    for element in elements(data):
        if element.tag == wanted and element.length != UNDEFINED:
            return _with_value(data, element, chance.choice(values))
    return number(data, chance)


def table(data: bytearray, chance: random.Random) -> bytearray:
    """Bytes inside a lookup table, an overlay, a profile or a vendor's private header."""
    found = [
        e
        for e in elements(data)
        if (e.tag in TABLES or e.tag >> 16 & 1) and 0 < e.length < UNDEFINED
    ]
    if not found:
        return number(data, chance)
    element = chance.choice(found)
    if chance.random() < 0.3:
        keep = chance.randrange(element.length + 1)
        return _with_value(data, element, bytes(data[element.value_at : element.value_at + keep]))
    for _ in range(chance.choice((1, 4, 16))):
        at = element.value_at + chance.randrange(min(element.length, chance.choice((64, 1 << 20))))
        if at < len(data):
            data[at] = chance.choice((0, 0xFF, 0x7F, chance.randrange(256)))
    return data


def stream_head(data: bytearray, chance: random.Random) -> bytearray:
    """Bytes in the head of a JPEG, JPEG-LS, JPEG 2000 or RLE frame."""
    marks = [at for mark in (b"\xff\xd8\xff", b"\xff\x4f\xff\x51") for at in _every(data, mark)]
    if not marks:
        return fragments(data, chance)
    start = chance.choice(marks)
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = start + 2 + chance.randrange(chance.choice((48, 160, 640)))
        if at + 4 <= len(data):
            value = chance.choice(
                (
                    b"\0",
                    b"\xff",
                    b"\0\0",
                    b"\xff\xff",
                    b"\xff\xff\xff\xff",
                    bytes([chance.randrange(256)]),
                )
            )
            data[at : at + len(value)] = value
    return data


def fragments(data: bytearray, chance: random.Random) -> bytearray:
    """Offsets, lengths and tags of encapsulated fragments, and the first bytes of one."""
    items = [
        element
        for element in elements(data)
        if element.tag == 0xFFFEE000 and element.at > _pixels_at(data)
    ]
    if not items:
        return bits(data, chance)
    item = chance.choice(items)
    deed = chance.randrange(4)
    if deed == 0:
        data[item.length_at : item.length_at + 4] = struct.pack("<I", chance.choice(LENGTHS))
    elif deed == 1:
        data[item.at : item.at + 4] = _tag_bytes(
            chance.choice((0xFFFEE0DD, 0xFFFEE00D, PIXEL_DATA, 0))
        )
    else:
        at = item.value_at + 4 * chance.randrange(16)
        if at + 4 <= len(data):
            data[at : at + 4] = struct.pack("<I", chance.choice((*LENGTHS, 64, 65, len(data))))
    return data


def nested(data: bytearray, chance: random.Random) -> bytearray:
    """A sequence in a sequence in a sequence, hundreds or thousands deep."""
    depth = chance.randrange(1, chance.choice((50, 500, 3000, 20000)))
    level = b"\x08\0\x40\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff"
    at = data_set_start(data)
    data[at:at] = level * depth
    return data


def bomb(data: bytearray, chance: random.Random) -> bytearray:
    """A deflated data set of zeros without end: pixel data, or a text, that inflates to much more than it is."""
    start = data_set_start(data)
    meta = bytes(data[:start]) if bytes(data[128:132]) == b"DICM" else b"\0" * 128 + b"DICM"
    for element in elements(meta):
        if element.tag == 0x00020010:
            meta = bytes(_with_value(bytearray(meta), element, SYNTAXES[3]))
            break
    packer = zlib.compressobj(1, wbits=-zlib.MAX_WBITS)
    parts = [meta, packer.compress(bytes(data[start:][:65536]))]
    zeros = b"\0" * (4 << 20)
    parts += [packer.compress(zeros) for _ in range(chance.choice((5, 50, 300)))]
    return bytearray(b"".join([*parts, packer.flush()]))


def spliced(data: bytearray, other: bytes, chance: random.Random) -> bytearray:
    """The head of one file and the tail of another, joined anywhere or at the pixels."""
    if chance.random() < 0.5:
        return data[: _pixels_at(data)] + bytearray(other[_pixels_at(other) :])
    at = chance.randrange(len(data) + 1)
    return data[:at] + bytearray(other[chance.randrange(len(other) + 1) :])


_CHOICES: tuple[tuple[Mutation, int], ...] = (
    (bits, 10), (run, 8), (cut, 8), (length, 10), (tag, 6), (representation, 6), (block, 6), (repeated_element, 4),
    (number, 22), (coded_text, 6), (table, 8), (stream_head, 14), (fragments, 6), (nested, 1),
)  # fmt: skip
_KINDS: Sequence[Mutation] = [kind for kind, _ in _CHOICES]
_WEIGHTS = [weight for _, weight in _CHOICES]


def _region(data: bytearray, chance: random.Random) -> tuple[int, int]:
    """Half the time the header, where damage does most, else anywhere."""
    if chance.random() < 0.5:
        return 0, min(len(data), max(1, _pixels_at(data) + 64))
    return 0, len(data)


def _one(data: bytearray, chance: random.Random) -> Element | None:
    found = elements(data)
    return chance.choice(found) if found else None


def _pixels_at(data: bytes | bytearray) -> int:
    """Where the last thing that looks like pixel data starts; the end where nothing does."""
    at = data.rfind(b"\xe0\x7f\x10\x00")
    return at if at >= 0 else len(data)


def _every(data: bytearray, mark: bytes) -> list[int]:
    found, at = [], data.find(mark)
    while at >= 0 and len(found) < 64:
        found.append(at)
        at = data.find(mark, at + 1)
    return found


def _tag_bytes(value: int) -> bytes:
    return struct.pack("<HH", value >> 16, value & 0xFFFF)


def _hostile(vr: bytes, chance: random.Random) -> bytes:
    if vr in {b"US", b"SS"}:
        return b"".join(
            struct.pack("<H", chance.choice(WORDS))
            for _ in range(chance.choice((1, 1, 1, 2, 3, 0)))
        )
    if vr in {b"UL", b"SL"}:
        return struct.pack("<I", chance.choice((*LENGTHS, *WORDS)))
    if vr in {b"FD", b"FL"}:
        value = chance.choice((0.0, -1.0, 1e300, float("nan"), float("inf"), 1e-300))
        return struct.pack("<d", value) if vr == b"FD" else struct.pack("<f", min(value, 1e38))
    return chance.choice(TEXTS)


def _with_value(data: bytearray, element: Element, value: bytes) -> bytearray:
    """The element with another value, its own length right and everything around it as it was."""
    if element.length == UNDEFINED or element.end > len(data):
        return data
    even = value + b"\0" * (len(value) % 2)
    width = element.length_bytes if element.length_bytes in {2, 4} else 4
    field = (len(even) % (1 << 8 * width)).to_bytes(width, "little")
    return data[: element.length_at] + field + even + data[element.end :]


def _put(data: bytearray, wanted: int, chance: random.Random) -> bytearray:
    """A new element where it belongs in the order of tags, in the encoding the file seems to have."""
    found = [element for element in elements(data) if element.tag >> 16 != 2]
    if not found:
        return data
    after = next((element for element in found if element.tag > wanted), None)
    at = after.at if after is not None else len(data)
    vr = NUMBERS[wanted]
    value = _hostile(vr, chance)
    value += b"\0" * (len(value) % 2)
    head = _tag_bytes(wanted)
    if found[0].vr:
        head += vr + struct.pack("<H", len(value))
    else:
        head += struct.pack("<I", len(value))
    data[at:at] = head + value
    return data
