"""Texts on small canvases: corners stay where they are, letters between them give way."""

from __future__ import annotations

import pytest
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


PATIENT = Text(
    anchor=(MARGIN_PX, MARGIN_PX), corner="top-left", lines=("WANG XIAODONG", "0004412  M  61"),
)  # fmt: skip
SLICES = "Slices are missing in 12 places: 3.0 mm lie between most, 9.0 mm at the widest gap."
COMMA = "\N{FULLWIDTH COMMA}"
CHINESE = (
    "有 12 处缺层:多数层间距为 3.0 毫米,最宽处为 9.0 毫米。斜切机架,图像按机架倾角显示,未作校正。"
).replace(",", COMMA)


def warning(*lines: str, width: float = WIDTH) -> Text:
    return Text(anchor=(width / 2, 32.0), corner="top", lines=lines, role="warning")


@pytest.mark.parametrize("ratio", [1.0, 2.0])
@pytest.mark.parametrize("sentence", [SLICES, CHINESE])
def test_a_long_warning_is_wrapped_below_the_patient(
    qtbot: QtBot, ratio: float, sentence: str
) -> None:
    told = warning(sentence, sentence, width=WIDTH * ratio)
    placed = boxes([told, LETTER, PATIENT], ratio)
    name, number, _letter, *lines = placed
    assert len(lines) >= 4  # two sentences of two lines at least
    for line in lines:
        assert line.left() >= 0
        assert line.right() <= WIDTH * ratio
        assert not line.intersects(name)
        assert not line.intersects(number)


def test_a_warning_loses_no_word_and_breaks_between_chinese_signs(qtbot: QtBot) -> None:
    stamps = TextStamps(Style())
    lines = stamps.wrapped(SLICES, 1.0, 280.0)
    assert " ".join(lines) == SLICES
    assert len(lines) == 2
    chinese = stamps.wrapped(CHINESE, 1.0, 280.0)
    assert "".join(chinese).replace(" ", "") == CHINESE.replace(" ", "")
    # no line begins with a sign that closes (GB/T 15834: they never stand at the head of a line)
    assert not any(line[0] in f"{COMMA}。:" for line in chinese)


def test_what_fits_no_three_lines_ends_with_an_ellipsis(qtbot: QtBot) -> None:
    lines = TextStamps(Style()).wrapped(SLICES * 4, 1.0, 200.0)
    assert len(lines) == 3
    assert lines[-1].endswith("\N{HORIZONTAL ELLIPSIS}")


def test_a_short_warning_stays_where_it_was(qtbot: QtBot) -> None:
    (box,) = boxes([warning("Reduced 1:2")])
    assert abs(box.center().x() - WIDTH / 2) <= 1
    assert box.top() + 2 == 32


def test_what_stands_at_the_right_never_lies_on_the_patient(qtbot: QtBot) -> None:
    number = "12.04.14-17:25:46-DST-1.3.12.2"
    patient = Text(anchor=PATIENT.anchor, corner="top-left", lines=("WANG", number))
    study = Text(
        anchor=(WIDTH - MARGIN_PX, MARGIN_PX), corner="top-right",
        lines=("Central", "Head with contrast and diffusion", "2012-04-14 17:36"),
    )  # fmt: skip
    alone = boxes([study])
    name, identity, *others = boxes([study, patient])
    assert [name, identity] == boxes([patient])
    assert [others[0], others[2]] == [alone[0], alone[2]]
    assert others[1].right() == alone[1].right()
    assert others[1].width() < alone[1].width()
    assert not others[1].intersects(identity)
