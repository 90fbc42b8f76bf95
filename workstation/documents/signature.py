"""Digital signatures of DICOM objects: PS3.15, PS3.3 C.12.1.1.3.

RSA PKCS#1 v1.5 with SHA-256 over elements in explicit VR little endian (``mac_stream``), one signature in the main
data set. A verifier names the set that must be covered and accepts nothing less. Knows neither acts nor reports.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag
from pydicom.uid import ExplicitVRLittleEndian

from workstation.documents import explicit_vr, mac_stream
from workstation.documents.content import (
    Code,
    code_item,
    dt_value,
    items_of,
    moment_of,
    only_code,
)
from workstation.documents.keys import SMALLEST_KEY_BITS, SigningKey, fingerprint
from workstation.domain.errors import CosightError, SignatureFailure

MAC_ALGORITHM = "SHA256"
CERTIFICATE_TYPE = "X509_1993_SIG"
PURPOSE_SCHEME = "ASTM-sigpurpose"

_MAC_PARAMETERS = Tag(0x4FFE0001)
_SIGNATURES = Tag(0xFFFAFFFA)
# Certificate of Signer, Signature, Certified Timestamp Type and Certified Timestamp (PS3.3 C.12.1.1.3.1.1).
_NOT_IN_MAC = frozenset({Tag(0x04000115), Tag(0x04000120), Tag(0x04000305), Tag(0x04000310)})


class Purpose(StrEnum):
    """Why somebody signed: code values of ASTM-sigpurpose (CID 7007)."""

    AUTHOR = "1"
    VERIFICATION = "5"


_PURPOSES: Mapping[Purpose, str] = {
    Purpose.AUTHOR: "Author's Signature",
    Purpose.VERIFICATION: "Verification Signature",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whom a station believes: root certificates, and the people's certificates by fingerprint (all DER)."""

    roots: tuple[bytes, ...]
    certificates: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signature just made: digest (SHA-256 hex) of what it covers, its UID and its bytes."""

    digest: str
    signature_uid: str
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a signature says. ``fault`` is empty when it holds, else one stable sentence.

    ``digest`` is the SHA-256 (hex) of what the signature covers, also of a broken one; it is empty where the
    signature is missing or cannot be read, and then the other fields are empty too. ``person_id`` is whom the
    certificate names.
    """

    digest: str = ""
    fault: str = ""
    certificate_fingerprint: str = ""
    signature_uid: str = ""
    signature: bytes = b""
    signed_at: dt.datetime | None = None
    purpose: str = ""
    person_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """One signature as it stands in the data set."""

    verified: Verified
    named: frozenset[BaseTag]
    stream: bytes
    certificate: x509.Certificate


def sign(
    dataset: Dataset,
    tags: Iterable[int],
    key: SigningKey,
    *,
    purpose: Purpose,
    time: dt.datetime,
    signature_uid: str,
) -> Signed:
    """Sign the data set in place; every tag is named as signed, also those that are absent.

    Args:
        dataset: the main data set; gets MAC Parameters Sequence and Digital Signatures Sequence.
        tags: the signed set.
        key: whose signature it is.
        purpose: author or verifier.
        time: aware; written in UTC.
        signature_uid: the Digital Signature UID.

    Raises:
        SignatureFailure: a tag that cannot be signed, or a signature is there already.
    """
    if _MAC_PARAMETERS in dataset or _SIGNATURES in dataset:
        raise SignatureFailure("The object carries a signature already")
    named = sorted({Tag(t) for t in tags})
    item = _signature_item(purpose, time, signature_uid)
    try:
        for tag in named:
            mac_stream.check_signable(tag)
        stream = mac_stream.encode(dataset, named) + mac_stream.encode(
            item, explicit_vr.tags_of(item)
        )
    except mac_stream.UnsignableError as error:
        raise SignatureFailure(str(error)) from error
    value = key.private_key.sign(stream, PKCS1v15(), SHA256())
    item.CertificateOfSigner = _even(key.certificate_der)
    item.Signature = _even(value)
    parameters = Dataset()
    parameters.MACIDNumber = 0
    parameters.MACCalculationTransferSyntaxUID = ExplicitVRLittleEndian
    parameters.MACAlgorithm = MAC_ALGORITHM
    parameters.DataElementsSigned = named
    dataset.MACParametersSequence = [parameters]
    dataset.DigitalSignaturesSequence = [item]
    digest = hashlib.sha256(stream).hexdigest()
    return Signed(digest=digest, signature_uid=signature_uid, signature=value)


def verify(dataset: Dataset, required_tags: Iterable[int], trust: Trust) -> Verified:
    """Judge the one signature of a data set; never raises on hostile content.

    Args:
        dataset: the main data set as it was read, best before any of its values was looked at.
        required_tags: what must be covered: each of these that is present must be named as signed.
        trust: the root certificates.
    """
    try:
        reading = _read(dataset)
        fault = _fault(reading)
        left_out = {Tag(t) for t in required_tags if Tag(t) in dataset} - reading.named
        if not fault and left_out:
            fault = "The signature does not cover everything it must"
        return replace(reading.verified, fault=fault or _certificate_fault(reading, trust))
    except (mac_stream.UnsignableError, CosightError) as error:
        return Verified(fault=str(error))
    # Hostile values fail in many ways inside the parsers; all of them mean that nothing holds.
    except Exception:  # noqa: BLE001
        return Verified(fault="The signature cannot be read")


