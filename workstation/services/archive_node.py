"""The embedded archive: the listening node over the same store that a station uses.

An object is acknowledged after its bytes are flushed to the disk and its index row is committed, never before. What
the child cannot even name is refused with its reason; an image that cannot be shown is archived all the same.
"""

from __future__ import annotations

import datetime as dt
import signal
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import FrameType

from viewer.sandbox import Callee, Sandbox, SandboxError
from workstation import settings as settings_file
from workstation.documents.headers import ParsedFile
from workstation.domain.errors import BadInput
from workstation.network.listening import Archive, ListeningNode
from workstation.network.objects import ReceivedObject, WireObject
from workstation.services.intake import examined, reason_of
from workstation.store import Store
from workstation.store.files import StagedFile
from workstation.store.index import LocalInstance

_CONVERT = "workstation.network.converting:converted"
_PRELOAD = ("workstation.documents.headers", "viewer.decoding.files")


class ArchiveNode:
    """One listening node over one store.

    Args:
        store: where objects lie.
        sandbox: the children that read what came.
        aet: what the node is called.
        host: the address to listen on.
        port: the port; 0 lets the system choose.
        largest_bytes: the largest object taken.
    """

    def __init__(
        self,
        *,
        store: Store,
        sandbox: Callee,
        aet: str,
        host: str = "127.0.0.1",
        port: int = 0,
        largest_bytes: int = 1 << 30,
    ) -> None:
        self._store = store
        self._sandbox = sandbox
        archive = Archive(
            keep=self._keep,
            find=self._find,
            select=self._select,
            convert=self._convert,
            stored_syntaxes=store.index.stored_syntaxes,
        )
        self._listening = ListeningNode(
            archive, aet=aet, host=host, port=port, largest_bytes=largest_bytes
        )

    def start(self) -> int:
        """Listen; returns the port. Raises LineFailure where the address cannot be taken."""
        return self._listening.start()

    def stop(self) -> None:
        """Stop listening and end what is under way."""
        self._listening.stop()

    def _keep(self, received: ReceivedObject) -> None:
        """Stage, examine, keep. Raises StoreFailure or BadInput; nothing half done stays."""
        now = dt.datetime.now(dt.UTC)
        staged = self._store.files.stage(received.file_chunks())
        try:
            parsed = examined(self._sandbox, staged)
            _refuse_other_name(parsed, received)
        except BadInput as error:
            self._refuse(received, staged, error, now)
            raise
        verdict = self._store.index.add_instance(parsed, staged, now)
        reason = reason_of(verdict, parsed.transfer_syntax)
        if reason is not None:
            raise reason

    def _refuse(
        self, received: ReceivedObject, staged: StagedFile, reason: BadInput, now: dt.datetime
    ) -> None:
        self._store.files.settle([staged])
        self._store.rejected.add(received.sop_uid, reason, now)

    def _find(self, level: str, keys: Mapping[str, str]) -> Iterable[Mapping[str, str]]:
        return self._store.index.find(level, keys)

    def _select(self, level: str, keys: Mapping[str, str]) -> Sequence[WireObject]:
        return [_wire(found) for found in self._store.index.selected(level, keys)]

    def _convert(self, wire: WireObject, transfer_syntax: str) -> WireObject:
        try:
            content: bytes = self._sandbox.call(_CONVERT, str(wire.source), transfer_syntax)
        except SandboxError as error:
            raise BadInput(error.template, **error.fields) from error
        return WireObject(
            sop_class=wire.sop_class,
            sop_uid=wire.sop_uid,
            transfer_syntax=transfer_syntax,
            source=content,
        )


def serve(
    store_dir: Path,
    *,
    port: int,
    aet: str,
    ready: Callable[[int], None],
    stopped: threading.Event | None = None,
) -> None:
    """Run a node over the store in ``store_dir`` until ``stopped`` is set, or SIGTERM or SIGINT comes.

    Args:
        store_dir: the node's home folder; its ``settings.toml`` says the address and the limits.
        port: the port; 0 lets the system choose.
        aet: what the node is called.
        ready: called with the port once it listens.
        stopped: ends the node when set; None listens to the process's signals instead.

    Raises:
        StoreFailure, LineFailure, BadInput: it cannot start; one sentence says why.
    """
    options = settings_file.load(store_dir)
    ending = stopped or _until_signal()
    store = Store.open(store_dir, name=aet)
    try:
        with Sandbox(options.child_memory_mb << 20, options.child_seconds, _PRELOAD) as sandbox:
            node = ArchiveNode(
                store=store,
                sandbox=sandbox,
                aet=aet,
                host=options.node_bind,
                port=port,
                largest_bytes=options.node_largest_mb << 20,
            )
            try:
                ready(node.start())
                ending.wait()
            finally:
                node.stop()
    finally:
        store.close()


def _until_signal() -> threading.Event:
    ending = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ending.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    return ending


def _refuse_other_name(parsed: ParsedFile, received: ReceivedObject) -> None:
    """PS3.4 B.2.3: the data set must be of the class and instance that the request names."""
    named = (received.sop_class, received.sop_uid)
    if (parsed.instance.sop_class, parsed.instance.sop_uid) != named:
        raise BadInput("The data set is not the object that the request names")


def _wire(found: LocalInstance) -> WireObject:
    return WireObject(
        sop_class=found.sop_class,
        sop_uid=found.sop_uid,
        transfer_syntax=found.transfer_syntax,
        source=found.path,
    )
