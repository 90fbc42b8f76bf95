"""Ctrl-C in the terminal ends the demo in order: window, loops and the archive's process."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.journeys.region import REPOSITORY, Region

if sys.platform == "win32":
    pytest.skip("there is no process group to interrupt", allow_module_level=True)


def test_an_interrupt_ends_the_window_and_its_archive(laid_out: Region, tmp_path: Path) -> None:
    shutil.copytree(laid_out.folder, tmp_path / "demo")
    command = [sys.executable, "-m", "workstation", "--home", str(tmp_path / "station"), "demo"]
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY), "QT_QPA_PLATFORM": "offscreen"}
    window = subprocess.Popen(
        command, env=env, cwd=REPOSITORY, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert window.stderr is not None
        while "chenchen" not in window.stderr.readline():
            assert window.poll() is None
        time.sleep(2)
        os.killpg(window.pid, signal.SIGINT)
        assert window.wait(30) == 0
        assert "Traceback" not in window.stderr.read()
        deadline = time.monotonic() + 10
        while group_lives(window.pid):
            assert time.monotonic() < deadline, "a process of the demo is left"
            time.sleep(0.1)
    finally:
        if group_lives(window.pid):
            os.killpg(window.pid, signal.SIGKILL)


def group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
