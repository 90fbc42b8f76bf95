"""Our client against our node: what comes is what was sent, and every way of failing is one sentence."""

from __future__ import annotations

import socket
import struct
import threading
import time
from pathlib import Path

import pytest

from tests.network.running import RunningNode, dataset_part, uids_of
from tests.peers import free_port
from workstation.domain.errors import LineFailure, StoreFailure
from workstation.network.dimse import ArchiveClient
from workstation.network.objects import ReceivedObject
from workstation.settings import Node


@pytest.fixture
def filled(node: RunningNode, some_ct: list[Path]) -> RunningNode:
    answers = node.client.store_all([f.read_bytes() for f in some_ct])
    assert [a.status for a in answers] == [0] * len(some_ct)
    return node


def study_of(node: RunningNode) -> str:
    (study,) = node.client.find_studies()
    return study.study_uid


def test_echo_and_an_empty_archive(node: RunningNode) -> None:
    node.client.echo()
    assert node.client.find_studies() == ()
    assert node.client.get("1.2.3", sink=lambda _: None).received == 0


def test_a_study_is_listed_as_it_is(filled: RunningNode, some_ct: list[Path]) -> None:
    (study,) = filled.client.find_studies(patient_id="LIDC-IDRI-0314")
    assert (study.modalities, study.series_count, study.instance_count) == (("CT",), 1, 8)
    assert study.body_part == "CHEST"
    (series,) = filled.client.find_series(study.study_uid)
    assert (series.modality, series.instance_count) == ("CT", 8)
    uids = filled.client.find_instances(study.study_uid, series.series_uid)
    assert set(uids) == set(uids_of(some_ct)) == set(filled.client.find_instances(study.study_uid))
    assert filled.client.find_studies(patient_id="NOBODY") == ()


def test_no_log_names_a_patient(filled: RunningNode, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        (study,) = filled.client.find_studies(patient_id="LIDC-IDRI-0314", patient_name="*")
        filled.client.get(study.study_uid, sink=lambda _: None)
    assert "pynetdicom" in {record.name.partition(".")[0] for record in caplog.records}
    assert "LIDC-IDRI" not in caplog.text


def test_a_study_comes_byte_for_byte(filled: RunningNode, some_ct: list[Path]) -> None:
    sent = uids_of(some_ct)
    got: dict[str, bytes] = {}
    steps: list[tuple[int, int]] = []

    def sink(received: ReceivedObject) -> None:
        got[received.sop_uid] = bytes(received.dataset)
        assert received.transfer_syntax == "1.2.840.10008.1.2.4.80"

    outcome = filled.client.get(
        study_of(filled), sink=sink, progress=lambda done, total: steps.append((done, total))
    )
    assert (outcome.received, outcome.failed) == (8, 0)
    assert got == {uid: dataset_part(path.read_bytes()) for uid, path in sent.items()}
    assert steps == [(n, 8) for n in range(9)]


def test_named_objects_come_alone(filled: RunningNode, some_ct: list[Path]) -> None:
    sent = uids_of(some_ct[:3])
    (series,) = filled.client.find_series(study_of(filled))
    back = filled.client.get_bytes(study_of(filled), series.series_uid, [*sent, "1.2.3"])
    assert {dataset_part(b) for b in back} == {dataset_part(p.read_bytes()) for p in sent.values()}


def test_a_cancelled_transfer_ends_and_keeps_what_came(filled: RunningNode) -> None:
    came: list[str] = []
    outcome = filled.client.get(
        study_of(filled), sink=lambda r: came.append(r.sop_uid), cancelled=lambda: len(came) >= 3
    )
    assert outcome.received == len(came) == 3
    filled.client.echo()


def test_what_the_sink_raises_is_raised_here(filled: RunningNode) -> None:
    def full(_received: ReceivedObject) -> None:
        raise StoreFailure("The disk is full")

    with pytest.raises(StoreFailure, match="full"):
        filled.client.get(study_of(filled), sink=full)
    filled.client.echo()


def test_an_unreachable_archive_is_one_sentence() -> None:
    port = free_port()
    client = ArchiveClient(
        node=Node(name="centre", aet="PACS", host="127.0.0.1", port=port), our_aet="TESTER"
    )
    for call in (client.echo, client.find_studies, lambda: client.store_all([part10()])):
        with pytest.raises(LineFailure) as told:
            call()
        assert str(told.value) == f"The archive centre cannot be reached at 127.0.0.1:{port}"


def part10() -> bytes:
    from workstation.network.objects import file_head

    return file_head("1.2.840.10008.5.1.4.1.1.2", "1.2.3", "1.2.840.10008.1.2.1") + bytes(8)


def test_a_silent_archive_is_given_up_in_time() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        silent = Node(name="centre", aet="PACS", host="127.0.0.1", port=listener.getsockname()[1])
        client = ArchiveClient(node=silent, our_aet="TESTER", connect_seconds=1, answer_seconds=1)
        begun = time.monotonic()
        with pytest.raises(LineFailure, match="centre"):
            client.echo()
        assert time.monotonic() - begun < 20


def test_an_archive_that_is_none_is_one_sentence() -> None:
    """Something else answers on the port, as a web server would."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()

    def answer() -> None:
        connection, _ = listener.accept()
        connection.recv(100)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        connection.close()

    thread = threading.Thread(target=answer)
    thread.start()
    client = ArchiveClient(
        node=Node(name="centre", aet="PACS", host="127.0.0.1", port=listener.getsockname()[1]),
        our_aet="TESTER",
        connect_seconds=5,
    )
    with pytest.raises(LineFailure, match="centre"):
        client.echo()
    thread.join(10)
    listener.close()


def test_a_giant_pdu_ends_its_connection_and_nothing_else(node: RunningNode) -> None:
    with socket.create_connection(("127.0.0.1", node.port), timeout=20) as hostile:
        hostile.sendall(struct.pack(">BBL", 1, 0, 0xFFFFFFF0) + bytes(4096))
        hostile.settimeout(20)
        try:
            while hostile.recv(4096):
                pass
        except ConnectionError:
            pass
    node.client.echo()


def test_a_taken_port_is_told(node: RunningNode, tmp_path: Path) -> None:
    from workstation.services.archive_node import serve

    with pytest.raises(LineFailure, match="cannot listen"):
        serve(
            tmp_path / "other",
            port=node.port,
            aet="X",
            ready=lambda _: None,
            stopped=threading.Event(),
        )
