"""People, their levels and their certificates, as the region's roster says.

A roster is a value: reading its file and checking its signature is done elsewhere. Levels hold between dates, so
that an act is judged by what its author was on that day.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """What a person may be in the region. The values are what acts and the roster file carry."""

    TRAINEE = "TRAINEE"
    FIRST = "FIRST"
    SECOND = "SECOND"
    QUALITY = "QUALITY"
    TECHNOLOGIST = "TECHNOLOGIST"
    ADMINISTRATOR = "ADMINISTRATOR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A level held from ``since`` until before ``until`` (None: still held)."""

    level: Level
    since: dt.date
    until: dt.date | None = None

    def holds_on(self, day: dt.date) -> bool:
        """Whether the level is held on ``day``."""
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One reader: ``person_id`` for the login, ``name`` as a PN value, levels with dates, certificates.

    ``certificates`` are SHA-256 fingerprints (lower-case hex) of the X.509 certificates the person signs with, one
    per station.
    """

    person_id: str
    name: str
    site: str
    terms: tuple[Term, ...]
    certificates: tuple[str, ...]

    @property
    def display_name(self) -> str:
        """The ideographic name where there is one."""
        groups = self.name.split("=")
        return (groups[1] if len(groups) > 1 and groups[1] else groups[0]).replace("^", "")

    def levels_on(self, day: dt.date) -> frozenset[Level]:
        """The levels the person holds on ``day``."""
        return frozenset(term.level for term in self.terms if term.holds_on(day))


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A hospital of the region; ``colour`` is the mark its studies carry in lists (#RRGGBB)."""

    site_id: str
    name: str
    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """The people of a region at one time.

    ``digest`` is the SHA-256 (hex) of the roster's signed bytes, named by every act; ``expires`` the day after which
    the station says that it is out of date.
    """

    region: str
    issued: dt.datetime
    expires: dt.date
    people: tuple[Person, ...]
    sites: tuple[Site, ...]
    digest: str

    def person(self, person_id: str) -> Person | None:
        """The person with that login, or None."""
        return next((p for p in self.people if p.person_id == person_id), None)

    def owner_of(self, certificate: str) -> Person | None:
        """The person who signs with the certificate of that SHA-256 fingerprint, or None."""
        return next((p for p in self.people if certificate in p.certificates), None)
