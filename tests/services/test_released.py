"""Released reports that arrive with a study: altered ones are told, foreign ones left in peace."""

from __future__ import annotations

from dataclasses import replace

from tests.services.small_region import (
    OTHER,
    TEXT,
    SmallRegion,
    facts,
    files_of,
    keep_study,
    session,
)
from workstation.services.station import Station
from workstation.settings import Node
from workstation.store import Store

STUDY = facts().study_uid


def released_in_the_archive(region: SmallRegion) -> tuple[Station, Node, Store]:
    node, archive = region.archive()
    author = region.station("author")
    keep_study(author)
    author.add_node(node)
    author.reporting.submit(STUDY, session(author, "lilei"), TEXT)
    author.reporting.cosign(STUDY, session(author, "hanmei"), OTHER)
    author.syncing.sync_once()
    return author, node, archive


def fetch(station: Station) -> None:
    station.fetching.fetch(STUDY, progress=lambda _done, _total: None, cancelled=lambda: False)


def test_a_sound_release_raises_nothing_before_and_after_its_act_is_known(
    region: SmallRegion,
) -> None:
    _, node, _ = released_in_the_archive(region)
    reader = region.station("reader")
    reader.add_node(node)
    reader.worklist.refresh()
    fetch(reader)
    assert reader.released.check(STUDY) == ()
    reader.syncing.sync_once()
    assert reader.released.check(STUDY) == ()
    assert reader.syncing.status().alarms == ()


def test_an_altered_release_is_told_once_and_stays_an_alarm(region: SmallRegion) -> None:
    author, node, archive = released_in_the_archive(region)
    uid = author.store.publications.of_study(STUDY)[0].sop_uid
    path = files_of(archive)[uid]
    altered = path.read_bytes().replace("未见异常".encode(), "可见异常".encode())
    assert altered != path.read_bytes()
    path.write_bytes(altered)
    reader = region.station("reader")
    reader.add_node(node)
    reader.worklist.refresh()
    fetch(reader)
    for _ in range(2):
        found = reader.released.check(STUDY)
        assert len(found) == 1
        assert uid in str(found[0])
        assert "王" not in str(found[0])
    assert [a.what for a in reader.store.alarms.all()] == ["RELEASE_BROKEN"]


def test_a_forged_act_makes_no_sound_release_suspect(region: SmallRegion) -> None:
    author, node, _ = released_in_the_archive(region)
    forger = region.station("forger", region="Another region")
    keep_study(forger)
    forger.reporting.submit(STUDY, session(forger, "lilei"), TEXT)
    forger.reporting.cosign(STUDY, session(forger, "hanmei"), TEXT)
    reader = region.station("reader")
    reader.add_node(node)
    reader.worklist.refresh()
    fetch(reader)
    for record in forger.store.acts.of_study(STUDY):
        broken = replace(record, fault="not issued by a trusted root", received_at=region.clock())
        reader.store.acts.add_received(broken)
    assert reader.released.check(STUDY) == ()
    del author
