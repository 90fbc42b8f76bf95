"""Import: everything sound is in the store, everything else is listed with one clear reason, nothing is dropped."""

from __future__ import annotations

import datetime as dt
import shutil
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom import dcmread

from viewer.sandbox import Sandbox
from workstation.services import intake
from workstation.services.importing import Importing, ImportReport
from workstation.store import Store

NOW = dt.datetime(2026, 3, 4, tzinfo=dt.UTC)


def importing(
    store: Store, sandbox: Sandbox, changed: Callable[[], None] = lambda: None
) -> Importing:
    return Importing(store=store, sandbox=sandbox, clock=lambda: NOW, changed=changed)


def run(store: Store, sandbox: Sandbox, *paths: Path) -> ImportReport:
    return importing(store, sandbox).import_paths(paths, lambda _d, _t: None, lambda: False, "li")


@pytest.fixture
def ct(shared_data: Path) -> list[Path]:
    return sorted((shared_data / "demo/ct_chest_lidc_0314_3mm").glob("*.dcm"))


def reasons(report: ImportReport) -> dict[str, str]:
    return {r.name: str(r.reason) for r in report.rejected}


def test_a_series_comes_in_and_is_known_the_second_time(
    store: Store, sandbox: Sandbox, ct: list[Path]
) -> None:
    report = run(store, sandbox, ct[0].parent)
    assert (report.stored, report.already, report.rejected) == (92, 0, ())
    (study,) = store.index.studies()
    assert (study.modalities, study.series_count, study.instance_count) == (("CT",), 1, 92)
    again = run(store, sandbox, ct[0].parent)
    assert (again.stored, again.already, again.rejected) == (0, 92, ())
    texts = store.index.frames(study.study_uid)
    assert len(texts) == 92
    kept = {i.sop_uid: i.path.read_bytes() for i in store.index.instances(study.study_uid)}
    for file in ct:
        assert kept[str(dcmread(file, stop_before_pixels=True).SOPInstanceUID)] == file.read_bytes()
    assert [line.what for line in store.audit.lines()] == ["IMPORT", "IMPORT"]


def test_every_bad_file_has_its_reason_and_the_rest_goes_on(
    store: Store, sandbox: Sandbox, ct: list[Path], tmp_path: Path
) -> None:
    folder = tmp_path / "given"
    folder.mkdir()
    shutil.copy(ct[0], folder / "good.dcm")
    (folder / "text.dcm").write_text("this is not DICOM\n" * 50)
    (folder / "empty.dcm").touch()
    (folder / "short.dcm").write_bytes(ct[1].read_bytes()[:-5000])
    lying = dcmread(ct[2])
    lying.Rows, lying.Columns = 20000, 30000
    lying.save_as(folder / "lying.dcm")
    nameless = dcmread(ct[3])
    del nameless.SeriesInstanceUID
    nameless.save_as(folder / "nameless.dcm")
    (folder / "program.dcm").write_bytes(b"MZ" + ct[4].read_bytes()[2:])
    report = run(store, sandbox, folder, tmp_path / "absent.dcm")
    told = reasons(report)
    assert report.stored == 1
    assert told.keys() == {
        "given/text.dcm", "given/empty.dcm", "given/short.dcm", "given/lying.dcm",
        "given/nameless.dcm", "given/program.dcm", "absent.dcm",
    }  # fmt: skip
    assert told["given/text.dcm"] == "The file is not DICOM."
    assert "empty" in told["given/empty.dcm"]
    assert "truncated" in told["given/short.dcm"]
    assert "20000" in told["given/lying.dcm"] or "30000" in told["given/lying.dcm"]
    assert told["given/nameless.dcm"] == "The object has no valid Series Instance UID"
    assert "program" in told["given/program.dcm"]
    assert told["absent.dcm"] == "There is no such file"
    assert {r.name for r in store.rejected.all()} == told.keys()
    assert not list((store.home / "incoming").rglob("*.dcm"))
    assert len(list((store.home / "files").rglob("*.dcm"))) == 1


def test_other_content_under_one_uid_is_told_and_kept_apart(
    store: Store, sandbox: Sandbox, ct: list[Path], tmp_path: Path
) -> None:
    altered = dcmread(ct[0])
    altered.SeriesDescription = "altered"
    altered.save_as(tmp_path / "altered.dcm")
    report = run(store, sandbox, ct[0], tmp_path / "altered.dcm")
    assert report.stored == 1
    assert "both are kept" in reasons(report)["altered.dcm"]
    (apart,) = store.rejected.all()
    assert apart.path is not None
    assert b"altered" in apart.path.read_bytes()


def test_a_zip_is_unpacked_and_a_bomb_is_not(
    store: Store, sandbox: Sandbox, ct: list[Path], tmp_path: Path
) -> None:
    archive = tmp_path / "study.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(ct[0], "../../outside/a.dcm")
        packed.write(ct[1], "b.dcm")
        packed.writestr("note.txt", "not DICOM at all")
        packed.writestr("bomb.dcm", bytes(60_000_000))
    report = run(store, sandbox, archive)
    assert report.stored == 2
    told = reasons(report)
    assert told.keys() == {"study.zip: note.txt", "study.zip: bomb.dcm"}
    assert "limit" in told["study.zip: bomb.dcm"]
    assert not (tmp_path / "outside").exists()
    assert not (tmp_path.parent / "outside").exists()


def test_a_file_that_kills_the_child_costs_only_itself(
    store: Store, ct: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "_PARSE", "tests.services.parsing:parse_or_die")
    folder = tmp_path / "given"
    folder.mkdir()
    for number, file in enumerate(ct[:6]):
        shutil.copy(file, folder / f"{number}.dcm")
    (folder / "1-crash.dcm").write_bytes(b"CRASH" * 100)
    (folder / "3-hang.dcm").write_bytes(b"HANG" * 100)
    with Sandbox(2 << 30, 3.0) as children:
        report = run(store, children, folder)
    assert report.stored == 6
    told = reasons(report)
    assert told.keys() == {"given/1-crash.dcm", "given/3-hang.dcm"}
    assert "ended" in told["given/1-crash.dcm"]
    assert "longer" in told["given/3-hang.dcm"]


def test_cancelling_keeps_what_came_and_says_so(
    store: Store, sandbox: Sandbox, ct: list[Path]
) -> None:
    steps: list[tuple[int, int]] = []
    changes = threading.Event()
    service = importing(store, sandbox, changes.set)
    report = service.import_paths(
        [ct[0].parent], lambda done, total: steps.append((done, total)), lambda: len(steps) > 40
    )
    assert report.cancelled
    assert report.stored == 40 == sum(store.index.counts().values())
    assert steps == [(n, 92) for n in range(41)]
    assert changes.is_set()


def test_mixed_real_files_come_in_without_a_word_lost(
    store: Store, sandbox: Sandbox, shared_data: Path
) -> None:
    folder = shared_data / "charset_extra"
    report = run(store, sandbox, folder)
    count = len([f for f in folder.rglob("*") if f.is_file()])
    assert report.stored + report.already + len(report.rejected) == count
    names = {s.patient.name for s in store.index.studies()}
    assert "Zhang^XiaoDong=张^小东" in names
