"""One pair of children for all tests, and a store of its own for each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.small_region import SmallRegion, small_region
from viewer.sandbox import Sandbox
from workstation.services.reindexing import Reindexing
from workstation.services.studies import Studies
from workstation.store import Store


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(2 << 30, 20.0, ("workstation.documents.headers", "viewer.decoding")) as children:
        yield children


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "home", name="Test station")
    yield opened
    opened.close()


@pytest.fixture
def studies(store: Store, sandbox: Sandbox) -> Studies:
    return studies_over(store, sandbox)


def studies_over(store: Store, sandbox: Sandbox) -> Studies:
    """The studies of a store as another start of the program would see them."""
    now = dt.datetime(2026, 3, 4, tzinfo=dt.UTC)
    reindexing = Reindexing(store=store, sandbox=sandbox, clock=lambda: now)
    return Studies(store=store, reindexing=reindexing)


@pytest.fixture
def region(
    tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SmallRegion]:
    with small_region(tmp_path / "region", sandbox, monkeypatch) as made:
        yield made
