"""The power goes while somebody writes, or while images come in: after the restart nothing is lost but the last breath.

The window is the real one, off screen, in a process of its own that gets SIGKILL.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.journeys.at_the_window import typed_word
from tests.journeys.region import KILLED, REPOSITORY, Region, Station
from tests.peers import END_WITH_US, Orthanc

CT = "CT20260131"
IMAGES = 92
WRITING_SECONDS = 5.0
# The product keeps words within a second of the keystroke; two is what a reader may lose.
LOST_SECONDS = 2.0


class Window:
    """What a person's window process tells."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def hear(self) -> dict[str, Any]:
        """The next line; the process must not have ended before it."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the window ended with {self._process.wait(60)}"
        told: dict[str, Any] = json.loads(line)
        return told

    def kill(self) -> list[dict[str, Any]]:
        """SIGKILL; returns what it still had told."""
        self._process.kill()
        rest, _ = self._process.communicate(timeout=60)
        return [json.loads(line) for line in rest.splitlines()]

    def end(self) -> int:
        return self._process.wait(120)


@contextmanager
def window(station: Station, what: str, study: str, person: str = "lilei") -> Iterator[Window]:
    command = [sys.executable, "-m", "tests.journeys.at_the_window", what, str(station.home), study]
    process = subprocess.Popen(
        [*END_WITH_US, *command, person, station.passwords[person]],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        cwd=REPOSITORY,
    )
    try:
        yield Window(process)
    finally:
        process.kill()
        process.communicate(timeout=60)


def images_here(station: Station, study: str) -> tuple[int, int | None]:
    (row,) = [r for r in station.do("worklist", "--local") if r["facts"]["study_uid"] == study]
    return row["here"], row["total"]


def test_words_survive_the_power_cut(region: Region, orthanc: Orthanc) -> None:
    station = region.station("station-a")
    study = region.study(CT)
    with window(station, "write", study) as writing:
        assert writing.hear() == {"writing": True}
        typed = [writing.hear()]
        while time.monotonic() - typed[0]["at"] < WRITING_SECONDS:
            typed.append(writing.hear())
        killed_at = time.monotonic()
        typed += writing.kill()
    times = {line["typed"]: line["at"] for line in typed}
    assert len(times) >= 20
    draft = station.do("report", "show", study, person="lilei")["draft"]
    kept = draft["text"]["findings"]
    whole = "".join(typed_word(number) for number in sorted(times))
    assert whole.startswith(kept), "what was kept is what was typed, from its beginning"
    first_lost = next((n for n in sorted(times) if typed_word(n) not in kept), None)
    lost_s = killed_at - times[first_lost] if first_lost is not None else 0.0
    print(f"words of {lost_s:.2f} s lost of {killed_at - min(times.values()):.2f} s of writing")
    assert lost_s <= LOST_SECONDS
    assert station.report(study)["state"] == "DRAFT"
    # What the process held locked or half written does not stand in the way of the next one.
    with window(station, "look", study) as again:
        seen = again.hear()
        assert seen["findings"] == kept
        assert again.end() == 0
    assert all(f["sound"] for f in station.do("verify"))


def test_images_that_had_come_are_there_and_the_rest_follows(
    region: Region, orthanc: Orthanc
) -> None:
    station = region.station("station-a")
    study = region.study(CT)
    with window(station, "fetch", study) as fetching:
        told = fetching.hear()
        assert fetching.end() == KILLED
    here, total = images_here(station, study)
    assert 0 < told["here"] <= here < IMAGES
    assert total == IMAGES
    with window(station, "look", study) as again:
        seen = again.hear()
        assert again.end() == 0
    assert str(here) in seen["images"]
    assert str(IMAGES) in seen["images"]
    assert images_here(station, study) == (IMAGES, IMAGES)
    assert station.do("fetch", CT)["stored"] == 0
