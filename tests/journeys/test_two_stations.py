"""A first-level reader writes at one station, a second-level reader signs at another, Orthanc stands between."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.killed import POINTS
from tests.journeys.region import KILLED, Region, Station, dcmsign_says, objects, settle, tag
from tests.peers import Orthanc

CT = "CT20260131"
FINDINGS = "双肺纹理清晰，右肺上叶见一结节，约 8 mm。"
IMPRESSION = "右肺上叶结节，建议复查。"
COSIGNED = "右肺上叶结节，建议 3 个月后复查。"


def write(station: Station, study: str, *, kill_at: str = "", fresh: bool = False) -> int:
    words = ["report", "submit", study, "--findings", FINDINGS, "--impression", IMPRESSION]
    return station.run(*words, person="lilei", kill_at=kill_at, fresh=fresh).status


def cosign(station: Station, study: str, *, kill_at: str = "", fresh: bool = False) -> int:
    words = ["report", "cosign", study, "--impression", COSIGNED, "--grade", "MINOR"]
    return station.run(*words, person="hanmeimei", kill_at=kill_at, fresh=fresh).status


def assert_final(region: Region, archive: Orthanc, study: str, scratch: Path) -> None:
    """The archive's own list: every act and release verified by DCMTK, one prevailing FINAL."""
    acts = objects(archive, patient_id="COSIGHT-JOURNAL")
    released = objects(archive, study_uid=study)
    assert acts
    for content in (*acts.values(), *released.values()):
        assert dcmsign_says(content, region.root, scratch)
    finals = [u for u, c in released.items() if tag(c, "VerificationFlag", scratch) == "VERIFIED"]
    assert len(finals) == 1
    assert_same_journals(region, set(acts), study)
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


def assert_same_journals(region: Region, archived: set[str], study: str) -> None:
    """Archive and both stations hold the same acts, without a gap or a double, and each deed was done once."""
    journals: dict[str, list[int]] = {}
    for uid in archived:
        root, branch, number = uid.rsplit(".", 2)
        assert branch == "1"
        journals.setdefault(root, []).append(int(number))
    assert len(journals) == 3  # the demo's author, and both stations
    for numbers in journals.values():
        assert sorted(numbers) == list(range(1, len(numbers) + 1))
    for name in ("station-a", "station-b"):
        station = region.station(name)
        known = [uid for uid, _ in station.acts()]
        assert len(known) == len(set(known))
        assert set(known) == archived
        deeds = [kind for _, kind in station.acts(study)]
        assert (deeds.count("SUBMIT"), deeds.count("COSIGN")) == (1, 1)


def test_written_here_signed_there_seen_final_here(
    region: Region, orthanc: Orthanc, tmp_path: Path
) -> None:
    """The main job; every command of it starts as a user starts it."""
    first, second = region.station("station-a"), region.station("station-b")
    listed = {row["facts"]["accession"] for row in first.do("worklist", fresh=True)}
    assert {"CT20260131", "MR20260087", "DR20260214"} <= listed
    study = region.study(CT)
    assert first.do("fetch", CT, fresh=True)["stored"] == 92
    assert write(first, study, fresh=True) == 0
    first.do("sync", "--once", fresh=True)
    second.do("sync", "--once", fresh=True)
    assert second.report(study)["state"] == "SUBMITTED"
    assert second.do("fetch", CT, fresh=True)["stored"] == 92
    assert cosign(second, study, fresh=True) == 0
    second.do("sync", "--once", fresh=True)
    first.do("sync", "--once", fresh=True)
    assert_final(region, orthanc, study, tmp_path)
    finding = first.do("verify", fresh=True)
    assert all(f["sound"] for f in finding)


@pytest.mark.parametrize("point", [p for p in POINTS if p != "before-keep"])
def test_killed_at_the_first_station(
    region: Region, orthanc: Orthanc, tmp_path: Path, point: str
) -> None:
    first, second = region.station("station-a"), region.station("station-b")
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
