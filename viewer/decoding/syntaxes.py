"""The transfer syntaxes of PS3.5 and PS3.6 table A-1: which are decoded, and what is said of others.

Only names and families; how bytes become pixels is the codecs' part. A syntax that cannot be shown
is refused with the sentence that tells a reader what the file is.
"""

from __future__ import annotations

from viewer.volume import ImageError

_ROOT = "1.2.840.10008.1.2"


def _jpeg_family(*numbers: int) -> frozenset[str]:
    return frozenset(f"{_ROOT}.4.{number}" for number in numbers)


IMPLICIT = _ROOT
EXPLICIT = f"{_ROOT}.1"
ENCAPSULATED_NATIVE = f"{_ROOT}.1.98"
DEFLATED = f"{_ROOT}.1.99"
BIG_ENDIAN = f"{_ROOT}.2"
RLE = f"{_ROOT}.5"
DEFLATED_FRAMES = f"{_ROOT}.8.1"

NATIVE = frozenset({IMPLICIT, EXPLICIT, ENCAPSULATED_NATIVE, DEFLATED, BIG_ENDIAN})
# Baseline, extended, spectral selection and full progression, Huffman or arithmetic coding.
LOSSY_JPEG = _jpeg_family(50, 51, 52, 53, 54, 55, 56)
LOSSLESS_JPEG = _jpeg_family(57, 70)
JPEG_LS = _jpeg_family(80, 81)
# .92 and .93 are Part 2; their streams are met as plain ones, and others the decoder refuses.
JPEG_2000 = _jpeg_family(90, 91, 92, 93)
LOSSLESS_HTJ2K = _jpeg_family(201, 202)
HTJ2K = LOSSLESS_HTJ2K | _jpeg_family(203)
JPEG_XL = _jpeg_family(110, 111, 112)
ENCAPSULATED = LOSSY_JPEG | LOSSLESS_JPEG | JPEG_LS | JPEG_2000 | HTJ2K | JPEG_XL
_DECODED = NATIVE | ENCAPSULATED | {RLE, DEFLATED_FRAMES}

_VIDEO = "This is a video ({name}); videos cannot be shown."
_RETIRED = "The image is in a retired kind of JPEG ({name}) that no decoder here can read."
_ELSEWHERE = "The pixels are on a JPIP server, not in this file; they cannot be shown."
_VIDEO_NAMES = {
    **dict.fromkeys(("4.100", "4.100.1"), "MPEG-2 Main Level"),
    **dict.fromkeys(("4.101", "4.101.1"), "MPEG-2 High Level"),
    **dict.fromkeys(
        ("4.102", "4.102.1", "4.103", "4.103.1", "4.104", "4.104.1", "4.105", "4.105.1"),
        "MPEG-4 AVC/H.264",
    ),
    **dict.fromkeys(("4.106", "4.106.1"), "MPEG-4 AVC/H.264 Stereo"),
    "4.107": "HEVC/H.265 Main Profile",
    "4.108": "HEVC/H.265 Main 10 Profile",
    "7.1": "SMPTE ST 2110-20 progressive",
    "7.2": "SMPTE ST 2110-20 interlaced",
    "7.3": "SMPTE ST 2110-30 audio",
}
_RETIRED_NAMES = {
    "4.58": "Lossless, arithmetic coding, Process 15",
    "4.59": "Extended Hierarchical, Processes 16 and 18",
    "4.60": "Extended Hierarchical, Processes 17 and 19",
    "4.61": "Spectral Selection Hierarchical, Processes 20 and 22",
    "4.62": "Spectral Selection Hierarchical, Processes 21 and 23",
    "4.63": "Full Progression Hierarchical, Processes 24 and 26",
    "4.64": "Full Progression Hierarchical, Processes 25 and 27",
    "4.65": "Lossless Hierarchical, Process 28",
    "4.66": "Lossless Hierarchical, Process 29",
}
_JPIP = frozenset({"4.94", "4.95", "4.204", "4.205"})


def refuse_unknown(syntax: str) -> None:
    """ImageError that says what the file is, unless its transfer syntax is one that is decoded."""
    if syntax in _DECODED:
        return
    number = syntax.removeprefix(_ROOT + ".")
    if number in _VIDEO_NAMES:
        raise ImageError(_VIDEO, name=_VIDEO_NAMES[number])
    if number in _RETIRED_NAMES:
        raise ImageError(_RETIRED, name=_RETIRED_NAMES[number])
    if number in _JPIP:
        raise ImageError(_ELSEWHERE)
    raise ImageError("The transfer syntax {syntax} is not supported.", syntax=syntax)
