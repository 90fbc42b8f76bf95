"""Log-in: who has a key here, and what each failure is called."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.services.small_region import MADE, SmallRegion, key_of
from workstation.documents import keys
from workstation.domain.errors import CosightError, NotFound, SignatureFailure
from workstation.domain.roster import Level
from workstation.services.station import Station
from workstation.store.credentials import Credentials


@pytest.fixture
def station(region: SmallRegion) -> Station:
    made = region.station()
    credentials = Credentials(region.folder / "a" / "region")
    for person in ("lilei", "wuming"):
        locked = keys.lock(key_of(person, "Test region"), f"{person}密码")
        credentials.install_key(person, locked)
    return made


def test_a_login_unlocks_the_person_s_own_key(station: Station) -> None:
    session = station.sessions.login("lilei", "lilei密码")
    assert session.levels == {Level.FIRST}
    assert session.key.fingerprint in session.person.certificates
    assert session.observer.person_id == "lilei"
    assert "key" not in repr(session)
    assert [p.person_id for p in station.sessions.people()] == ["lilei", "wuming"]


def test_a_person_without_a_level_logs_in_and_holds_none(station: Station) -> None:
    assert station.sessions.login("wuming", "wuming密码").levels == frozenset()


def test_levels_are_those_of_the_day(station: Station, region: SmallRegion) -> None:
    region.clock.time = MADE - dt.timedelta(days=60)
    assert station.sessions.login("lilei", "lilei密码").levels == frozenset()


@pytest.mark.parametrize("password", ["", "x", "lilei密码 "])
def test_a_wrong_password(station: Station, password: str) -> None:
    with pytest.raises(SignatureFailure, match="Wrong password"):
        station.sessions.login("lilei", password)


@pytest.mark.parametrize("person", ["nobody", "", "../lilei", "hanmei"])
def test_who_is_unknown_or_has_no_key_here(station: Station, person: str) -> None:
    with pytest.raises(NotFound):
        station.sessions.login(person, "x")


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b"\xff\xfe", b'{"format": "cosight-key"}']
)
def test_a_damaged_key_file_is_an_error_for_people(
    station: Station, region: SmallRegion, content: bytes
) -> None:
    Credentials(region.folder / "a" / "region").install_key("lilei", content)
    with pytest.raises(CosightError):
        station.sessions.login("lilei", "lilei密码")
