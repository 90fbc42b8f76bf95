"""The audit chain: any change of any line is found, and cutting the end is seen by a head kept elsewhere."""

from __future__ import annotations

import datetime as dt
import sqlite3

import pytest

from tests.store.records import NOW
from workstation.store import Store


def fill(store: Store, count: int = 8) -> list[str]:
    return [
        store.audit.append(NOW + dt.timedelta(minutes=i), f"p{i}", "LOGIN", f"detail {i}")
        for i in range(count)
    ]


def change(store: Store, sql: str) -> None:
    with sqlite3.connect(store.home / "store.db") as connection:
        connection.executescript(sql)


def test_an_untouched_chain_holds(store: Store) -> None:
    heads = fill(store)
    report = store.audit.verify_chain()
    assert (report.is_whole, report.holding, report.head) == (True, 8, heads[-1])
    assert [line.seq for line in store.audit.lines(after=5)] == [6, 7, 8]
    assert store.audit.lines()[2].time == NOW + dt.timedelta(minutes=2)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit SET person = 'x' WHERE seq = 4",
        "UPDATE audit SET time = '2026-03-04T05:09:08.000000+00:00' WHERE seq = 4",
        "UPDATE audit SET what = 'y' WHERE seq = 4",
        "UPDATE audit SET detail = 'detail 4' WHERE seq = 4",
        "UPDATE audit SET previous = '' WHERE seq = 4",
        "UPDATE audit SET hash = hex(zeroblob(32)) WHERE seq = 4",
        "DELETE FROM audit WHERE seq = 4",
        """UPDATE audit SET seq = 99 WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = 5;
        UPDATE audit SET seq = 5 WHERE seq = 99""",
        "INSERT INTO audit SELECT 99, time, person, what, detail, previous, hash FROM audit WHERE seq = 4",
    ],
)
def test_every_change_is_found(store: Store, sql: str) -> None:
    fill(store)
    change(store, sql)
    assert not store.audit.verify_chain().is_whole


def test_a_cut_end_is_seen_by_the_head_that_was_signed(store: Store) -> None:
    heads = fill(store)
    change(store, "DELETE FROM audit WHERE seq > 5")
    report = store.audit.verify_chain()
    assert report.is_whole
    assert report.head == heads[4] != heads[-1]
