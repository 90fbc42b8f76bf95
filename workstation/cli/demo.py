"""``cosight demo``: a whole small region on this machine, to try, to watch, or for a script to play.

Lays out the archive, two stations and four people where there are none yet; the window, the tour, or nothing
follows.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

from workstation.cli.printing import Printer


def declare(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command of this module."""
    demo = commands.add_parser(
        "demo", parents=[common], help="archive, people and real images made up on the spot"
    )
    demo.add_argument(
        "--tour", type=Path, metavar="DIR", help="walk the main job, keep its pictures"
    )
    demo.add_argument(
        "--prepare", type=Path, metavar="DIR", help="only lay the region out and describe it"
    )
    demo.add_argument("--language", choices=("zh_CN", "en"), default="zh_CN")
    demo.set_defaults(run=_demo)


def _demo(args: argparse.Namespace, printer: Printer) -> int:
    from workstation.services import demo_region
    from workstation.wiring import build

    now = dt.datetime.now().astimezone()
    if args.prepare is not None:
        region = demo_region.find(args.prepare) or demo_region.prepare(args.prepare, build, now)
        described = region.as_json()
        import json

        printer.answer(described, json.dumps(described, ensure_ascii=False, indent=2))
        return 0
    if args.tour is not None:
        with tempfile.TemporaryDirectory(prefix="cosight-tour-") as folder:
            printer.line("laying out the demo region")
            region = demo_region.prepare(Path(folder) / "region", build, now)
            from workstation.cli.window import walk_tour

            return walk_tour(region, args.tour, args.language, printer)
    folder = args.home.parent / "demo"
    found = demo_region.find(folder)
    if found is not None and found.day != now.date():
        printer.line(f"the demo region of {found.day} goes on; remove {folder} for a new one")
    if found is None:
        printer.line("laying out the demo region; this takes some seconds")
        found = demo_region.prepare(folder, build, now)
    from workstation.cli.window import open_demo

    return open_demo(found, args.language, printer)
