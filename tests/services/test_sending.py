"""Sent means read back and verified: what archives do to signed objects, and what the outbox then says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.peers import Orthanc
from tests.services.small_region import (
    OTHER,
    TEXT,
    Line,
    SmallRegion,
    change,
    facts,
    keep_study,
    session,
)
from workstation.network.answers import StoreAnswer
from workstation.services.sending import Sending
from workstation.services.station import Station
from workstation.settings import Node
from workstation.store.outbox import OutboxItem, OutboxKind, Sent

STUDY = facts().study_uid


def with_a_report(region: SmallRegion, node: Node) -> Station:
    station = region.station()
    keep_study(station)
    station.add_node(node)
    station.reporting.submit(STUDY, session(station, "lilei"), TEXT)
    return station


def sending(station: Station, line: Line, region: SmallRegion) -> Sending:
    return Sending(
        store=station.store,
        client_of=line.client_of,
        archive=station.archive_reader,
        clock=region.clock,
    )


def row(station: Station) -> OutboxItem:
    return station.store.outbox.items()[0]


def test_an_archive_that_says_yes_and_loses_it_is_asked_again_ever_more_rarely(
    region: SmallRegion,
) -> None:
    node, _ = region.archive()
    station = with_a_report(region, node)
    line = Line(station, changed=lambda _contents: ())  # nothing ever comes back
    out = sending(station, line, region)
    waits = []
    for attempt in range(1, 5):
        drained = out.drain(node)
        assert (drained.confirmed, drained.unconfirmed) == (0, 1)
        assert "does not give it back" in str(drained.problems[0])
        item = row(station)
        assert (item.state, item.attempts, item.lease_owner) == (Sent.UNCONFIRMED, attempt, "")
        waits.append((item.next_at - region.clock()).total_seconds())
        assert out.drain(node).problems == []  # not due before its time
        region.clock.forward(seconds=waits[-1] + 1)
    assert [round(w) for w in waits] == [30, 60, 120, 240]
    line.changed = lambda contents: contents
    region.clock.forward(hours=1)
    assert out.drain(node).confirmed == 1
    assert row(station).state is Sent.CONFIRMED
    assert out.drain(node).confirmed == 0


def test_orthanc_keeps_an_older_object_of_the_same_uid(
    region: SmallRegion, orthanc: Orthanc
) -> None:
    node = Node(name="archive", aet=orthanc.aet, host=orthanc.host, port=orthanc.port)
    station = with_a_report(region, node)
    item = row(station)
    # Somebody else's sound act already lies there under that UID: a copied home went on elsewhere.
    copied = region.station("copy")
    keep_study(copied)
    own = station.store.station
    change(copied, "UPDATE station SET id = ?, uid_root = ?", own.station_id, own.uid_root)
    copied = region.station("copy")
    other = copied.reporting.submit(STUDY, session(copied, "zhoutao"), OTHER)
    assert other.act.sop_uid == item.sop_uid
    content = copied.store.acts.by_uid(item.sop_uid)[0].content
    assert copied.client_of(node).store(content).is_taken
    line = Line(station)
    out = sending(station, line, region)
    for _ in range(5):
        drained = out.drain(node)
        assert drained.confirmed == 0
        assert "holds another content" in str(drained.problems[0])
        region.clock.forward(hours=1)
    assert row(station).state is Sent.REFUSED
    assert out.drain(node).problems == []
    # Both are kept, and neither counts until a person looks.
    assert len(station.store.acts.by_uid(item.sop_uid)) == 2
    told = {alarm.what for alarm in station.store.alarms.all()}
    assert told == {"ACT_UID_REUSED", "OTHER_CONTENT"}
    assert {str(a)[:20] for a in station.syncing.status().alarms} >= {"Two different acts c"}


def without_signature(content: bytes) -> bytes:
    import io

    from pydicom import dcmread

    dataset = dcmread(io.BytesIO(content))
    for keyword in ("DigitalSignaturesSequence", "MACParametersSequence"):
        delattr(dataset, keyword)
    written = io.BytesIO()
    dataset.save_as(written)
    return written.getvalue()


def test_an_archive_that_strips_signatures_becomes_an_alarm(region: SmallRegion) -> None:
    node, _ = region.archive()
    station = with_a_report(region, node)
    line = Line(station, changed=lambda contents: tuple(map(without_signature, contents)))
    out = sending(station, line, region)
    for _ in range(5):
        assert "stripped the signature" in str(out.drain(node).problems[0])
        region.clock.forward(hours=1)
    assert row(station).state is Sent.REFUSED
    assert [a.what for a in station.store.alarms.all()] == ["SIGNATURE_STRIPPED"]
    assert "strips signatures" in str(station.syncing.status().alarms[0])
    # A stripped copy is no second act: the sound one stays the only one.
    assert len(station.store.acts.by_uid(row(station).sop_uid)) == 1


def test_an_archive_that_refuses_is_told_with_its_status_and_the_line_stays_on(
    region: SmallRegion,
) -> None:
    node, _ = region.archive(largest_bytes=1000)
    station = with_a_report(region, node)
    report = station.syncing.sync_once()
    assert not report.cut_off
    assert "refused" in str(report.problems[0])
    assert station.syncing.status().online is True
    assert station.syncing.status().problem is not None
    assert row(station).state is Sent.WAITING
    assert station.syncing.status().to_send == 1
    assert row(station).lease_owner == ""


def test_orthanc_that_re_encodes_the_object_still_has_it(
    region: SmallRegion, start_orthanc: Callable[..., Orthanc]
) -> None:
    orthanc = start_orthanc(IngestTranscoding="1.2.840.10008.1.2")
    node = Node(name="archive", aet=orthanc.aet, host=orthanc.host, port=orthanc.port)
    station = with_a_report(region, node)
    station.reporting.cosign(STUDY, session(station, "hanmei"), OTHER)
    report = station.syncing.sync_once()
    assert report.problems == ()
    assert report.confirmed == 3


def test_what_is_missing_or_damaged_here_stops_nothing_else(region: SmallRegion) -> None:
    node, _ = region.archive()
    station = with_a_report(region, node)
    study = keep_study(station, facts("1.2.9", accession="B"))
    station.reporting.submit(study, session(station, "lilei"), TEXT)
    damaged = station.store.acts.of_study(STUDY)[0].sop_uid
    change(station, "UPDATE acts SET content = ? WHERE sop_uid = ?", b"nothing", damaged)
    station.store.outbox.offer(
        node.name, OutboxKind.PUBLICATION, "2.25.1.2.1", "00" * 32, now=region.clock()
    )
    report = station.syncing.sync_once()
    assert report.confirmed == 1
    assert len([p for p in report.problems if "missing or damaged" in str(p)]) == 2
    states = {i.sop_uid: i.state for i in station.store.outbox.items()}
    assert states[damaged] is Sent.REFUSED
    assert states["2.25.1.2.1"] is Sent.REFUSED
    assert [a.what for a in station.store.alarms.all()] == ["SENDING_LOST"] * 2


def test_two_drains_at_once_share_the_rows(region: SmallRegion) -> None:
    node, _ = region.archive()
    station = with_a_report(region, node)
    again = region.station()
    first = Line(station)
    second = sending(again, Line(again), region)
    inside: list[int] = []

    def meanwhile(name: str, _count: int) -> bool:
        if name == "store_all":
            inside.append(second.drain(node).confirmed)
        return False

    first.broken = meanwhile
    assert sending(station, first, region).drain(node).confirmed == 1
    assert inside == [0]
    assert row(station).attempts == 1


def test_a_stopped_sender_takes_no_batch(region: SmallRegion) -> None:
    node, _ = region.archive()
    station = with_a_report(region, node)
    out = sending(station, Line(station), region)
    out.stop()
    assert out.drain(node).confirmed == 0
    out.start()
    assert out.drain(node).confirmed == 1


@pytest.mark.parametrize("status", [0x0000, 0xB000, 0xB007])
def test_success_and_warnings_mean_that_it_may_be_there(status: int) -> None:
    assert StoreAnswer(sop_uid="1", status=status).is_taken
