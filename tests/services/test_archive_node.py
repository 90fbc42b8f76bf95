"""The embedded archive as a process: what it acknowledged survives kill -9, and it keeps out nobody's way."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path
from threading import Timer

import pytest

from tests.network.running import dataset_part, uids_of
from workstation.domain.errors import LineFailure
from workstation.network.dimse import ArchiveClient
from workstation.settings import Node
from workstation.store import Store

REPOSITORY = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
from pathlib import Path
from workstation.services.archive_node import serve

if __name__ == "__main__":
    serve(Path(sys.argv[1]), port=0, aet="NODE", ready=lambda port: print(port, flush=True))
"""


def started(folder: Path, program: Path) -> tuple[subprocess.Popen[str], ArchiveClient]:
    process = subprocess.Popen(
        [sys.executable, str(program), str(folder)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(REPOSITORY), "PATH": ""},
    )
    assert process.stdout is not None
    port = int(process.stdout.readline())
    node = Node(name="node", aet="NODE", host="127.0.0.1", port=port)
    return process, ArchiveClient(node=node, our_aet="TESTER", answer_seconds=20)


def store_until_it_dies(client: ArchiveClient, contents: list[bytes]) -> int:
    """How many objects in a row the archive has acknowledged."""
    for count, content in enumerate(contents):
        try:
            if not client.store(content).is_taken:
                return count
        except LineFailure:
            return count
    return len(contents)


@pytest.mark.parametrize("seed", [1, 2])
def test_what_was_acknowledged_survives_a_kill(
    shared_data: Path, tmp_path: Path, seed: int
) -> None:
    program = tmp_path / "node_program.py"
    program.write_text(PROGRAM)
    files = sorted((shared_data / "demo/ct_chest_lidc_0314_3mm").glob("*.dcm"))
    contents = [f.read_bytes() for f in files]
    folder = tmp_path / "node"
    process, client = started(folder, program)
    assert client.store(contents[0]).is_taken
    end = Timer(random.Random(seed).uniform(0.3, 1.2), process.kill)
    end.start()
    count = store_until_it_dies(client, contents)
    end.join()
    process.wait(30)
    store = Store.open(folder)
    kept = {
        i.sop_uid: i.path.read_bytes()
        for study in store.index.studies()
        for i in store.index.instances(study.study_uid)
    }
    sent = uids_of(files[:count])
    assert sent.keys() <= kept.keys()
    for uid, path in sent.items():
        assert dataset_part(kept[uid]) == dataset_part(path.read_bytes())
    assert len(list((folder / "files").rglob("*.dcm"))) == len(kept)
    store.close()
    process, client = started(folder, program)
    assert len(client.find_instances(client.find_studies()[0].study_uid)) == len(kept)
    process.terminate()
    begun = time.monotonic()
    assert process.wait(30) == 0
    assert time.monotonic() - begun < 15
    assert not list((folder / "incoming").iterdir())
