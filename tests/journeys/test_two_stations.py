"""A first-level reader writes at one station, a second-level reader signs at another, Orthanc stands between."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.journeys.killed import POINTS
from tests.journeys.region import KILLED, Region, Station, dcmsign_says, objects, tag
from tests.peers import Orthanc

CT = "CT20260131"
FINDINGS = "双肺纹理清晰，右肺上叶见一结节，约 8 mm。"
IMPRESSION = "右肺上叶结节，建议复查。"
COSIGNED = "右肺上叶结节，建议 3 个月后复查。"


def write(station: Station, study: str, *, kill_at: str = "") -> int:
    words = ["report", "submit", study, "--findings", FINDINGS, "--impression", IMPRESSION]
    return station.run(*words, person="lilei", kill_at=kill_at).status


def cosign(station: Station, study: str, *, kill_at: str = "") -> int:
    words = ["report", "cosign", study, "--impression", COSIGNED, "--grade", "MINOR"]
    return station.run(*words, person="hanmeimei", kill_at=kill_at).status


def assert_final(region: Region, archive: Orthanc, study: str, scratch: Path) -> None:
    """The archive's own list: every act and release verified by DCMTK, one prevailing FINAL."""
    acts = objects(archive, patient_id="COSIGHT-JOURNAL")
    released = objects(archive, study_uid=study)
    assert acts
    for content in (*acts.values(), *released.values()):
        assert dcmsign_says(content, region.root, scratch)
    finals = [u for u, c in released.items() if tag(c, "VerificationFlag", scratch) == "VERIFIED"]
    assert len(finals) == 1
    for name in ("station-a", "station-b"):
        shown = region.station(name).report(study)
        assert shown["state"] == "FINAL"
        assert not shown["fork"]
        assert not shown["rejected"]
        assert not shown["missing"]
        assert shown["prevailing"]["released"]["sop_uid"] == finals[0]
        assert shown["prevailing"]["text"]["impression"] == COSIGNED
        assert shown["prevailing"]["by"] == "hanmeimei"
        assert shown["prevailing"]["attestor"] == "lilei"


def test_written_here_signed_there_seen_final_here(
    region: Region, orthanc: Orthanc, tmp_path: Path
) -> None:
    first, second = region.station("station-a"), region.station("station-b")
    listed = {row["facts"]["accession"] for row in first.do("worklist")}
    assert {"CT20260131", "MR20260087", "DR20260214"} <= listed
    study = region.study(CT)
    assert first.do("fetch", CT)["stored"] == 92
    assert write(first, study) == 0
    assert first.sync().status == 0
    assert second.sync().status == 0
    second.do("worklist")
    assert second.report(study)["state"] == "SUBMITTED"
    assert second.do("fetch", CT)["stored"] == 92
    assert cosign(second, study) == 0
    assert second.sync().status == 0
    assert first.sync().status == 0
    assert_final(region, orthanc, study, tmp_path)
    finding = first.do("verify")
    assert all(f["sound"] for f in finding)


def test_the_author_cannot_cosign(region: Region) -> None:
    station = region.station("station-a")
    station.do("worklist")
    study = region.study(CT)
    assert write(station, study) == 0
    refused = station.run("report", "cosign", study, person="lilei")
    assert refused.status == 1
    assert json.loads(refused.err)["rule"] == "LEVEL"
    text = ["--findings", FINDINGS, "--impression", IMPRESSION]
    other = region.study("MR20260087")
    station.sync()
    # A second-level reader who wrote the text is refused by the other-person rule itself.
    wrote = station.run("report", "submit", region.study("CT20260131"), *text, person="hanmeimei")
    assert json.loads(wrote.err)["rule"] == "STATE"
    assert (
        station.run("report", "return", other, "--reason", "范围不全", person="hanmeimei").status
        == 0
    )
    assert (
        station.run("report", "take-over", other, "--reason", "代班", person="hanmeimei").status
        == 0
    )
    assert station.run("report", "submit", other, *text, person="hanmeimei").status == 0
    own = station.run("report", "cosign", other, *text, person="hanmeimei")
    assert own.status == 1
    assert json.loads(own.err)["rule"] == "OTHER_PERSON"


