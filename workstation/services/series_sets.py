"""The sets of one series as a reader thinks of them: which is the main one, and when they are too many to stand apart.

A series may be split into sets (b-values, echoes, phases). A few of them stand side by side like series; a hundred
phases of a functional run are one series that one leafs through. It knows no widget and hangs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from viewer.volume import DisplaySet

# A diffusion series has b0, two or three b-values and a map: those are compared side by side.
MOST_APART = 4
# What a diffusion series is first read at (restriction shows, the signal still carries anatomy).
_READING_B = 1000.0


def by_series(sets: Sequence[DisplaySet]) -> list[tuple[DisplaySet, ...]]:
    """The sets of each series, in the order they came; images that name no series are none together."""
    series: dict[str, list[DisplaySet]] = {}
    for images in sets:
        series.setdefault(images.series_uid or images.key, []).append(images)
    return [tuple(together) for together in series.values()]


def stops(sets: Sequence[DisplaySet]) -> list[tuple[DisplaySet, ...]]:
    """What stands in the strip one under the other: a set alone, or all sets of a series that has many."""
    found: list[tuple[DisplaySet, ...]] = []
    for together in by_series(sets):
        if len(together) > MOST_APART:
            found.append(together)
        else:
            found += [(images,) for images in together]
    return found


def main_first(together: Sequence[DisplaySet]) -> list[DisplaySet]:
    """The sets of one series, the one to begin with first.

    Localizers come last; of b-values the nearest to 1000 s/mm² is first and a map without one follows; volumes
    come before loose images and large sets before small ones; equals stay in the order they came.
    """
    is_diffusion = any(_b_value(images) for images in together)
    return sorted(together, key=lambda images: _rank(images, is_diffusion=is_diffusion))


def _rank(images: DisplaySet, *, is_diffusion: bool) -> tuple[bool, float, bool, int]:
    b_value = _b_value(images)
    away = 0.0
    if is_diffusion:
        away = 2 * _READING_B if b_value is None else abs(b_value - _READING_B)
    return (images.frames[0].source.is_localizer, away, not images.is_volume, -len(images.frames))


def _b_value(images: DisplaySet) -> float | None:
    return images.frames[0].source.b_value
