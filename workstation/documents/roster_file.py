"""The signed roster file: docs/formats/roster.md.

JSON whose payload is signed by the region's root certificate. Read-only here: changing the roster is an act of an
administrator. Knows no DICOM.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from workstation.documents.keys import SigningKey, fingerprint
from workstation.documents.signature import Trust, issued_by
from workstation.domain.errors import BadInput, SignatureFailure
from workstation.domain.roster import Level, Person, Roster, Site, Term

FORMAT = "cosight-roster"
VERSION = 1
ALGORITHM = "RSA-PKCS1v15-SHA256"
LARGEST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolledPerson:
    """A person as the roster file holds them: with whole certificates (DER)."""

    person_id: str
    name: str
    site: str
    terms: tuple[Term, ...]
    certificates: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterContent:
    """What a roster file says, before it is signed."""

    region: str
    issued: dt.datetime
    expires: dt.date
    people: tuple[EnrolledPerson, ...]
    sites: tuple[Site, ...]


def dump(roster: RosterContent, root: SigningKey) -> bytes:
    """The roster as a signed file.

    Raises:
        BadInput: a person or certificate twice, or an issue time without offset from UTC.
    """
    if roster.issued.utcoffset() is None:
        raise BadInput("A time needs an offset from UTC in whole minutes")
    _check_unique(roster.people)
    payload = json.dumps(_payload(roster), ensure_ascii=False, indent=1)
    signature = root.private_key.sign(payload.encode(), PKCS1v15(), SHA256())
    file = {
        "format": FORMAT,
        "version": VERSION,
        "algorithm": ALGORITHM,
        "payload": payload,
        "signature": base64.b64encode(signature).decode(),
    }
    return json.dumps(file, ensure_ascii=False, indent=1).encode()


def parse(
    data: bytes, root_certificate: bytes, today: dt.date | None = None
) -> tuple[Roster, Trust]:
    """The roster in a file, and the trust that follows from it.

    Args:
        data: the file.
        root_certificate: DER, confirmed by other means.
        today: refuse a roster that has expired by then; None takes it as it is.

    Raises:
        BadInput: no roster file, of a newer version, or damaged.
        SignatureFailure: not signed by the root, expired, or with a certificate that the root did not issue.
    """
    payload = _signed_payload(data, root_certificate)
    with _damage():
        roster = _content(json.loads(payload))
        _check_unique(roster.people)
    if today is not None and today > roster.expires:
        raise SignatureFailure("The roster expired on {day}", day=roster.expires.isoformat())
    _check_issued(roster.people, root_certificate)
    digest = hashlib.sha256(payload.encode()).hexdigest()
    certificates = {fingerprint(c): c for person in roster.people for c in person.certificates}
    return _roster(roster, digest), Trust(roots=(root_certificate,), certificates=certificates)


@contextmanager
def _damage() -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadInput("The roster file is damaged") from error


def _signed_payload(data: bytes, root_certificate: bytes) -> str:
    if len(data) > LARGEST_BYTES:
        raise BadInput("The roster file is damaged")
    with _damage():
        file = json.loads(data)
        kind, version, algorithm = file["format"], file["version"], file["algorithm"]
        payload = str(file["payload"])
        signature = base64.b64decode(file["signature"], validate=True)
        signed = payload.encode()
        key = x509.load_der_x509_certificate(root_certificate).public_key()
    if kind != FORMAT:
        raise BadInput("The file is no roster")
    if version != VERSION or algorithm != ALGORITHM:
        raise BadInput("The roster file is of version {version}", version=version)
    if not isinstance(key, RSAPublicKey):
        raise SignatureFailure("The root certificate holds no RSA key")
    try:
        key.verify(signature, signed, PKCS1v15(), SHA256())
    except InvalidSignature as error:
        raise SignatureFailure("The roster was not signed by this root, or was changed") from error
    return payload


def _check_unique(people: Iterable[EnrolledPerson]) -> None:
    persons: set[str] = set()
    certificates: set[bytes] = set()
    for person in people:
        if person.person_id in persons or certificates & set(person.certificates):
            raise BadInput("{person} or a certificate stands twice", person=person.person_id)
        persons.add(person.person_id)
        certificates |= set(person.certificates)


def _check_issued(people: Iterable[EnrolledPerson], root_certificate: bytes) -> None:
    for person in people:
        for der in person.certificates:
            with _damage():
                certificate = x509.load_der_x509_certificate(der)
            if not issued_by(certificate, root_certificate):
                raise SignatureFailure(
                    "The certificate of {person} was not issued by this root",
                    person=person.person_id,
                )


def _payload(roster: RosterContent) -> dict[str, Any]:
    return {
        "region": roster.region,
        "issued": roster.issued.isoformat(),
        "expires": roster.expires.isoformat(),
        "sites": [{"site_id": s.site_id, "name": s.name, "colour": s.colour} for s in roster.sites],
        "people": [_person_payload(person) for person in roster.people],
    }


def _person_payload(person: EnrolledPerson) -> dict[str, Any]:
    return {
        "person_id": person.person_id,
        "name": person.name,
        "site": person.site,
        "levels": [
            {
                "level": term.level.value,
                "since": term.since.isoformat(),
                "until": term.until.isoformat() if term.until else None,
            }
            for term in person.terms
        ],
        "certificates": [base64.b64encode(der).decode() for der in person.certificates],
    }


def _content(payload: Mapping[str, Any]) -> RosterContent:
    issued = dt.datetime.fromisoformat(payload["issued"])
    if issued.utcoffset() is None:
        raise ValueError
    return RosterContent(
        region=_text(payload, "region"),
        issued=issued,
        expires=dt.date.fromisoformat(payload["expires"]),
        people=tuple(_person(p) for p in payload["people"]),
        sites=tuple(
            Site(site_id=_text(s, "site_id"), name=_text(s, "name"), colour=_text(s, "colour"))
            for s in payload["sites"]
        ),
    )


def _person(payload: Mapping[str, Any]) -> EnrolledPerson:
    return EnrolledPerson(
        person_id=_text(payload, "person_id"),
        name=_text(payload, "name"),
        site=_text(payload, "site"),
        terms=tuple(
            Term(
                level=Level(term["level"]),
                since=dt.date.fromisoformat(term["since"]),
                until=dt.date.fromisoformat(term["until"]) if term["until"] else None,
            )
            for term in payload["levels"]
        ),
        certificates=tuple(base64.b64decode(c, validate=True) for c in payload["certificates"]),
    )


def _text(payload: Mapping[str, Any], field: str) -> str:
    value = payload[field]
    if not isinstance(value, str):
        raise TypeError
    return value


def _roster(content: RosterContent, digest: str) -> Roster:
    return Roster(
        region=content.region,
        issued=content.issued,
        expires=content.expires,
        people=tuple(
            Person(
                person_id=person.person_id,
                name=person.name,
                site=person.site,
                terms=person.terms,
                certificates=tuple(fingerprint(der) for der in person.certificates),
            )
            for person in content.people
        ),
        sites=content.sites,
        digest=digest,
    )
