"""The arguments of ``cosight`` and the way from them to a command.

Every command takes ``--home``, ``--as`` and ``--json``, before or after its own name. What a command cannot do is one
line on stderr and status 1; wrong usage is argparse's 2.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from workstation.cli import archive, demo, images, proof, reports
from workstation.cli.printing import Printer
from workstation.domain.errors import CosightError, StoreFailure


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    _speak_utf8()
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
        # Nobody reads the answer; what is left of it must not fail again when the program ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        printer.refuse(_told(error))
        return 1
    except (KeyboardInterrupt, EOFError):
        return 130


def _speak_utf8() -> None:
    """Answers are UTF-8 whatever the system's locale: programs read them, and names are Chinese."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _told(error: OSError) -> StoreFailure:
    """A file or folder that the system refuses, as one sentence."""
    name = Path(str(error.filename)).name if error.filename else ""
    return StoreFailure(
        "{file} cannot be read or written: {why}",
        file=name or "A file",
        why=error.strerror or type(error).__name__,
    )


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="cosight", description="Radiology reading workstation; without a command the window."
    )
    top.add_argument("--json", action="store_true", help="answer as JSON")
    top.add_argument("--home", type=Path, help="the station's folder (or COSIGHT_HOME)")
    top.add_argument(
        "--as", dest="person", default="", help="who acts; COSIGHT_PASSWORD or a prompt"
    )
    common = argparse.ArgumentParser(add_help=False)
    # Absent means "as said before the command": a default here would take that back.
    common.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="answer as JSON"
    )
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
