"""How fast objects travel and come in, beside Orthanc on the same machine in the same run; printed, never asserted."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.network.running import AET, running_node
from tests.peers import Orthanc, require_program
from viewer.sandbox import Sandbox
from workstation.network.dimse import ArchiveClient
from workstation.services.importing import Importing
from workstation.settings import Node
from workstation.store import Store

COUNT = 60


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def told(what: str, count: int, ours: float, theirs: float) -> str:
    rates = f"{count / ours:.0f}/s and {count / theirs:.0f}/s"
    return f"{what}: {rates}, time ratio {ours / theirs:.2f}"


def send(aet: str, port: int, files: list[Path]) -> None:
    command = [require_program("storescu"), "-xt", "--max-send-pdu", "131072", "-aec", aet]
    command += ["127.0.0.1", str(port), *map(str, files)]
    environment = {**os.environ, "TCP_NODELAY": "1"}
    subprocess.run(command, check=True, env=environment, timeout=300, capture_output=True)


def get(node: Node) -> int:
    client = ArchiveClient(node=node, our_aet="TESTER")
    (study,) = client.find_studies()
    listed = client.list_objects(study.study_uid)
    taken: list[int] = []
    client.get(study.study_uid, sink=lambda r: taken.append(len(r.dataset)), listed=listed)
    return len(taken)


def test_speed_beside_orthanc(
    orthanc: Orthanc, shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = sorted((shared_data / "demo/ct_chest_lidc_0314_3mm").glob("*.dcm"))[:COUNT]
    theirs = Node(name="orthanc", aet=orthanc.aet, host=orthanc.host, port=orthanc.port)
    with running_node(tmp_path / "node") as ours:
        send(AET, ours.port, files[:1])  # both are warm
        send(orthanc.aet, orthanc.port, files[:1])
        stored_here = timed(lambda: send(AET, ours.port, files[1:]))
        stored_there = timed(lambda: send(orthanc.aet, orthanc.port, files[1:]))
        got_here = timed(lambda: get(ours.node))
        got_there = timed(lambda: get(theirs))
    imported = timed_import(files, tmp_path / "home")
    lines = [
        told("C-STORE by storescu, ours beside Orthanc", len(files), stored_here, stored_there),
        told("C-GET by our client, ours beside Orthanc", len(files), got_here, got_there),
        told("import beside Orthanc's C-STORE", len(files), imported, stored_there),
    ]
    with capsys.disabled():
        print("\n" + "\n".join(lines))


def timed_import(files: list[Path], home: Path) -> float:
    store = Store.open(home)
    preload = ("workstation.documents.headers", "viewer.decoding")
    with Sandbox(2 << 30, 20.0, preload) as children:
        service = Importing(
            store=store,
            sandbox=children,
            clock=lambda: dt.datetime.now(dt.UTC),
            changed=lambda: None,
        )
        service.import_paths(
            files[:2], lambda _d, _t: None, lambda: False
        )  # both children are warm
        seconds = timed(lambda: service.import_paths(files[2:], lambda _d, _t: None, lambda: False))
    assert sum(store.index.counts().values()) == len(files)
    store.close()
    return seconds
