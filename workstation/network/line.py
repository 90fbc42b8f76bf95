"""One connection's socket: small packets at once, large PDUs, and nothing larger than agreed is ever read.

pynetdicom sets no TCP_NODELAY (a stall of 40 ms per object, measured 7x), reads 4 kB at a time and believes any PDU
length a peer claims. ``prepared`` is bound to the opening of every connection, ours and our peers'. PS3.8 9.3.
"""

from __future__ import annotations

import socket
import warnings
from typing import Any

LARGEST_PDU_BYTES = 131_072
# An association request may be larger than the agreed data PDU (128 contexts with their syntaxes), never than this.
HARD_LIMIT_BYTES = 1 << 20
_READ_BYTES = 1 << 18


def prepared(event: Any) -> None:
    """Set up the connection that has just been opened (EVT_CONN_OPEN)."""
    wrapped = event.assoc.dul.socket
    connection: socket.socket = wrapped.socket
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def receive(byte_count: int) -> bytearray:
        return received(connection, byte_count)

    # The library offers no other place to bound what it reads.
    wrapped.recv = receive


def keep_patients_out_of_logs() -> None:
    """Let neither library write what it reads: identifiers and odd values name patients."""
    from pynetdicom import _config

    _config.LOG_REQUEST_IDENTIFIERS = False
    _config.LOG_RESPONSE_IDENTIFIERS = False
    warnings.filterwarnings("ignore", category=UserWarning, module=r"pydicom\..*")


def received(connection: socket.socket, byte_count: int) -> bytearray:
    """Exactly that many bytes, fewer where the peer closed. Raises OSError above the hard limit."""
    if byte_count > HARD_LIMIT_BYTES:
        raise OSError("the peer announced a PDU beyond the limit")
    buffer = bytearray()
    while len(buffer) < byte_count:
        part = connection.recv(min(byte_count - len(buffer), _READ_BYTES))
        if not part:
            break
        buffer += part
    return buffer
