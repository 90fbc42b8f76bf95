"""What every test may ask for: the shared DICOM data, an Orthanc of its own, and the `--long` option.

Where there is no display Qt draws off screen. A test marked `long` runs only with `--long`. A test that asks for
`orthanc` is marked `peers`, one that asks for `shared_data` is marked `data`, and everything under journeys/ is marked
`journey`, so that `-m "not peers and not journey and not long"` is the quick half.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import hypothesis
import pytest

from tests.peers import orthanc, start_orthanc, unavailable

__all__ = ["orthanc", "shared_data", "start_orthanc"]

REPOSITORY = Path(__file__).resolve().parent.parent
JOURNEYS = Path(__file__).resolve().parent / "journeys"

if sys.platform.startswith("linux") and not (
    os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


# How long an example takes says something of the machine's load, nothing of the rule it tries.
SLOW = [hypothesis.HealthCheck.too_slow]
hypothesis.settings.register_profile("daily", deadline=None, suppress_health_check=SLOW)
hypothesis.settings.register_profile(
    "long", deadline=None, suppress_health_check=SLOW, max_examples=1000
)


def pytest_configure(config: pytest.Config) -> None:
    """Try more examples of every rule in a long run."""
    hypothesis.settings.load_profile("long" if config.getoption("--long") else "daily")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--long`: also what a run in CI samples only."""
    parser.addoption("--long", action="store_true", help="also run the tests marked long")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark tests by what they ask for, and skip the long ones unless they were asked for."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if fixtures & {"orthanc", "start_orthanc"}:
            item.add_marker("peers")
        if "shared_data" in fixtures:
            item.add_marker("data")
        if JOURNEYS in item.path.parents:
            item.add_marker("journey")
        if item.get_closest_marker("long") and not config.getoption("--long"):
            item.add_marker(pytest.mark.skip(reason="runs only with --long"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real DICOM beside the checkout; its README.md names each series' source and rights."""
    folder = REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        unavailable("the shared DICOM data is not beside this checkout")
    return folder
