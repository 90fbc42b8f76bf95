"""One node for the tests that only ask, and the demo series they ask about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.network.running import RunningNode, running_node


@pytest.fixture
def node(tmp_path: Path) -> Iterator[RunningNode]:
    with running_node(tmp_path / "node") as running:
        yield running


@pytest.fixture(scope="session")
def some_ct(shared_data: Path) -> list[Path]:
    """Eight slices of the demo CT (JPEG-LS)."""
    return sorted((shared_data / "demo/ct_chest_lidc_0314_3mm").glob("*.dcm"))[:8]
