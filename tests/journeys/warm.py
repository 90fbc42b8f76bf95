"""A process that has imported the command line once and forks one process for every command.

Half of a short command's second is Python reading its modules. A journey of twenty commands pays that once here: each
command still is a process of its own, with its own station opened and closed, and can be killed like any other.
Orders come as JSON lines on stdin, ``{"words": [...], "environment": {...}, "kill_at": "", "out": path, "err": path}``;
answers go out as one line with the exit status, negative for a signal.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

MODULES = (
    "argon2",
    "highdicom.sr",
    "pynetdicom",
    "workstation.cli.main",
    "workstation.documents.publication",
    "workstation.wiring",
)


def serve() -> None:
    """Run the orders until stdin closes."""
    for module in MODULES:
        importlib.import_module(module)
    assert threading.active_count() == 1  # only then is a fork a whole process
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _obey(order)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _obey(order: dict[str, Any]) -> None:
    """Be that command: its words, its environment, its output; never return."""
    status = 70
    try:
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(order[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.environ.update(order["environment"])
        if order["kill_at"]:
            from tests.journeys.killed import arm

            arm(order["kill_at"])
        from workstation.cli.main import main

        status = main(order["words"])
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())  # as the interpreter would tell it
        status = 1
    finally:
        # What an interpreter does at its end, without going back into the loop that forked.
        threading._shutdown()  # type: ignore[attr-defined]  # waits for threads, as the end of a program does
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


class WarmProgram:
    """The other end: start it, run commands in it, end it.

    Args:
        scratch: where the commands' output is kept for a moment.
    """

    def __init__(self, command: list[str], scratch: Path, folder: Path) -> None:
        self._out, self._err = scratch / "out", scratch / "err"
        self._process = subprocess.Popen(
            [*command, sys.executable, "-m", "tests.journeys.warm"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,
        )
        assert self._line() == "ready"

    def run(self, words: list[str], environment: dict[str, str], kill_at: str = "") -> Any:
        """Run one command; (exit status, what it printed, what it complained)."""
        order = {
            "words": words,
            "environment": environment,
            "kill_at": kill_at,
            "out": str(self._out),
            "err": str(self._err),
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        status = int(self._line())
        return status, self._out.read_text("utf-8"), self._err.read_text("utf-8")

    def close(self) -> None:
        """No more orders."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        assert line, "the warm program ended"
        return line


if __name__ == "__main__":
    serve()
