"""X.509 certificates between their two encodings: PEM on disk for people and DCMTK, DER in values.

Makes and judges none: that is ``keys`` and ``signature``.
"""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from workstation.domain.errors import BadInput


def der_of(pem: bytes) -> bytes:
    """The DER encoding of a certificate in PEM.

    Raises:
        BadInput: it is none.
    """
    try:
        return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
    except ValueError as error:
        raise BadInput("The root certificate of the region cannot be read") from error
