"""The Qt binding keeps Python's books: a call that returns nothing must not cost a reference to None.

PySide6 6.12.0 on Python 3.11 loses one at every such call, and the interpreter ends with "deallocating None" after some
thousand of them, in the middle of a report. From Python 3.12 on None is immortal and the fault can do no harm.
"""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

CALLS = 500


def test_calls_that_return_nothing_cost_no_reference_to_none(qtbot: QtBot) -> None:
    label = QLabel("Cosight")
    qtbot.addWidget(label)
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        label.update()
    assert sys.getrefcount(None) - before > -CALLS // 2
