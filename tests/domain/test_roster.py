"""People and their terms: from the first day, to the day before the last."""

from __future__ import annotations

import datetime as dt

from tests.domain.reading_room import PEOPLE, ROSTER
from workstation.domain.roster import Level, Person, Term

DAY = dt.date(2026, 7, 1)


def test_a_term_holds_from_its_first_day_until_before_its_last() -> None:
    term = Term(level=Level.FIRST, since=dt.date(2026, 6, 1), until=DAY)
    held = [term.holds_on(dt.date(2026, m, d)) for m, d in ((5, 31), (6, 1), (6, 30), (7, 1))]
    assert held == [False, True, True, False]
    assert Term(level=Level.FIRST, since=DAY).holds_on(dt.date(9999, 12, 31))


def test_levels_on_a_day() -> None:
    person = Person(
        person_id="g",
        name="Gao^Ming=高^明",
        site="s",
        terms=(
            Term(level=Level.TRAINEE, since=dt.date(2024, 1, 1), until=DAY),
            Term(level=Level.FIRST, since=DAY),
        ),
        certificates=("c",),
    )
    assert person.levels_on(dt.date(2026, 6, 30)) == {Level.TRAINEE}
    assert person.levels_on(DAY) == {Level.FIRST}
    assert person.levels_on(dt.date(2020, 1, 1)) == frozenset()
    assert person.display_name == "高明"


def test_people_are_found_by_login_and_by_certificate() -> None:
    assert ROSTER.person("lilei") is PEOPLE["lilei"]
    assert ROSTER.person("nobody") is None
    assert ROSTER.owner_of("certificate-hanmei") is PEOPLE["hanmei"]
    assert ROSTER.owner_of("certificate-nobody") is None
