"""The database file: how it is opened, what is said when it cannot be, and that writes are all or nothing."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from tests.store.records import NOW, act, parsed
from workstation.domain.errors import StoreFailure
from workstation.store import Store
from workstation.store.acts import ActRecord


def plain(home: Path) -> sqlite3.Connection:
    return sqlite3.connect(home / "store.db", isolation_level=None)


def record(store: Store, one: ActRecord, error: Exception | None = None) -> None:
    with store.writing() as tx:
        tx.add_audit(NOW, "p", "SUBMIT", "x")
        tx.add_act(one)
        if error is not None:
            raise error


def test_commits_are_flushed_and_readers_do_not_block(store: Store) -> None:
    with store.database.writing() as db:
        assert db.conn.execute("PRAGMA synchronous").fetchone()[0] == 2
        assert db.conn.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert store.acts.report_keys() == frozenset()


def test_the_station_keeps_its_identity(tmp_path: Path) -> None:
    first = Store.open(tmp_path, name="Town")
    first.close()
    second = Store.open(tmp_path, name="Another name")
    second.close()
    assert second.station == first.station
    assert first.station.uid_root == f"2.25.{int(first.station.station_id, 16)}"
    # PS3.5 9.1: a UID has at most 64 characters, the longest of ours is a day's series.
    assert len(f"{first.station.uid_root}.4.20260304") <= 64


def test_two_stations_are_two(tmp_path: Path) -> None:
    stores = [Store.open(tmp_path / name) for name in ("a", "b")]
    for one in stores:
        one.close()
    assert stores[0].station.station_id != stores[1].station.station_id


@pytest.mark.parametrize("damage", ["start", "middle"])
def test_a_damaged_database_is_told_and_left_alone(tmp_path: Path, damage: str) -> None:
    store = Store.open(tmp_path)
    for number in range(200):
        with store.writing() as tx:
            tx.add_act(act(number, station_id="s", content=bytes(2000) + bytes([number])))
    store.close()
    file = tmp_path / "store.db"
    content = bytearray(file.read_bytes())
    start = 0 if damage == "start" else len(content) // 2
    content[start : start + 6000] = b"\xa5" * 6000
    file.write_bytes(content)
    with pytest.raises(StoreFailure, match="damaged"):
        Store.open(tmp_path)
    assert file.read_bytes() == content


def test_a_full_disk_changes_nothing(store: Store) -> None:
    with store.writing() as tx:
        tx.add_act(act(1, station_id="s"))
    with store.database.writing() as db:
        pages = db.conn.execute("PRAGMA page_count").fetchone()[0]
        db.conn.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StoreFailure, match="full"):
        record(store, act(2, station_id="s", content=bytes(1_000_000)))
    assert len(store.acts.of_station("s")) == 1
    assert store.audit.lines() == ()
    with store.database.writing() as db:
        db.conn.execute("PRAGMA max_page_count=100000000")
    with store.writing() as tx:
        assert tx.add_act(act(2, station_id="s"))


def test_an_import_on_a_full_disk_leaves_no_file(store: Store) -> None:
    with store.database.writing() as db:
        pages = db.conn.execute("PRAGMA page_count").fetchone()[0]
        db.conn.execute(f"PRAGMA max_page_count={pages}")
    huge = parsed("1.2.3.4")
    object.__setattr__(huge, "frames", "f" * 1_000_000)
    with pytest.raises(StoreFailure, match="full"):
        store.index.add_instance(huge, store.files.stage(b"bytes"), NOW)
    assert not list((store.home / "files").rglob("*.dcm"))
    assert not list((store.home / "incoming").rglob("*.dcm"))


def test_a_read_only_database_is_told(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    with store.database.writing() as db:
        db.conn.execute("PRAGMA query_only=ON")
    with pytest.raises(StoreFailure, match="cannot be written"):
        store.audit.append(NOW, "p", "X", "")
    store.close()


def test_an_exception_inside_undoes_everything(store: Store) -> None:
    with pytest.raises(KeyError):
        record(store, act(1, station_id="s"), error=KeyError())
    assert store.acts.of_report("report") == ()
    assert store.audit.verify_chain().holding == 0


def test_a_transaction_inside_another_is_refused(store: Store) -> None:
    with store.writing() as tx:
        with pytest.raises(RuntimeError):
            store.audit.append(NOW, "p", "X", "")
        tx.add_audit(NOW, "p", "Y", "")
    assert [line.what for line in store.audit.lines()] == ["Y"]


def test_threads_take_turns(store: Store) -> None:
    def work(name: str) -> None:
        for _ in range(20):
            store.audit.append(NOW, name, "X", "")

    threads = [threading.Thread(target=work, args=(f"p{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert store.audit.verify_chain().holding == 80


def test_threads_that_end_leave_no_connection_behind(store: Store) -> None:
    for _ in range(30):
        thread = threading.Thread(target=store.index.studies)
        thread.start()
        thread.join(30)
    assert len(store.database._idle) == 1


def test_two_programs_on_one_home_take_turns(store: Store) -> None:
    other = Store.open(store.home)
    for _ in range(10):
        for one in (store, other):
            with one.writing() as tx:
                head = tx.chain_head()
                tx.add_act(act(head.number, station_id=head.station_id))
    other.close()
    numbers = [a.number for a in store.acts.of_station(store.station.station_id)]
    assert numbers == list(range(1, 21))


def test_opening_again_migrates_nothing(store: Store) -> None:
    sql = "SELECT name, applied_at FROM _sqlite_migrations"
    before = plain(store.home).execute(sql).fetchall()
    again = Store.open(store.home)
    again.close()
    assert plain(store.home).execute(sql).fetchall() == before
    assert [name for name, _ in before] == ["0001", "0002"]


def test_an_interrupted_first_start_is_made_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workstation.store import schema

    broken = (*schema._VERSION_1[:5], "CREATE TABLE nonsense (")
    monkeypatch.setattr(schema, "_VERSION_1", broken)
    with pytest.raises(sqlite3.OperationalError):
        Store.open(tmp_path)
    tables = plain(tmp_path).execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    assert tables == (0,)
    monkeypatch.undo()
    Store.open(tmp_path).close()