def test_a_wrong_password_and_an_unreachable_archive_are_told_in_one_line(
    region: Region, orthanc: Orthanc
) -> None:
    station = region.station("station-a")
    station.do("worklist")
    station._passwords["lilei"] = "not this"
    wrong = station.run("report", "submit", region.study(CT), "--findings", "x", person="lilei")
    assert wrong.status == 1
    assert "Wrong password" in wrong.err
    assert len(wrong.err.strip().splitlines()) == 1
    orthanc.kill()
    away = station.run("worklist")
    assert away.status == 1
    assert "cannot be reached" in away.err
    assert len(away.err.strip().splitlines()) == 1
    assert station.do("worklist", "--local")


@pytest.mark.parametrize("point", [p for p in POINTS if p != "before-keep"])
def test_killed_at_the_first_station(
    region: Region, orthanc: Orthanc, tmp_path: Path, point: str
) -> None:
    first, second = region.station("station-a"), region.station("station-b")
    first.do("worklist")
    second.do("worklist")
    study = region.study(CT)
    if point in {"in-transaction", "after-commit"}:
        assert write(first, study, kill_at=point) == KILLED
        if point == "in-transaction":
            assert first.report(study)["state"] == "UNREAD"
            assert write(first, study) == 0
    else:
        assert write(first, study) == 0
        assert first.run("sync", "--once", kill_at=point).status == KILLED
    assert first.report(study)["state"] == "SUBMITTED"
    settle(first, second)
    assert cosign(second, study) == 0
    settle(second, first)
    assert_final(region, orthanc, study, tmp_path)


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_the_second_station(
    region: Region, orthanc: Orthanc, tmp_path: Path, point: str
) -> None:
    first, second = region.station("station-a"), region.station("station-b")
    first.do("worklist")
    second.do("worklist")
    study = region.study(CT)
    assert write(first, study) == 0
    assert first.sync().status == 0
    if point == "before-keep":
        assert second.run("sync", "--once", kill_at=point).status == KILLED
    assert second.sync().status == 0
    if point in {"in-transaction", "after-commit"}:
        assert cosign(second, study, kill_at=point) == KILLED
        if point == "in-transaction":
            assert second.report(study)["state"] == "SUBMITTED"
            assert cosign(second, study) == 0
    else:
        assert cosign(second, study) == 0
        if point != "before-keep":
            assert second.run("sync", "--once", kill_at=point).status == KILLED
    settle(second, first)
    assert_final(region, orthanc, study, tmp_path)


def test_killed_at_the_first_station_while_the_final_comes_in(
    region: Region, orthanc: Orthanc, tmp_path: Path
) -> None:
    first, second = region.station("station-a"), region.station("station-b")
    first.do("worklist")
    second.do("worklist")
    study = region.study(CT)
    assert write(first, study) == 0
    settle(first, second)
    assert cosign(second, study) == 0
    assert second.sync().status == 0
    assert first.run("sync", "--once", kill_at="before-keep").status == KILLED
    settle(second, first)
    assert_final(region, orthanc, study, tmp_path)


def test_the_archive_stops_in_the_middle(region: Region, orthanc: Orthanc, tmp_path: Path) -> None:
    first, second = region.station("station-a"), region.station("station-b")
    first.do("worklist")
    second.do("worklist")
    study = region.study(CT)
    orthanc.kill()
    assert write(first, study) == 0
    down = first.sync()
    assert down.status == 1
    assert "cannot be reached" in down.err
    assert down.value["status"]["to_send"] >= 1
    orthanc.start()
    settle(first, second)
    orthanc.kill()
    assert cosign(second, study) == 0
    assert second.sync().status == 1
    orthanc.start()
    settle(second, first)
    assert_final(region, orthanc, study, tmp_path)


def settle(*stations: Station) -> None:
    """One round each, and one more for what waited for its turn."""
    for station in (*stations, *stations):
        station.sync()
