"""A modality sends folders to ``cosight node`` and gets them back; the power goes while it sends.

DCMTK is the modality, the node is started by its command line, and what lies in the files decides.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydicom import dcmread

from resources import demo_folder
from tests.journeys.region import KILLED, REPOSITORY
from tests.peers import END_WITH_US, free_port, require_program

AET = "ARCHIVE"
KILL_AFTER = 30
# DCMTK's options for the syntaxes of the demo's series: JPEG-LS, and JPEG 2000 for the MR.
SYNTAX = {"ct_chest_lidc_0314_3mm": "xt", "dx_chest_nih": "xt", "mr_brain_t1_defaced": "xv"}


@dataclass(frozen=True)
class Node:
    """A running ``cosight node``."""

    process: subprocess.Popen[str]
    port: int

    def peer(self, program: str, *words: str) -> list[str]:
        """One of DCMTK's programs with this node as its peer; what follows the peer comes after ``--``."""
        place = words.index("--")
        peer = ["127.0.0.1", str(self.port)]
        return [
            *(require_program(program), "-aec", AET),
            *words[:place],
            *peer,
            *words[place + 1 :],
        ]


@contextmanager
def node_over(folder: Path, port: int) -> Iterator[Node]:
    command = [sys.executable, "-m", "workstation", "node", "--store", str(folder), "--json"]
    process = subprocess.Popen(
        [*END_WITH_US, *command, "--port", str(port), "--aet", AET],
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    )
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert told == {"port": port, "aet": AET}
        yield Node(process, port)
    finally:
        process.terminate()
        process.communicate(timeout=30)


def run(command: list[str]) -> str:
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "TCP_NODELAY": "1"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stderr


def series(name: str) -> list[Path]:
    return sorted((demo_folder() / name).glob("*.dcm"))


def dataset_bytes(path: Path) -> bytes:
    """What lies behind the file meta information (PS3.10 7.1): its length stands at byte 140."""
    content = path.read_bytes()
    return content[144 + int.from_bytes(content[140:144], "little") :]


def by_uid(files: list[Path]) -> dict[str, bytes]:
    return {
        str(dcmread(f, stop_before_pixels=True).SOPInstanceUID): dataset_bytes(f) for f in files
    }


def send_until_killed(node: Node, files: list[Path]) -> list[str]:
    """Send; kill the node in the middle. Returns the names of the files that it had acknowledged."""
    sending = subprocess.Popen(
        node.peer("storescu", "-v", "-xt", "--", *map(str, files)),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "TCP_NODELAY": "1"},
    )
    current, acknowledged = "", []
    assert sending.stderr is not None
    for line in sending.stderr:
        if "Sending file: " in line:
            current = line.partition("Sending file: ")[2].strip()
        elif "Received Store Response (Success)" in line:
            acknowledged.append(current)
            if len(acknowledged) == KILL_AFTER:
                node.process.kill()
    sending.wait(60)
    sending.stderr.close()
    assert node.process.wait(30) == KILLED
    return acknowledged


def got(node: Node, study_uid: str, syntax: str, out: Path) -> dict[str, bytes]:
    out.mkdir()
    keys = ("-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={study_uid}")
    run(node.peer("getscu", "-S", f"+{syntax}", "+B", "-od", str(out), *keys, "--"))
    return by_uid(sorted(out.iterdir()))


@pytest.mark.peers
def test_folders_go_in_and_come_back_and_a_kill_loses_nothing(tmp_path: Path) -> None:
    folder, port = tmp_path / "archive", free_port()
    ct = series("ct_chest_lidc_0314_3mm")
    with node_over(folder, port) as node:
        acknowledged = send_until_killed(node, ct)
    assert KILL_AFTER <= len(acknowledged) < len(ct)
    promised = by_uid([Path(name) for name in acknowledged])
    sent = by_uid(ct)

    with node_over(folder, port) as node:
        study = str(dcmread(ct[0], stop_before_pixels=True).StudyInstanceUID)
        kept = got(node, study, "xt", tmp_path / "after_the_kill")
        assert promised.keys() <= kept.keys() <= sent.keys()
        assert all(sent[uid] == content for uid, content in kept.items())
        for name, syntax in SYNTAX.items():
            # The modality does not know what had arrived: it sends all of it again.
            told = run(node.peer("storescu", "-v", f"-{syntax}", "--", *map(str, series(name))))
            assert told.count("Received Store Response (Success)") == len(series(name))
        for name, syntax in SYNTAX.items():
            whole = by_uid(series(name))
            study = str(dcmread(series(name)[0], stop_before_pixels=True).StudyInstanceUID)
            assert got(node, study, syntax, tmp_path / name) == whole
