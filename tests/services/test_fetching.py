"""Fetching from an archive: all of it, only what is missing, and nothing lost when the line breaks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.network.running import RunningNode, dataset_part, running_node, uids_of
from tests.peers import Orthanc, free_port
from viewer.sandbox import Sandbox
from workstation.domain.errors import LineFailure, NotFound
from workstation.network.dimse import ArchiveClient
from workstation.services.fetching import Fetching, FetchReport
from workstation.services.studies import Studies
from workstation.settings import Node
from workstation.store import Store

NOW = dt.datetime(2026, 3, 4, tzinfo=dt.UTC)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[RunningNode]:
    with running_node(tmp_path / "node") as running:
        yield running


@pytest.fixture
def some_ct(shared_data: Path) -> list[Path]:
    return sorted((shared_data / "demo/ct_chest_lidc_0314_3mm").glob("*.dcm"))[:40]


def client_of(node: Node) -> ArchiveClient:
    return ArchiveClient(node=node, our_aet="TESTER", connect_seconds=5, answer_seconds=30)


def fetching(store: Store, sandbox: Sandbox) -> Fetching:
    return Fetching(
        store=store, sandbox=sandbox, client_of=client_of, clock=lambda: NOW, changed=lambda: None
    )


def fetch(
    store: Store, sandbox: Sandbox, study_uid: str, cancelled: Callable[[], bool] = lambda: False
) -> FetchReport:
    return fetching(store, sandbox).fetch(study_uid, lambda _d, _t: None, cancelled)


def study_in(node: Node) -> str:
    (study,) = client_of(node).find_studies()
    return study.study_uid


def test_a_study_comes_whole_and_ready_to_open(
    store: Store, sandbox: Sandbox, studies: Studies, node: RunningNode, some_ct: list[Path]
) -> None:
    node.client.store_all([f.read_bytes() for f in some_ct])
    store.nodes.add(node.node)
    study_uid = study_in(node.node)
    steps: list[tuple[int, int]] = []
    report = fetching(store, sandbox).fetch(
        study_uid, lambda d, t: steps.append((d, t)), lambda: False
    )
    assert (report.stored, report.already, report.failed, report.rejected) == (40, 0, 0, ())
    assert steps[0] == (0, 40)
    assert steps[-1] == (40, 40)
    kept = {i.sop_uid: i.path.read_bytes() for i in store.index.instances(study_uid)}
    for uid, path in uids_of(some_ct).items():
        assert dataset_part(kept[uid]) == dataset_part(path.read_bytes())
    frames = studies.frames(study_uid)
    assert {f.source.sop_uid for f in frames} == kept.keys()
    again = fetch(store, sandbox, study_uid)
    assert (again.stored, again.already) == (0, 40)


def test_only_what_is_missing_is_asked_for(
    store: Store, sandbox: Sandbox, node: RunningNode, some_ct: list[Path]
) -> None:
    contents = [f.read_bytes() for f in some_ct]
    node.client.store_all(contents[:25])
    store.nodes.add(node.node)
    study_uid = study_in(node.node)
    fetch(store, sandbox, study_uid)
    node.client.store_all(contents[25:])
    report = fetch(store, sandbox, study_uid)
    assert (report.stored, report.already) == (15, 25)


def test_a_cancelled_fetch_keeps_what_came_and_the_next_brings_the_rest(
    store: Store, sandbox: Sandbox, node: RunningNode, some_ct: list[Path]
) -> None:
    node.client.store_all([f.read_bytes() for f in some_ct])
    store.nodes.add(node.node)
    study_uid = study_in(node.node)
    asked = iter(range(10**6))
    report = fetch(store, sandbox, study_uid, lambda: next(asked) > 30)
    assert report.cancelled
    assert 0 < report.stored < 40
    rest = fetch(store, sandbox, study_uid)
    assert rest.stored + report.stored == 40


def test_an_archive_without_the_study_and_no_archive_at_all(
    store: Store, sandbox: Sandbox, node: RunningNode
) -> None:
    with pytest.raises(NotFound):
        fetch(store, sandbox, "1.2.3")
    store.nodes.add(node.node)
    with pytest.raises(NotFound, match="No archive has"):
        fetch(store, sandbox, "1.2.3")


def test_another_archive_is_asked_where_the_first_is_away(
    store: Store, sandbox: Sandbox, node: RunningNode, some_ct: list[Path]
) -> None:
    node.client.store(some_ct[0].read_bytes())
    store.nodes.add(Node(name="away", aet="AWAY", host="127.0.0.1", port=free_port()))
    study_uid = study_in(node.node)
    with pytest.raises(LineFailure, match="away"):
        fetch(store, sandbox, study_uid)
    store.nodes.add(node.node)
    assert fetch(store, sandbox, study_uid).stored == 1


def test_a_real_archive_that_dies_in_the_middle(
    store: Store, sandbox: Sandbox, orthanc: Orthanc, some_ct: list[Path]
) -> None:
    there = Node(name="orthanc", aet=orthanc.aet, host=orthanc.host, port=orthanc.port)
    assert all(a.is_taken for a in client_of(there).store_all([f.read_bytes() for f in some_ct]))
    store.nodes.add(there)
    study_uid = study_in(there)

    def progress(done: int, _total: int) -> None:
        if done == 10:
            orthanc.kill()

    with pytest.raises(LineFailure):
        fetching(store, sandbox).fetch(study_uid, progress, lambda: False)
    came = len(store.index.instances(study_uid))
    assert 10 <= came < 40
    orthanc.start()
    report = fetch(store, sandbox, study_uid)
    assert (report.already, report.stored) == (came, 40 - came)
    kept = {i.sop_uid: i.path.read_bytes() for i in store.index.instances(study_uid)}
    for uid, path in uids_of(some_ct).items():
        assert dataset_part(kept[uid]) == dataset_part(path.read_bytes())
