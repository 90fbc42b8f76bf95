"""A window over a station in memory, and a way to find its widgets by name as a script does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.pictures_standin import PicturesStandIn
from tests.ui.real_images import RealImages
from tests.ui.station_standin import StationStandIn
from viewer.cache import FrameCache
from viewer.loading import Loader
from viewer.sandbox import Sandbox, shared_sandbox
from workstation.ui import theme, words
from workstation.ui.background import Runner
from workstation.ui.main_window import MainWindow
from workstation.ui.reading_images import ReadingImages


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """The window under test and what stands behind it."""

    main: MainWindow
    station: StationStandIn
    runner: Runner
    qtbot: QtBot
    pictures: PicturesStandIn

    def find(self, name: str) -> Any:
        found = self.main.findChild(QWidget, name)
        assert found is not None, name
        return found

    def log_in(self, person_id: str) -> None:
        people = self.find("login.person")
        people.setCurrentIndex(people.findData(person_id))
        self.find("login.password").setText("demo")
        self.find("login.enter").click()
        self.until(self.main.worklist.isVisible)
        self.until(lambda: bool(self.main.worklist._rows))

    def open(self, study_uid: str) -> None:
        self.main.open_study(study_uid)
        self.until(lambda: self.main.reading.report._view is not None)

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=10_000)


@pytest.fixture
def station() -> StationStandIn:
    return StationStandIn()


@pytest.fixture
def windows(qtbot: QtBot, qapp: QApplication, station: StationStandIn) -> Iterator[Windows]:
    theme.apply(qapp)
    runner = Runner()
    pictures = PicturesStandIn()
    main = MainWindow(station, runner, lambda _runner: pictures, lambda: station.reporting.now)
    qtbot.addWidget(main)
    main.resize(1366, 768)
    main.show()
    main.activateWindow()
    qtbot.waitUntil(main.isActiveWindow, timeout=10_000)
    yield Windows(main=main, station=station, runner=runner, qtbot=qtbot, pictures=pictures)
    main.close()
    runner.close()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with shared_sandbox() as made:
        yield made


@pytest.fixture
def real_images(qtbot: QtBot, sandbox: Sandbox, tmp_path: Path) -> Iterator[RealImages]:
    loader = Loader(sandbox, FrameCache(64 << 20), tmp_path)
    runner = Runner()
    window = ReadingImages(loader, lambda _facts, _sets: None, runner, words.failure_text)
    qtbot.addWidget(window)
    window.resize(900, 600)
    window.show()
    yield RealImages(qtbot=qtbot, loader=loader, window=window)
    window.close_study()
    runner.close()
    loader.close()
