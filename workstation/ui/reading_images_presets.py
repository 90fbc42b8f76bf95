"""Which windows a series offers as chips, and which key stands for which.

CT has named presets whose units mean the same anywhere; every other modality offers what the header
of the image on the screen says, in the unit it is shown in. 0 is always the header's own window.
Knows no widget.
"""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from viewer.overlay import window_text
from viewer.qt.starting import Start
from viewer.voi import LutVoi, Voi, presets
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


def choices(start: Start | None) -> dict[int, Voi | None]:
    """The window of each number key; None is the header's own."""
    if start is None or start.source.is_colour:
        return {}
    named: list[Voi] = [preset.voi for preset in presets(start.source.modality)]
    # The first the header offers is its own window itself, also where pixels had to tell it.
    found: list[Voi | None] = [*named] if named else [None, *start.vois[1:]]
    numbered: dict[int, Voi | None] = dict(enumerate(found[:_MOST_KEYS], start=1))
    return {0: None, **numbered} if named else numbered


def chips(start: Start | None) -> tuple[Chip, ...]:
    """The chips of a series, in the order of their keys."""
    return tuple(
        Chip(name=_name(voi, start), number=number, explanation=_told(voi))
        for number, voi in choices(start).items()
    )


def current(start: Start | None, chosen: Voi | None, shown: Voi | None) -> int | None:
    """The number of the window on the screen; None where the hand has changed it."""
    offered = choices(start)
    same = (number for number, voi in offered.items() if voi is not None and _same(voi, shown))
    own = next((number for number, voi in offered.items() if voi is None), None)
    return next(same, own if chosen is None else None)


def _same(a: Voi, b: Voi | None) -> bool:
    if b is None or isinstance(a, LutVoi) or isinstance(b, LutVoi):
        return a == b
    return (a.center, a.width) == (b.center, b.width)


def _name(voi: Voi | None, start: Start | None) -> str:
    """The header's own word for it, ours for a preset, else its numbers."""
    if voi is None:
        is_named = start is not None and start.voi.name and not presets(start.source.modality)
        return start.voi.name if start is not None and is_named else _default()
    if voi.name:
        return translate("ReadingImages", voi.name)
    return window_text(voi)


def _default() -> str:
    return translate("ReadingImages", "Default")


def _told(voi: Voi | None) -> str:
    if voi is None:
        return translate("ReadingImages", "The window the series started with")
    return window_text(voi)
