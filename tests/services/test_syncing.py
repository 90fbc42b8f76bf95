"""Two stations and an archive that breaks, loses, alters and refuses: nothing is lost, nothing is asked for in vain."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.services.small_region import (
    OTHER,
    TEXT,
    Line,
    SmallRegion,
    change,
    facts,
    files_of,
    keep_study,
    session,
)
from workstation.domain.errors import CosightError
from workstation.domain.worklist import Status
from workstation.services.station import Station
from workstation.services.syncing import LineStatus
from workstation.settings import Node
from workstation.store import Store
from workstation.store.outbox import Sent


def two_stations(region: SmallRegion) -> tuple[Station, Station, Store]:
    """Both know the study and the archive."""
    node, archive = region.archive()
    stations = region.station("a"), region.station("b")
    for station in stations:
        keep_study(station)
        station.add_node(node)
    return (*stations, archive)


def status(station: Station, study: str = facts().study_uid) -> Status:
    return station.reporting.open(study).standing.status


def waiting(station: Station) -> int:
    counts = station.store.outbox.counts()
    return counts[Sent.WAITING] + counts[Sent.UNCONFIRMED]


def journal(archive: Store) -> dict[str, str]:
    """The acts in the archive: SOP Instance UID -> journal study."""
    return {
        i.sop_uid: study.study_uid
        for study in archive.index.studies()
        if study.patient.patient_id == "COSIGHT-JOURNAL"
        for i in archive.index.instances(study.study_uid)
    }


def test_written_here_signed_there_final_here(region: SmallRegion) -> None:
    a, b, archive = two_stations(region)
    told: list[str] = []
    a.reporting.submit(facts().study_uid, session(a, "lilei"), TEXT)
    sent = a.syncing.sync_once()
    assert (sent.confirmed, sent.unconfirmed, sent.problems) == (1, 0, ())
    b.reporting.listen(told.append)
    assert b.syncing.sync_once().received == 1
    assert told == [a.reporting.open(facts().study_uid).identity.key]
    assert status(b) is Status.SUBMITTED
    b.reporting.cosign(facts().study_uid, session(b, "hanmei"), OTHER)
    assert b.syncing.sync_once().confirmed == 2
    assert a.syncing.sync_once().received == 1
    assert status(a) is Status.FINAL
    assert a.reporting.exported(facts().study_uid, "sr") == b.reporting.exported(
        facts().study_uid, "sr"
    )
    assert len(journal(archive)) == 2


def test_with_nothing_new_a_round_asks_one_question(region: SmallRegion) -> None:
    a, b, _ = two_stations(region)
    a.reporting.submit(facts().study_uid, session(a, "lilei"), TEXT)
    a.syncing.sync_once()
    b.syncing.sync_once()
    b.reporting.cosign(facts().study_uid, session(b, "hanmei"), TEXT)
    b.syncing.sync_once()
    for station in (a, b):
        line = Line(station)
        syncing = line.syncing()
        syncing.sync_once()
        line.calls.clear()
        syncing.sync_once()
        assert line.calls == ["find_studies"]


@pytest.mark.parametrize(
    ("call", "times"), [("find_studies", 1), ("store_all", 1), ("get_bytes", 1)]
)
def test_a_line_that_breaks_anywhere_loses_nothing(
    region: SmallRegion, call: str, times: int
) -> None:
    a, b, archive = two_stations(region)
    a.reporting.submit(facts().study_uid, session(a, "lilei"), TEXT)
    line = Line(a, broken=lambda name, count: name == call and count <= times)
    syncing = line.syncing()
    broken = syncing.sync_once()
    assert broken.cut_off
    assert syncing.status().online is False
    assert syncing.status().problem is not None
    if call != "find_studies":
        assert waiting(a) == 1
    after = syncing.sync_once()
    assert after.problems == ()
    assert syncing.status().online is True
    assert waiting(a) == 0
    assert len(journal(archive)) == 1
    b.syncing.sync_once()
    assert status(b) is Status.SUBMITTED


def test_one_line_tells_an_unreachable_archive(region: SmallRegion) -> None:
    a = region.station("a")
    keep_study(a)
    a.add_node(Node(name="away", aet="AWAY", host="127.0.0.1", port=9))
    a.reporting.submit(facts().study_uid, session(a, "lilei"), TEXT)
    report = a.syncing.sync_once()
    assert len({str(p) for p in report.problems}) == len(report.problems)
    assert report.cut_off
    assert a.syncing.status().to_send == 1
    items = a.store.outbox.items()
    assert [i.lease_owner for i in items] == [""]


def test_a_station_without_an_archive_is_neither_on_nor_off_line(region: SmallRegion) -> None:
    a = region.station("a")
    assert a.syncing.sync_once().problems == ()
    assert a.syncing.status().online is None


def test_a_gap_is_filled_and_what_the_archive_did_not_give_is_asked_for_again(
    region: SmallRegion,
) -> None:
    a, b, _ = two_stations(region)
    study = facts().study_uid
    reader = session(a, "lilei")
    for _ in range(3):
        a.reporting.park(study, reader, TEXT)
    a.syncing.sync_once()
    line = Line(b)
    given: list[int] = []

    def but_one(contents: tuple[bytes, ...]) -> tuple[bytes, ...]:
        given.append(len(contents))
        return contents[1:] if len(given) == 1 else contents

    line.changed = but_one
    syncing = line.syncing()
    syncing.sync_once()
    assert len(b.store.acts.of_study(study)) == 2
    assert b.reporting.open(study).history.missing
    syncing.sync_once()
    assert len(b.store.acts.of_study(study)) == 3
    assert not b.reporting.open(study).history.missing
    line.calls.clear()
    syncing.sync_once()
    assert line.calls == ["find_studies"]


def test_an_archive_that_lost_acts_gets_them_again_from_whoever_has_them(
    region: SmallRegion,
) -> None:
    a, b, _ = two_stations(region)
    study = facts().study_uid
    a.reporting.submit(study, session(a, "lilei"), TEXT)
    a.syncing.sync_once()
    b.syncing.sync_once()
    b.reporting.cosign(study, session(b, "hanmei"), TEXT)
    b.syncing.sync_once()
    a.syncing.sync_once()
    node, fresh = region.archive("fresh")
    for station in (a, b):
        station.store.nodes.remove("archive")
    b.add_node(replace(node, name="archive"))
    report = b.syncing.sync_once()
    assert report.offered_again == 2
    assert report.confirmed == 3
    assert len(journal(fresh)) == 2
    assert len(files_of(fresh)) == 3
    assert b.syncing.sync_once().offered_again == 0


def test_a_forged_act_is_kept_told_and_never_counts_nor_hides_the_real_one(
    region: SmallRegion,
) -> None:
    a, b, archive = two_stations(region)
    study = facts().study_uid
    signed = a.reporting.submit(study, session(a, "lilei"), TEXT)
    genuine = a.store.acts.by_uid(signed.act.sop_uid)[0].content
    forger = region.station("forger", region="Another region")
    keep_study(forger)
    change(
        forger,
        "UPDATE station SET id = ?, uid_root = ?",
        signed.act.place.station_id,
        signed.act.place.uid_root,
    )
    forger = region.station("forger", region="Another region")
    forged = forger.reporting.submit(study, session(forger, "zhoutao"), OTHER)
    assert forged.act.sop_uid == signed.act.sop_uid
    content = forger.store.acts.by_uid(forged.act.sop_uid)[0].content
    node = b.nodes()[0]
    assert b.client_of(node).store(content).is_taken
    line = Line(b)
    syncing = line.syncing()
    first = syncing.sync_once()
    assert first.received == 1
    assert any("does not count" in str(p) for p in first.problems)
    assert status(b) is Status.UNREAD
    assert len(b.reporting.open(study).history.rejected) == 1
    line.calls.clear()
    second = syncing.sync_once()
    assert second.problems == ()
    assert line.calls == ["find_studies"]
    # The real author finds another content under the UID: never confirmed, both kept, an alarm.
    sent = a.syncing.sync_once()
    assert sent.confirmed == 0
    assert "another content" in str(sent.problems[-1])
    assert len(a.store.acts.by_uid(signed.act.sop_uid)) == 2
    assert status(a) is Status.SUBMITTED
    assert any("two different acts" in str(x).lower() for x in a.syncing.status().alarms)
    # From an archive that has the real one, it comes in though a forgery bears its UID.
    second_node, _ = region.archive("second")
    assert b.client_of(second_node).store(genuine).is_taken
    b.add_node(second_node)
    syncing.sync_once()
    assert status(b) is Status.SUBMITTED
    del archive


def test_an_unreadable_object_in_a_journal_stops_nobody_and_is_looked_at_once(
    region: SmallRegion,
) -> None:
    a, b, archive = two_stations(region)
    study = facts().study_uid
    a.reporting.submit(study, session(a, "lilei"), TEXT)
    a.syncing.sync_once()
    path = next(p for uid, p in files_of(archive).items() if uid in journal(archive))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    a.reporting.recall(study, session(a, "lilei"))
    a.syncing.sync_once()
    line = Line(b)
    syncing = line.syncing()
    report = syncing.sync_once()
    assert report.received == 1
    assert len(report.problems) == 1
    line.calls.clear()
    assert syncing.sync_once().problems == ()
    assert line.calls == ["find_studies"]
    assert b.syncing.status().alarms


def test_a_broken_signature_in_the_archive_is_told_and_does_not_count(region: SmallRegion) -> None:
    a, b, archive = two_stations(region)
    study = facts().study_uid
    a.reporting.submit(study, session(a, "lilei"), TEXT)
    a.syncing.sync_once()
    path = next(p for uid, p in files_of(archive).items() if uid in journal(archive))
    content = path.read_bytes()
    altered = content.replace("约 8 mm".encode(), "约 3 mm".encode())
    assert altered != content
    path.write_bytes(altered)
    report = b.syncing.sync_once()
    assert [type(p).__name__ for p in report.problems] == ["SignatureFailure"]
    assert status(b) is Status.UNREAD
    assert len(b.reporting.open(study).history.rejected) == 1


def test_an_altered_release_raises_an_alarm_and_the_sound_one_is_taken_where_there_is_one(
    region: SmallRegion,
) -> None:
    a, b, archive = two_stations(region)
    study = facts().study_uid
    a.reporting.submit(study, session(a, "lilei"), TEXT)
    a.reporting.cosign(study, session(a, "hanmei"), TEXT)
    a.syncing.sync_once()
    released = a.store.publications.of_study(study)[0]
    path = files_of(archive)[released.sop_uid]
    path.write_bytes(path.read_bytes().replace("结节".encode(), "肿块".encode()))
    line = Line(b)
    syncing = line.syncing()
    report = syncing.sync_once()
    assert any("altered" in str(p) for p in report.problems)
    assert report.received == 2
    line.calls.clear()
    assert syncing.sync_once().problems == ()
    assert line.calls == ["find_studies"]
    with pytest.raises(CosightError):
        b.reporting.exported(study, "sr")
    second, _ = region.archive("second")
    assert b.client_of(second).store(released.content).is_taken
    b.add_node(second)
    syncing.sync_once()
    assert b.reporting.exported(study, "sr") == released.content


@pytest.mark.parametrize("reports", [20, pytest.param(100, marks=pytest.mark.long)])
def test_many_acts_come_in_few_questions(region: SmallRegion, reports: int) -> None:
    a, b, _ = two_stations(region)
    reader = session(a, "lilei")
    for number in range(reports):
        study = keep_study(a, facts(f"1.2.3.{number}", accession=f"N{number}"), images=1)
        for _ in range(3):
            a.reporting.park(study, reader, TEXT)
    acts = 3 * reports
    assert a.syncing.sync_once().confirmed == acts
    line = Line(b)
    assert line.syncing().sync_once().received == acts
    # One study, one series, its numbers, and the acts by fifties.
    batches = -(-acts // 50)
    assert line.calls == ["find_studies", "find_series", "find_instances", *["get_bytes"] * batches]


def test_the_loop_outlives_what_nobody_foresaw_and_stops_at_once(region: SmallRegion) -> None:
    a, _, archive = two_stations(region)
    line = Line(a)
    syncing = line.syncing()
    seen: list[LineStatus] = []

    def listener(told: LineStatus) -> None:
        seen.append(told)
        if len(seen) == 1:
            raise RuntimeError("the window is gone")

    syncing.listen(listener)
    syncing.start()
    try:
        until(lambda: len(seen) >= 2)
        a.reporting.submit(facts().study_uid, session(a, "lilei"), TEXT)
        syncing.wake()
        until(lambda: waiting(a) == 0)
        assert syncing.status().online is True
    finally:
        begun = time.monotonic()
        syncing.stop()
        assert time.monotonic() - begun < 5
    assert not [t for t in threading.enumerate() if t.name == "syncing" and t.is_alive()]
    # Started again it sends again.
    a.reporting.recall(facts().study_uid, session(a, "lilei"))
    syncing.start()
    until(lambda: waiting(a) == 0)
    syncing.stop()
    assert len(journal(archive)) == 2


def until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_an_unforeseen_failure_is_told_in_the_status(region: SmallRegion) -> None:
    a, _, _ = two_stations(region)

    def wrong(name: str, _count: int) -> bool:
        raise KeyError(name)

    syncing = Line(a, broken=wrong).syncing()
    syncing.start()
    until(lambda: syncing.status().problem is not None)
    syncing.stop()
    assert "KeyError" in str(syncing.status().problem)
