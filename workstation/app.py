"""The window's life: one application, one station, one window; made in order and ended in the other order.

``run`` is what the command line calls; ``Windows`` is the same without the event loop, for whoever drives the real
window by clicks and keys. What nobody foresaw is written as a log line without patient data and told in one sentence.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QMessageLogContext, Qt, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from workstation.domain.errors import NotFound
from workstation.services import hanging
from workstation.ui import theme, words
from workstation.ui.background import Lane, Runner
from workstation.ui.main_window import MainWindow
from workstation.ui.reading_images import ReadingImages

if TYPE_CHECKING:
    from workstation.services.demo_region import DemoRegion
    from workstation.services.station import Station

_log = logging.getLogger("cosight.window")
_TURN_S = 0.0005
_SIGNAL_TURN_MS = 300
_ARENA_MAX = -8  # M_ARENA_MAX of glibc's malloc.h
_HEAPS = 2
_WARMING_PX = (512, 512)


class Windows:
    """The main window of a station with its runner and its loops; ``close`` leaves no thread behind."""

    def __init__(self, station: Station) -> None:
        from workstation.wiring import now

        self.station = station
        self.runner = Runner()

        def images(runner: Runner) -> ReadingImages:
            return ReadingImages(
                station.loader,
                lambda facts, sets: hanging.layout(sets, facts.description),
                runner,
                words.failure_text,
            )

        self.main = MainWindow(station, self.runner, images, now)
        self.main.reading.images.firstImageShown.connect(self._on_first_image)
        self._has_kernels = False

    def open(self) -> None:
        """Show the window and start the loops."""
        self.main.resize(1680, 1000)
        room = QGuiApplication.primaryScreen().availableGeometry().size()
        if room.width() < 1700 or room.height() < 1000:
            self.main.showMaximized()
        else:
            self.main.show()
        self.main.activateWindow()
        QTimer.singleShot(0, self._rehearse)
        self.station.syncing.start()
        self.runner.run(self._warm, done=_nothing, failed=_not_warmed, lane=Lane.IMAGES)
        renew = self.station.reindexing.renew
        self.runner.run_job(lambda job: renew(job.cancelled), done=_nothing, failed=_not_warmed)

    def _rehearse(self) -> None:
        """Lay out and draw the reading page once, unseen, before anybody has logged in.

        Qt polishes widgets and loads fonts when they are first drawn: 40 ms that the first study need not wait for.
        """
        page = self.main.reading
        page.images.prepare()
        page.resize(self.main.size())
        page.grab()

    def _warm(self) -> None:
        """Start the child processes, and sample once, before the first study is opened."""
        import numpy as np

        from viewer.resampling import map_linear, sample_frame

        self.station.sandbox.warm()
        grey = np.zeros(_WARMING_PX, dtype=np.int16)
        map_linear(sample_frame(grey, np.diag((0.5, 0.5, 1.0)), (1000, 1000)), 1.0, 0.0)

    def _on_first_image(self) -> None:
        """The kernels of planes cost 130 MB: they come with the first study that has planes."""
        if self._has_kernels or not self.main.reading.images.offers_planes:
            return
        from viewer.resampling import warm_up

        self._has_kernels = True
        folder = self.station.store.home / "kernels"
        self.runner.run(lambda: warm_up(folder), done=_nothing, failed=_not_warmed, lane=Lane.LINE)

    def close(self) -> None:
        """Keep what was typed, end the work under way, then the station."""
        self.main.close()
        self.runner.close()
        self.station.close()


def _nothing(_result: object) -> None:
    """Warming up has no answer."""


def _not_warmed(error: Exception) -> None:
    """Everything works cold too, only later."""
    _log.warning("warming up ended by %s", type(error).__name__)


def application(language: str) -> QApplication:
    """The one QApplication, in the dark theme and the language asked for (``zh_CN`` or ``en``)."""
    qInstallMessageHandler(_log_message)
    _share_heaps()
    # The window's thread must not wait 5 ms (Python's default) for each turn while others load and draw.
    sys.setswitchinterval(_TURN_S)
    existing = QApplication.instance()
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    )
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("Cosight")
    words.install_language(app, language)
    theme.apply(app)
    return app


def _share_heaps() -> None:
    """Every thread gets a heap from glibc that it keeps for ever; two for all threads are 12 MB less at rest."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(AttributeError):  # a C library without it has no such heaps
            ctypes.CDLL(None).mallopt(_ARENA_MAX, _HEAPS)


def _log_message(kind: QtMsgType, _context: QMessageLogContext, message: str | None) -> None:
    """Qt's own remarks are for engineers: they go to the log, not to the terminal."""
    grave = kind in {QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg}
    _log.log(logging.ERROR if grave else logging.DEBUG, "Qt: %s", message)


def _has_display() -> bool:
    """Whether a window can be shown; Qt itself ends the program where it cannot."""
    if os.environ.get("QT_QPA_PLATFORM") or not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def run(home: Path, language: str) -> int:
    """Open the window of the station in ``home`` and stay until it is closed; returns the exit code.

    Raises:
        CosightError: the station can not be opened; no window was shown.
    """
    from workstation.wiring import build

    return run_station(lambda: build(home), language)


def run_station(station_builder: Callable[[], Station], language: str) -> int:
    """As ``run``, for a station built by the caller."""
    if not _has_display():
        raise NotFound(
            "There is no display here to open a window on; the command line works without one"
        )
    app = application(language)
    windows = Windows(station_builder())
    turns = _end_by_signals(app)
    before = sys.excepthook
    sys.excepthook = _hook(windows.main)
    try:
        windows.open()
        return app.exec()
    finally:
        turns.stop()
        windows.close()
        sys.excepthook = before


def tour(region: DemoRegion, pictures: Path, language: str, tell: Callable[[str], None]) -> int:
    """Walk the main job through the real window, over a real archive process; returns the exit code."""
    from workstation.services.archive_process import ArchiveProcess
    from workstation.services.demo_region import ARCHIVE_AET
    from workstation.ui.tour import Tour
    from workstation.wiring import build

    if not _has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application(language)
    archive = ArchiveProcess(region.archive, ARCHIVE_AET, region.port)
    archive.start()
    try:
        return Tour(region, archive, lambda home: Windows(build(home)), pictures, tell).walk()
    finally:
        archive.stop()


def _end_by_signals(app: QApplication) -> QTimer:
    """Ctrl-C in the terminal and SIGTERM close the window in order.

    Python hears a signal only between two of its own steps, so a timer makes one now and then.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: app.quit())
    turns = QTimer()
    turns.timeout.connect(lambda: None)
    turns.start(_SIGNAL_TURN_MS)
    return turns


Hook = Callable[[type[BaseException], BaseException, TracebackType | None], None]


def _hook(window: MainWindow) -> Hook:
    """Write where it happened, never what was said: the message of an exception may quote a patient."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        places = " < ".join(
            f"{Path(f.filename).name}:{f.lineno} {f.name}"
            for f in reversed(traceback.extract_tb(trace))
        )
        _log.error("unforeseen %s at %s", kind.__name__, places)
        if isinstance(error, Exception):
            window.tell(words.failure_text(error))

    return hook
