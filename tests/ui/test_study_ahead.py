"""The selected study is read before it is opened: once, quietly, and never staler than the store."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.image_bench import FACTS
from tests.viewer.qt import phantom
from viewer.loading import Priority
from viewer.volume import DisplaySet, ImageError, LocatedFrame
from workstation.domain.study import PatientIdentity, StudyFacts
from workstation.ui.background import Runner
from workstation.ui.study_ahead import StudyAhead

OTHER = StudyFacts(study_uid="9.9", patient=PatientIdentity(patient_id="other"))


class Store:
    """A station's studies: how often they were read, and what lies there now."""

    def __init__(self) -> None:
        self.count = phantom.SLICES
        self.read: list[str] = []
        self.failure: Exception | None = None
        self.loader = phantom.MemoryLoader()
        self.studies = SimpleNamespace(stamp=lambda _uid: (self.count, 0), frames=self.frames)

    def frames(self, study_uid: str) -> list[LocatedFrame]:
        self.read.append(study_uid)
        if self.failure is not None:
            raise self.failure
        return list(phantom.series(self.count).frames)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def ahead(qtbot: QtBot, store: Store) -> Iterator[StudyAhead]:
    runner = Runner()
    station: Any = store

    def first(_facts: StudyFacts, sets: Any) -> list[LocatedFrame]:
        return [images.frames[images.middle_index] for images in sets]

    yield StudyAhead(station, runner, first)
    runner.close()


def refuse(error: Exception) -> None:
    raise AssertionError(error)


def counts(sets: Any) -> list[int]:
    return [len(images.frames) for images in sets]


def test_a_row_that_stays_selected_is_read_and_its_first_picture_decoded_last_of_all(
    qtbot: QtBot, store: Store, ahead: StudyAhead
) -> None:
    ahead.look(FACTS)
    qtbot.waitUntil(lambda: store.loader.asked == ["frame 1.7 6"])
    assert store.loader.priorities == [Priority.PREFETCH]
    assert ahead.has_read(FACTS)
    told: list[list[int]] = []
    ahead.sets(FACTS, lambda sets: told.append(counts(sets)), refuse)
    assert told == [[12]]  # at once
    qtbot.wait(100)
    assert told == [[12]]
    assert store.read == ["1.1"]


def test_a_hand_that_runs_over_a_row_reads_nothing_of_it(
    qtbot: QtBot, store: Store, ahead: StudyAhead
) -> None:
    ahead.look(FACTS)
    ahead.look(OTHER)
    qtbot.waitUntil(lambda: ahead.has_read(OTHER))
    assert store.read == ["9.9"]
    assert not ahead.has_read(FACTS)


def test_opening_without_looking_reads_once_for_whoever_opened_last(
    qtbot: QtBot, store: Store, ahead: StudyAhead
) -> None:
    first: list[Any] = []
    told: list[Any] = []
    ahead.sets(FACTS, first.append, refuse)
    ahead.sets(FACTS, told.append, refuse)
    qtbot.waitUntil(lambda: bool(told))
    assert store.read == ["1.1"]
    assert first == []


def test_images_that_came_since_are_shown_too(
    qtbot: QtBot, store: Store, ahead: StudyAhead
) -> None:
    ahead.look(FACTS)
    qtbot.waitUntil(lambda: ahead.has_read(FACTS))
    store.count = 9
    told: list[list[int]] = []
    ahead.sets(FACTS, lambda sets: told.append(counts(sets)), refuse)
    qtbot.waitUntil(lambda: told == [[12], [9]])


def test_a_failure_is_told_to_whoever_opens_and_to_nobody_else(
    qtbot: QtBot, store: Store, ahead: StudyAhead
) -> None:
    store.failure = ImageError("The image index is of version {version}.", version=1)
    ahead.look(FACTS)
    qtbot.waitUntil(lambda: store.read == ["1.1"])
    qtbot.wait(50)
    assert not ahead.has_read(FACTS)
    told: list[Exception] = []

    def done(_sets: list[DisplaySet]) -> None:
        raise AssertionError("nothing was read")

    ahead.sets(FACTS, done, told.append)
    qtbot.waitUntil(lambda: told == [store.failure])
