"""Which windows a series offers as chips, and which key stands for which.

CT has named presets whose units mean the same anywhere; every other modality offers what its header
says. 0 is always the window the series started with. Knows no widget.
"""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from viewer.overlay import window_text
from viewer.voi import LutVoi, Voi, header_vois, presets
from viewer.volume import FrameSource
from workstation.ui.tool_bar import Chip

translate = QCoreApplication.translate

# The names of `viewer.voi.presets`, written out for the translation tools.
PRESET_NAMES = (
    QT_TRANSLATE_NOOP("ReadingImages", "Lung"),
    QT_TRANSLATE_NOOP("ReadingImages", "Mediastinum"),
    QT_TRANSLATE_NOOP("ReadingImages", "Bone"),
    QT_TRANSLATE_NOOP("ReadingImages", "Brain"),
    QT_TRANSLATE_NOOP("ReadingImages", "Abdomen"),
    QT_TRANSLATE_NOOP("ReadingImages", "Liver"),
    QT_TRANSLATE_NOOP("ReadingImages", "Subdural"),
    QT_TRANSLATE_NOOP("ReadingImages", "Stroke"),
    QT_TRANSLATE_NOOP("ReadingImages", "Angiography"),
)
_MOST_KEYS = 9


def choices(source: FrameSource | None) -> dict[int, Voi | None]:
    """The window of each number key; None is the one the series started with."""
    if source is None or source.is_colour:
        return {}
    named: list[Voi] = [preset.voi for preset in presets(source.modality)]
    found: list[Voi | None] = [*(named or header_vois(source))]
    if not named:
        # The header's first is the starting window itself, also where pixels had to tell it.
        found = [None, *found[1:]]
    numbered: dict[int, Voi | None] = dict(enumerate(found[:_MOST_KEYS], start=1))
    return {0: None, **numbered} if named else numbered


def chips(source: FrameSource | None) -> tuple[Chip, ...]:
    """The chips of a series, in the order of their keys."""
    return tuple(
        Chip(name=_name(voi, source), number=number, explanation=_told(voi))
        for number, voi in choices(source).items()
    )


def current(source: FrameSource | None, chosen: Voi | None, shown: Voi | None) -> int | None:
    """The number of the window on the screen; None where the hand has changed it."""
    offered = choices(source)
    same = (number for number, voi in offered.items() if voi is not None and _same(voi, shown))
    start = next((number for number, voi in offered.items() if voi is None), None)
    return next(same, start if chosen is None else None)


def _same(a: Voi, b: Voi | None) -> bool:
    if b is None or isinstance(a, LutVoi) or isinstance(b, LutVoi):
        return a == b
    return (a.center, a.width) == (b.center, b.width)


def _name(voi: Voi | None, source: FrameSource | None) -> str:
    """The header's own word for it, ours for a preset, else its numbers."""
    if voi is None:
        first = next(iter(header_vois(source)), None) if source is not None else None
        named = first is not None and first.name and not presets(source.modality if source else "")
        return first.name if first is not None and named else translate("ReadingImages", "Default")
    if voi.name:
        return translate("ReadingImages", voi.name)
    return window_text(voi)


def _told(voi: Voi | None) -> str:
    if voi is None:
        return translate("ReadingImages", "The window the series started with")
    return window_text(voi)
