"""``cosight node``: the embedded archive. ``cosight nodes``: the archives this station knows.

The node ends with SIGTERM, SIGINT, or with the program that started it when told so. Probing asks each archive for a
C-ECHO and tells in one line why one does not answer.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from workstation.cli.opening import station_at
from workstation.cli.printing import Printer, table
from workstation.domain.errors import LineFailure, NotFound


def declare(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands of this module."""
    node = commands.add_parser(
        "node", parents=[common], help="run the embedded archive (C-ECHO, C-STORE, C-FIND, C-GET)"
    )
    node.add_argument("--store", type=Path, required=True, help="the archive's folder")
    node.add_argument("--port", type=_port, required=True, help="0 takes a free one")
    node.add_argument("--aet", type=_aet, default="COSIGHT", help="its application entity title")
    node.add_argument(
        "--until-stdin-closes", action="store_true", help="end when the starting program ends"
    )
    node.set_defaults(run=_node)
    nodes = commands.add_parser("nodes", parents=[common], help="the archives this station knows")
    verbs = nodes.add_subparsers(required=True, metavar="add|list|probe")
    add = verbs.add_parser("add", parents=[common])
    add.add_argument("name")
    add.add_argument("address", help="AET@host:port")
    add.set_defaults(run=_add)
    verbs.add_parser("list", parents=[common]).set_defaults(run=_list)
    probe = verbs.add_parser("probe", parents=[common])
    probe.add_argument("name", nargs="?", default="")
    probe.set_defaults(run=_probe)


def _port(text: str) -> int:
    """A TCP port, for argparse: ValueError is wrong usage."""
    if not (text.isdecimal() and int(text) <= 65535):
        raise ValueError(text)
    return int(text)


def _aet(text: str) -> str:
    """An application entity title (PS3.5 6.2, AE), for argparse."""
    if not 1 <= len(text.strip()) <= 16 or not text.isascii() or not text.isprintable():
        raise ValueError(text)
    return text.strip()


def _node(args: argparse.Namespace, printer: Printer) -> int:
    from workstation.wiring import serve_archive

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if args.until_stdin_closes:
        threading.Thread(target=_await_end_of_input, args=(stop,), daemon=True).start()

    def ready(port: int) -> None:
        told = {"port": port, "aet": args.aet}
        if printer.as_json:
            import json

            print(json.dumps(told), flush=True)
        else:
            printer.answer(told, f"{args.aet} listens on port {port}")

    serve_archive(args.store, args.port, args.aet, ready=ready, stop=stop)
    return 0


def _await_end_of_input(stop: threading.Event) -> None:
    while sys.stdin.read(4096):
        pass
    stop.set()


def _add(args: argparse.Namespace, printer: Printer) -> int:
    from workstation.settings import node_of

    node = node_of(args.name, args.address)
    with station_at(args) as station:
        station.add_node(node)
    printer.answer(node, f"{node.name}  {node.address}")
    return 0


def _list(args: argparse.Namespace, printer: Printer) -> int:
    with station_at(args) as station:
        nodes = station.nodes()
    printer.answer(nodes, table([(n.name, n.address) for n in nodes]))
    return 0


def _probe(args: argparse.Namespace, printer: Printer) -> int:
    with station_at(args) as station:
        nodes = [n for n in station.nodes() if args.name in {"", n.name}]
        if not nodes:
            raise NotFound("This station knows no archive {name}", name=args.name)
        answers = []
        for node in nodes:
            try:
                station.client_of(node).echo()
                answers.append({"name": node.name, "answers": True, "why": ""})
            except LineFailure as error:
                answers.append({"name": node.name, "answers": False, "why": str(error)})
    text = table([(str(a["name"]), "answers" if a["answers"] else str(a["why"])) for a in answers])
    printer.answer(answers, text)
    return 0 if all(a["answers"] for a in answers) else 1
