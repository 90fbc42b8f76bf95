"""Who sits at the station: log-in by password, which unlocks the person's signing key.

The key lives in memory as long as the session; it is never written unlocked. A wrong password and an unknown person
are told apart only where no key exists, because the people of a region are no secret inside it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from workstation.documents.keys import SigningKey, unlock
from workstation.domain.act import Observer
from workstation.domain.errors import NotFound
from workstation.domain.roster import Level, Person, Roster
from workstation.store.credentials import Credentials


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A person who has logged in, with the unlocked key."""

    person: Person
    levels: frozenset[Level]
    key: SigningKey = field(repr=False)

    @property
    def observer(self) -> Observer:
        """The person as acts name them."""
        person = self.person
        return Observer(person_id=person.person_id, name=person.name, organisation=person.site)


class Sessions:
    """Log-in against the roster and the keys of this station."""

    def __init__(
        self, credentials: Credentials, roster: Roster, clock: Callable[[], dt.datetime]
    ) -> None:
        self._credentials = credentials
        self._roster = roster
        self._clock = clock

    def people(self) -> tuple[Person, ...]:
        """The people who can log in here."""
        return tuple(p for p in self._roster.people if self._credentials.has_key(p.person_id))

    def login(self, person_id: str, password: str) -> Session:
        """Unlock the person's key; takes a fraction of a second on purpose (Argon2id).

        Raises:
            NotFound: nobody of that login can sign here.
            SignatureFailure: the password is wrong.
        """
        person = self._roster.person(person_id)
        if person is None or not self._credentials.has_key(person_id):
            raise NotFound("{person} has no key at this station", person=person_id)
        key = unlock(self._credentials.locked_key(person_id), password)
        levels = person.levels_on(self._clock().date())
        return Session(person=person, levels=levels, key=key)
