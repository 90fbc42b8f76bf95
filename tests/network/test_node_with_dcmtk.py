"""DCMTK's own programs against our node: echo, store, find, get, with every byte of the data sets kept."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian

from tests.network.running import RunningNode, dataset_part, uids_of
from workstation.store import Store

NAME = "Wang^Xiaodong=王^晓东"


def stored(folder: Path) -> dict[str, Path]:
    store = Store.open(folder)
    found = {
        i.sop_uid: i.path
        for facts in store.index.studies()
        for i in store.index.instances(facts.study_uid)
    }
    store.close()
    return found


def chinese(source: Path, target: Path, charset: str = "GB18030") -> Path:
    """The slice as an uncompressed report of a patient with a Chinese name (pixels left out)."""
    dataset = dcmread(source, stop_before_pixels=True)
    dataset.SpecificCharacterSet = charset
    dataset.PatientName = NAME
    dataset.PatientID = "ID-王"
    dataset.StudyDescription = "胸部CT平扫"
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = (
        "1.2.840.10008.5.1.4.1.1.88.22"
    )
    for keyword in ("Rows", "Columns", "BitsAllocated", "SamplesPerPixel"):
        delattr(dataset, keyword)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.save_as(target, enforce_file_format=True)
    return target


def test_echo(node: RunningNode) -> None:
    assert node.dcmtk("echoscu").returncode == 0


def test_what_storescu_sends_is_kept_and_getscu_gets_it_back(
    node: RunningNode, some_ct: list[Path], tmp_path: Path
) -> None:
    sent = uids_of(some_ct)
    told = node.dcmtk("storescu", "-v", "-xt", "--", *map(str, some_ct))
    assert told.returncode == 0, told.stderr
    assert told.stderr.count("Received Store Response (Success)") == len(sent)
    kept = stored(node.folder)
    assert kept.keys() == sent.keys()
    for uid, path in kept.items():
        assert dataset_part(path.read_bytes()) == dataset_part(sent[uid].read_bytes())
    study_uid = dcmread(some_ct[0], stop_before_pixels=True).StudyInstanceUID
    got = tmp_path / "got"
    got.mkdir()
    told = node.dcmtk(
        "getscu", "-S", "+xt", "+B", "-od", str(got), "-k", "QueryRetrieveLevel=STUDY",
        "-k", f"StudyInstanceUID={study_uid}",
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    back = uids_of(sorted(got.iterdir()))
    assert back.keys() == sent.keys()
    for uid, path in back.items():
        assert dataset_part(path.read_bytes()) == dataset_part(sent[uid].read_bytes())


def found_by(node: RunningNode, *keys: str, level: str = "STUDY") -> str:
    arguments = [a for key in (f"QueryRetrieveLevel={level}", *keys) for a in ("-k", key)]
    told = node.dcmtk("findscu", "-v", "-S", *arguments)
    assert told.returncode == 0, told.stderr
    return told.stdout + told.stderr


def test_findscu_finds_at_every_level(node: RunningNode, some_ct: list[Path]) -> None:
    assert node.dcmtk("storescu", "-xt", "--", *map(str, some_ct)).returncode == 0
    first = dcmread(some_ct[0], stop_before_pixels=True)
    text = found_by(node, "StudyInstanceUID", "NumberOfStudyRelatedInstances", "ModalitiesInStudy")
    assert first.StudyInstanceUID in text
    assert re.search(r"\[8 ?\] .*NumberOfStudyRelatedInstances", text)
    assert re.search(r"\[CT ?\] .*ModalitiesInStudy", text)
    study_key = f"StudyInstanceUID={first.StudyInstanceUID}"
    text = found_by(
        node, study_key, "SeriesInstanceUID", "NumberOfSeriesRelatedInstances", level="SERIES"
    )
    assert first.SeriesInstanceUID in text
    series_key = f"SeriesInstanceUID={first.SeriesInstanceUID}"
    text = found_by(node, study_key, series_key, "SOPInstanceUID", "SOPClassUID", level="IMAGE")
    assert text.count("(Pending)") == 8
    assert all(uid in text for uid in uids_of(some_ct))
    assert "(Pending)" not in found_by(node, "StudyInstanceUID=1.2.3")


@pytest.mark.parametrize("charset", ["GB18030", "ISO_IR 192"])
def test_chinese_names_are_found_in_the_peers_own_charset(
    node: RunningNode, some_ct: list[Path], tmp_path: Path, charset: str
) -> None:
    codec = "gb18030" if charset == "GB18030" else "utf-8"
    assert (
        node.dcmtk("storescu", "--", str(chinese(some_ct[0], tmp_path / "a.dcm"))).returncode == 0
    )
    question = tmp_path / "question.dcm"
    from pydicom.dataset import Dataset, FileMetaDataset

    dataset = Dataset()
    dataset.SpecificCharacterSet = charset
    dataset.QueryRetrieveLevel = "STUDY"
    dataset.PatientName = "*晓*"
    dataset.StudyDescription = ""
    dataset.StudyInstanceUID = ""
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.2.2.1"
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3.5"
    dataset.save_as(question, enforce_file_format=True)
    answers = tmp_path / "answers"
    answers.mkdir()
    told = node.dcmtk("findscu", "-S", "-X", "-od", str(answers), "--", str(question))
    assert told.returncode == 0, told.stderr
    (answer,) = list(answers.iterdir())
    got = dcmread(answer)
    assert got.SpecificCharacterSet == charset
    assert (str(got.PatientName), got.StudyDescription) == (NAME, "胸部CT平扫")
    assert "胸部CT平扫".encode(codec) in answer.read_bytes()


def test_other_content_under_a_known_uid_is_refused_and_kept_apart(
    node: RunningNode, some_ct: list[Path], tmp_path: Path
) -> None:
    first = chinese(some_ct[0], tmp_path / "a.dcm")
    forged = dcmread(first)
    forged.StudyDescription = "altered"
    forged.save_as(tmp_path / "b.dcm")
    assert node.dcmtk("storescu", "--", str(first)).returncode == 0
    told = node.dcmtk("storescu", "-v", "--", str(tmp_path / "b.dcm"))
    assert "0xc000" in told.stderr.lower() or "CannotUnderstand" in told.stderr
    store = Store.open(node.folder)
    (apart,) = store.rejected.all()
    assert apart.path is not None
    assert b"altered" in apart.path.read_bytes()
    store.close()
    (kept,) = stored(node.folder).values()
    assert dataset_part(kept.read_bytes()) == dataset_part(first.read_bytes())
    assert node.dcmtk("storescu", "--", str(first)).returncode == 0


def test_what_cannot_be_named_is_refused_with_its_reason(
    node: RunningNode, some_ct: list[Path], tmp_path: Path
) -> None:
    nameless = dcmread(chinese(some_ct[0], tmp_path / "a.dcm"))
    del nameless.StudyInstanceUID
    nameless.save_as(tmp_path / "b.dcm")
    told = node.dcmtk("storescu", "-v", "--", str(tmp_path / "b.dcm"))
    assert "(Success)" not in told.stderr
    store = Store.open(node.folder)
    (refused,) = store.rejected.all()
    store.close()
    assert str(refused.reason) == "The object has no valid Study Instance UID"
    assert stored(node.folder) == {}


def test_an_image_that_cannot_be_shown_is_archived_all_the_same(
    node: RunningNode, some_ct: list[Path], tmp_path: Path
) -> None:
    lying = dcmread(some_ct[0])
    lying.Rows = 60000
    lying.save_as(tmp_path / "a.dcm")
    assert node.dcmtk("storescu", "-xt", "--", str(tmp_path / "a.dcm")).returncode == 0
    (kept,) = stored(node.folder).values()
    assert dataset_part(kept.read_bytes()) == dataset_part((tmp_path / "a.dcm").read_bytes())


def test_implicit_peers_get_uncompressed_objects_converted(
    node: RunningNode, some_ct: list[Path], tmp_path: Path
) -> None:
    sent = chinese(some_ct[0], tmp_path / "a.dcm", "ISO_IR 192")
    assert node.dcmtk("storescu", "--", str(sent)).returncode == 0
    got = tmp_path / "got"
    got.mkdir()
    study_uid = dcmread(sent).StudyInstanceUID
    told = node.dcmtk(
        "getscu", "-S", "-xi", "-od", str(got), "-k", "QueryRetrieveLevel=STUDY",
        "-k", f"StudyInstanceUID={study_uid}",
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    (file,) = got.iterdir()
    assert dcmread(file) == dcmread(sent)


def test_a_peer_that_takes_no_stored_syntax_is_told_which_failed(
    node: RunningNode, some_ct: list[Path], tmp_path: Path
) -> None:
    report = chinese(some_ct[0], tmp_path / "a.dcm")
    shutil.copy(some_ct[1], tmp_path / "b.dcm")
    assert node.dcmtk("storescu", "-xt", "--", str(tmp_path / "b.dcm"), str(report)).returncode == 0
    got = tmp_path / "got"
    got.mkdir()
    study_uid = dcmread(report).StudyInstanceUID
    told = node.dcmtk(
        "getscu", "-v", "-S", "-od", str(got), "-k", "QueryRetrieveLevel=STUDY",
        "-k", f"StudyInstanceUID={study_uid}",
    )  # fmt: skip
    assert [str(dcmread(f).SOPInstanceUID) for f in got.iterdir()] == [
        dcmread(report).SOPInstanceUID
    ]
    assert re.search(r"Failed Suboperations *: 1", told.stderr + told.stdout)


def test_the_node_comes_back_with_everything(some_ct: list[Path], tmp_path: Path) -> None:
    from tests.network.running import running_node

    with running_node(tmp_path / "node") as first:
        assert first.dcmtk("storescu", "-xt", "--", *map(str, some_ct)).returncode == 0
    with running_node(tmp_path / "node") as second:
        (study,) = second.client.find_studies()
    assert study.instance_count == len(some_ct)
