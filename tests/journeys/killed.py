"""A station whose power goes at a named point: the real command line, and SIGKILL where the point lies.

Points:
    in-transaction      an act is written but its transaction has not ended
    after-commit        the transaction has ended, nothing was sent
    after-store         the archive answered, nothing was read back
    before-confirm      the object came back whole, the outbox does not know
    before-keep         an act of another station arrived, it is not kept yet
"""

from __future__ import annotations

import os
import signal
from typing import Any

POINTS = ("in-transaction", "after-commit", "after-store", "before-confirm", "before-keep")


def die(*_args: Any, **_named: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str) -> None:
    """Put the kill into the real classes of this process."""
    from workstation.network.dimse import ArchiveClient
    from workstation.services.reporting import Reporting
    from workstation.store.acts import Acts
    from workstation.store.outbox import Outbox
    from workstation.store.transaction import Transaction

    if point == "in-transaction":
        Transaction.add_audit = die  # type: ignore[method-assign]  # the kill is put into the real class
    elif point == "after-commit":
        Reporting.tell = die  # type: ignore[method-assign]
    elif point == "after-store":
        ArchiveClient.get_bytes = _only_for_stored(ArchiveClient.get_bytes)  # type: ignore[method-assign]
    elif point == "before-confirm":
        Outbox.confirm = die  # type: ignore[method-assign]
    elif point == "before-keep":
        Acts.add_received = die  # type: ignore[method-assign]
    else:
        raise SystemExit(f"unknown point {point}")


def _only_for_stored(get_bytes: Any) -> Any:
    """Die at the first reading back after something was stored in this process."""
    from workstation.network.dimse import ArchiveClient

    stored: list[int] = []
    store_all = ArchiveClient.store_all

    def noted(client: Any, contents: Any) -> Any:
        answers = store_all(client, contents)
        stored.append(len(contents))
        return answers

    ArchiveClient.store_all = noted  # type: ignore[method-assign]

    def get(client: Any, *words: Any, **named: Any) -> Any:
        return die() if stored else get_bytes(client, *words, **named)

    return get
