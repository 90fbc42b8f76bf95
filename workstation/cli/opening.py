"""Opening the station a command works on, and knowing who acts.

A password comes from COSIGHT_PASSWORD or from a prompt, never from an argument: arguments are seen by everybody on
the machine.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from workstation.domain.errors import BadInput

if TYPE_CHECKING:
    from workstation.services.sessions import Session
    from workstation.services.station import Station


@contextmanager
def station_at(args: argparse.Namespace) -> Iterator[Station]:
    """The station in ``--home``, closed at the end."""
    from workstation.wiring import build

    station = build(args.home)
    try:
        yield station
    finally:
        station.close()


def session_of(args: argparse.Namespace, station: Station) -> Session:
    """The session of ``--as``, its password from COSIGHT_PASSWORD or a prompt.

    Raises:
        BadInput: nobody was named, or there is no way to ask for the password.
        SignatureFailure: the password is wrong.
    """
    if not args.person:
        raise BadInput("Say who acts: --as PERSON")
    password = os.environ.get("COSIGHT_PASSWORD")
    if password is None:
        if not sys.stdin.isatty():
            raise BadInput(
                "There is no password for {person}: set COSIGHT_PASSWORD", person=args.person
            )
        password = getpass.getpass(f"{args.person}: ")
    return station.sessions.login(args.person, password)
