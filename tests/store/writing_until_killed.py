"""A program that signs and imports as fast as it can and says what it has acknowledged, until it is killed."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.store.records import NOW, act, parsed
from workstation.store import Store
from workstation.store.outbox import OutboxKind


def main(home: Path) -> None:
    """Write for ever; each line on standard output is a promise."""
    store = Store.open(home)
    say("ready")
    while True:
        number = sign(store)
        say(f"act {number}")
        uid = f"1.2.3.{number}"
        store.index.add_instance(parsed(uid), store.files.stage(uid.encode() * 500), NOW)
        say(f"object {uid}")


def sign(store: Store) -> int:
    """One act with its outbox row and audit line."""
    with store.writing() as tx:
        head = tx.chain_head()
        made = act(head.number, station_id=head.station_id)
        tx.add_act(made)
        tx.add_outbox("archive", OutboxKind.ACT, made.sop_uid, made.digest, now=NOW)
        tx.add_audit(NOW, "p", "SUBMIT", made.sop_uid)
    return head.number


def say(line: str) -> None:
    """One write, so that a line is whole or absent."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
