"""The independent programs that judge us: Debian's Orthanc, DCMTK, dicom3tools and poppler.

They are called by their full path: the environment's own bin folder holds programs of the same names (pynetdicom's
storescu, getscu, ...), and those would test the product against itself. Where a program is missing the test is skipped
with its name; in CI it fails instead, so that a green run has asked every judge.
"""

from __future__ import annotations

import http
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

SYSTEM_FOLDERS = "/usr/bin:/usr/sbin"
LARGEST_PDU_BYTES = 131072
# Should the tests themselves be killed, the kernel ends what they started (setpriv: util-linux).
END_WITH_US = [] if shutil.which("setpriv") is None else ["setpriv", "--pdeathsig", "KILL", "--"]
START_SECONDS = 60.0
STOP_SECONDS = 60.0


def unavailable(reason: str) -> NoReturn:
    """Skip the test with the reason; in CI fail it."""
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(f"{reason} (in CI nothing is skipped)", pytrace=False)
    pytest.skip(reason)


def require_program(name: str) -> str:
    """Return the full path of the distribution's program `name`, or skip (in CI: fail) naming it."""
    found = shutil.which(name, path=SYSTEM_FOLDERS)
    if found is None:
        unavailable(f"{name} is not installed")
    return found


def free_port() -> int:
    """Return a TCP port of the loopback interface that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Orthanc:
    """One Orthanc with a data folder and ports of its own; `stop` and `kill` keep the data for the next `start`.

    Attributes: `host`, `port`, `aet` (DICOM), `http_port`, `http_url` (its own REST API), `folder`, `log`.
    """

    def __init__(self, folder: Path, options: dict[str, object]) -> None:
        self.program = require_program("Orthanc")
        self.host = "127.0.0.1"
        self.aet = "ORTHANC"
        self.port = free_port()
        self.http_port = free_port()
        self.http_url = f"http://{self.host}:{self.http_port}"
        self.folder = folder
        self.log = folder / "orthanc.log"
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start on the same ports and data; return when both ports answer. RuntimeError with the log otherwise."""
        if self.running:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        configuration = self.folder / "orthanc.json"
        configuration.write_text(json.dumps(self._configuration()))
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*END_WITH_US, self.program, str(configuration)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "TCP_NODELAY": "1"},
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if not self.running or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError("Orthanc did not start:\n" + self.log.read_text()[-3000:])
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop in order (Orthanc takes some seconds); killed when it does not end in time."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill without warning, as a power cut would."""
        self._end(signal.SIGKILL)

    def rest(self, path: str, method: str = "GET", body: bytes | None = None) -> bytes:
        """Ask Orthanc's own REST API (`/instances`, `/studies/...`): a second witness of what it holds."""
        connection = http.client.HTTPConnection(self.host, self.http_port, timeout=60)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(f"Orthanc answered {answer.status} to {method} {path}")
        return content

    def _end(self, with_signal: signal.Signals) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(with_signal)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_SECONDS)
        self._process = None

    def _answers(self) -> bool:
        try:
            self.rest("/system")
            socket.create_connection((self.host, self.port), timeout=2).close()
        except (OSError, http.client.HTTPException):
            return False
        return True

    def _configuration(self) -> dict[str, object]:
        return {
            "Name": "Cosight test archive",
            "StorageDirectory": str(self.folder / "storage"),
            "IndexDirectory": str(self.folder / "storage"),
            "Plugins": [],
            "DicomAet": self.aet,
            "DicomPort": self.port,
            "DicomCheckCalledAet": False,
            "DicomAlwaysAllowEcho": True,
            "DicomAlwaysAllowStore": True,
            "DicomAlwaysAllowFind": True,
            "DicomAlwaysAllowGet": True,
            "DicomAlwaysAllowMove": True,
            "UnknownSopClassAccepted": True,
            "DefaultEncoding": "Utf8",
            "MaximumPduLength": LARGEST_PDU_BYTES,
            "HttpPort": self.http_port,
            "TcpNoDelay": True,
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False,
            **self._options,
        }


@pytest.fixture
def start_orthanc(tmp_path: Path) -> Iterator[Callable[..., Orthanc]]:
    """A function that starts one more Orthanc; keywords are Orthanc's own options. All end with the test."""
    started: list[Orthanc] = []

    def start(**options: object) -> Orthanc:
        archive = Orthanc(tmp_path / f"orthanc-{len(started)}", options)
        started.append(archive)
        archive.start()
        return archive

    yield start
    for archive in started:
        archive.kill()


@pytest.fixture
def orthanc(start_orthanc: Callable[..., Orthanc]) -> Orthanc:
    """One running, empty Orthanc that accepts everything a station sends and asks for."""
    return start_orthanc()
