"""Three stations that act, lie and tell each other things in any order: once all is told, all see the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.domain.reading_room import ROSTER, told
from tests.domain.region import Region, authors, beneath, numbers
from workstation.domain.act import ActKind
from workstation.domain.report import History, State, fold

if TYPE_CHECKING:
    from workstation.domain.report import Version

STATIONS = st.integers(min_value=0, max_value=2)


class Exchange(RuleBasedStateMachine):
    """The region as a machine: every rule is one thing that can happen somewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.region = Region()

    @rule(where=STATIONS, what=numbers, how=numbers)
    def somebody_acts(self, where: int, what: int, how: int) -> None:
        self.region.act(self.region.stations[where], what, how)

    @rule(where=STATIONS, what=numbers, how=numbers)
    def somebody_acts_again(self, where: int, what: int, how: int) -> None:
        self.region.act(self.region.stations[where], what, how)

    @rule(where=STATIONS, what=numbers, how=numbers)
    def somebody_lies(self, where: int, what: int, how: int) -> None:
        self.region.lie(self.region.stations[where], what, how)

    @rule(one=STATIONS, other=STATIONS, how=numbers)
    def something_is_told(self, one: int, other: int, how: int) -> None:
        self.region.tell(self.region.stations[one], self.region.stations[other], how)

    @rule(one=STATIONS, other=STATIONS)
    def two_stations_meet(self, one: int, other: int) -> None:
        self.region.stations[one].meet(self.region.stations[other])

    @invariant()
    def every_station_stays_sane(self) -> None:
        for station in self.region.stations:
            sane(station.history)

    def teardown(self) -> None:
        one, two, three = self.region.stations
        one.meet(two)
        two.meet(three)
        three.meet(one)
        histories = [s.history for s in (one, two, three)]
        assert told(histories[0]) == told(histories[1]) == told(histories[2])
        assert histories[0].heads == histories[1].heads == histories[2].heads
        assert told(fold(reversed(one.acts), ROSTER)) == told(histories[0])


def sane(history: History) -> None:
    """No final by one of its authors; nothing valid outside the heads; what prevails is proven and final."""
    versions: dict[str, Version] = dict(history.versions)
    for version in versions.values():
        if version.state is State.FINAL and version.proven:
            assert version.act.actor.person_id not in authors(version, versions)
    heads = {h.act.sop_uid for h in history.heads}
    under = [beneath(h, versions) for h in history.heads]
    assert heads.union(*under) == set(versions)
    assert not any(heads & below for below in under)
    if history.prevailing is not None:
        assert history.prevailing.proven
        assert history.prevailing.state is State.FINAL
    assert history.is_fork == (len(heads) > 1)
    openers = {n.act.actor for n in history.notes if n.act.kind is ActKind.OPEN_REVIEW}
    assert set(history.review_openers) <= openers


@pytest.mark.parametrize(
    ("examples", "length"),
    [(60, 24), pytest.param(400, 40, marks=[pytest.mark.long, pytest.mark.timeout(3600)])],
)
def test_stations_that_told_each_other_everything_see_the_same(examples: int, length: int) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]  # Hypothesis leaves it unannotated
        Exchange,
        settings=settings(
            max_examples=examples,
            stateful_step_count=length,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
