"""Private keys and their certificates: made, issued, locked under a password.

The forms are in docs/formats/keys.md: RSA, X.509 v3, Argon2id and AES-256-GCM. Knows no DICOM and no files; whoever
stores the bytes decides where.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import os
import unicodedata
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID

from workstation.domain.errors import BadInput, CosightError, SignatureFailure

KEY_BITS = 3072
SMALLEST_KEY_BITS = 2048
LOCK_FORMAT = "cosight-key"
LOCK_VERSION = 1
BACKDATED = dt.timedelta(days=1)
ROOT_LIFE = dt.timedelta(days=3653)
PERSON_LIFE = dt.timedelta(days=731)

_TIME_COST, _MEMORY_KIB, _LANES = 3, 65536, 4
_LARGEST_TIME_COST, _LARGEST_MEMORY_KIB, _LARGEST_LANES = 10, 1048576, 16
_ARGON2_VERSION = 19


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A private key with the certificate that says whose it is."""

    private_key: RSAPrivateKey
    certificate: x509.Certificate

    @property
    def certificate_der(self) -> bytes:
        """The certificate as DER."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def certificate_pem(self) -> bytes:
        """The certificate as PEM, as dcmsign and openssl take it."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate's DER, lower-case hex: how acts and the roster name it."""
        return fingerprint(self.certificate_der)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom a certificate names."""

    person_id: str
    name: str
    organisation: str


def fingerprint(certificate_der: bytes) -> str:
    """SHA-256 of a certificate's DER bytes, lower-case hex."""
    return hashlib.sha256(certificate_der).hexdigest()


def make_root(region: str, made_at: dt.datetime, bits: int = KEY_BITS) -> SigningKey:
    """A new root key and its self-signed certificate.

    Args:
        region: the common name.
        made_at: aware; the certificate holds from a day before.
        bits: RSA modulus, at least 2048.
    """
    private_key = _new_key(bits)
    subject = _name({NameOID.COMMON_NAME: region, NameOID.ORGANIZATION_NAME: "Cosight"})
    builder = (
        _builder(subject, subject, private_key, made_at, ROOT_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(root=True), critical=True)
    )
    certificate = builder.sign(private_key, hashes.SHA256())
    return SigningKey(private_key=private_key, certificate=certificate)


def issue(
    root: SigningKey, subject: Subject, made_at: dt.datetime, bits: int = KEY_BITS
) -> SigningKey:
    """A new key for a person, certified by the root.

    Args:
        root: who certifies.
        subject: whom it names: CN is the name as shown, UID the person id.
        made_at: aware; the certificate holds from a day before.
        bits: RSA modulus, at least 2048.
    """
    private_key = _new_key(bits)
    holder = _name(
        {
            NameOID.COMMON_NAME: subject.name[:64],
            NameOID.ORGANIZATION_NAME: subject.organisation[:64],
            NameOID.USER_ID: subject.person_id,
        }
    )
    builder = (
        _builder(holder, root.certificate.subject, private_key, made_at, PERSON_LIFE)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root.private_key.public_key()),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(root=False), critical=True)
    )
    certificate = builder.sign(root.private_key, hashes.SHA256())
    return SigningKey(private_key=private_key, certificate=certificate)


def lock(key: SigningKey, password: str) -> bytes:
    """The key as a file that only the password opens (docs/formats/keys.md)."""
    salt, nonce = os.urandom(16), os.urandom(12)
    header = {
        "format": LOCK_FORMAT,
        "version": LOCK_VERSION,
        "kdf": {
            "name": "argon2id",
            "version": _ARGON2_VERSION,
            "time_cost": _TIME_COST,
            "memory_kib": _MEMORY_KIB,
            "lanes": _LANES,
            "salt": _b64(salt),
        },
        "cipher": {"name": "aes-256-gcm", "nonce": _b64(nonce)},
        "certificate": _b64(key.certificate_der),
    }
    secret = key.private_key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    sealed = AESGCM(_derived(header["kdf"], password)).encrypt(nonce, secret, _bound(header))
    return json.dumps(header | {"secret": _b64(sealed)}, indent=1).encode()


