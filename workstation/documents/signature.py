"""Digital signatures of DICOM objects: PS3.15, PS3.3 C.12.1.1.3.

RSA PKCS#1 v1.5 with SHA-256 over elements in explicit VR little endian, one signature in the main data set. What is
signed is what was read: values go into the MAC as the bytes that the file holds, so a signature survives any other transfer
syntax. A verifier names the set that must be covered and accepts nothing less. Knows neither acts nor reports.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from pydicom.charset import convert_encodings
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.datadict import dictionary_VR
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_data_element
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag, Tag
from pydicom.uid import ExplicitVRLittleEndian

from workstation.documents.content import Code, code_item, code_of, dt_value, moment_of
from workstation.documents.keys import SigningKey, fingerprint
from workstation.domain.errors import BadInput, CosightError, SignatureFailure

MAC_ALGORITHM = "SHA256"
CERTIFICATE_TYPE = "X509_1993_SIG"

_MAC_PARAMETERS = Tag(0x4FFE0001)
_SIGNATURES = Tag(0xFFFAFFFA)
_NOT_IN_MAC = {Tag(0x04000115), Tag(0x04000120), Tag(0x04000305), Tag(0x04000310)}
_ITEM = struct.pack("<HH", 0xFFFE, 0xE000)
_SEQUENCE_END = struct.pack("<HH", 0xFFFE, 0xE0DD)
_LONG_LENGTH = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"}
_PADDED_WITH_NUL = {"UI", "OB"}
_DEEPEST = 32


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
    """What a signature says. ``fault`` is empty when it holds, else one sentence.

    ``digest`` is the SHA-256 (hex) of the bytes that it covers, also of a broken one.
    """

    digest: str
    fault: str = ""
    certificate_fingerprint: str = ""
    signature_uid: str = ""
    signature: bytes = b""
    signed_at: dt.datetime | None = None
    purpose: str = ""


class _Fault(Exception):
    """Why a signature does not count."""


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
    named = sorted({Tag(t) for t in tags})
    if _MAC_PARAMETERS in dataset or _SIGNATURES in dataset:
        raise SignatureFailure("The object carries a signature already")
    item = Dataset()
    item.MACIDNumber = 0
    item.DigitalSignatureUID = signature_uid
    item.DigitalSignatureDateTime = dt_value(time.astimezone(dt.UTC))
    item.DigitalSignaturePurposeCodeSequence = [
        code_item(Code(purpose.value, "ASTM-sigpurpose", _PURPOSES[purpose]))
    ]
    try:
        _check_signable(named)
        stream = _stream(dataset, named) + _signature_stream(item)
    except _Fault as fault:
        raise SignatureFailure(str(fault)) from fault
    value = key.private_key.sign(stream, PKCS1v15(), hashes.SHA256())
    item.CertificateType = CERTIFICATE_TYPE
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
    """Judge the one signature of a data set.

    Args:
        dataset: the main data set as it was read.
        required_tags: what must be covered: each of these that is present must be named as signed.
        trust: the root certificates.

    Returns:
        What the signature says, with the first fault found.
    """
    try:
        parameters, item = _only_signature(dataset)
        named = _named(parameters)
        stream = _stream(dataset, named) + _signature_stream(item)
    except _Fault as fault:
        return Verified(digest="", fault=str(fault))
    # Hostile values fail in many ways inside the parser; all of them mean that nothing holds.
    except Exception:
        return Verified(digest="", fault="The signature cannot be read")
    digest = hashlib.sha256(stream).hexdigest()
    try:
        return _judged(dataset, item, stream, _Question(named, frozenset(required_tags), trust))
    except _Fault as fault:
        return Verified(digest=digest, fault=str(fault))
    except Exception:
        return Verified(digest=digest, fault="The signature cannot be read")


@dataclass(frozen=True, slots=True)
class _Question:
    named: list[BaseTag]
    required: frozenset[int]
    trust: Trust


def _judged(dataset: Dataset, item: Dataset, stream: bytes, question: _Question) -> Verified:
    der = bytes(item.CertificateOfSigner)
    certificate = x509.load_der_x509_certificate(_der_only(der))
    signed_at = moment_of(str(item.DigitalSignatureDateTime))
    purposes = item.get("DigitalSignaturePurposeCodeSequence") or ()
    verified = Verified(
        digest=hashlib.sha256(stream).hexdigest(),
        certificate_fingerprint=fingerprint(_der_only(der)),
        signature_uid=str(item.DigitalSignatureUID),
        signature=bytes(item.Signature),
        signed_at=signed_at,
        purpose=code_of(purposes[0]).value if len(purposes) == 1 else "",
    )
    return _with_fault(verified, _fault_of(dataset, certificate, stream, verified, question))


def _fault_of(
    dataset: Dataset,
    certificate: x509.Certificate,
    stream: bytes,
    verified: Verified,
    question: _Question,
) -> str:
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size < 2048:
        return "The certificate holds no RSA key of at least 2048 bits"
    try:
        key.verify(verified.signature, stream, PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return "The object was changed after it was signed"
    left_out = {t for t in question.required if t in dataset} - set(question.named)
    if left_out:
        return "The signature does not cover everything it must"
    if not _issued(certificate, question.trust):
        return "The certificate was not issued by a trusted root"
    signed_at = verified.signed_at
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if signed_at is None or not begins <= signed_at <= ends:
        return "The certificate was not valid when the object was signed"
    return ""
