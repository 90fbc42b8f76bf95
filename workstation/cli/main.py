"""The arguments of ``cosight`` and the way from them to a command.

Every command takes ``--home``, ``--as`` and ``--json``, before or after its own name. What a command cannot do is one
line on stderr and status 1; wrong usage is argparse's 2.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from workstation.cli import archive, demo, images, proof, reports
from workstation.cli.printing import Printer
from workstation.domain.errors import CosightError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    args = parser().parse_args(arguments)
    printer = Printer(as_json=getattr(args, "json", False))
    args.home = _home(args)
    if "run" not in args:
        from workstation.cli.window import open_window

        args.run = open_window
    from viewer.sandbox import SandboxError
    from viewer.volume import ImageError

    try:
        return int(args.run(args, printer) or 0)
    except (CosightError, ImageError, SandboxError) as error:
        printer.refuse(error)
        return 1
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="cosight", description="Radiology reading workstation; without a command the window."
    )
    top.add_argument("--home", type=Path, help="the station's folder (or COSIGHT_HOME)")
    top.add_argument(
        "--as", dest="person", default="", help="who acts; COSIGHT_PASSWORD or a prompt"
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="answer as JSON")
    common.add_argument("--home", type=Path, default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    common.add_argument("--as", dest="person", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    commands = top.add_subparsers(title="commands", metavar="COMMAND")
    for part in (demo, archive, images, reports, proof):
        part.declare(commands, common)
    return top


def _home(args: argparse.Namespace) -> Path:
    if args.home is not None:
        return Path(args.home)
    named = os.environ.get("COSIGHT_HOME")
    if named:
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_data_dir("cosight", appauthor=False)) / "station"
