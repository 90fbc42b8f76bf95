"""Overlay planes of an image (PS3.3 C.9.2): which there are and where their bits lie.

Groups 6000 to 601E, with bits in an element of their own (one or more frames of them) or, as was
done of old, in unused bits of the pixels. An overlay whose sizes lie is left out: the image under it
is sound. A mosaic's tiles carry none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydicom.dataset import Dataset

from viewer.decoding.syntaxes import BIG_ENDIAN
from viewer.decoding.value_places import value_place, value_representation
from viewer.volume import FrameSource, OverlaySource

GROUPS = range(0x6000, 0x6020, 2)
MOST_OVERLAY_PIXELS = 1 << 27
_DATA = 0x3000


def with_overlays(sources: Sequence[FrameSource], dataset: Dataset) -> list[FrameSource]:
    """The frame sources of one file, each with the overlays that lie over it."""
    if not any((group << 16 | 0x0010) in dataset for group in GROUPS):
        return list(sources)
    return [
        source if source.tile else replace(source, overlays=overlay_sources(dataset, source))
        for source in sources
    ]


def overlay_sources(dataset: Dataset, source: FrameSource) -> tuple[OverlaySource, ...]:
    """The overlays of one frame, in the order of their groups.

    An overlay of one frame without Image Frame Origin lies over every frame; one of several lies
    over the frames from its origin on.
    """
    found = (_overlay(dataset, group, source) for group in GROUPS)
    return tuple(overlay for overlay in found if overlay is not None)


def _overlay(dataset: Dataset, group: int, source: FrameSource) -> OverlaySource | None:
    """The overlay of one group over one frame; None without one, or where it cannot be right."""
    rows, columns = (_number(dataset, group, element) or 0 for element in (0x0010, 0x0011))
    if rows <= 0 or columns <= 0 or rows * columns > MOST_OVERLAY_PIXELS:
        return None
    origin = _numbers(dataset, group, 0x0050)
    plain = OverlaySource(
        group=group,
        rows=rows,
        columns=columns,
        origin=(origin[0], origin[1]) if len(origin) == 2 else (1, 1),
        kind="R" if _text(dataset, group, 0x0040).upper() == "R" else "G",
        label=_text(dataset, group, 0x1500) or _text(dataset, group, 0x0022),
    )
    place = value_place(dataset, _tag(group, _DATA))
    if place is not None:
        return _in_own_element(dataset, plain, place, source)
    return _in_pixels(dataset, plain, source)


def _in_own_element(
    dataset: Dataset, overlay: OverlaySource, place: tuple[int, int], source: FrameSource
) -> OverlaySource | None:
    """The bits of this frame inside Overlay Data; None where they do not fit, or are not words."""
    if source.transfer_syntax == BIG_ENDIAN:
        representation = value_representation(dataset, _tag(overlay.group, _DATA))
        if representation == "OB":
            return None  # bytes among words: nobody writes it, and it could not be told apart
    frames = _number(dataset, overlay.group, 0x0015) or 1
    origin = _number(dataset, overlay.group, 0x0051)
    index = 0
    if frames > 1 or origin is not None:
        index = source.frame - (origin or 1)
    if not 0 <= index < frames:
        return None
    count = overlay.rows * overlay.columns
    if frames * count > place[1] * 8:
        return None
    # Whole words, so that their bytes can be put in order.
    start = index * count // 16 * 2
    end = min(place[1], ((index + 1) * count + 15) // 16 * 2)
    return replace(
        overlay, fragment=(place[0] + start, end - start), first_bit=index * count - start * 8
    )


def _in_pixels(
    dataset: Dataset, overlay: OverlaySource, source: FrameSource
) -> OverlaySource | None:
    """The bit of the pixels that is the overlay; None where it is one of the stored bits."""
    bit = _number(dataset, overlay.group, 0x0102)
    if bit is None or (overlay.rows, overlay.columns) != (source.rows, source.columns):
        return None
    stored = range(source.high_bit + 1 - source.bits_stored, source.high_bit + 1)
    if bit in stored or not 0 <= bit < source.bits_allocated or source.samples != 1:
        return None
    return replace(overlay, bit=bit, origin=(1, 1))


def _numbers(dataset: Dataset, group: int, element: int) -> tuple[int, ...]:
    """A value of whole numbers; empty where absent or unreadable."""
    value = _value(dataset, group, element)
    if value is None or isinstance(value, (bytes, str)):
        return ()
    many = value if hasattr(value, "__iter__") else (value,)
    try:
        return tuple(int(item) for item in many)
    except (TypeError, ValueError, OverflowError):
        return ()


def _number(dataset: Dataset, group: int, element: int) -> int | None:
    found = _numbers(dataset, group, element)
    return found[0] if found else None


def _text(dataset: Dataset, group: int, element: int) -> str:
    value = _value(dataset, group, element)
    return value.strip().rstrip("\0") if isinstance(value, str) else ""


def _value(dataset: Dataset, group: int, element: int) -> Any:
    try:
        found: Any = dataset.get(_tag(group, element))
    except Exception:  # noqa: BLE001 - pydicom converts here, and anything may be in the bytes
        return None
    return None if found is None else found.value


def _tag(group: int, element: int) -> int:
    return group << 16 | element
