"""A station's journal as its copies show it: gaps, numbers given twice, links that do not hold."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.reading_room import Station, signed
from workstation.domain.act import ActKind
from workstation.domain.journal import MOST_MISSING, JournalReport, inspect
from workstation.domain.report import SignedAct


def chain(length: int, name: str = "a") -> list[SignedAct]:
    room = Station(name)
    return [room.sign(room.act(ActKind.PARK, "lilei", reason=str(n))) for n in range(length)]


def only(acts: Iterable[SignedAct]) -> JournalReport:
    (report,) = inspect(acts)
    return report


def renumbered(one: SignedAct, number: int, previous: str) -> SignedAct:
    place = replace(one.act.place, number=number, previous_digest=previous)
    return signed(replace(one.act, place=place))


LINKS = chain(8)


def test_no_acts_no_journals() -> None:
    assert inspect([]) == ()


def test_a_whole_chain() -> None:
    report = only(LINKS)
    assert report.is_whole
    assert (report.station_id, report.newest) == ("a", 8)


@given(st.sets(st.integers(min_value=1, max_value=8), min_size=1), st.integers())
def test_just_what_is_not_here_is_missing(here: set[int], seed: int) -> None:
    acts = [LINKS[n - 1] for n in here] * 2
    random.Random(seed).shuffle(acts)
    report = only(acts)
    assert report.newest == max(here)
    assert set(report.missing) == set(range(1, max(here))) - here
    assert (report.doubled, report.broken) == ((), ())
    assert report.is_whole == (here == set(range(1, max(here) + 1)))


def test_a_number_given_twice() -> None:
    again = renumbered(LINKS[5], 3, LINKS[1].digest)
    report = only([*LINKS, again])
    assert report.doubled == (3,)
    assert not report.is_whole
    after = renumbered(LINKS[6], 4, again.digest)
    assert only([*LINKS, again, after]).doubled == (3, 4)
    assert only([*LINKS, again, after]).broken == ()


def test_a_rewritten_past_breaks_the_link_after_it() -> None:
    forged = renumbered(LINKS[5], 3, LINKS[1].digest)
    report = only([*LINKS[:2], forged, *LINKS[3:]])
    assert (report.doubled, report.missing, report.broken) == ((), (), (4,))


def test_only_the_first_has_nothing_before_it() -> None:
    assert only([renumbered(LINKS[0], 5, "")]).broken == (5,)
    assert only([renumbered(LINKS[0], 1, "abc")]).broken == (1,)
    assert only([renumbered(LINKS[0], 0, ""), *LINKS]).broken == (0,)
    assert only([renumbered(LINKS[0], -1, "abc"), *LINKS]).broken == (-1,)


def test_a_forged_huge_number_costs_nothing() -> None:
    report = only([*LINKS, renumbered(LINKS[0], 10**15, "abc")])
    assert report.newest == 10**15
    assert len(report.missing) == MOST_MISSING
    assert report.missing[0] == 9


def test_an_act_with_a_broken_signature_proves_nothing() -> None:
    broken = replace(renumbered(LINKS[5], 3, "abc"), fault="altered")
    assert only([*LINKS, broken]) == only(LINKS)
    assert inspect([broken]) == ()


def test_each_station_has_its_own() -> None:
    reports = inspect([*chain(2, "b"), *LINKS])
    assert [(r.station_id, r.newest) for r in reports] == [("a", 8), ("b", 2)]
