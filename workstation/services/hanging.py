"""From a study's display sets to a layout: facts in, the protocol's cells out.

The only place that knows both the viewer's sets and the hanging protocols, which do not know each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

from hanging_protocols import match, protocol_file
from hanging_protocols.match import Layout, Match
from hanging_protocols.model import Protocol, SeriesFacts, StudyFacts
from viewer.volume import DisplaySet
from workstation.services.series_sets import MOST_APART, by_series, main_first


def facts_of(sets: Sequence[DisplaySet], description: str = "") -> StudyFacts:
    """What the protocols may ask of a study: of a series with very many sets only the main one is offered."""
    ranked = [main_first(together) for together in by_series(sets)]
    series = tuple(
        _series(shown, rank)
        for together in ranked
        for rank, shown in enumerate(together if len(together) <= MOST_APART else together[:1])
    )
    part = next((s.body_part for s in series if s.body_part), "")
    return StudyFacts(description=description, body_part=part, series=series)


def matches(sets: Sequence[DisplaySet], description: str = "") -> tuple[Match, ...]:
    """Every protocol with its score and why, best first."""
    return match.ranked(_protocols(), facts_of(sets, description))


def layout(sets: Sequence[DisplaySet], description: str = "") -> Layout | None:
    """The study as the best protocol hangs it; None where none applies."""
    return _layout(facts_of(sets, description))


@cache
def _protocols() -> tuple[Protocol, ...]:
    """The protocols are read once: their files belong to the program."""
    return protocol_file.built_in()


@lru_cache(maxsize=64)
def _layout(facts: StudyFacts) -> Layout | None:
    """The same facts hang the same way: the window asks for what was found when the study was read ahead."""
    found = match.best(_protocols(), facts)
    return match.layout(found.protocol, facts) if found else None


def _series(shown: DisplaySet, rank: int) -> SeriesFacts:
    first = shown.frames[0].source
    return SeriesFacts(
        key=shown.key,
        rank=rank,
        modality=first.modality,
        body_part=first.body_part,
        description=first.series_description,
        laterality=first.laterality,
        image_type=tuple(first.image_type),
        number=first.series_number,
        image_count=len(shown.frames),
        slice_thickness_mm=first.slice_thickness_mm,
        is_volume=shown.is_volume,
    )
