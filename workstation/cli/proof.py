"""``cosight verify``: signatures, journals, levels and the audit chain of what it is given.

The status is 0 only when everything that was looked at holds, and something was looked at.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from workstation.cli.opening import station_at
from workstation.cli.printing import Printer
from workstation.domain.errors import NotFound


def declare(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands of this module."""
    verify = commands.add_parser(
        "verify",
        parents=[common],
        help="check signed files; without paths this station's journals, reports and audit chain",
    )
    verify.add_argument("paths", nargs="*", type=Path, help="files or folders")
    verify.set_defaults(run=_verify)


def _verify(args: argparse.Namespace, printer: Printer) -> int:
    from workstation.services.verifying import verify_files, verify_station

    with station_at(args) as station:
        if args.paths:
            absent = [p for p in args.paths if not p.exists()]
            if absent:
                raise NotFound("There is no file or folder {name}", name=absent[0].name)
            findings = verify_files(station, args.paths)
        else:
            findings = verify_station(station)
    lines = [f"{'ok' if f.sound else 'BAD'}  {f.what}  {f.detail}".rstrip() for f in findings]
    printer.answer(findings, "\n".join(lines))
    return 0 if findings and all(f.sound for f in findings) else 1
