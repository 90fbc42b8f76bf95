"""The listening node: C-ECHO, C-STORE, C-FIND and C-GET (study root) towards anyone who connects.

What it does with objects and questions is handed in as plain callables: it knows no store. Objects go through as the
bytes they are; an uncompressed object is converted only when the peer accepts no syntax it is stored in. Sizes of
PDUs, identifiers and objects are bounded. PS3.4 annexes A, B and C.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workstation.domain.errors import BadInput, CosightError, LineFailure, StoreFailure
from workstation.network import contexts, identifiers
from workstation.network.line import LARGEST_PDU_BYTES, keep_patients_out_of_logs, prepared
from workstation.network.objects import (
    ReceivedObject,
    WireObject,
    context_for,
    send_object,
    taken_from,
)

SUCCESS = 0x0000
OUT_OF_RESOURCES = 0xA700
DOES_NOT_MATCH = 0xA900
CANNOT_UNDERSTAND = 0xC000
UNABLE_TO_PROCESS = 0xC001
PENDING = 0xFF00
CANCELLED = 0xFE00
_LONGEST_COMMENT = 64
_COMMAND_ROOM_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """What the node asks of whoever keeps the objects.

    ``keep`` returns once the object is safe, and raises StoreFailure, BadInput or another CosightError otherwise.
    ``find`` and ``select`` get the level and the keys. ``convert`` gives a PS3.10 file in another uncompressed syntax,
    ``stored_syntaxes`` the transfer syntaxes that lie here by class.
    """

    keep: Callable[[ReceivedObject], None]
    find: Callable[[str, Mapping[str, str]], Iterable[Mapping[str, str]]]
    select: Callable[[str, Mapping[str, str]], Sequence[WireObject]]
    convert: Callable[[WireObject, str], WireObject]
    stored_syntaxes: Callable[[], Mapping[str, Collection[str]]]


class ListeningNode:
    """One listening port.

    Args:
        archive: who keeps the objects.
        aet: what the node is called; calls to another title are served too, as most archives do.
        host: the address to listen on.
        port: the port; 0 lets the system choose.
        largest_bytes: the largest object taken.
    """

    def __init__(
        self, archive: Archive, *, aet: str, host: str, port: int, largest_bytes: int
    ) -> None:
        self._archive = archive
        self._aet = aet
        self._address = (host, port)
        self._largest_bytes = largest_bytes
        self._server: Any = None

    def start(self) -> int:
        """Listen; returns the port. Raises LineFailure where the address cannot be taken."""
        from pynetdicom import AE, evt

        keep_patients_out_of_logs()
        entity = AE(ae_title=self._aet)
        entity.maximum_pdu_size = LARGEST_PDU_BYTES
        entity.maximum_associations = 32
        entity.network_timeout = 300
        entity.dimse_timeout = 120
        contexts.let_in(entity)
        handlers: list[Any] = [
            (evt.EVT_CONN_OPEN, prepared),
            (evt.EVT_REQUESTED, self._on_requested),
            (evt.EVT_PDU_RECV, self._bound_message),
            (evt.EVT_C_ECHO, lambda _event: SUCCESS),
            (evt.EVT_C_STORE, self._on_store),
            (evt.EVT_C_FIND, self._on_find),
            (evt.EVT_C_GET, self._on_get),
        ]
        try:
            self._server = entity.start_server(self._address, block=False, evt_handlers=handlers)
        except OSError as error:
            raise LineFailure(
                "The node cannot listen on {address}: it is in use or not of this machine",
                address=f"{self._address[0]}:{self._address[1]}",
            ) from error
        return int(self._server.server_address[1])

    def stop(self) -> None:
        """Stop listening and end what is under way."""
        if self._server is not None:
            self._server.shutdown()
            self._server = None

    def _on_requested(self, event: Any) -> None:
        association = event.assoc
        association.acceptor.supported_contexts = contexts.preferred(
            association, self._archive.stored_syntaxes
        )

    def _bound_message(self, event: Any) -> None:
        """End an association whose message grows beyond what its kind may have."""
        message = event.assoc.dimse.message
        if message is None or message.data_set is None:
            return
        is_object = type(message).__name__ == "C_STORE_RQ"
        limit = self._largest_bytes if is_object else identifiers.LARGEST_BYTES
        if message.data_set.tell() > limit + _COMMAND_ROOM_BYTES:
            event.assoc.abort()

    def _on_store(self, event: Any) -> Any:
        """Keep one object; success only once it is safe."""
        if event.request.DataSet is None:
            return CANNOT_UNDERSTAND
        received = taken_from(event)
        try:
            if len(received.dataset) > self._largest_bytes:
                raise BadInput("The object is larger than this node takes")
            self._archive.keep(received)
        except StoreFailure as error:
            return _refusal(OUT_OF_RESOURCES, error)
        except CosightError as error:
            return _refusal(CANNOT_UNDERSTAND, error)
        finally:
            received.dataset.release()
        return SUCCESS

    def _on_find(self, event: Any) -> Iterator[tuple[Any, Any]]:
        try:
            level, keys, charset = identifiers.read_question(
                event.request.Identifier, _syntax_of(event)
            )
            found = self._archive.find(level, keys)
            for match in found:
                if event.is_cancelled:
                    yield CANCELLED, None
                    return
                answer = identifiers.answer(level, keys, match, charset, self._aet)
                yield PENDING, answer
        except CosightError as error:
            yield _refusal(UNABLE_TO_PROCESS, error), None

    def _on_get(self, event: Any) -> Iterator[Any]:
        """PS3.4 C.4.3: the number of sub-operations first, then one object each."""
        try:
            level, keys, _ = identifiers.read_question(event.request.Identifier, _syntax_of(event))
            wires = self._archive.select(level, keys)
        except CosightError as error:
            yield 1
            yield _refusal(UNABLE_TO_PROCESS, error), None
            return
        _send_raw(event.assoc, self._archive)
        yield len(wires)
        for wire in wires:
            if event.is_cancelled:
                yield CANCELLED, None
                return
            yield PENDING, _carrier(wire)


def _syntax_of(event: Any) -> Any:
    return event.context.transfer_syntax


def _refusal(status: int, error: CosightError) -> Any:
    """A status with the sentence as Error Comment (LO, 64 characters)."""
    from pydicom.dataset import Dataset

    answer = Dataset()
    answer.Status = status
    answer.ErrorComment = str(error).encode("ascii", "replace").decode()[:_LONGEST_COMMENT]
    return answer


def _carrier(wire: WireObject) -> Any:
    """What the library hands from our C-GET handler to its sub-operation: the names, and the object itself."""
    from pydicom.dataset import Dataset

    carrier = Dataset()
    carrier.SOPClassUID = wire.sop_class
    carrier.SOPInstanceUID = wire.sop_uid
    # An attribute that is no DICOM keyword stays on the Python object.
    carrier.wire = wire
    return carrier


def _send_raw(association: Any, archive: Archive) -> None:
    """Let the sub-operations of this association send stored bytes instead of encoding a data set again."""

    def send(carrier: Any, msg_id: int = 1, **_options: Any) -> Any:
        wire, context = _agreed(association, archive, carrier.wire)
        return send_object(association, wire, context, msg_id)

    association.send_c_store = send


def _agreed(association: Any, archive: Archive, wire: WireObject) -> tuple[WireObject, Any]:
    """The object in a syntax the peer accepts: as stored, else uncompressed in the other form, else refused."""
    context = context_for(association, wire.sop_class, wire.transfer_syntax)
    if context is not None:
        return wire, context
    if wire.transfer_syntax in contexts.UNCOMPRESSED:
        for syntax in (contexts.EXPLICIT_LITTLE, contexts.IMPLICIT_LITTLE):
            context = context_for(association, wire.sop_class, syntax)
            if context is not None:
                return archive.convert(wire, syntax), context
    raise LineFailure("The peer accepts no syntax in which {uid} is stored", uid=wire.sop_uid)