def unlock(locked: bytes, password: str) -> SigningKey:
    """The key in a locked file.

    Raises:
        SignatureFailure: wrong password, or the file was changed (the two cannot be told apart).
        BadInput: no key file, of a newer version, or with parameters outside of what is allowed.
    """
    header, secret = _locked_parts(locked)
    key_bytes = _derived(header["kdf"], password)
    try:
        nonce = _unb64(header["cipher"]["nonce"])
        plain = AESGCM(key_bytes).decrypt(nonce, _unb64(secret), _bound(header))
        private_key = serialization.load_der_private_key(plain, None)
        certificate = x509.load_der_x509_certificate(_unb64(header["certificate"]))
    except InvalidTag as error:
        raise SignatureFailure("Wrong password") from error
    except (ValueError, TypeError, KeyError) as error:
        raise BadInput("The key file is damaged") from error
    if not isinstance(private_key, RSAPrivateKey):
        raise BadInput("The key file holds no RSA key")
    return SigningKey(private_key=private_key, certificate=certificate)


def _locked_parts(locked: bytes) -> tuple[dict[str, Any], str]:
    try:
        content = json.loads(locked)
        if content["format"] != LOCK_FORMAT:
            raise BadInput("The file is no key file")
        if content["version"] != LOCK_VERSION:
            raise BadInput("The key file is of version {version}", version=content["version"])
        secret = str(content.pop("secret"))
        if content["kdf"]["name"] != "argon2id" or content["cipher"]["name"] != "aes-256-gcm":
            raise BadInput("The key file is locked in an unknown way")
    except CosightError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadInput("The key file is damaged") from error
    return content, secret


def _derived(kdf: Any, password: str) -> bytes:
    """The 32 bytes that Argon2id makes of the password; parameters are checked before anything is computed."""
    from argon2.low_level import Type, hash_secret_raw

    try:
        time_cost, memory_kib, lanes = (int(kdf[k]) for k in ("time_cost", "memory_kib", "lanes"))
        salt = _unb64(kdf["salt"])
        fits = (
            1 <= time_cost <= _LARGEST_TIME_COST
            and 1 <= lanes <= _LARGEST_LANES
            and 8 * lanes <= memory_kib <= _LARGEST_MEMORY_KIB
            and 8 <= len(salt) <= 64
            and kdf["version"] == _ARGON2_VERSION
        )
    except (ValueError, TypeError, KeyError) as error:
        raise BadInput("The key file is damaged") from error
    if not fits:
        raise BadInput("The key file asks for parameters that are not allowed")
    return hash_secret_raw(
        unicodedata.normalize("NFC", password).encode(),
        salt,
        time_cost=time_cost,
        memory_cost=memory_kib,
        parallelism=lanes,
        hash_len=32,
        type=Type.ID,
        version=_ARGON2_VERSION,
    )


def _bound(header: dict[str, Any]) -> bytes:
    """What is authenticated beside the secret: the header as JSON with sorted keys and no blanks."""
    return json.dumps(header, sort_keys=True, separators=(",", ":")).encode()


def _new_key(bits: int) -> RSAPrivateKey:
    if bits < SMALLEST_KEY_BITS:
        raise BadInput("A key needs at least {bits} bits", bits=SMALLEST_KEY_BITS)
    return generate_private_key(public_exponent=65537, key_size=bits)


def _name(parts: dict[x509.ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts.items() if value])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: RSAPrivateKey,
    made_at: dt.datetime,
    life: dt.timedelta,
) -> x509.CertificateBuilder:
    begins = made_at.astimezone(dt.UTC).replace(microsecond=0) - BACKDATED
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _key_usage(*, root: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=not root,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=root,
        crl_sign=root,
        encipher_only=False,
        decipher_only=False,
    )


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unb64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
