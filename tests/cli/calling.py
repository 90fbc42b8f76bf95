"""One call of the command line and what it answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Answer:
    """Exit status, standard output and standard error."""

    status: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        return json.loads(self.out)

    @property
    def refusal(self) -> str:
        """The one line on standard error of a command that could not do its work."""
        assert self.status == 1, (self.status, self.out, self.err)
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, self.err
        assert "Traceback" not in self.err
        return lines[0]


@dataclass(frozen=True)
class Cosight:
    """The command line on one home."""

    main: Callable[[Sequence[str]], int]
    home: Path
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, *words: str, password: str | None = None) -> Answer:
        """Call with ``--home``."""
        return self.bare("--home", str(self.home), *words, password=password)

    def bare(self, *words: str, password: str | None = None) -> Answer:
        """Call with exactly these words."""
        self.capsys.readouterr()
        with self.monkeypatch.context() as env:
            if password is not None:
                env.setenv("COSIGHT_PASSWORD", password)
            try:
                status = self.main(words)
            except SystemExit as ended:
                status = int(ended.code or 0)
        out, err = self.capsys.readouterr()
        return Answer(status, out, err)
