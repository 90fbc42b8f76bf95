"""The chain of a station's acts: gaps, forks of the past and forged numbers, seen from the acts alone.

A journal is append-only: number n names the digest of number n-1. Whoever holds copies can therefore tell what is
missing and whether the past was rewritten, without trusting any clock or archive.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from workstation.domain.report import SignedAct

MOST_MISSING = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalReport:
    """What the copies of one station's journal show.

    ``missing`` are the first 10,000 numbers below the newest that are not here (a forged number may be huge);
    ``doubled`` numbers with two different acts; ``broken`` numbers whose link to the act before does not match the act
    before, or cannot: only number 1 has none.
    """

    station_id: str
    newest: int
    missing: tuple[int, ...]
    doubled: tuple[int, ...]
    broken: tuple[int, ...]

    @property
    def is_whole(self) -> bool:
        """Whether the chain is complete and unbroken."""
        return not (self.missing or self.doubled or self.broken)


def inspect(acts: Iterable[SignedAct]) -> tuple[JournalReport, ...]:
    """The state of every journal that the acts belong to, by station id."""
    stations: dict[str, dict[int, set[tuple[str, str]]]] = {}
    for signed in acts:
        if not signed.fault:
            place = signed.act.place
            links = stations.setdefault(place.station_id, {}).setdefault(place.number, set())
            links.add((signed.digest, place.previous_digest))
    return tuple(_inspect(station, numbers) for station, numbers in sorted(stations.items()))


def _inspect(station: str, numbers: dict[int, set[tuple[str, str]]]) -> JournalReport:
    newest = max(numbers)
    broken = []
    for number, links in numbers.items():
        before = {digest for digest, _ in numbers.get(number - 1, set())}
        for _, previous in links:
            follows = number > 1 and previous != "" and (not before or previous in before)
            starts = number == 1 and previous == ""
            if not (starts or follows):
                broken.append(number)
    return JournalReport(
        station_id=station,
        newest=newest,
        missing=tuple(islice((n for n in range(1, newest) if n not in numbers), MOST_MISSING)),
        doubled=tuple(sorted(n for n, links in numbers.items() if len(links) > 1)),
        broken=tuple(sorted(set(broken))),
    )
