"""The embedded archive as a process: it comes up, keeps its port, and says when it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from workstation.domain.errors import LineFailure
from workstation.network.dimse import ArchiveClient
from workstation.services.archive_process import ArchiveProcess
from workstation.settings import Node


def answers(node: Node) -> bool:
    try:
        ArchiveClient(node=node, our_aet="TESTER", connect_seconds=2).echo()
    except LineFailure:
        return False
    return True


def test_it_comes_back_on_its_port_and_ends_with_us(tmp_path: Path) -> None:
    process = ArchiveProcess(tmp_path / "archive", "COSIGHT")
    node = process.start()
    try:
        assert node.port > 0
        assert answers(node)
        process.stop()
        assert not answers(node)
        assert process.start() == node
        assert answers(node)
        busy = ArchiveProcess(tmp_path / "other", "COSIGHT", node.port)
        with pytest.raises(LineFailure, match="did not start"):
            busy.start()
    finally:
        process.stop()
    process.stop()
    assert not answers(node)
