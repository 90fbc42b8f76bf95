"""The line to one archive: an association opened, judged, released or aborted.

Every failure becomes one LineFailure that names the archive and the operation, never a patient. PS3.8, PS3.7 annex D.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from workstation.domain.errors import CosightError, LineFailure
from workstation.network import contexts
from workstation.network.answers import Taking
from workstation.network.line import LARGEST_PDU_BYTES, keep_patients_out_of_logs, prepared
from workstation.settings import Node

UNREACHABLE = "The archive {node} cannot be reached at {address}"
REJECTED = "The archive {node} refused the connection; it may not know this station as {aet}"
NOT_OFFERED = "The archive {node} does not offer {operation}"
NO_ANSWER = "The archive {node} did not answer {operation} in time"
FAILED = "The archive {node} answered {operation} with failure {status}"
BROKEN = "The connection to the archive {node} broke during {operation}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How one archive is reached: who it is, what we call ourselves, how long we wait (seconds)."""

    node: Node
    our_aet: str
    connect_seconds: float
    answer_seconds: float

    @contextmanager
    def associated(
        self, proposed: Sequence[Any], operation: str, taking: Taking | None = None
    ) -> Iterator[Any]:
        """An association with at least one accepted context, released at the end and aborted on failure."""
        association = self._associate(proposed, taking)
        try:
            self._check_accepted(association, operation)
            yield association
        except BaseException:
            if association.is_established:
                association.abort()
            raise
        if association.is_established:
            association.release()

    def _associate(self, proposed: Sequence[Any], taking: Taking | None) -> Any:
        from pynetdicom import AE, build_role, evt

        keep_patients_out_of_logs()
        entity = AE(ae_title=self.our_aet)
        entity.maximum_pdu_size = LARGEST_PDU_BYTES
        entity.connection_timeout = self.connect_seconds
        entity.acse_timeout = self.connect_seconds
        entity.dimse_timeout = self.answer_seconds
        entity.network_timeout = self.answer_seconds
        handlers: list[Any] = [(evt.EVT_CONN_OPEN, prepared)]
        roles: list[Any] = []
        if taking is not None:
            handlers.append((evt.EVT_C_STORE, taking.take))
            classes = {str(context.abstract_syntax) for context in proposed}
            roles = [
                build_role(uid, scu_role=True, scp_role=True)
                for uid in sorted(classes - {contexts.STUDY_ROOT_GET})
            ]
        return entity.associate(
            self.node.host,
            self.node.port,
            contexts=list(proposed),
            ae_title=self.node.aet,
            max_pdu=LARGEST_PDU_BYTES,
            ext_neg=roles or None,
            evt_handlers=handlers,
        )

    def _check_accepted(self, association: Any, operation: str) -> None:
        name = self.node.name
        if association.is_rejected:
            raise LineFailure(REJECTED, node=name, aet=self.our_aet)
        if not association.is_established:
            place = f"{self.node.host}:{self.node.port}"
            if association.rejected_contexts and not association.accepted_contexts:
                raise LineFailure(NOT_OFFERED, node=name, operation=operation)
            raise LineFailure(UNREACHABLE, node=name, address=place)
        accepted = {str(c.abstract_syntax) for c in association.accepted_contexts}
        if operation == "C-GET" and contexts.STUDY_ROOT_GET not in accepted:
            raise LineFailure(NOT_OFFERED, node=name, operation=operation)

    def check(self, association: Any, status: Any, operation: str) -> None:
        """Pass success, pending and warnings; raise for no answer and for failures."""
        if "Status" not in status:
            raise self.silence(association, operation)
        code = int(status.Status)
        if code in {0x0000, 0xFF00, 0xFF01} or code & 0xF000 == 0xB000:
            return
        raise LineFailure(FAILED, node=self.node.name, operation=operation, status=f"{code:04X}")

    def silence(self, association: Any, operation: str) -> CosightError:
        """What to tell when no answer came: the connection broke, or the archive is silent."""
        broken = association.acse.is_aborted() or not association.is_established
        template = BROKEN if broken else NO_ANSWER
        return LineFailure(template, node=self.node.name, operation=operation)