def _signature_item(purpose: Purpose, time: dt.datetime, signature_uid: str) -> Dataset:
    """The part of the signature's item that is itself signed."""
    item = Dataset()
    item.MACIDNumber = 0
    item.DigitalSignatureUID = signature_uid
    item.DigitalSignatureDateTime = dt_value(time.astimezone(dt.UTC))
    item.CertificateType = CERTIFICATE_TYPE
    item.DigitalSignaturePurposeCodeSequence = [
        code_item(Code(purpose.value, PURPOSE_SCHEME, _PURPOSES[purpose]))
    ]
    return item


def _read(dataset: Dataset) -> _Reading:
    parameters, item = _only_signature(dataset)
    named = _named(parameters)
    signed_parts = [t for t in explicit_vr.tags_of(item) if t not in _NOT_IN_MAC]
    stream = mac_stream.encode(dataset, named) + mac_stream.encode(item, signed_parts)
    der = _der(bytes(item.CertificateOfSigner))
    verified = Verified(
        digest=hashlib.sha256(stream).hexdigest(),
        certificate_fingerprint=fingerprint(der),
        signature_uid=str(item.DigitalSignatureUID),
        signature=bytes(item.Signature),
        signed_at=moment_of(str(item.DigitalSignatureDateTime)),
        purpose=only_code(item, "DigitalSignaturePurposeCodeSequence").value,
    )
    certificate = x509.load_der_x509_certificate(der)
    verified = replace(verified, person_id=_person_id(certificate))
    return _Reading(verified=verified, named=named, stream=stream, certificate=certificate)


def _only_signature(dataset: Dataset) -> tuple[Dataset, Dataset]:
    """The item of the MAC Parameters Sequence and that of the Digital Signatures Sequence.

    Both must be single: with several, two programs could judge two different ones.
    """
    parameters = items_of(dataset, "MACParametersSequence")
    signatures = items_of(dataset, "DigitalSignaturesSequence")
    if not signatures:
        raise SignatureFailure("The object is not signed")
    if len(parameters) != 1 or len(signatures) != 1:
        raise SignatureFailure("The object carries more than one signature")
    algorithm, syntax = parameters[0].MACAlgorithm, parameters[0].MACCalculationTransferSyntaxUID
    if algorithm != MAC_ALGORITHM or syntax != ExplicitVRLittleEndian:
        raise SignatureFailure("The signature uses another algorithm than RSA with SHA-256")
    if signatures[0].CertificateType != CERTIFICATE_TYPE:
        raise SignatureFailure("The signature uses another kind of certificate than X.509")
    if parameters[0].MACIDNumber != signatures[0].MACIDNumber:
        raise SignatureFailure("The signature and its parameters do not belong together")
    return parameters[0], signatures[0]


def _named(parameters: Dataset) -> frozenset[BaseTag]:
    value = parameters.DataElementsSigned
    named = frozenset(Tag(t) for t in ([value] if isinstance(value, int) else value))
    for tag in named:
        mac_stream.check_signable(tag)
    return named


def _fault(reading: _Reading) -> str:
    """What is wrong with the signature itself."""
    key = reading.certificate.public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size < SMALLEST_KEY_BITS:
        return "The signature uses another algorithm than RSA with SHA-256"
    try:
        key.verify(reading.verified.signature, reading.stream, PKCS1v15(), SHA256())
    except InvalidSignature:
        return "The object was changed after it was signed"
    return ""


def _certificate_fault(reading: _Reading, trust: Trust) -> str:
    """What is wrong with the certificate: its issuer, or its validity when it was used."""
    if not any(issued_by(reading.certificate, root) for root in trust.roots):
        return "The certificate was not issued by a trusted root"
    signed_at = reading.verified.signed_at
    begins = reading.certificate.not_valid_before_utc
    ends = reading.certificate.not_valid_after_utc
    if signed_at is None or not begins <= signed_at <= ends:
        return "The certificate was not valid when the object was signed"
    return ""


def issued_by(certificate: x509.Certificate, root_der: bytes) -> bool:
    """Whether the root (DER) signed the certificate itself."""
    try:
        root = x509.load_der_x509_certificate(root_der)
        certificate.verify_directly_issued_by(root)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _person_id(certificate: x509.Certificate) -> str:
    """The UID attribute of the subject: whose certificate it is (docs/formats/keys.md)."""
    found = certificate.subject.get_attributes_for_oid(NameOID.USER_ID)
    return str(found[0].value) if len(found) == 1 else ""


def _der(value: bytes) -> bytes:
    """The certificate without the byte that pads it to an even length."""
    if len(value) > 4 and value[:2] == b"\x30\x82":
        return value[: 4 + int.from_bytes(value[2:4], "big")]
    return value


def _even(value: bytes) -> bytes:
    return value + b"\0" * (len(value) % 2)
