"""Proof on demand: whatever is altered behind the program's back is found, from the bytes up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.services.small_region import (
    OTHER,
    TEXT,
    SmallRegion,
    change,
    facts,
    files_of,
    keep_study,
    session,
)
from workstation.services.station import Station
from workstation.services.verifying import Finding, verify_files, verify_station

STUDY = facts().study_uid


def final_report(region: SmallRegion) -> Station:
    station = region.station()
    keep_study(station)
    station.reporting.submit(STUDY, session(station, "lilei"), TEXT)
    station.reporting.cosign(STUDY, session(station, "hanmei"), OTHER)
    return station


def unsound(findings: tuple[Finding, ...]) -> list[str]:
    return [f.what for f in findings if not f.sound]


def test_an_untouched_station_is_sound(region: SmallRegion) -> None:
    station = final_report(region)
    findings = verify_station(station)
    assert unsound(findings) == []
    assert len(findings) == 2 + 1 + 1 + 1 + 1  # acts, release, journal, report, audit chain


ALTERATIONS = {
    "no bytes at all": "UPDATE acts SET content = x'00' WHERE number = 1",
    "the report it belongs to": "UPDATE acts SET report_key = 'other' WHERE number = 1",
    "a fault that is none": "UPDATE acts SET fault = 'broken' WHERE number = 1",
    "its time": "UPDATE acts SET time = '2026-11-22T00:00:00.000000+00:00' WHERE number = 1",
    "an act in the middle is gone": "DELETE FROM acts WHERE number = 1",
    "the newest act is gone": "DELETE FROM acts WHERE number = 2",
    "a release is gone": "DELETE FROM publications",
    "bytes of a release": "UPDATE publications SET content = x'00'",
    "an audit line is gone": "DELETE FROM audit WHERE seq = 1",
    "the end of the audit trail is gone": "DELETE FROM audit",
    "who did it": "UPDATE audit SET person = 'zhoutao' WHERE seq = 1",
}


@pytest.mark.parametrize("sql", ALTERATIONS.values(), ids=ALTERATIONS.keys())
def test_an_altered_station_is_found_out(region: SmallRegion, sql: str) -> None:
    station = final_report(region)
    change(station, sql)
    assert unsound(verify_station(station))


def test_one_changed_character_is_found_out(region: SmallRegion) -> None:
    station = final_report(region)
    content = station.store.acts.of_study(STUDY)[0].content
    altered = content.replace(b"8 mm", b"3 mm")
    assert altered != content
    change(station, "UPDATE acts SET content = ? WHERE number = 1", altered)
    uid = f"{station.store.station.uid_root}.1.1"
    assert uid in unsound(verify_station(station))


def test_files_folders_and_what_is_no_document(region: SmallRegion, tmp_path: Path) -> None:
    station = final_report(region)
    node, archive = region.archive()
    station.add_node(node)
    for record in station.store.acts.of_study(STUDY):
        station.client_of(node).store(record.content)
    files = sorted(files_of(archive).values())
    assert unsound(verify_files(station, [archive.volumes.folder.parent / "files"])) == []
    assert all(f.sound for f in verify_files(station, files))
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / "whole.dcm").write_bytes(files[0].read_bytes())
    nodule = next(f.read_bytes() for f in files if "结".encode() in f.read_bytes())
    altered = nodule.replace("结".encode(), "肿".encode())
    (folder / "altered.dcm").write_bytes(altered)
    (folder / "cut.dcm").write_bytes(files[0].read_bytes()[:900])
    (folder / "text.dcm").write_text("no DICOM")
    found = {f.what: f for f in verify_files(station, [folder])}
    assert found["whole.dcm"].sound
    for name in ("altered.dcm", "cut.dcm", "text.dcm"):
        assert not found[name].sound
        assert found[name].detail
        assert "王" not in found[name].detail


def test_another_region_s_documents_do_not_hold_here(region: SmallRegion, tmp_path: Path) -> None:
    ours, theirs = region.station("a"), region.station("b", region="Another region")
    keep_study(theirs)
    theirs.reporting.submit(STUDY, session(theirs, "lilei"), TEXT)
    path = tmp_path / "theirs.dcm"
    path.write_bytes(theirs.store.acts.of_study(STUDY)[0].content)
    found = verify_files(ours, [path])
    assert "not issued by a trusted root" in next(f.detail for f in found if f.what == path.name)
