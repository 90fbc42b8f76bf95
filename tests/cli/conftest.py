"""The command line over a station of the small region, in this process, as a person would call it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.calling import Cosight
from tests.services.small_region import SmallRegion, small_region
from viewer.sandbox import Sandbox
from workstation import wiring
from workstation.cli.main import main


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(2 << 30, 20.0, ("workstation.documents.headers", "viewer.decoding")) as children:
        yield children


@pytest.fixture
def region(
    tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SmallRegion]:
    with small_region(tmp_path / "region", sandbox, monkeypatch) as made:
        yield made


@pytest.fixture
def cosight(
    region: SmallRegion, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Cosight:
    """Calls the command line on station ``a`` of the region."""
    real: Callable[..., object] = wiring.build
    monkeypatch.setattr(wiring, "build", lambda home, clock=region.clock: real(home, clock=clock))
    monkeypatch.delenv("COSIGHT_HOME", raising=False)
    monkeypatch.delenv("COSIGHT_PASSWORD", raising=False)
    return Cosight(main, region.folder / "a", capsys, monkeypatch)
