"""One region and one filled archive, laid out once; every journey plays in copies of its own.

In the region that is copied both stations have seen the worklist and the acts of the demo, as stations at work have.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.region import REPOSITORY, STATIONS, Region, prepare
from tests.journeys.warm import WarmProgram
from tests.peers import END_WITH_US, Orthanc

_STORAGE = "storage"


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WarmProgram]:
    """The command line, started once; its commands are processes all the same."""
    warm = WarmProgram(END_WITH_US, tmp_path_factory.mktemp("warm"), REPOSITORY)
    yield warm
    warm.close()


@pytest.fixture(scope="session")
def laid_out(tmp_path_factory: pytest.TempPathFactory, program: WarmProgram) -> Region:
    """The demo region as it is laid out, with the folder of its own archive."""
    return prepare(tmp_path_factory.mktemp("region") / "demo", program)


@pytest.fixture(scope="session")
def at_work(laid_out: Region, tmp_path_factory: pytest.TempPathFactory) -> Region:
    """The two stations and, in ``storage``, what Orthanc holds for them."""
    region = laid_out.copy(tmp_path_factory.mktemp("at_work") / "region", *STATIONS)
    archive = Orthanc(tmp_path_factory.mktemp("filled") / "orthanc", {})
    archive.start()
    try:
        laid_out.fill(archive)
        region.use(archive)
        for name in STATIONS:
            region.station(name).do("worklist")
            region.station(name).do("sync", "--once")
    finally:
        archive.stop()
    shutil.copytree(archive.folder / _STORAGE, region.folder / _STORAGE)
    return region


@pytest.fixture
def orthanc(at_work: Region, tmp_path: Path) -> Iterator[Orthanc]:
    """An Orthanc of its own that holds the demo's studies and acts."""
    archive = Orthanc(tmp_path / "orthanc", {})
    shutil.copytree(at_work.folder / _STORAGE, archive.folder / _STORAGE)
    archive.start()
    yield archive
    archive.kill()


@pytest.fixture
def region(at_work: Region, tmp_path: Path, orthanc: Orthanc) -> Region:
    """Two stations of its own whose archive is ``orthanc``."""
    copied = at_work.copy(tmp_path / "region", *STATIONS)
    copied.use(orthanc)
    return copied
