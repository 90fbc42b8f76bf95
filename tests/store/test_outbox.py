"""The outbox: leases exclude one another, run out, and every outcome leaves the row where it belongs."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.store.records import NOW
from workstation.store import Store
from workstation.store.outbox import OutboxItem, OutboxKind, Sent

LATER = NOW + dt.timedelta(seconds=30)
AFTER_LEASE = NOW + dt.timedelta(seconds=121)


def offer(store: Store, count: int, node: str = "archive") -> None:
    for number in range(count):
        store.outbox.offer(node, OutboxKind.ACT, f"1.2.{number}", f"d{number}", now=NOW)


def lease(
    store: Store, owner: str, now: dt.datetime = NOW, limit: int = 10
) -> tuple[OutboxItem, ...]:
    return store.outbox.lease("archive", now=now, limit=limit, owner=owner)


def test_what_is_leased_is_nobody_elses(store: Store) -> None:
    offer(store, 5)
    other = Store.open(store.home)
    mine, theirs = lease(store, "me", limit=3), lease(other, "you")
    other.close()
    assert [i.sop_uid for i in mine] == ["1.2.0", "1.2.1", "1.2.2"]
    assert [i.sop_uid for i in theirs] == ["1.2.3", "1.2.4"]
    assert lease(store, "me") == ()


def test_a_lease_runs_out_and_its_late_holder_changes_nothing(store: Store) -> None:
    offer(store, 1)
    (stale,) = lease(store, "killed")
    (fresh,) = lease(store, "alive", now=AFTER_LEASE)
    assert not store.outbox.confirm(stale)
    assert store.outbox.counts()[Sent.WAITING] == 1
    assert store.outbox.confirm(fresh)
    assert store.outbox.counts("archive")[Sent.CONFIRMED] == 1


def test_giving_back_makes_due_again(store: Store) -> None:
    offer(store, 2)
    lease(store, "me")
    store.outbox.release("me")
    assert len(lease(store, "you")) == 2


def test_postponed_comes_back_when_due(store: Store) -> None:
    offer(store, 1)
    (item,) = lease(store, "me")
    assert store.outbox.postpone(item, next_at=LATER, error="unreachable")
    assert lease(store, "me") == ()
    (again,) = lease(store, "me", now=LATER)
    assert (again.attempts, again.error, again.state) == (1, "unreachable", Sent.WAITING)


def test_the_line_that_came_back_makes_all_due(store: Store) -> None:
    offer(store, 1)
    (item,) = lease(store, "me")
    store.outbox.postpone(item, next_at=LATER, error="unreachable")
    store.outbox.hasten("archive", NOW)
    assert len(lease(store, "me")) == 1


def test_sent_is_not_confirmed(store: Store) -> None:
    offer(store, 1)
    (item,) = lease(store, "me")
    store.outbox.sent(item, next_at=LATER, note="not read back yet")
    assert store.outbox.counts() == {
        Sent.WAITING: 0, Sent.UNCONFIRMED: 1, Sent.CONFIRMED: 0, Sent.REFUSED: 0,
    }  # fmt: skip
    (again,) = lease(store, "me", now=LATER)
    assert again.state is Sent.UNCONFIRMED
    assert store.outbox.postpone(again, next_at=LATER, error="silent")
    assert store.outbox.items()[0].state is Sent.UNCONFIRMED


@pytest.mark.parametrize("settled", [Sent.CONFIRMED, Sent.REFUSED])
def test_what_is_settled_is_leased_only_when_offered_again(store: Store, settled: Sent) -> None:
    offer(store, 1)
    (item,) = lease(store, "me")
    if settled is Sent.CONFIRMED:
        store.outbox.confirm(item)
    else:
        store.outbox.refuse(item, "no")
    assert lease(store, "me", now=AFTER_LEASE) == ()
    offer(store, 1)
    assert len(lease(store, "me", now=AFTER_LEASE)) == 1
    assert len(store.outbox.items()) == 1


def test_offering_what_waits_does_not_disturb_it(store: Store) -> None:
    offer(store, 1)
    (item,) = lease(store, "me")
    offer(store, 1)
    assert lease(store, "you") == ()
    assert store.outbox.confirm(item)


def test_nodes_do_not_mix(store: Store) -> None:
    offer(store, 2)
    offer(store, 3, node="second")
    assert len(lease(store, "me")) == 2
    assert store.outbox.counts("second")[Sent.WAITING] == 3
    assert len(store.outbox.items("second")) == 3
