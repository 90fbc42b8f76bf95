"""How bytes become objects of the store, whichever way they came: staged, examined in the child, kept.

One place for importing, fetching and the archive node, so that an object is judged the same everywhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from viewer.sandbox import Callee, SandboxError
from workstation.documents.headers import ParsedFile
from workstation.domain.errors import BadInput, CosightError
from workstation.store import Store
from workstation.store.files import StagedFile
from workstation.store.index import OTHER_CONTENT, OTHER_ENCODING, Arrival, Kept

BATCH = 24
_PARSE = "workstation.documents.headers:parse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """One refused object: what its giver calls it, and why."""

    name: str
    reason: CosightError


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of some objects."""

    stored: int = 0
    already: int = 0
    rejected: tuple[Rejected, ...] = ()

    def __add__(self, other: Taken) -> Taken:
        return Taken(
            stored=self.stored + other.stored,
            already=self.already + other.already,
            rejected=self.rejected + other.rejected,
        )


def examined(sandbox: Callee, staged: StagedFile) -> ParsedFile:
    """What the child reads in a staged file. Raises BadInput, also when the file ended the child."""
    try:
        parsed: ParsedFile = sandbox.call(_PARSE, str(staged.path))
    except SandboxError as error:
        raise BadInput(error.template, **error.fields) from error
    return parsed


class Intake:
    """Takes a run of objects in: examining overlaps with receiving, keeping is done batch by batch.

    Use as a context manager; ``taken`` is complete after it ends.

    Args:
        store: where they go.
        sandbox: the children that examine.
        clock: the time of now.
        changed: called after each batch that was kept.
    """

    def __init__(
        self,
        store: Store,
        sandbox: Callee,
        clock: Callable[[], dt.datetime],
        changed: Callable[[], None],
    ) -> None:
        self._store = store
        self._sandbox = sandbox
        self._clock = clock
        self._changed = changed
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="intake")
        self._waiting: list[tuple[str, StagedFile, Future[ParsedFile]]] = []
        self.taken = Taken()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.flush()
        finally:
            self._pool.shutdown()

    def add(self, name: str, source: bytes | Path | Iterable[bytes]) -> None:
        """Take one object. Raises StoreFailure; a source that cannot be read is rejected with its reason."""
        try:
            staged = self._store.files.stage(source)
        except OSError as error:
            reason = BadInput("The file cannot be read ({why})", why=error.strerror or "")
            self.reject(name, reason)
            return
        future = self._pool.submit(examined, self._sandbox, staged)
        self._waiting.append((name, staged, future))
        if len(self._waiting) >= BATCH:
            self.flush()

    def reject(self, name: str, reason: CosightError) -> None:
        """Note an object that could not even be taken."""
        self._store.rejected.add(name, reason, self._clock())
        self.taken += Taken(rejected=(Rejected(name=name, reason=reason),))

    def flush(self) -> None:
        """Keep what has been examined so far. Raises StoreFailure: nothing of this batch was kept."""
        waiting, self._waiting = self._waiting, []
        arrivals: list[Arrival] = []
        refused: list[Rejected] = []
        for name, staged, future in waiting:
            try:
                parsed = future.result()
                _refuse_fault(parsed)
            except CosightError as error:
                self._store.files.settle([staged])
                refused.append(Rejected(name=name, reason=error))
            else:
                arrivals.append(Arrival(parsed=parsed, staged=staged, name=name))
        self._keep(arrivals, refused)

    def _keep(self, arrivals: list[Arrival], refused: list[Rejected]) -> None:
        if refused:
            self._store.rejected.add_all([(r.name, r.reason) for r in refused], self._clock())
        kept = self._store.index.add_instances(arrivals, self._clock()) if arrivals else ()
        for arrival, verdict in zip(arrivals, kept, strict=True):
            reason = reason_of(verdict, arrival.parsed.transfer_syntax)
            if reason is not None:
                refused.append(Rejected(name=arrival.name, reason=reason))
        self.taken += Taken(
            stored=sum(verdict is Kept.STORED for verdict in kept),
            already=sum(verdict is Kept.ALREADY for verdict in kept),
            rejected=tuple(refused),
        )
        if kept or refused:
            self._changed()


def reason_of(verdict: Kept, transfer_syntax: str) -> CosightError | None:
    """Why an object that is known with other content was kept apart; None for what was kept or is here already."""
    if verdict is Kept.OTHER_CONTENT:
        return BadInput(OTHER_CONTENT)
    if verdict is Kept.OTHER_ENCODING:
        return BadInput(OTHER_ENCODING, there=transfer_syntax)
    return None


def _refuse_fault(parsed: ParsedFile) -> None:
    if parsed.fault is not None:
        raise BadInput(parsed.fault.template, **dict(parsed.fault.fields))
