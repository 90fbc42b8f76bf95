"""The roster file: signed, complete, and refused when anything about it is wrong."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import replace

import pytest

from tests.documents.reading_people import CHINA, FIRST, NOW, SECOND, key_of, root, signed_act
from workstation.documents import act_document, roster_file
from workstation.documents.keys import Subject, fingerprint, issue, make_root
from workstation.documents.roster_file import EnrolledPerson, RosterContent
from workstation.domain.errors import BadInput, SignatureFailure
from workstation.domain.roster import Level, Site, Term

ROOT_DER = root().certificate_der
SINCE = dt.date(2026, 1, 1)
CONTENT = RosterContent(
    region="Demonstration region 示范区",
    issued=NOW,
    expires=dt.date(2027, 2, 20),
    people=(
        EnrolledPerson(
            person_id=FIRST.person_id,
            name=FIRST.name,
            site="DS",
            terms=(
                Term(level=Level.TRAINEE, since=dt.date(2020, 1, 1), until=SINCE),
                Term(level=Level.FIRST, since=SINCE),
            ),
            certificates=(key_of(FIRST).certificate_der,),
        ),
        EnrolledPerson(
            person_id=SECOND.person_id,
            name=SECOND.name,
            site="MAIN",
            terms=(Term(level=Level.SECOND, since=SINCE),),
            certificates=(key_of(SECOND).certificate_der,),
        ),
        EnrolledPerson(person_id="new", name="New^Person", site="DS", terms=(), certificates=()),
    ),
    sites=(Site(site_id="DS", name="东山卫生院", colour="#2f7d95"),),
)
FILE = roster_file.dump(CONTENT, root())


def test_a_roster_comes_back() -> None:
    roster, trust = roster_file.parse(FILE, ROOT_DER, dt.date(2027, 2, 20))
    assert (roster.region, roster.issued, roster.expires) == (
        CONTENT.region,
        CONTENT.issued,
        CONTENT.expires,
    )
    assert roster.issued.utcoffset() == CHINA.utcoffset(None)
    assert roster.sites == CONTENT.sites
    first = roster.person("lilei")
    assert first is not None
    assert first.levels_on(dt.date(2026, 11, 22)) == {Level.FIRST}
    assert first.levels_on(dt.date(2025, 12, 31)) == {Level.TRAINEE}
    assert first.certificates == (key_of(FIRST).fingerprint,)
    payload = json.loads(FILE)["payload"]
    assert roster.digest == hashlib.sha256(payload.encode()).hexdigest()
    assert trust.roots == (ROOT_DER,)
    assert trust.certificates[fingerprint(key_of(SECOND).certificate_der)]
    assert act_document.read(signed_act().data, trust).fault == ""


def altered(**changes: object) -> bytes:
    return json.dumps(json.loads(FILE) | changes).encode()


def test_any_change_of_the_payload_is_seen() -> None:
    payload = json.loads(FILE)["payload"]
    for before, after in (("SECOND", "FIRST "), ("hanmei", "hanmex"), ("2027-02-20", "2099-02-20")):
        assert before in payload
        with pytest.raises(SignatureFailure, match="not signed by this root"):
            roster_file.parse(altered(payload=payload.replace(before, after)), ROOT_DER)
    with pytest.raises(SignatureFailure, match="not signed by this root"):
        roster_file.parse(altered(payload=payload + " "), ROOT_DER)


def test_another_root_is_refused() -> None:
    other = make_root("Elsewhere", NOW, 2048)
    with pytest.raises(SignatureFailure, match="not signed by this root"):
        roster_file.parse(FILE, other.certificate_der)


def test_an_expired_roster_is_refused_when_asked() -> None:
    with pytest.raises(SignatureFailure, match="expired on 2027-02-20"):
        roster_file.parse(FILE, ROOT_DER, dt.date(2027, 2, 21))
    assert roster_file.parse(FILE, ROOT_DER)[0].expires == dt.date(2027, 2, 20)


def test_a_certificate_of_another_root_is_refused() -> None:
    other = make_root("Elsewhere", NOW, 2048)
    stranger = issue(other, Subject(person_id="x", name="x", organisation=""), NOW, 2048)
    smuggled = replace(CONTENT.people[2], certificates=(stranger.certificate_der,))
    file = roster_file.dump(replace(CONTENT, people=(smuggled,)), root())
    with pytest.raises(SignatureFailure, match="certificate of new was not issued"):
        roster_file.parse(file, ROOT_DER)


def test_nobody_and_no_certificate_stands_twice() -> None:
    twice = replace(CONTENT, people=CONTENT.people + CONTENT.people[2:])
    shared = replace(CONTENT.people[2], certificates=CONTENT.people[0].certificates)
    for content in (twice, replace(CONTENT, people=(*CONTENT.people[:2], shared))):
        with pytest.raises(BadInput, match="stands twice"):
            roster_file.dump(content, root())


def test_versions_and_forms() -> None:
    with pytest.raises(BadInput, match="version 2"):
        roster_file.parse(altered(version=2), ROOT_DER)
    with pytest.raises(BadInput, match="no roster"):
        roster_file.parse(altered(format="cosight-key"), ROOT_DER)
    for file in (b"", b"[]", b"{}", b"\xff", FILE[:-20], altered(signature="*")):
        with pytest.raises(BadInput, match="damaged"):
            roster_file.parse(file, ROOT_DER)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("region", 7), ("issued", "2026-11-22T10:00:00"), ("expires", "never"), ("people", 1),
        ("people", [{"person_id": "x"}]), ("sites", [{}]),
    ],
)  # fmt: skip
def test_a_signed_roster_of_another_shape_is_damaged(field: str, value: object) -> None:
    """A root that signs nonsense does not crash its stations."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    from workstation.documents.keys import _b64

    payload = json.dumps(json.loads(json.loads(FILE)["payload"]) | {field: value})
    signature = root().private_key.sign(payload.encode(), PKCS1v15(), SHA256())
    with pytest.raises(BadInput, match="damaged"):
        roster_file.parse(altered(payload=payload, signature=_b64(signature)), ROOT_DER)
