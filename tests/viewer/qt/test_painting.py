"""Texts on small canvases: corners stay where they are, letters between them give way."""

from __future__ import annotations

from PySide6.QtCore import QRect
from pytestqt.qtbot import QtBot

from viewer.overlay import MARGIN_PX, Text
from viewer.qt.painting import Style, TextStamps, laid_out

WIDTH, HEIGHT = 300.0, 200.0
CORNER = Text(
    anchor=(WIDTH - MARGIN_PX, HEIGHT - MARGIN_PX), corner="bottom-right",
    lines=("Series 30026", "Thickness 1 mm  Location F 544.8 mm"),
)  # fmt: skip
LETTER = Text(
    anchor=(WIDTH / 2, HEIGHT - MARGIN_PX), corner="bottom", lines=("P",), role="orientation"
)


def boxes(texts: list[Text], ratio: float = 1.0) -> list[QRect]:
    stamps = TextStamps(Style())
    return [QRect(where, stamp.size()) for where, stamp in laid_out(texts, stamps, ratio)]


def test_a_letter_moves_up_from_the_corner_text_that_reaches_it(qtbot: QtBot) -> None:
    alone = boxes([LETTER])[0]
    first, second, letter = boxes([LETTER, CORNER])
    assert boxes([CORNER]) == [first, second]
    assert letter.left() == alone.left()
    assert letter.bottom() < alone.bottom()
    assert not letter.intersects(second)
    assert not letter.intersects(first)


def test_with_room_every_text_stands_at_its_anchor(qtbot: QtBot) -> None:
    corner = Text(anchor=CORNER.anchor, corner="bottom-right", lines=("47 / 92",))
    (box, letter) = boxes([LETTER, corner])
    assert letter == boxes([LETTER])[0]
    assert abs(letter.center().x() - WIDTH / 2) <= 1
    # the outline reaches two pixels beyond the text's own box
    assert box.right() == WIDTH - MARGIN_PX + 1
    assert box.bottom() == HEIGHT - MARGIN_PX + 1


def test_on_a_fine_screen_margins_grow_with_the_text(qtbot: QtBot) -> None:
    name = Text(anchor=(MARGIN_PX, MARGIN_PX), corner="top-left", lines=("WANG",))
    (box,) = boxes([name], ratio=2.0)
    assert (box.left() + 4, box.top() + 4) == (2 * MARGIN_PX, 2 * MARGIN_PX)


def test_a_line_is_drawn_once_and_stamped_from_then_on(qtbot: QtBot) -> None:
    stamps = TextStamps(Style())
    first = stamps.line("WANG", "annotation", 1.0)
    assert stamps.line("WANG", "annotation", 1.0) is first
    assert stamps.line("WANG", "annotation", 2.0) is not first
    for number in range(1000):
        stamps.line(f"{number} / 1000", "annotation", 1.0)
    assert stamps.line("WANG", "annotation", 1.0) is not first
