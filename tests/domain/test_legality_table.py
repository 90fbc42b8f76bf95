"""Every kind of act in every state, by the author and by another person, at every level.

The table is written from the words of the design, not from the code. A cell has two marks: what the author of the
report (who submitted it and owns its drafts) meets, and what another person meets. Each cell is asked three times: of
the live check, of the fold that judges the same act later, and of what the window asks before it offers a button.
"""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from tests.domain.reading_room import MORNING, OTHER_TEXT, PEOPLE, Station
from workstation.domain.act import ActKind
from workstation.domain.errors import Refusal
from workstation.domain.report import RULES, check_right
from workstation.domain.roster import Level

AUTHOR, OTHER = "alla", "allb"

MARKS = {
    ".": "",
    "S": "STATE",
    "O": "NOT_OWNER",
    "P": "OTHER_PERSON",
    "N": "NOT_SUBMITTER",
    "V": "REVIEW_OPENED",
    "F": "FORK",
    "1": "NOT_A_FORK",
    "R": "RESOLVER",
}

# none   nobody has acted              draft  parked by the author       subm   submitted by the author
# opnd   ... and its review opened     prel   ... preliminary released   prop   ... released after the review was opened
# retd   returned                      finl   co-signed                  adds   addendum submitted on the final
# addd   ... and recalled              addr   addendum returned          amds   amendment submitted on the final
# amdr   ... and returned              wdrn   the final withdrawn        fork   submitted twice, a third did too
TABLE = """
                none draft subm opnd prel prop retd finl adds addd addr amds amdr wdrn fork
PARK            ..   .O    SS   SS   SS   SS   .O   SS   SS   .O   .O   SS   .O   ..   FF
HAND_OVER       ..   .O    SS   SS   SS   SS   .O   SS   SS   .O   .O   SS   .O   ..   FF
TAKE_OVER       SS   ..    SS   SS   SS   SS   ..   SS   SS   ..   ..   SS   ..   SS   FF
ATTEST          SS   .O    SS   SS   SS   SS   .O   SS   SS   .O   .O   SS   .O   SS   FF
SUBMIT          ..   .O    SS   SS   SS   SS   .O   SS   SS   SS   SS   SS   SS   ..   FF
RECALL          SS   SS    .N   VN   .N   VN   SS   SS   .N   SS   SS   .N   SS   SS   FF
OPEN_REVIEW     SS   SS    P.   P.   P.   P.   SS   SS   P.   SS   SS   P.   SS   SS   FF
RETURN          SS   SS    P.   P.   P.   P.   SS   SS   P.   SS   SS   P.   SS   SS   FF
RELEASE_PRELIM  SS   SS    ..   ..   ..   ..   SS   SS   SS   SS   SS   SS   SS   SS   FF
COSIGN          SS   SS    P.   P.   P.   P.   SS   SS   P.   SS   SS   P.   SS   SS   FF
GRADE           SS   SS    SS   SS   SS   SS   SS   P.   SS   SS   SS   SS   SS   SS   FF
ADDEND          SS   SS    SS   SS   SS   SS   SS   ..   SS   .O   .O   SS   SS   SS   FF
AMEND           SS   SS    SS   SS   SS   SS   SS   ..   SS   .O   .O   SS   .O   SS   FF
WITHDRAW        SS   SS    SS   SS   ..   ..   SS   ..   ..   ..   ..   ..   ..   SS   FF
RESOLVE_FORK    11   11    11   11   11   11   11   11   11   11   11   11   11   11   R.
RECONCILE_ID    ..   ..    ..   ..   ..   ..   ..   ..   ..   ..   ..   ..   ..   ..   ..
"""

LEVELS = {
    "PARK HAND_OVER": "TRAINEE FIRST SECOND",
    "TAKE_OVER ATTEST SUBMIT RECALL RELEASE_PRELIM ADDEND AMEND RESOLVE_FORK": "FIRST SECOND",
    "OPEN_REVIEW RETURN COSIGN GRADE WITHDRAW": "SECOND",
    "RECONCILE_ID": "FIRST SECOND ADMINISTRATOR",
}

SUBMIT, COSIGN, RETURN = ActKind.SUBMIT, ActKind.COSIGN, ActKind.RETURN
OPEN, PRELIMINARY = ActKind.OPEN_REVIEW, ActKind.RELEASE_PRELIMINARY
_FINAL = ((SUBMIT, AUTHOR), (COSIGN, "hanmei"))
PATHS: dict[str, tuple[tuple[ActKind, str], ...]] = {
    "none": (),
    "draft": ((ActKind.PARK, AUTHOR),),
    "subm": ((SUBMIT, AUTHOR),),
    "opnd": ((SUBMIT, AUTHOR), (OPEN, "hanmei")),
    "prel": ((SUBMIT, AUTHOR), (PRELIMINARY, AUTHOR)),
    "prop": ((SUBMIT, AUTHOR), (OPEN, "hanmei"), (PRELIMINARY, "hanmei")),
    "retd": ((SUBMIT, AUTHOR), (RETURN, "hanmei")),
    "finl": _FINAL,
    "adds": (*_FINAL, (ActKind.ADDEND, AUTHOR)),
    "addd": (*_FINAL, (ActKind.ADDEND, AUTHOR), (ActKind.RECALL, AUTHOR)),
    "addr": (*_FINAL, (ActKind.ADDEND, AUTHOR), (RETURN, "hanmei")),
    "amds": (*_FINAL, (ActKind.AMEND, AUTHOR)),
    "amdr": (*_FINAL, (ActKind.AMEND, AUTHOR), (RETURN, "hanmei")),
    "wdrn": (*_FINAL, (ActKind.WITHDRAW, "hanmei")),
}


