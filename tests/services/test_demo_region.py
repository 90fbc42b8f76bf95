"""The demo region as a script meets it: described, signed, playable, and pixels untouched."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path

import pytest
from pydicom import dcmread

from resources import demo_folder
from workstation import wiring
from workstation.domain.worklist import Status
from workstation.services import demo_region
from workstation.services.archive_process import ArchiveProcess
from workstation.services.demo_region import DemoRegion
from workstation.services.verifying import verify_station


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> DemoRegion:
    now = dt.datetime.now().astimezone()
    return demo_region.prepare(tmp_path_factory.mktemp("demo") / "region", wiring.build, now)


def test_it_is_found_again_and_describes_itself(laid_out: DemoRegion) -> None:
    assert demo_region.find(laid_out.folder) == laid_out
    assert demo_region.find(laid_out.folder / "archive") is None
    described = json.loads(json.dumps(laid_out.as_json()))
    assert {p["level"] for p in described["people"]} == {"FIRST", "SECOND", "TRAINEE"}
    assert set(described["stations"]) == {"station-a", "station-b"}
    assert laid_out.port == described["node"]["port"] > 0


def test_a_station_syncs_sees_both_reports_and_holds(laid_out: DemoRegion) -> None:
    archive = ArchiveProcess(laid_out.archive, demo_region.ARCHIVE_AET, laid_out.port)
    archive.start()
    station = wiring.build(laid_out.home("station-a"))
    try:
        station.worklist.refresh()
        report = station.syncing.sync_once()
        assert report.problems == ()
        standing = {r.facts.accession: r.standing.status for r in station.worklist.rows()}
        assert standing == {
            "CT20260131": Status.UNREAD,
            "MR20260087": Status.SUBMITTED,
            "DR20260214": Status.FINAL,
        }
        assert all(f.sound for f in verify_station(station))
        assert station.sessions.login("lilei", "demo-lilei").person.person_id == "lilei"
    finally:
        station.close()
        archive.stop()


def pixels(path: Path) -> str:
    return hashlib.sha256(dcmread(path).PixelData).hexdigest()


def test_only_words_were_changed(laid_out: DemoRegion) -> None:
    sources = {pixels(p) for p in demo_folder().rglob("*.dcm")}
    kept = list((laid_out.archive / "files").rglob("*.dcm"))
    images = [p for p in kept if "PixelData" in dcmread(p)]
    assert {pixels(p) for p in images} == sources
    assert len(images) == len(list(demo_folder().rglob("*.dcm")))
    names = {str(dcmread(p, stop_before_pixels=True).PatientName) for p in images}
    assert names == {study.name for study in demo_region.STUDIES}
