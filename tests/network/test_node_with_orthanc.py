"""A real archive as the one who asks: Orthanc sends to our node and queries it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.network.running import AET, RunningNode, dataset_part, uids_of
from tests.peers import Orthanc
from workstation.network.dimse import ArchiveClient
from workstation.settings import Node


def test_orthanc_sends_to_us_and_finds_it_here(
    node: RunningNode, start_orthanc: Callable[..., Orthanc], some_ct: list[Path]
) -> None:
    orthanc = start_orthanc(DicomModalities={"ours": [AET, "127.0.0.1", node.port]})
    there = Node(name="orthanc", aet=orthanc.aet, host=orthanc.host, port=orthanc.port)
    client = ArchiveClient(node=there, our_aet="TESTER")
    assert all(a.is_taken for a in client.store_all([f.read_bytes() for f in some_ct]))
    orthanc.rest("/modalities/ours/echo", "POST", b"{}")
    resources = json.loads(orthanc.rest("/studies"))
    orthanc.rest("/modalities/ours/store", "POST", json.dumps(resources).encode())
    (study,) = node.client.find_studies()
    got: dict[str, bytes] = {}
    node.client.get(study.study_uid, sink=lambda r: got.__setitem__(r.sop_uid, bytes(r.dataset)))
    sent = uids_of(some_ct)
    assert got == {uid: dataset_part(path.read_bytes()) for uid, path in sent.items()}
    question = {"Level": "Study", "Query": {"PatientID": "LIDC*", "StudyDate": "20000101-"}}
    asked = json.loads(
        orthanc.rest("/modalities/ours/query", "POST", json.dumps(question).encode())
    )
    answers = json.loads(orthanc.rest(f"/queries/{asked['ID']}/answers?expand"))
    assert [a["0020,000d"]["Value"] for a in answers] == [study.study_uid]
