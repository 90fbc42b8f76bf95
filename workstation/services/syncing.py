"""The line: what was signed goes out, what others signed comes in, and every step may fail and start again.

Out: the outbox is leased row by row; an object counts as sent when it was read back with its signature whole. In: one
study-level query tells the counts of every journal; only where a count differs are its days, and then its numbers,
asked for. A broken act never stops the others: it is kept, shown with its reason, and raises an alarm.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from workstation.domain.errors import CosightError, LineFailure, StoreFailure
from workstation.services.receiving import Receiving
from workstation.services.sending import Sending
from workstation.settings import Node
from workstation.store.home import Store
from workstation.store.outbox import Sent

_LONGEST_REST_S = 60.0
_log = logging.getLogger("cosight.syncing")


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What one round did, over all nodes that take reports. ``cut_off``: one of them could not be reached."""

    confirmed: int = 0
    unconfirmed: int = 0
    received: int = 0
    offered_again: int = 0
    problems: tuple[CosightError, ...] = ()
    changed_reports: frozenset[str] = frozenset()
    cut_off: bool = False

    def plus(self, other: SyncReport) -> SyncReport:
        """Both rounds together."""
        return SyncReport(
            confirmed=self.confirmed + other.confirmed,
            unconfirmed=self.unconfirmed + other.unconfirmed,
            received=self.received + other.received,
            offered_again=self.offered_again + other.offered_again,
            problems=self.problems + other.problems,
            changed_reports=self.changed_reports | other.changed_reports,
            cut_off=self.cut_off or other.cut_off,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LineStatus:
    """The line as the windows show it. ``online`` is None before the first attempt; ``since`` when that began."""

    online: bool | None = None
    since: dt.datetime | None = None
    to_send: int = 0
    unconfirmed: int = 0
    problem: CosightError | None = None
    alarms: tuple[CosightError, ...] = ()


class Syncing:
    """One round by hand, or a loop that rests between rounds and longer while the line is down."""

    def __init__(
        self,
        *,
        store: Store,
        sending: Sending,
        receiving: Receiving,
        clock: Callable[[], dt.datetime],
        tell: Callable[[str], None],
        rest_s: float,
    ) -> None:
        self._store = store
        self._sending = sending
        self._receiving = receiving
        self._clock = clock
        self._tell = tell
        self._rest_s = rest_s
        self._status = LineStatus()
        self._reached: set[str] = set()
        self._listeners: list[Callable[[LineStatus], None]] = []
        self._round = threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def status(self) -> LineStatus:
        """The line as it stands; the counts are read from the store."""
        counts = self._store.outbox.counts()
        return replace(
            self._status,
            to_send=counts[Sent.WAITING],
            unconfirmed=counts[Sent.UNCONFIRMED],
            alarms=self._receiving.alarms(),
        )

    def listen(self, listener: Callable[[LineStatus], None]) -> None:
        """Call ``listener`` after each round, from the loop's thread."""
        self._listeners.append(listener)

    def sync_once(self) -> SyncReport:
        """One round with every node that takes reports; failures of the line are reported, not raised."""
        nodes = [node for node in self._store.nodes.all() if not node.images_only]
        with self._round:
            report = SyncReport()
            for node in nodes:
                report = report.plus(self._with_node(node))
        for key in sorted(report.changed_reports):
            self._tell(key)
        self._note(report, online=not report.cut_off if nodes else None)
        return report

    def start(self) -> None:
        """Begin the loop."""
        if self._thread is None:
            self._stopping.clear()
            self._sending.start()
            self._receiving.start()
            self._thread = threading.Thread(target=self._run, name="syncing", daemon=True)
            self._thread.start()

    def wake(self) -> None:
        """Begin the next round now: something was signed, or a person asked."""
        self._wake.set()

    def stop(self) -> None:
        """End the loop after the step it is in; what was not sent stays in the outbox."""
        self._stopping.set()
        self._sending.stop()
        self._receiving.stop()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
            self._thread = None

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                self.sync_once()
            except Exception as error:  # noqa: BLE001  the loop outlives what nobody foresaw, and tells it
                self._unforeseen(error)
            failures = failures + 1 if self._status.online is False else 0
            longest = max(_LONGEST_REST_S, self._rest_s)
            self._wake.wait(min(longest, self._rest_s * 2 ** min(failures, 6)))
            self._wake.clear()

    def _unforeseen(self, error: Exception) -> None:
        kind = type(error).__name__
        _log.error("a round of syncing ended by %s", kind)
        if isinstance(error, CosightError):
            problem = error
        else:
            problem = StoreFailure(
                "Syncing failed unexpectedly ({kind}); it tries again", kind=kind
            )
        self._status = replace(self._status, problem=problem)

    def _with_node(self, node: Node) -> SyncReport:
        """Both directions, each whatever became of the other."""
        if node.name not in self._reached:
            self._store.outbox.hasten(node.name, self._clock())
        report = SyncReport()
        try:
            received = self._receiving.receive(node)
            report = SyncReport(
                received=received.acts,
                offered_again=received.offered_again,
                problems=tuple(received.problems),
                changed_reports=frozenset(received.changed_reports),
                cut_off=received.cut_off,
            )
        except CosightError as error:
            report = SyncReport(problems=(error,))
        try:
            sent = self._sending.drain(node)
        except CosightError as error:
            return report.plus(SyncReport(problems=(error,)))
        told = {str(p) for p in report.problems}
        report = report.plus(
            SyncReport(
                confirmed=sent.confirmed,
                unconfirmed=sent.unconfirmed,
                problems=tuple(p for p in sent.problems if str(p) not in told),
                cut_off=sent.cut_off,
            )
        )
        (self._reached.discard if report.cut_off else self._reached.add)(node.name)
        return report

    def _note(self, report: SyncReport, *, online: bool | None) -> None:
        failure = next((p for p in report.problems if isinstance(p, LineFailure)), None)
        before = self._status
        since = before.since if before.online is online else self._clock()
        problem = failure or next(iter(report.problems), None)
        self._status = replace(before, online=online, since=since, problem=problem)
        for listener in self._listeners:
            listener(self.status())
