"""The SQLite file: one writer lane per process, readers beside it, failures told as sentences.

WAL with ``synchronous=FULL``: a commit that returned survives a power cut. Every write is ``BEGIN IMMEDIATE``, so two
processes on one home (the window and the command line) take turns. It knows no table.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import sqlite_utils

from workstation.domain.errors import StoreFailure

BUSY_SECONDS = 15.0

_FAILURES = {
    sqlite3.SQLITE_FULL: "The disk of the local store is full; nothing was changed, free some space and try again",
    sqlite3.SQLITE_READONLY: "The local store cannot be written (read-only disk or missing right); nothing was changed",
    sqlite3.SQLITE_IOERR: "The disk of the local store failed to read or write; nothing was changed",
    sqlite3.SQLITE_CANTOPEN: "The local store cannot be opened at {path}",
    sqlite3.SQLITE_CORRUPT: "The local store is damaged; it was left as it is, restore it from a copy",
    sqlite3.SQLITE_NOTADB: "The local store is damaged; it was left as it is, restore it from a copy",
    sqlite3.SQLITE_BUSY: "The local store is held by another program of this station; nothing was changed, try again",
    sqlite3.SQLITE_PERM: "The local store cannot be written (read-only disk or missing right); nothing was changed",
}


def time_text(time: dt.datetime) -> str:
    """An aware time as UTC text of fixed width, so that texts sort as times do."""
    return time.astimezone(dt.UTC).isoformat(timespec="microseconds")


def time_of(text: str) -> dt.datetime:
    """The aware time (UTC) of ``time_text``."""
    return dt.datetime.fromisoformat(text)


@contextmanager
def failures_told(path: Path) -> Iterator[None]:
    """Turn what SQLite reports of disk and file into a StoreFailure; our own mistakes pass as they are."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code not in _FAILURES:
            raise
        raise StoreFailure(_FAILURES[code], path=path.parent.name) from error


class Database:
    """The connections to one SQLite file.

    Args:
        path: the file; made where it is absent.
        functions: SQL functions of ours by name, each taking two arguments.
    """

    def __init__(self, path: Path, functions: dict[str, Callable[[str, str], bool]]) -> None:
        self.path = path
        self._functions = functions
        self._lane = threading.Lock()
        self._holder: int | None = None
        self._idle: list[sqlite3.Connection] = []
        self._idle_lock = threading.Lock()
        with failures_told(path):
            self._writer = self._connect()
            self._writer.execute("PRAGMA journal_mode=WAL")
            self._check()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        for name, function in self._functions.items():
            connection.create_function(name, 2, function, deterministic=True)
        return connection

    def _check(self) -> None:
        """Ask SQLite whether the file is sound before anything is written to it."""
        found = self._writer.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise StoreFailure(_FAILURES[sqlite3.SQLITE_CORRUPT])

    @contextmanager
    def writing(self) -> Iterator[sqlite_utils.Database]:
        """The writer lane: everything inside is committed together or not at all.

        Raises:
            StoreFailure: disk full, read-only, damaged or held too long by another process; nothing was changed.
        """
        if self._holder == threading.get_ident():
            raise RuntimeError("a transaction is already open in this thread")
        with self._lane, failures_told(self.path):
            self._holder = threading.get_ident()
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                yield sqlite_utils.Database(self._writer, recursive_triggers=False)
                self._writer.execute("COMMIT")
            finally:
                self._holder = None
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        """What a SELECT finds in the last committed state."""
        with failures_told(self.path), self._reading() as connection:
            return connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Row | None:
        """The first row that a SELECT finds, or None."""
        found = self.rows(sql, values)
        return found[0] if found else None

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that only reads; as many are kept as ever read at once, whatever threads come and go."""
        with self._idle_lock:
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            connection = self._connect()
            connection.execute("PRAGMA query_only=ON")
        try:
            yield connection
        finally:
            with self._idle_lock:
                self._idle.append(connection)

    def close(self) -> None:
        """Close every connection; a write under way ends first."""
        with self._lane, self._idle_lock:
            for reader in self._idle:
                reader.close()
            self._idle.clear()
            # Statistics for the next start are worth nothing where the disk is full or read-only.
            with closing(self._writer), suppress(sqlite3.Error):
                self._writer.execute("PRAGMA optimize")