def station_in(state: str) -> Station:
    here = Station("here")
    if state == "fork":
        there = Station("there")
        here.do(SUBMIT, AUTHOR)
        there.do(SUBMIT, "lilei", text=OTHER_TEXT)
        here.meet(there)
        return here
    for kind, by in PATHS[state]:
        here.do(kind, by)
    return here


def cells() -> list[tuple[str, str, str, str]]:
    head, *rows = TABLE.strip().splitlines()
    found = []
    for row in rows:
        kind, *marks = row.split()
        assert len(marks) == len(head.split())
        for state, pair in zip(head.split(), marks, strict=True):
            found += [
                (kind, state, who, MARKS[m]) for who, m in zip((AUTHOR, OTHER), pair, strict=True)
            ]
    return found


def allowed_levels(kind: str) -> set[str]:
    return next(set(lv.split()) for kinds, lv in LEVELS.items() if kind in kinds.split())


def test_the_table_is_complete() -> None:
    assert {c[0] for c in cells()} == {k.value for k in ActKind}
    assert {c[1] for c in cells()} == {*PATHS, "fork"}
    assert {*MARKS.values()} - {""} <= set(RULES)
    assert {k for kinds in LEVELS for k in kinds.split()} == {k.value for k in ActKind}


@pytest.mark.parametrize("state", [*PATHS, "fork"])
def test_every_act_in_that_state(state: str) -> None:
    here = station_in(state)
    wrong = []
    for kind, at, who, rule in cells():
        if at != state:
            continue
        for level in Level:
            expected = rule if level.value in allowed_levels(kind) else "LEVEL"
            if kind == "RESOLVE_FORK" and state == "fork" and level is Level.FIRST:
                expected = "RESOLVER"
            met = here.refused(ActKind(kind), who, level)
            if met != expected:
                wrong.append((kind, who, level.value, met, expected))
    assert not wrong


@pytest.mark.parametrize("state", [*PATHS, "fork"])
def test_the_window_offers_just_what_is_legal(state: str) -> None:
    history = station_in(state).history
    for kind, at, who, rule in cells():
        if at != state:
            continue
        try:
            check_right(ActKind(kind), PEOPLE[who], history, MORNING.date())
            met = ""
        except Refusal as refusal:
            met = refusal.rule
        assert met == rule, (kind, who)


@pytest.mark.parametrize("state", PATHS)
def test_one_version_is_nothing_to_resolve(state: str) -> None:
    here = station_in(state)
    uid = here.acts[-1].act.sop_uid if here.acts else "1.2"
    assert here.refused(ActKind.RESOLVE_FORK, OTHER, Level.SECOND, chosen=uid) == "NOT_A_FORK"


@pytest.mark.parametrize(
    ("kind", "said", "rule"),
    [
        ("SUBMIT", {"text": None}, "TEXT_MISSING"),
        ("TAKE_OVER", {"reason": " "}, "REASON_MISSING"),
        ("HAND_OVER", {"recipient": None}, "RECIPIENT_MISSING"),
        ("RETURN", {"reason": ""}, "REASON_MISSING"),
        ("RELEASE_PRELIM", {"reason": ""}, "REASON_MISSING"),
        ("RELEASE_PRELIM", {"told_to": " "}, "RECIPIENT_MISSING"),
        ("COSIGN", {"text": None}, "TEXT_MISSING"),
        ("COSIGN", {"attestor": None}, "ATTESTOR"),
        ("GRADE", {"grade": None}, "GRADE_MISSING"),
        ("ADDEND", {"text": None}, "TEXT_MISSING"),
        ("AMEND", {"reason": ""}, "REASON_MISSING"),
        ("WITHDRAW", {"reason": "\n"}, "REASON_MISSING"),
        ("RESOLVE_FORK", {"outcome": None}, "OUTCOME_MISSING"),
        ("RECONCILE_ID", {"reason": ""}, "REASON_MISSING"),
    ],
)
def test_an_act_says_all_that_its_kind_must_say(
    kind: str, said: dict[str, object], rule: str
) -> None:
    column = {c[1] for c in cells() if c[0] == kind and c[2] == OTHER and not c[3]}
    for state in sorted(column):
        level = Level.SECOND
        assert station_in(state).refused(ActKind(kind), OTHER, level) == ""
        assert station_in(state).refused(ActKind(kind), OTHER, level, **said) == rule


def test_levels_count_on_the_day_of_the_act() -> None:
    june = dt.datetime(2026, 6, 30, 9, tzinfo=dt.UTC)
    july = june + dt.timedelta(days=1)
    assert Station(start=june).refused(SUBMIT, "retired", Level.FIRST) == ""
    assert Station(start=july).refused(SUBMIT, "retired", Level.FIRST) == "LEVEL"
    spring = dt.datetime(2019, 12, 31, 9, tzinfo=dt.UTC)
    assert Station(start=spring).refused(SUBMIT, "lilei", Level.FIRST) == "LEVEL"


@pytest.mark.parametrize(("kind", "level"), itertools.product((SUBMIT, COSIGN), Level))
def test_a_level_that_the_person_does_not_hold(kind: ActKind, level: Level) -> None:
    here = station_in("none" if kind is SUBMIT else "subm")
    who = "lilei" if kind is SUBMIT else "hanmei"
    own = Level.FIRST if kind is SUBMIT else Level.SECOND
    assert here.refused(kind, who, level) == ("" if level is own else "LEVEL")


def test_unknown_people_and_foreign_certificates() -> None:
    assert Station().refused(SUBMIT, "nobody", Level.FIRST) == "PERSON"
    assert Station().refused(SUBMIT, "lilei", certificate="certificate-hanmei") == "CERTIFICATE"
