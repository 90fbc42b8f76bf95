"""The judges, in a folder of each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.documents.judges import Judge


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    return Judge(tmp_path)
