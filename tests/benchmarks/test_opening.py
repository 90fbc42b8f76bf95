"""From Enter to the first CT image painted and to the whole 92-slice series; from a click to another series' first.

Printed, never asserted.

Through the real window over a real store; beside it plain pydicom reading and decoding the same files in the same
process right after. Read the ratios where the machine is shared; the targets are for two quiet cores.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.uid import generate_uid

from resources import demo_folder
from tests.peers import END_WITH_US

REPOSITORY = Path(__file__).resolve().parents[2]
CT = demo_folder() / "ct_chest_lidc_0314_3mm"
IMAGES = 92
FIRST_TARGET_MS, SERIES_TARGET_MS, CLICK_TARGET_MS = 60, 2000, 60
RUNS = 3


MAIN = "import sys; {1}; import {0}; from pathlib import Path; sys.exit({0}.main(Path(sys.argv[1]), *sys.argv[2:]))"


def measured(module: str, home: Path, study: str, *, before: str = "pass") -> Any:
    """What a benchmark's `main` tells in a process of its own, in which `before` is done first."""
    return _told("-c", MAIN.format(module, before), str(home), study, "lilei", "demo-lilei")


def run(*words: str) -> Any:
    return _told("-m", *words)


def _told(*words: str) -> Any:
    done = subprocess.run(
        [*END_WITH_US, sys.executable, *words],
        capture_output=True,
        text=True,
        timeout=200,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        cwd=REPOSITORY,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def second_series(folder: Path) -> Path:
    """Every other image of the CT as another series of its study."""
    folder.mkdir()
    for path in sorted(CT.glob("*.dcm"))[::2]:
        dataset = dcmread(path)
        dataset.SeriesInstanceUID = generate_uid(entropy_srcs=["the second series"])
        dataset.SOPInstanceUID = generate_uid(entropy_srcs=[path.name])
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        dataset.SeriesNumber += 1  # behind the first
        dataset.save_as(folder / path.name)
    return folder


def station_with_ct(folder: Path) -> tuple[Path, str]:
    """A station with people to log in as and the CT in its store, as two series; and the study's UID."""
    other = second_series(folder.parent / "second")
    run("workstation", "demo", "--prepare", str(folder), "--json")
    station = folder / "station-a"
    shutil.rmtree(folder / "archive")  # the line is down: nothing but the store is measured
    run("workstation", "import", str(CT), str(other), "--json", "--home", str(station))
    rows = run("workstation", "worklist", "--local", "--json", "--home", str(station))
    (study,) = [row["facts"]["study_uid"] for row in rows if row["here"] == IMAGES + IMAGES // 2]
    return station, study


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    return station_with_ct(tmp_path_factory.mktemp("opening") / "region")


@pytest.mark.journey
def test_opening_the_chest_ct(
    home: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    station, study = home
    runs: list[dict[str, Any]] = []
    for number in range(RUNS):
        fresh = shutil.copytree(station, tmp_path / str(number) / "station")
        told = measured("tests.benchmarks.opening", fresh, study)
        assert told["images"] == IMAGES
        assert 0 < told["first_ms"] <= told["series_ms"]
        runs.append(told)

    def median(name: str) -> float:
        return statistics.median(one[name] for one in runs)

    def line(what: str, name: str, target_ms: int) -> str:
        ours, plain = median(f"{name}_ms"), median(f"pydicom_{name}_ms")
        each = ", ".join(f"{one[f'{name}_ms']:.0f}" for one in runs)
        return (
            f"{what}: {ours:.0f} ms (target {target_ms} ms; runs {each});"
            f" pydicom {plain:.0f} ms, ratio {ours / plain:.2f}"
        )

    def split(name: str) -> str:
        """Medians of the moments on the way, each after the key or the click."""
        told = (
            f"{stage} {statistics.median(one[name][stage] for one in runs):.0f}"
            for stage in ("asked", "begun", "drawn", "delivered", "painted")
        )
        return f"  of that, ms: {', '.join(told)}"

    with capsys.disabled():
        print()
        print(line("Enter to the first CT image painted", "first", FIRST_TARGET_MS))
        print(split("first_split"))
        print(line("Enter to the 92-slice series ready", "series", SERIES_TARGET_MS))
        print(line("Click on another series to its first image painted", "click", CLICK_TARGET_MS))
        print(split("click_split"))
