"""What an archive gives back, judged in the child: sound, broken, unreadable, hostile."""

from __future__ import annotations

import pytest

from tests.services.small_region import TEXT, Line, SmallRegion, facts, keep_study, session
from workstation.documents.address import address_of
from workstation.domain.errors import BadInput, LineFailure
from workstation.services.reading_back import ArchiveReader
from workstation.services.station import Station
from workstation.wiring import LazySandbox

STUDY = facts().study_uid


def an_act(region: SmallRegion) -> tuple[Station, bytes]:
    station = region.station()
    keep_study(station)
    station.reporting.submit(STUDY, session(station, "lilei"), TEXT)
    return station, station.store.acts.of_study(STUDY)[0].content


def test_a_sound_act(region: SmallRegion) -> None:
    station, content = an_act(region)
    read = station.archive_reader.judge(content)
    assert (read.fault, read.digest) == ("", station.store.acts.of_study(STUDY)[0].digest)
    assert read.act is not None
    assert read.address.sop_uid == read.act.sop_uid


@pytest.mark.parametrize("content", [b"", b"text", b"\0" * 128 + b"DICM", b"\0" * 200])
def test_no_dicom_is_bad_input(region: SmallRegion, content: bytes) -> None:
    with pytest.raises(BadInput):
        region.station().archive_reader.judge(content)


def test_every_cut_ends_in_a_fault_or_bad_input(region: SmallRegion) -> None:
    station, content = an_act(region)
    for end in range(140, len(content), len(content) // 40):
        try:
            read = station.archive_reader.judge(content[:end])
        except BadInput:
            continue
        assert read.fault


def test_a_time_that_utc_does_not_have_is_a_fault(region: SmallRegion) -> None:
    station, content = an_act(region)
    act = station.archive_reader.judge(content).act
    assert act is not None
    told = f"{act.time:%Y%m%d%H%M%S.%f%z}".encode()
    assert told in content
    read = station.archive_reader.judge(
        content.replace(told, b"00010101000000.000000+1400"[: len(told)])
    )
    assert read.fault
    assert read.act is None


def test_an_unreadable_object_does_not_stop_the_others(region: SmallRegion) -> None:
    node, _ = region.archive()
    station, content = an_act(region)
    station.add_node(node)
    station.reporting.recall(STUDY, session(station, "lilei"))
    assert station.syncing.sync_once().confirmed == 2
    wanted = [address_of(r.content) for r in station.store.acts.of_study(STUDY)]

    def first_cut(contents: tuple[bytes, ...]) -> tuple[bytes, ...]:
        start = contents[0].index(b"DICM") + 500
        return (contents[0][:start], *contents[1:])

    line = Line(station, changed=first_cut)
    found = station.archive_reader.read_back(line.client_of(node), wanted)
    assert len(found) == 2
    assert sorted(bool(read.fault) for read in found.values()) == [False, True]
    del content


def test_a_closing_station_calls_nothing_unreadable(region: SmallRegion) -> None:
    station, content = an_act(region)
    closed = LazySandbox(1 << 30, 5.0)
    closed.close()
    with pytest.raises(LineFailure, match="closing"):
        ArchiveReader(closed, station.trust).judge(content)
