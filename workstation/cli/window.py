"""The commands that open a window: the only place where the command line touches Qt.

The demo's window has its archive as a process of its own beside it, which ends with the window.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from workstation.cli.printing import Printer
from workstation.services.demo_region import ARCHIVE_AET, PEOPLE, DemoRegion


def open_window(args: argparse.Namespace, printer: Printer) -> int:  # noqa: ARG001  every command takes both
    """The window of the station in ``--home``."""
    from workstation.app import run
    from workstation.settings import load

    return run(args.home, load(args.home).language)


def open_demo(region: DemoRegion, language: str, printer: Printer) -> int:
    """The demo's archive as a process of its own, and the window of its first station."""
    from workstation.app import run
    from workstation.services.archive_process import ArchiveProcess

    process = ArchiveProcess(region.archive, ARCHIVE_AET, region.port)
    process.start()
    try:
        for person in PEOPLE:
            printer.line(f"{person.level.value:8} {person.person_id:10} {person.password}")
        return run(region.home("station-a"), language)
    finally:
        process.stop()


def walk_tour(region: DemoRegion, pictures: Path, language: str, printer: Printer) -> int:
    """The main job by itself, through the real window."""
    from workstation.app import tour

    return tour(region, pictures, language, printer.line)
