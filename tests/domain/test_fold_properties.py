"""What holds for every set of acts: order, copies, noise and missing pieces change only what they may."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from tests.domain.reading_room import (
    MORNING,
    PEOPLE,
    ROSTER,
    Station,
    observer,
    rules,
    signed,
    told,
)
from tests.domain.region import (
    READERS,
    Region,
    authors,
    beneath,
    honest_lives,
    lives,
    numbers,
    offered,
)
from workstation.domain.act import ActKind
from workstation.domain.errors import Refusal
from workstation.domain.report import RULES, SignedAct, State, check, fold
from workstation.domain.roster import Level

Life = list[tuple[str, int, int, int]]
SAMPLED = {"deadline": None, "suppress_health_check": list(HealthCheck)}
short = settings(max_examples=40, **SAMPLED)  # type: ignore[arg-type]  # mixed values of one table
thorough = settings(max_examples=1500, **SAMPLED)  # type: ignore[arg-type]  # mixed values of one table


def in_any_order(life: Life, seed: int) -> None:
    acts = Region().live(life).acts
    once = fold(acts, ROSTER)
    again = [*acts, *acts[::2]]
    random.Random(seed).shuffle(again)
    other = fold(iter(again), ROSTER)
    assert told(other) == told(once)
    assert (other.versions, other.heads, other.prevailing) == (
        once.versions,
        once.heads,
        once.prevailing,
    )
    assert [r.signed for r in other.rejected] == [r.signed for r in once.rejected]


def noise_changes_nothing(life: Life, seed: int) -> None:
    acts = Region().live(life).acts
    clean = fold(acts, ROSTER)
    chance = random.Random(seed)
    noise: list[SignedAct] = []
    for one in acts:
        broken = replace(one, fault="the signature does not match")
        altered = signed(replace(one.act, reason="anders"), fault="altered")
        place = replace(one.act.place, station_id="x", uid_root=f"{one.act.place.uid_root}.9")
        seen = (*one.act.seen, one.seen)
        stranger = replace(one.act, place=place, seen=seen, actor=observer("nobody"))
        noise += [broken, altered, signed(stranger)]
    mixed = [*acts, *chance.sample(noise, chance.randint(0, len(noise)))]
    chance.shuffle(mixed)
    noisy = fold(mixed, ROSTER)
    assert noisy.heads == clean.heads
    assert noisy.prevailing == clean.prevailing
    assert set(noisy.notes) == set(clean.notes)
    assert set(rules(noisy)) - set(rules(clean)) <= {"SIGNATURE", "PERSON"}


def missing_acts_hide_nothing(life: Life, seed: int) -> None:
    """Knowing less never refuses an act that is legal with everything known."""
    acts = Region().live(life).acts
    whole = fold(acts, ROSTER)
    counting = {*whole.versions, *(n.act.sop_uid for n in whole.notes)}
    part = [s for s in acts if random.Random(f"{seed}{s.act.sop_uid}").random() < 0.7]
    partial = fold(part, ROSTER)
    refused = {(r.signed.act.sop_uid, r.refusal.rule) for r in partial.rejected}
    assert not {(u, r) for u, r in refused if u in counting}
    steps_here = [s for s in part if s.act.sop_uid in whole.versions]
    assert bool(partial.heads) >= bool(steps_here)
    here = {(s.act.sop_uid, s.digest) for s in part}
    named = {(s.sop_uid, s.digest) for one in part for s in one.act.seen}
    assert partial.missing == {uid for uid, digest in named - here}
    for head in partial.heads:
        assert head.text.findings or head.addition or head.state is State.DRAFT or not head.whole


def two_people_stand_behind_every_final(life: Life, seed: int) -> None:
    history = fold(Region().live(life).acts, ROSTER)
    versions = dict(history.versions)
    for version in versions.values():
        if version.state is not State.FINAL or not version.proven:
            continue
        signer = version.act.actor.person_id
        assert version.attestor is not None
        assert signer != version.attestor.person_id
        assert signer not in authors(version, versions)
        assert version.act.actor_level is Level.SECOND
        assert Level.SECOND in PEOPLE[signer].levels_on(version.act.time.date())
    if history.prevailing is not None:
        assert history.prevailing.proven


def every_fork_is_visible(life: Life, seed: int) -> None:
    history = fold(Region().live(life).acts, ROSTER)
    versions = dict(history.versions)
    under = {uid: beneath(v, versions) for uid, v in versions.items()}
    heads = {h.act.sop_uid for h in history.heads}
    covered = heads.union(*(under[uid] for uid in heads)) if heads else set()
    assert covered == set(versions)  # no valid step stands outside what the heads stand on
    for one, two in itertools.combinations(versions, 2):
        if one in under[two] or two in under[one]:
            continue
        joined = [u for u, below in under.items() if {one, two} <= below]
        assert history.is_fork or any(versions[u].act.kind is ActKind.RESOLVE_FORK for u in joined)


def what_prevails_is_the_newest_final_that_nobody_withdrew(life: Life, seed: int) -> None:
    history = fold(Region().live(life).acts, ROSTER)
    versions = dict(history.versions)
    whole = [v for v in versions.values() if v.whole]
    withdrawn: set[str] = set()
    for version in versions.values():
        if version.state is State.WITHDRAWN:
            withdrawn |= beneath(version, versions)
    standing = [v for v in whole if v.state is State.FINAL and v.act.sop_uid not in withdrawn]
    unclear = any(v.state is State.WITHDRAWN and not v.whole for v in versions.values())
    if standing and not unclear:
        assert history.prevailing is not None
        assert history.prevailing.act.time >= max(v.act.time for v in standing)
    if history.prevailing is not None:
        assert history.prevailing.state is State.FINAL
        assert history.prevailing.act.sop_uid not in withdrawn


def live_check_and_fold_agree(life: Life, seed: int) -> None:
    region = Region().live(life)
    chance = random.Random(seed)
    for station in region.stations:
        for _ in range(4):
            kind = chance.choice(list(ActKind))
            who = chance.choice(READERS)
            level = chance.choice(list(Level))
            heads = station.history.heads
            said: dict[str, object] = {}
            if kind is ActKind.RESOLVE_FORK and heads:
                said["chosen"] = chance.choice(heads).act.sop_uid
            station.refused(kind, who, level, **said)
            lie = replace(
                region.lying(station, chance.randrange(10_000), chance.randrange(10_000)),
                seen=station.history.seen(),
            )
            assert (live(lie, station) == "") == (folded(lie, station) == "")


def live(act: object, station: Station) -> str:
    try:
        check(act, station.history, ROSTER)  # type: ignore[arg-type]  # an Act
    except Refusal as refusal:
        return refusal.rule
    return ""


def folded(act: object, station: Station) -> str:
    one = signed(act)  # type: ignore[arg-type]  # an Act
    history = fold([*station.acts, one], ROSTER)
    return next((r.refusal.rule for r in history.rejected if r.signed == one), "")


def what_is_not_offered_is_not_legal(life: Life, seed: int) -> None:
    for station in Region().live(life).stations[:1]:
        choices = set(offered(station))
        for kind, who in itertools.product(ActKind, READERS):
            if (kind, who) not in choices:
                for level in PEOPLE[who].levels_on(MORNING.date()):
                    assert station.refused(kind, who, level)


LAWS: list[Callable[[Life, int], None]] = [
    in_any_order,
    noise_changes_nothing,
    missing_acts_hide_nothing,
    two_people_stand_behind_every_final,
    every_fork_is_visible,
    what_prevails_is_the_newest_final_that_nobody_withdrew,
    live_check_and_fold_agree,
    what_is_not_offered_is_not_legal,
]


@pytest.mark.parametrize("law", LAWS)
@short
@given(life=lives, seed=numbers)
def test_law(law: Callable[[Life, int], None], life: Life, seed: int) -> None:
    law(life, seed)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("law", LAWS)
@thorough
@given(life=lives, seed=numbers)
def test_law_at_length(law: Callable[[Life, int], None], life: Life, seed: int) -> None:
    law(life, seed)


@short
@given(life=honest_lives)
def test_honest_stations_that_told_each_other_everything_have_nothing_rejected(life: Life) -> None:
    room = Station()
    for _, _, what, how in life:
        Region(stations=(room, room, room)).act(room, what, how)
    assert room.history.rejected == ()
    assert room.history.missing == frozenset()
    assert len(room.history.heads) <= 1


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(life=lives)
def test_all_orders_of_few_acts(life: Life) -> None:
    acts = Region().live(life).acts[:5]
    tellings = {repr(told(fold(order, ROSTER))) for order in itertools.permutations(acts)}
    subsets = itertools.chain.from_iterable(itertools.combinations(acts, n) for n in range(6))
    assert len({_sorted(t) for t in tellings}) == 1
    for some in subsets:
        fold(some, ROSTER)


def _sorted(text: str) -> str:
    return "".join(sorted(text))


def test_every_refusal_has_a_rule_with_a_sentence() -> None:
    for rule, sentence in RULES.items():
        fields = dict.fromkeys(("fault", "uid", "person", "act", "needed", "state", "owner"), "x")
        assert sentence.format(**fields)
        assert rule.isupper()
