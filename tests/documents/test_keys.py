"""Keys: certificates as openssl sees them, and files that only their password opens."""

from __future__ import annotations

import base64
import datetime as dt
import json
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from tests.documents.judges import run
from tests.documents.reading_people import FIRST, NOW, key_of, root
from workstation.documents import keys
from workstation.domain.errors import BadInput, SignatureFailure


def test_certificates_say_what_the_page_says() -> None:
    certificate = key_of(FIRST).certificate
    assert certificate.not_valid_before_utc == dt.datetime(2026, 11, 21, 11, 30, 5, tzinfo=dt.UTC)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.digital_signature, usage.content_commitment, usage.key_cert_sign) == (1, 1, 0)
    named = {a.oid: a.value for a in certificate.subject}
    assert named[NameOID.USER_ID] == "lilei"
    assert named[NameOID.COMMON_NAME] == "李雷"
    assert named[NameOID.ORGANIZATION_NAME] == "Dongshan Township Hospital"
    top = root().certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (top.ca, top.path_length) == (True, 0)
    assert certificate.public_key().key_size == 2048
    with pytest.raises(BadInput):
        keys.make_root("Weak", NOW, 1024)


def test_keys_have_3072_bits_unless_told_otherwise() -> None:
    assert keys.make_root("Region", NOW).certificate.public_key().key_size == 3072


@pytest.mark.peers
def test_openssl_verifies_the_chain(tmp_path: Path) -> None:
    top, person = tmp_path / "root.pem", tmp_path / "person.pem"
    top.write_bytes(root().certificate_pem)
    person.write_bytes(key_of(FIRST).certificate_pem)
    at = str(int(NOW.timestamp()))
    code, said = run("openssl", "verify", "-x509_strict", "-attime", at, "-CAfile", top, person)
    assert code == 0, said
    _, printed = run("openssl", "x509", "-in", person, "-noout", "-fingerprint", "-sha256")
    assert printed.strip().partition("=")[2].replace(":", "").lower() == key_of(FIRST).fingerprint


def test_only_the_password_opens_a_key() -> None:
    locked = keys.lock(key_of(FIRST), "correct horse 电池")
    opened = keys.unlock(locked, "correct horse 电池")
    assert opened.fingerprint == key_of(FIRST).fingerprint
    assert opened.private_key.private_numbers() == key_of(FIRST).private_key.private_numbers()
    for wrong in ("", "correct horse", "Correct horse 电池"):
        with pytest.raises(SignatureFailure, match="Wrong password"):
            keys.unlock(locked, wrong)
    assert b"PRIVATE" not in locked
    assert keys.lock(key_of(FIRST), "x") != keys.lock(key_of(FIRST), "x")


def test_a_password_is_the_same_however_it_is_typed() -> None:
    locked = keys.lock(key_of(FIRST), "é")
    assert keys.unlock(locked, "é").fingerprint == key_of(FIRST).fingerprint


def changed(locked: bytes, *path: str, value: object) -> bytes:
    content = json.loads(locked)
    inside = content
    for name in path[:-1]:
        inside = inside[name]
    inside[path[-1]] = value
    return json.dumps(content).encode()


def test_every_parameter_is_bound_to_the_secret() -> None:
    locked = keys.lock(key_of(FIRST), "secret")
    other = base64.b64encode(root().certificate_der).decode()
    for path, value in (
        (("certificate",), other),
        (("kdf", "time_cost"), 2),
        (("kdf", "lanes"), 2),
        (("kdf", "salt"), base64.b64encode(b"s" * 16).decode()),
        (("cipher", "nonce"), base64.b64encode(b"n" * 12).decode()),
        (("extra",), 1),
    ):
        with pytest.raises(SignatureFailure, match="Wrong password"):
            keys.unlock(changed(locked, *path, value=value), "secret")


def test_greedy_parameters_are_refused_before_they_are_computed() -> None:
    locked = keys.lock(key_of(FIRST), "secret")
    for name, value in (
        ("memory_kib", 2**40), ("memory_kib", 8), ("time_cost", 10**9), ("lanes", 1000),
        ("lanes", 0), ("salt", ""), ("version", 16),
    ):  # fmt: skip
        with pytest.raises(BadInput, match="parameters"):
            keys.unlock(changed(locked, "kdf", name, value=value), "secret")


@pytest.mark.parametrize(
    "file",
    [b"", b"{}", b"[]", b"\xff\xfe", b'{"format":"cosight-key"}', b'{"format":"other"}', b"1"],
)
def test_other_files_are_no_key(file: bytes) -> None:
    with pytest.raises(BadInput):
        keys.unlock(file, "x")


def test_newer_and_damaged_files_say_so() -> None:
    locked = keys.lock(key_of(FIRST), "secret")
    with pytest.raises(BadInput, match="version 2"):
        keys.unlock(changed(locked, "version", value=2), "secret")
    with pytest.raises(BadInput, match="unknown way"):
        keys.unlock(changed(locked, "cipher", "name", value="rot13"), "secret")
    with pytest.raises(BadInput, match="damaged"):
        keys.unlock(changed(locked, "kdf", "memory_kib", value="much"), "secret")
    with pytest.raises(BadInput, match="damaged"):
        keys.unlock(changed(locked, "secret", value="***"), "secret")
