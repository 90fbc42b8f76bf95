"""Which protocol hangs a study, its score and why; and which series goes to which viewport.

Pure functions of facts: the same study always hangs the same way, on every station. Nothing here
knows how a picture is made or a window is laid out (PS3.3 C.23 gives the idea, not the scores).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hanging_protocols.model import (
    Plane,
    Protocol,
    Rule,
    Selector,
    SeriesFacts,
    Stage,
    StudyFacts,
    Viewport,
    ViewportKind,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """How well one protocol fits a study: the weights that passed, and every rule's fate."""

    protocol: Protocol
    score: int
    passed: tuple[Rule, ...]
    failed: tuple[Rule, ...]

    @property
    def applies(self) -> bool:
        """Whether nothing that the protocol requires is missing."""
        return not any(rule.required for rule in self.failed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One filled viewport: the series by its key, how it is shown, and with which preset."""

    series_key: str
    kind: ViewportKind
    plane: Plane | None
    preset: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A stage with its series: `cells` fill the grid row by row, None where nothing fits."""

    protocol_id: str
    stage: int
    rows: int
    columns: int
    cells: tuple[Cell | None, ...]


def ranked(protocols: Iterable[Protocol], study: StudyFacts) -> tuple[Match, ...]:
    """Return every protocol's match, those that apply first, best score first, then by id."""
    matches = (_matched(protocol, study) for protocol in protocols)
    return tuple(
        sorted(matches, key=lambda match: (not match.applies, -match.score, match.protocol.id))
    )


def best(protocols: Iterable[Protocol], study: StudyFacts) -> Match | None:
    """Return the protocol that hangs this study; None when none applies."""
    found = ranked(protocols, study)
    return found[0] if found and found[0].applies else None


def layout(protocol: Protocol, study: StudyFacts, stage: int | None = None) -> Layout:
    """Return the study in a stage of the protocol.

    Without `stage` (counted from 0) it is the first one that the study fills; where it fills none,
    the one with the most filled viewports. IndexError for a stage the protocol does not have.
    """
    if stage is not None:
        return _filled(protocol, stage, study)
    all_stages = [_filled(protocol, number, study) for number in range(len(protocol.stages))]
    full = [found for found in all_stages if not _missing(protocol, found)]
    return full[0] if full else max(all_stages, key=_shown)


def selected(selector: Selector, study: StudyFacts) -> tuple[SeriesFacts, ...]:
    """Return the series the selector takes, best first.

    Equals are ordered by rank (each series' main part before the other parts of any), then by series
    number, then by key.
    """
    scored = [(series, _judged(selector.rules, series)) for series in study.series]
    taken = [
        (series, sum(rule.weight for rule in passed))
        for series, (passed, failed) in scored
        if not any(rule.required for rule in failed)
    ]
    taken.sort(key=lambda pair: (-pair[1], *_place(pair[0])))
    return tuple(series for series, _score in taken)


def _place(series: SeriesFacts) -> tuple[int, bool, int, str]:
    return (series.rank, series.number is None, series.number or 0, series.key)


def _matched(protocol: Protocol, study: StudyFacts) -> Match:
    passed, failed = _judged(protocol.rules, study)
    score = sum(rule.weight for rule in passed)
    return Match(protocol=protocol, score=score, passed=passed, failed=failed)


def _judged(
    rules: tuple[Rule, ...], facts: StudyFacts | SeriesFacts
) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    passed = tuple(rule for rule in rules if rule.constraint.holds(facts.values(rule.fact)))
    return passed, tuple(rule for rule in rules if rule not in passed)


def _filled(protocol: Protocol, number: int, study: StudyFacts) -> Layout:
    stage: Stage = protocol.stages[number]
    selectors = {selector.name: selector for selector in protocol.selectors}
    filled = [_cell(viewport, selectors[viewport.series], study) for viewport in stage.viewports]
    empty = [None] * (stage.rows * stage.columns - len(filled))
    return Layout(
        protocol_id=protocol.id,
        stage=number,
        rows=stage.rows,
        columns=stage.columns,
        cells=(*filled, *empty),
    )


def _cell(viewport: Viewport, selector: Selector, study: StudyFacts) -> Cell | None:
    found = selected(selector, study)
    if viewport.kind == "plane":
        found = tuple(series for series in found if series.is_volume)
    if viewport.place >= len(found):
        return None
    return Cell(
        series_key=found[viewport.place].key,
        kind=viewport.kind,
        plane=viewport.plane,
        preset=viewport.preset,
    )


def _shown(found: Layout) -> int:
    return sum(cell is not None for cell in found.cells)


def _missing(protocol: Protocol, found: Layout) -> bool:
    return _shown(found) < len(protocol.stages[found.stage].viewports)
