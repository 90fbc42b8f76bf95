"""What should not be there is told in one clear line each, and the rest goes on."""

from __future__ import annotations

import shutil
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.uid import DeflatedExplicitVRLittleEndian

from resources import demo_folder
from tests.journeys.region import STATIONS, Region, Station
from tests.peers import free_port

MB = 1 << 20
BOMB_BYTES = 3 << 30
# What a refusal must speak of, by the file it is about.
REASONS = {
    "text.dcm": "not DICOM",
    "truncated.dcm": "truncated",
    "cut_header.dcm": "",
    "lying.dcm": "30000",
    "bomb.dcm": "inflates",
    "elf.dcm": "program",
    "windows.dcm": "program",
    "empty.dcm": "empty",
    "archive.zip: bomb.bin": "inflates",
}
GOOD = 4


@pytest.fixture
def station(at_work: Region, tmp_path: Path) -> Station:
    """A station whose archive nobody answers for."""
    region = at_work.copy(tmp_path / "region", *STATIONS)
    station = region.station("station-a")
    station.do("nodes", "add", "archive", f"NOBODY@127.0.0.1:{free_port()}")
    return station


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """A folder as a person might be handed it: four sound files among nine that are not."""
    folder = tmp_path / "given"
    folder.mkdir()
    ct = sorted((demo_folder() / "ct_chest_lidc_0314_3mm").glob("*.dcm"))
    (dx,) = (demo_folder() / "dx_chest_nih").glob("*.dcm")
    shutil.copy(ct[0], folder / "a_good_one.dcm")
    shutil.copy(ct[1], folder / "named_without_extension")
    shutil.copy(dx, folder / "zz_another_good_one.dcm")
    (folder / "text.dcm").write_text("Dear colleague, the pictures are attached.\n" * 40)
    (folder / "truncated.dcm").write_bytes(ct[2].read_bytes()[:-4000])
    (folder / "cut_header.dcm").write_bytes(ct[3].read_bytes()[:700])
    lying = dcmread(ct[4])
    lying.Rows, lying.Columns = 30000, 30000
    lying.save_as(folder / "lying.dcm")
    (folder / "bomb.dcm").write_bytes(deflated_bomb(ct[5]))
    (folder / "elf.dcm").write_bytes(b"\x7fELF" + ct[6].read_bytes()[4:])
    (folder / "windows.dcm").write_bytes(b"MZ" + ct[7].read_bytes()[2:])
    (folder / "empty.dcm").touch()
    with zipfile.ZipFile(folder / "archive.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(ct[8], "../../../outside.dcm")
        packed.writestr("bomb.bin", bytes(300 * MB))
    return folder


def deflated_bomb(source: Path) -> bytes:
    """A real header in the deflated syntax whose compressed data go on as gigabytes of nothing."""
    dataset = dcmread(source, stop_before_pixels=True)
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    plain = BytesIO()
    dataset.save_as(plain, enforce_file_format=True)
    head = plain.getvalue()
    meta_bytes = 144 + int.from_bytes(head[140:144], "little")
    inner = zlib.decompress(head[meta_bytes:], -zlib.MAX_WBITS)
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    start = squeeze.compress(inner) + squeeze.flush(zlib.Z_FULL_FLUSH)
    nothing = squeeze.compress(bytes(64 * MB)) + squeeze.flush(zlib.Z_FULL_FLUSH)
    # After a full flush nothing refers back: the same bytes inflate to the same again.
    return head[:meta_bytes] + start + nothing * (BOMB_BYTES // (64 * MB)) + squeeze.flush()


def test_a_folder_of_good_and_bad_files(station: Station, given: Path) -> None:
    told = station.run("import", str(given), plain=True)
    assert told.status == 0, told.err  # some came in: the work was done
    assert told.err == ""
    summary, *lines = told.out.splitlines()
    assert summary.startswith(f"stored {GOOD}, already here 0, rejected {len(REASONS)}")
    assert len(lines) == len(REASONS), "one line each"
    for name, word in REASONS.items():
        (line,) = [line for line in lines if line.startswith(f"given/{name}: ")]
        reason = line.removeprefix(f"given/{name}: ")
        assert word in reason
        assert 8 <= len(reason) <= 200
        assert "Traceback" not in reason
    rows = station.do("worklist", "--local")
    here = {row["facts"]["modalities"][0]: row["here"] for row in rows if row["here"]}
    assert here == {"CT": 3, "DX": 1}
    assert not list((station.home / "incoming").rglob("*.dcm"))

    for bomb in ("bomb.dcm", "archive.zip"):
        (given / bomb).unlink()
    again = station.do("import", str(given))
    assert (again["stored"], again["already"]) == (0, GOOD - 1)
    rest = {f"given/{name}" for name in REASONS if "bomb" not in name}
    assert {r["name"] for r in again["rejected"]} == rest


def test_nothing_but_bad_files_is_a_refusal(station: Station, tmp_path: Path) -> None:
    (tmp_path / "text.dcm").write_text("Dear colleague\n")
    nothing = station.run("import", str(tmp_path / "text.dcm"), str(tmp_path / "absent.dcm"))
    assert nothing.status == 1
    told = {r["name"]: r["why"] for r in nothing.value["rejected"]}
    assert told == {"text.dcm": "The file is not DICOM.", "absent.dcm": "There is no such file"}


def test_refusals_at_the_command_line(station: Station) -> None:
    """Each in one line on stderr with status 1; what worked before goes on working."""
    text = ("--findings", "所见", "--impression", "意见")
    study = "CT20260131"
    assert "cannot be reached" in station.refused("worklist")["error"]
    assert "cannot be reached" in station.refused("fetch", study)["error"]
    assert "9.9.9" in station.refused("report", "show", "9.9.9")["error"]
    assert "9.9.9" in station.refused("report", "submit", "9.9.9", *text, person="lilei")["error"]
    right = station.passwords["lilei"]
    station.passwords["lilei"] = "not this"
    wrong = station.refused("report", "submit", study, *text, person="lilei")
    assert wrong["error"] == "Wrong password"
    station.passwords["lilei"] = right
    station.passwords["nobody"] = "x"
    assert "nobody" in station.refused("report", "submit", study, *text, person="nobody")["error"]
    station.do("report", "submit", study, *text, person="lilei")
    own = station.refused("report", "cosign", study, person="lilei")
    assert own["rule"] == "LEVEL"
    plain = station.run("report", "cosign", study, person="lilei", plain=True)
    assert plain.status == 1
    assert plain.out == ""
    assert plain.err.startswith("cosight: ")
    assert len(plain.err.splitlines()) == 1
    assert station.run("report", "cosign", plain=True).status == 2


def test_the_author_cannot_cosign_whatever_the_level(station: Station) -> None:
    """A second-level reader who wrote the text is refused by the other-person rule itself."""
    text = ("--findings", "所见", "--impression", "意见")
    other = "MR20260087"
    station.do("report", "return", other, "--reason", "范围不全", person="hanmeimei")
    station.do("report", "take-over", other, "--reason", "代班", person="hanmeimei")
    station.do("report", "submit", other, *text, person="hanmeimei")
    assert (
        station.refused("report", "cosign", other, *text, person="hanmeimei")["rule"]
        == "OTHER_PERSON"
    )
    assert station.report(other)["state"] == "SUBMITTED"
