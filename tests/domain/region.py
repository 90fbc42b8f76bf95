"""Random lives of a report at three stations, honest and dishonest, as Hypothesis strategies.

A life is a list of small numbers, so that Hypothesis can shrink it: each step picks one of the acts that the window
would offer at that station now, or tells some acts to another station, or signs something that no program would sign.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

from tests.domain.reading_room import (
    MORNING,
    OTHER_TEXT,
    PEOPLE,
    TEXT,
    Station,
    fake_seen,
    observer,
)
from workstation.domain.act import Act, ActKind, Outcome, ReportText, SeenAct
from workstation.domain.errors import Refusal
from workstation.domain.report import SignedAct, Version, check_right
from workstation.domain.roster import Level

READERS = ("lilei", "wangfang", "hanmei", "zhaogang", "linda", "xiaoming", "gaoming")
TEXTS = (TEXT, OTHER_TEXT, ReportText(findings="补充。"))
# Mostly left out, so that a life gets somewhere.
LEISURELY = {
    ActKind.PARK,
    ActKind.HAND_OVER,
    ActKind.TAKE_OVER,
    ActKind.RECALL,
    ActKind.GRADE,
    ActKind.RECONCILE_IDENTITY,
}
WRITING = {
    ActKind.PARK,
    ActKind.HAND_OVER,
    ActKind.TAKE_OVER,
    ActKind.ATTEST,
    ActKind.SUBMIT,
    ActKind.ADDEND,
    ActKind.AMEND,
}

numbers = st.integers(min_value=0, max_value=10_000)
steps = st.tuples(
    st.sampled_from(("act", "act", "act", "act", "tell", "lie")), numbers, numbers, numbers
)
lives = st.lists(steps, max_size=16)
honest_lives = lives.map(lambda life: [s for s in life if s[0] != "lie"])


def offered(station: Station) -> list[tuple[ActKind, str]]:
    """What the window at that station would offer to somebody."""
    history = station.history
    found = []
    for kind in ActKind:
        for who in READERS:
            try:
                check_right(kind, PEOPLE[who], history, MORNING.date())
            except Refusal:
                continue
            found.append((kind, who))
    return found


@dataclass
class Region:
    """Three stations and what has happened."""

    stations: tuple[Station, ...] = field(
        default_factory=lambda: (Station("a"), Station("b"), Station("c"))
    )

    @property
    def acts(self) -> list[SignedAct]:
        everything = {(s.act.sop_uid, s.digest): s for st_ in self.stations for s in st_.acts}
        return list(everything.values())

    def live(self, life: list[tuple[str, int, int, int]]) -> Region:
        for name, where, what, how in life:
            station = self.stations[where % 3]
            match name:
                case "act":
                    self.act(station, what, how)
                case "tell":
                    self.tell(station, self.stations[what % 3], how)
                case _:
                    self.lie(station, what, how)
        return self

    def act(self, station: Station, what: int, how: int) -> None:
        """One of the offered acts, filled honestly; the rules may still want more, then nothing happens."""
        choices = offered(station)
        kinds = sorted({kind for kind, _ in choices} - (LEISURELY if what % 5 else set()))
        if not kinds:
            return
        kind = kinds[what // 5 % len(kinds)]
        people = [who for offer, who in choices if offer is kind]
        who = people[how % len(people)]
        said: dict[str, object] = {}
        if kind in WRITING and how % 2:
            said["text"] = TEXTS[how % 3]
        if kind is ActKind.HAND_OVER:
            said["recipient"] = observer(READERS[how % len(READERS)])
        heads = station.history.heads
        if kind is ActKind.RESOLVE_FORK:
            said["chosen"] = heads[how % len(heads)].act.sop_uid
            said["outcome"] = list(Outcome)[how // 7 % 2]
            if how % 5 == 0:
                said["text"] = OTHER_TEXT
        try:
            station.do(kind, who, **said)
        except Refusal:
            return

    def tell(self, station: Station, other: Station, how: int) -> None:
        """Some acts reach another station, all of them or a part in any order."""
        acts = station.acts
        other.keep(acts if how % 3 == 0 else [s for i, s in enumerate(acts) if how >> i & 1])

    def lie(self, station: Station, what: int, how: int) -> None:
        """An act that is signed by a person of the roster and otherwise says anything."""
        station.sign(self.lying(station, what, how))

    def lying(self, station: Station, what: int, how: int) -> Act:
        kind = list(ActKind)[what % len(ActKind)]
        who = READERS[what // 17 % len(READERS)]
        seen = [s.seen for i, s in enumerate(station.acts) if how >> i & 1]
        if what % 4:
            seen = list(station.history.seen())
        if what % 4 == 1:
            seen = seen[:1]
        if how % 7 == 0:
            seen.append(fake_seen())
        if how % 11 == 0 and seen:
            seen[0] = SeenAct(sop_uid=seen[0].sop_uid, digest="0" * 64)
        said: dict[str, object] = {"seen": tuple(seen)}
        if how % 3 == 0:
            said["attestor"] = observer(READERS[how // 3 % len(READERS)])
        if how % 3 == 1:
            said["writers"] = tuple(observer(w) for i, w in enumerate(READERS) if how >> i & 1)
        if how % 5 == 0:
            said["text"] = TEXTS[how % 3]
        if kind is ActKind.RESOLVE_FORK and seen:
            said["chosen"] = seen[how % len(seen)].sop_uid
            said["outcome"] = list(Outcome)[how % 2]
        level = max(PEOPLE[who].levels_on(MORNING.date()))
        return station.act(kind, who, Level(level), **said)


def beneath(version: Version, versions: dict[str, Version]) -> set[str]:
    """The UIDs of all valid steps that a version stands on."""
    found: set[str] = set()
    waiting = [version]
    while waiting:
        for seen in waiting.pop().act.seen:
            below = versions.get(seen.sop_uid)
            if (
                below is not None
                and below.signed.digest == seen.digest
                and seen.sop_uid not in found
            ):
                found.add(seen.sop_uid)
                waiting.append(below)
    return found


def authors(version: Version, versions: dict[str, Version]) -> set[str]:
    """Who signed an act that wrote or attested the text of a version: told from the acts alone.

    The walk goes down to the final text that an addition or amendment was made for, or to the first act.
    """
    found: set[str] = set()
    waiting = [version]
    while waiting:
        act = waiting.pop().act
        if act.kind in WRITING and act.text is not None:
            found.add(act.actor.person_id)
        resolves = act.kind is ActKind.RESOLVE_FORK
        for seen in act.seen:
            below = versions.get(seen.sop_uid)
            if below is None or below.signed.digest != seen.digest:
                continue
            closed = below.state.value in {"FINAL", "WITHDRAWN"}
            if (resolves and seen.sop_uid == act.chosen) or (not resolves and not closed):
                waiting.append(below)
    return found
