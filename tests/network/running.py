"""A node of ours on loopback for the length of a test, and what DCMTK's programs say to it."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydicom import dcmread

from tests.peers import require_program
from workstation.network.dimse import ArchiveClient
from workstation.network.objects import dataset_start
from workstation.services.archive_node import serve
from workstation.settings import Node

AET = "COSIGHT_NODE"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningNode:
    """Where the node listens and keeps its objects."""

    port: int
    folder: Path

    @property
    def node(self) -> Node:
        return Node(name="ours", aet=AET, host="127.0.0.1", port=self.port)

    @property
    def client(self) -> ArchiveClient:
        return ArchiveClient(node=self.node, our_aet="TESTER", answer_seconds=60)

    def dcmtk(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of DCMTK's programs against the node."""
        command = [require_program(program), "-aec", AET, *arguments]
        place = command.index("--") if "--" in command else len(command)
        command[place : place + 1] = ["127.0.0.1", str(self.port)]
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "TCP_NODELAY": "1"},
        )


@contextmanager
def running_node(folder: Path) -> Iterator[RunningNode]:
    """A node over a store in ``folder``, stopped afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    stopped, ready = threading.Event(), threading.Event()
    ports: list[int] = []
    failure: list[BaseException] = []

    def told(port: int) -> None:
        ports.append(port)
        ready.set()

    def run() -> None:
        try:
            serve(folder, port=0, aet=AET, ready=told, stopped=stopped)
        except BaseException as error:
            failure.append(error)
            ready.set()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert ready.wait(60)
        assert not failure, failure
        yield RunningNode(port=ports[0], folder=folder)
    finally:
        stopped.set()
        thread.join(60)
    assert not thread.is_alive()
    assert not failure, failure


def dataset_part(content: bytes) -> bytes:
    """What lies behind the file meta information."""
    return content[dataset_start(content) :]


def uids_of(files: list[Path]) -> dict[str, Path]:
    """SOP Instance UID -> file, read by pydicom."""
    return {str(dcmread(f, stop_before_pixels=True).SOPInstanceUID): f for f in files}
