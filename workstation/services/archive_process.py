"""The embedded archive as a process of its own, as a hospital would run one: started, asked, stopped.

Knows only the command line ``cosight node``; a stopped archive keeps its folder and comes back on the same port.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

from workstation.domain.errors import LineFailure
from workstation.settings import Node

_START_S = 60.0
_STOP_S = 15.0


class ArchiveProcess:
    """``cosight node`` over one folder.

    Args:
        folder: the archive's store.
        aet: its application entity title.
        port: 0 lets the first start choose a free one, which later starts keep.
    """

    def __init__(self, folder: Path, aet: str, port: int = 0) -> None:
        self._folder = folder
        self._aet = aet
        self._port = port
        self._process: subprocess.Popen[str] | None = None

    @property
    def node(self) -> Node:
        """How stations reach it."""
        return Node(name="archive", aet=self._aet, host="127.0.0.1", port=self._port)

    def start(self) -> Node:
        """Start and wait until it answers.

        Raises:
            LineFailure: it did not come up.
        """
        command = [*program(), "node", "--store", str(self._folder), "--port", str(self._port)]
        command += ["--aet", self._aet, "--json", "--until-stdin-closes"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        line = _first_line(self._process, _START_S)
        if not line:
            self.stop()
            raise LineFailure("The embedded archive did not start")
        self._port = int(json.loads(line)["port"])
        return self.node

    def stop(self) -> None:
        """End it and wait; what it acknowledged is on disk."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(OSError):
            _close(process.stdin)
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        _close(process.stdout)


def program() -> list[str]:
    """The command that starts this very program again."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-m", "workstation"]


def _first_line(process: subprocess.Popen[str], seconds: float) -> str:
    """The first line the process prints, empty when it ended or took too long."""
    answer: list[str] = []
    stdout = process.stdout
    if stdout is None:
        return ""
    reader = threading.Thread(target=lambda: answer.append(stdout.readline()), daemon=True)
    reader.start()
    reader.join(seconds)
    return answer[0] if answer else ""


def _close(pipe: IO[str] | None) -> None:
    if pipe is not None:
        pipe.close()
