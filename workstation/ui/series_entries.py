"""What the strip says of a study's sets, and where the keys for series and sets lead in it.

A series with very many sets is one entry that lists them; every other set is an entry of its own. Values only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from viewer.qt.drawing import number_in_instance
from viewer.tools import Command
from viewer.volume import DisplaySet
from workstation.services.series_sets import by_series, stops
from workstation.ui.series_words import finding_text, parts_text
from workstation.ui.thumbnails import SeriesEntry, SetRow

_STEPS = {
    Command.NEXT_SERIES: 1,
    Command.PREVIOUS_SERIES: -1,
    Command.NEXT_SET: 1,
    Command.PREVIOUS_SET: -1,
}


def entries(sets: Sequence[DisplaySet]) -> list[SeriesEntry]:
    """The strip from top to bottom."""
    return [_entry(together) for together in stops(sets)]


def pictured(sets: Sequence[DisplaySet]) -> list[str]:
    """The keys of the sets whose picture stands in the strip."""
    return [together[0].key for together in stops(sets)]


def stepped(
    sets: Sequence[DisplaySet], key: str, command: Command, looked_at: Sequence[str]
) -> str | None:
    """The set that a key for series or sets leads to from `key`; None beyond the ends.

    A series with many sets is left and met as a whole, where it was left: `looked_at` are the sets that were shown
    before, the last one last.
    """
    places: list[tuple[str, ...]]
    if command in {Command.NEXT_SET, Command.PREVIOUS_SET}:
        places = [(one,) for one in _siblings(sets, key)]
    else:
        places = [_keys(together) for together in stops(sets)]
    place = next(n for n, keys in enumerate(places) if key in keys) + _STEPS[command]
    if not 0 <= place < len(places):
        return None
    before = (known for known in reversed(looked_at) if known in places[place])
    return next(before, places[place][0])


def beside(sets: Sequence[DisplaySet], key: str) -> dict[str, DisplaySet]:
    """The set of that key and what may stand beside it: one set of each other entry of the strip."""
    chosen = {}
    for together in stops(sets):
        one = next((images for images in together if images.key == key), together[0])
        chosen[one.key] = one
    return chosen


def seen_of(images: DisplaySet, seen: Collection[tuple[str, int]]) -> int:
    """How many images of a set are among those that were looked at."""
    sources = (frame.source for frame in images.frames)
    return sum((source.sop_uid, number_in_instance(source)) in seen for source in sources)


def _siblings(sets: Sequence[DisplaySet], key: str) -> tuple[str, ...]:
    """The sets of one series."""
    return next(_keys(together) for together in by_series(sets) if key in _keys(together))


def _keys(together: Iterable[DisplaySet]) -> tuple[str, ...]:
    return tuple(images.key for images in together)


def _entry(together: Sequence[DisplaySet]) -> SeriesEntry:
    first = together[0]
    source = first.frames[0].source
    is_folded = len(together) > 1
    findings = [found for images in together for found in images.findings]
    return SeriesEntry(
        key=first.key,
        series_uid=first.series_uid,
        number=source.series_number,
        description=source.series_description,
        count=sum(len(images.frames) for images in together),
        parts="" if is_folded else parts_text(first),
        findings=tuple(dict.fromkeys(finding_text(found) for found in findings)),
        warns=any(found.warns for found in findings),
        sets=tuple(SetRow(key=one.key, text=parts_text(one)) for one in together)
        if is_folded
        else (),
    )
