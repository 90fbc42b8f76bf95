"""One region, laid out once; every journey plays in a copy of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.region import Region, prepare
from tests.peers import Orthanc


@pytest.fixture(scope="session")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Region:
    return prepare(tmp_path_factory.mktemp("region") / "demo")


@pytest.fixture
def region(laid_out: Region, tmp_path: Path, orthanc: Orthanc) -> Region:
    """A copy of the region whose stations use Orthanc as their archive."""
    copied = laid_out.copy(tmp_path / "region")
    copied.move_to(orthanc)
    return copied
