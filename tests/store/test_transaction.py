"""The one transaction of an act: numbers, chain, and two contents under one UID."""

from __future__ import annotations

from dataclasses import replace

from tests.store.records import NOW, act, publication
from workstation.domain.act import ReportIdentity, ReportText
from workstation.store import Store
from workstation.store.drafts import DraftRecord
from workstation.store.outbox import OutboxKind, Sent

REPORT = ReportIdentity(study_uid="1.2.3", accession="A1")


def sign(store: Store, key: str = "report") -> tuple[int, str]:
    with store.writing() as tx:
        head = tx.chain_head()
        made = act(head.number, station_id=head.station_id, key=key)
        tx.add_act(made)
        tx.add_outbox("archive", OutboxKind.ACT, made.sop_uid, made.digest, now=NOW)
        tx.add_audit(NOW, "p", "SUBMIT", made.sop_uid)
    return head.number, made.digest


def test_the_chain_begins_at_one_and_names_what_was_before(store: Store) -> None:
    with store.writing() as tx:
        empty = tx.chain_head()
    assert (empty.number, empty.previous_digest, empty.audit_head) == (1, "", "")
    assert (empty.station_id, empty.uid_root) == (
        store.station.station_id,
        store.station.uid_root,
    )
    number, digest = sign(store)
    with store.writing() as tx:
        head = tx.chain_head()
    assert (number, head.number, head.previous_digest) == (1, 2, digest)
    assert head.audit_head == store.audit.lines()[-1].hash


def test_acts_of_others_and_broken_ones_do_not_move_the_chain(store: Store) -> None:
    sign(store)
    store.acts.add_received(act(50, station_id="elsewhere"))
    forged = act(99, station_id=store.station.station_id)
    store.acts.add_received(replace(forged, fault="no signature", received_at=NOW))
    with store.writing() as tx:
        assert tx.chain_head().number == 2


def test_acts_that_the_archive_gives_back_move_the_chain(store: Store) -> None:
    """A home restored from a copy meets its own later acts: their numbers are never given again."""
    mine = act(7, station_id=store.station.station_id)
    store.acts.add_received(replace(mine, received_at=NOW))
    with store.writing() as tx:
        assert tx.chain_head().number == 8


def test_all_of_an_act_is_written_together(store: Store) -> None:
    store.drafts.save(
        DraftRecord(identity=REPORT, person_id="p", text=ReportText(findings="x"), updated_at=NOW)
    )
    with store.writing() as tx:
        tx.add_act(act(1, station_id="s", key=REPORT.key))
        tx.add_publication(publication(1))
        tx.add_outbox("archive", OutboxKind.PUBLICATION, "2.25.7.2.1", "d", now=NOW)
        tx.add_audit(NOW, "p", "COSIGN", "2.25.7.1.1")
        tx.delete_draft(REPORT.key, "p")
        assert [a.number for a in tx.acts_of(REPORT.key)] == [1]
        assert store.acts.of_report(REPORT.key) == ()
    assert store.acts.of_report(REPORT.key)[0].content == act(1, station_id="s").content
    assert store.publications.of_act("2.25.7.1.1") == (publication(1),)
    assert store.outbox.counts("archive")[Sent.WAITING] == 1
    assert store.drafts.load(REPORT.key, "p") is None
    assert store.audit.verify_chain().is_whole


def test_the_same_act_is_kept_once(store: Store) -> None:
    received = replace(act(1, station_id="s"), received_at=NOW)
    assert store.acts.add_received(received)
    assert not store.acts.add_received(received)
    assert store.acts.by_uid(received.sop_uid) == (received,)
    assert store.alarms.all() == ()


def test_two_contents_under_one_uid_are_both_kept_and_told(store: Store) -> None:
    first = act(1, station_id="s")
    second = replace(act(1, station_id="s", content=b"altered"), received_at=NOW)
    with store.writing() as tx:
        tx.add_act(first)
    assert store.acts.add_received(second)
    assert {a.content for a in store.acts.by_uid(first.sop_uid)} == {first.content, b"altered"}
    assert [a.what for a in store.alarms.all()] == ["ACT_UID_REUSED"]
    store.publications.add_received(publication(1))
    store.publications.add_received(publication(1, content=b"altered"))
    assert len(store.publications.by_uid("2.25.7.2.1")) == 2
    assert [a.what for a in store.alarms.all()] == ["PUBLICATION_UID_REUSED", "ACT_UID_REUSED"]


def test_what_is_known_of_a_journal(store: Store) -> None:
    for number in (1, 2, 4, 12):
        store.acts.add_received(act(number, station_id="s"))
    assert store.acts.numbers() == {"s": frozenset({1, 2, 4, 12})}
    assert store.acts.known_uids("2.25.7.1") == {f"2.25.7.1.{n}" for n in (1, 2, 4, 12)}
    # A UID is a path, not a string: 1.1 is not a branch of 1.12.
    assert store.acts.known_uids("2.25.7.1.1") == frozenset()
    assert store.acts.report_keys() == {"report"}
    assert store.acts.report_keys_of("1.2.3") == {"report"}
    assert store.acts.signing_times()["2.25.7.1.2"] == act(2, station_id="s").time


def test_a_fault_can_be_judged_again(store: Store) -> None:
    one = act(1, station_id="s")
    store.acts.add_received(replace(one, fault="unknown certificate"))
    store.acts.set_fault(one.sop_uid, one.digest, "")
    assert store.acts.by_uid(one.sop_uid)[0].fault == ""
