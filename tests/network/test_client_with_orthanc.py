"""Our client against a real archive (Orthanc): store, find with Chinese names, get, all byte for byte."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian

from tests.network.running import dataset_part, uids_of
from tests.peers import Orthanc
from workstation.domain.errors import LineFailure
from workstation.network.dimse import ArchiveClient
from workstation.settings import Node

NAME = "Wang^Xiaodong=王^晓东"
ENHANCED_SR = "1.2.840.10008.5.1.4.1.1.88.22"


def client_of(orthanc: Orthanc) -> ArchiveClient:
    node = Node(name="orthanc", aet=orthanc.aet, host=orthanc.host, port=orthanc.port)
    return ArchiveClient(node=node, our_aet="TESTER")


def chinese_report(source: Path, charset: str) -> bytes:
    dataset = dcmread(source, stop_before_pixels=True)
    dataset.SpecificCharacterSet = charset
    dataset.PatientName = NAME
    dataset.PatientID = "P-1"
    dataset.StudyDescription = "胸部CT平扫"
    dataset.StudyInstanceUID = "1.2.3.77"
    dataset.SeriesInstanceUID = "1.2.3.77.1"
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3.77.1.1"
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = ENHANCED_SR
    dataset.Modality = "SR"
    for keyword in ("Rows", "Columns", "BitsAllocated", "SamplesPerPixel"):
        delattr(dataset, keyword)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def test_a_series_goes_and_comes_byte_for_byte(orthanc: Orthanc, some_ct: list[Path]) -> None:
    client = client_of(orthanc)
    client.echo()
    sent = {uid: path.read_bytes() for uid, path in uids_of(some_ct).items()}
    answers = client.store_all(list(sent.values()))
    assert all(a.status == 0 and a.is_taken for a in answers)
    assert len(json.loads(orthanc.rest("/instances"))) == len(sent)
    (study,) = client.find_studies()
    assert (study.modalities, study.series_count, study.instance_count) == (("CT",), 1, 8)
    (series,) = client.find_series(study.study_uid)
    assert series.instance_count == 8
    assert set(client.find_instances(study.study_uid)) == sent.keys()
    got: dict[str, bytes] = {}
    outcome = client.get(
        study.study_uid, sink=lambda r: got.__setitem__(r.sop_uid, bytes(r.dataset))
    )
    assert (outcome.received, outcome.failed) == (8, 0)
    assert got == {uid: dataset_part(content) for uid, content in sent.items()}
    named = sorted(sent)[:2]
    back = client.get_bytes(study.study_uid, series.series_uid, named)
    assert {dataset_part(b) for b in back} == {dataset_part(sent[uid]) for uid in named}


@pytest.mark.parametrize("charset", ["GB18030", "ISO_IR 192"])
def test_chinese_both_ways(orthanc: Orthanc, some_ct: list[Path], charset: str) -> None:
    client = client_of(orthanc)
    content = chinese_report(some_ct[0], charset)
    assert client.store(content).is_taken
    for pattern in ("*晓*", "Wang*", NAME):
        (study,) = client.find_studies(patient_name=pattern)
        assert (study.patient.name, study.description) == (NAME, "胸部CT平扫")
    assert client.find_studies(patient_name="*张*") == ()
    (back,) = client.get_bytes("1.2.3.77", "1.2.3.77.1", ["1.2.3.77.1.1"])
    assert dataset_part(back) == dataset_part(content)


def test_filters_reach_the_archive(orthanc: Orthanc, some_ct: list[Path]) -> None:
    client = client_of(orthanc)
    client.store_all([some_ct[0].read_bytes(), chinese_report(some_ct[0], "ISO_IR 192")])
    date = str(dcmread(some_ct[0]).StudyDate)
    assert len(client.find_studies()) == 2
    assert len(client.find_studies(dates=f"{date}-")) == 2
    assert client.find_studies(dates="-19000101") == ()
    assert [s.study_uid for s in client.find_studies(modality="SR")] == ["1.2.3.77"]
    assert [s.study_uid for s in client.find_studies(patient_id="P-1")] == ["1.2.3.77"]
    assert [s.study_uid for s in client.find_studies(study_uid="1.2.3.77")] == ["1.2.3.77"]


def test_an_archive_that_dies_is_told_and_comes_back(orthanc: Orthanc, some_ct: list[Path]) -> None:
    client = client_of(orthanc)
    contents = [f.read_bytes() for f in some_ct]
    assert client.store(contents[0]).is_taken
    (study,) = client.find_studies()
    orthanc.kill()
    with pytest.raises(LineFailure, match="cannot be reached"):
        client.store(contents[1])
    with pytest.raises(LineFailure, match="cannot be reached"):
        client.get(study.study_uid, sink=lambda _: None)
    orthanc.start()
    assert all(a.is_taken for a in client.store_all(contents))
    assert len(client.find_instances(study.study_uid)) == 8
