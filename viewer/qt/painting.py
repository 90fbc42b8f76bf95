"""Paints pictures and display lists with Qt: arrays to images, text with a halo, lines.

The painter works in device pixels, as the display list does. Text is drawn over a dark outline so
that it can be read over bone and over air. Knows no DICOM; colours come from a `Style`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPainter,
    QPainterPath,
    QPen,
    QTextLayout,
    QTextOption,
)

from viewer.overlay import MARGIN_PX, Drawing, Line, Polyline, Text

_ROLE_COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "crosshair": "#F0B44C",
        "plane-axial": "#F0B44C",
        "plane-coronal": "#4DA3FF",
        "plane-sagittal": "#5FD0B8",
        "measurement": "#7CFC9A",
        "warning": "#F0B44C",
    }
)
_LINE_OPACITY = 0.75
_HALO_PX = 1.6
_HALO_STEPS = 12
_MOST_STAMPS = 400
_MOST_MOVES = 12
_MOST_WARNING_LINES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """Colours as #RRGGBB, sizes in logical pixels; roles without a colour are `text`."""

    ground: str = "#000000"
    text: str = "#E4E9EF"
    dim: str = "#8E99A5"
    accent: str = "#4DA3FF"
    track: str = "#262C33"
    loaded: str = "#56616D"
    alarm: str = "#FF5A4F"
    families: tuple[str, ...] = ("Noto Sans CJK SC", "Microsoft YaHei", "Noto Sans")
    text_px: int = 12
    letter_px: int = 14
    roles: Mapping[str, str] = field(default_factory=lambda: _ROLE_COLOURS)

    def colour(self, role: str) -> QColor:
        """The colour of a role of the display list."""
        return QColor(self.roles.get(role, self.text))

    def font(self, px: float) -> QFont:
        """The font at a size in the painter's pixels."""
        font = QFont()
        font.setFamilies(list(self.families))
        font.setPixelSize(max(1, round(px)))
        font.setStyleHint(QFont.StyleHint.SansSerif)
        return font


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """What the track beside a series tells, in shares of the series, 0-1.

    `loaded` are the stretches that are at hand; `gaps` the places where slices are missing.
    """

    loaded: tuple[tuple[float, float], ...] = ()
    gaps: tuple[float, ...] = ()


def image_of(picture: npt.NDArray[np.uint8]) -> QImage:
    """A Qt image that looks at the array's own memory; the caller keeps the array alive."""
    pixels = np.ascontiguousarray(picture)
    if pixels is not picture:
        raise ValueError("a picture is one block of memory")
    height, width = picture.shape[:2]
    colour = picture.ndim == 3
    kind = QImage.Format.Format_RGB888 if colour else QImage.Format.Format_Grayscale8
    return QImage(picture.data, width, height, picture.strides[0], kind)


class TextStamps:
    """Lines of text with their dark outline, drawn once and stamped from then on.

    A name stands on the screen for hundreds of pictures and an outline costs as much as a picture;
    what has not been stamped lately is forgotten with the rest when there are too many.
    """

    def __init__(self, style: Style) -> None:
        self.style = style
        self._stamps: dict[tuple[str, str, float], QImage] = {}
        self._wrapped: dict[tuple[str, float, float], tuple[str, ...]] = {}

    def line(self, text: str, role: str, ratio: float) -> QImage:
        """One line at a screen's `ratio`; the outline reaches `halo_px` beyond the glyphs' box."""
        key = (text, role, ratio)
        stamp = self._stamps.pop(key, None) or self._drawn(text, role, ratio)
        self._stamps[key] = stamp
        if len(self._stamps) > _MOST_STAMPS:
            self._stamps = dict(list(self._stamps.items())[_MOST_STAMPS // 2 :])
        return stamp

    def elided(self, text: str, ratio: float, most_px: float) -> QImage:
        """A line of annotation cut to at most `most_px` device pixels, with an ellipsis."""
        metrics = QFontMetricsF(self._font("annotation", ratio))
        cut = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(most_px, 0.0))
        return self.line(cut, "annotation", ratio)

    def wrapped(self, text: str, ratio: float, most_px: float) -> tuple[str, ...]:
        """A sentence in lines of at most `most_px` device pixels, broken where its script allows.

        What does not fit into three lines ends with an ellipsis; the strip's tool tip has the whole.
        """
        key = (text, ratio, most_px)
        known = self._wrapped.get(key)
        if known is None:
            if len(self._wrapped) > _MOST_STAMPS:
                self._wrapped.clear()
            known = _broken(text, self._font("warning", ratio), most_px)
            self._wrapped[key] = known
        return known

    def _font(self, role: str, ratio: float) -> QFont:
        style = self.style
        return style.font((style.letter_px if role == "orientation" else style.text_px) * ratio)

    def _drawn(self, text: str, role: str, ratio: float) -> QImage:
        style = self.style
        font = self._font(role, ratio)
        metrics = QFontMetricsF(font)
        reach = math.ceil(_HALO_PX * ratio)
        wide = math.ceil(metrics.horizontalAdvance(text)) + 2 * reach
        stamp = QImage(
            wide,
            math.ceil(metrics.height()) + 2 * reach,
            QImage.Format.Format_ARGB32_Premultiplied,
        )
        stamp.fill(Qt.GlobalColor.transparent)
        painter = QPainter(stamp)
        painter.setFont(font)
        at = QPointF(reach, reach + round(metrics.ascent()))
        painter.setPen(QColor(0, 0, 0, 150))
        for step in range(_HALO_STEPS):
            angle = 2.0 * math.pi * step / _HALO_STEPS
            away = QPointF(math.cos(angle), math.sin(angle)) * (_HALO_PX * ratio)
            painter.drawText(at + away, text)
        painter.setPen(style.colour(role))
        painter.drawText(at, text)
        painter.end()
        return stamp


def _broken(text: str, font: QFont, most_px: float) -> tuple[str, ...]:
    """The lines of a text, by Unicode's rules for where a line may end (UAX 14)."""
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    starts: list[int] = []
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(most_px, 1.0))
        starts.append(line.textStart())
    layout.endLayout()
    lines = [text[a:b].strip() for a, b in itertools.pairwise([*starts, len(text)])]
    if len(lines) > _MOST_WARNING_LINES:
        rest = text[starts[_MOST_WARNING_LINES - 1] :]
        elided = QFontMetricsF(font).elidedText(rest, Qt.TextElideMode.ElideRight, most_px)
        lines = [*lines[: _MOST_WARNING_LINES - 1], elided]
    return tuple(line for line in lines if line)


def paint(painter: QPainter, drawings: Iterable[Drawing], stamps: TextStamps, ratio: float) -> None:
    """Lines in their own order, texts over them; `ratio` is device pixels per logical pixel."""
    texts: list[Text] = []
    for drawing in drawings:
        if isinstance(drawing, Text):
            texts.append(drawing)
        elif isinstance(drawing, Line):
            _paint_lines(painter, [drawing.start, drawing.end], drawing.role, stamps.style, ratio)
        elif isinstance(drawing, Polyline):
            points = [*drawing.points, drawing.points[0]] if drawing.closed else drawing.points
            _paint_lines(painter, points, drawing.role, stamps.style, ratio)
    for where, stamp in laid_out(texts, stamps, ratio):
        painter.drawImage(where, stamp)


def laid_out(
    texts: Iterable[Text], stamps: TextStamps, ratio: float
) -> list[tuple[QPoint, QImage]]:
    """Where each line is stamped, corners first.

    Corners keep their place; on a small canvas what stands between them at the top or bottom (an
    orientation letter, a warning) moves inwards until nothing lies on it, and a line at the right is
    cut where it would lie on one at the left (the patient's). Warnings are wrapped.
    """
    placed: list[tuple[QPoint, QImage]] = []
    for text in sorted(texts, key=_rank):
        lines = _lines_of(text, stamps, ratio)
        if text.corner in {"top-right", "bottom-right"}:
            words = zip(text.lines, lines, strict=True)
            lines = [_given_way(line, said, placed, stamps, ratio) for said, line in words]
        inwards = {"top": 1, "bottom": -1}.get(text.corner, 0)
        for _ in range(_MOST_MOVES if inwards else 0):
            if not any(_overlap(line, other) for line in lines for other in placed):
                break
            step = inwards * lines[0][1].height()
            lines = [(where + QPoint(0, step), stamp) for where, stamp in lines]
        placed += lines
    return placed


def _lines_of(text: Text, stamps: TextStamps, ratio: float) -> list[tuple[QPoint, QImage]]:
    """Lines under each other; the outline lies outside the text's box."""
    reach = math.ceil(_HALO_PX * ratio)
    told = text.lines
    if text.role == "warning":  # it stands in the middle: as wide as the canvas without its margins
        most = 2.0 * (text.anchor[0] - MARGIN_PX * ratio)
        told = tuple(part for line in told for part in stamps.wrapped(line, ratio, most))
    lines = [stamps.line(line, text.role, ratio) for line in told]
    step = lines[0].height() - 2 * reach if lines else 0
    x, y = _inset(text, ratio)
    if text.corner in {"bottom-left", "bottom-right", "bottom"}:
        y -= step * len(lines)
    elif text.corner in {"left", "right"}:
        y -= step * len(lines) / 2
    share = _share_left_of_anchor(text)
    return [
        (
            QPoint(
                round(x - (stamp.width() - 2 * reach) * share) - reach,
                round(y + number * step) - reach,
            ),
            stamp,
        )
        for number, stamp in enumerate(lines)
    ]


def _given_way(
    line: tuple[QPoint, QImage],
    said: str,
    placed: Iterable[tuple[QPoint, QImage]],
    stamps: TextStamps,
    ratio: float,
) -> tuple[QPoint, QImage]:
    """A line of annotation at the right, cut short of what it would lie on; its end stays where it is."""
    where, stamp = line
    met = [at.x() + other.width() for at, other in placed if _overlap(line, (at, other))]
    if not met:
        return line
    end = where.x() + stamp.width()
    cut = stamps.elided(said, ratio, end - max(met) - 2 * math.ceil(_HALO_PX * ratio))
    return (QPoint(end - cut.width(), where.y()), cut)


def _rank(text: Text) -> int:
    """Left corners and sides first, then right ones, then letters, then warnings: each finds room beside the last."""
    if text.role == "warning":
        return 3
    if text.corner in {"top", "bottom"}:
        return 2
    return int(text.corner in {"top-right", "bottom-right"})


def _overlap(one: tuple[QPoint, QImage], other: tuple[QPoint, QImage]) -> bool:
    return QRect(one[0], one[1].size()).intersects(QRect(other[0], other[1].size()))


def _inset(text: Text, ratio: float) -> tuple[float, float]:
    """The anchor, its margin grown with the screen's scale (the display list counts in pixels)."""
    x, y = text.anchor
    more = MARGIN_PX * (ratio - 1.0)
    x += more if "left" in text.corner else -more if "right" in text.corner else 0.0
    y += more if "top" in text.corner else -more if "bottom" in text.corner else 0.0
    return (x, y)


def _share_left_of_anchor(text: Text) -> float:
    if text.corner in {"top", "bottom"}:
        return 0.5
    return 1.0 if "right" in text.corner else 0.0


def _paint_lines(
    painter: QPainter,
    points: Iterable[tuple[float, float]],
    role: str,
    style: Style,
    ratio: float,
) -> None:
    """A polyline over a dark one twice as wide. Cross lines stay thin, sharp and half seen through."""
    path = QPainterPath()
    for number, (x, y) in enumerate(points):
        if number == 0:
            path.moveTo(x, y)
        else:
            path.lineTo(x, y)
    is_cross = role == "crosshair" or role.startswith("plane-")
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=not is_cross)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if is_cross:
        painter.setOpacity(_LINE_OPACITY)
    else:
        painter.setPen(QPen(QColor(0, 0, 0, 200), 3.0 * ratio))
        painter.drawPath(path)
    painter.setPen(QPen(style.colour(role), (1.0 if is_cross else 1.5) * ratio))
    painter.drawPath(path)
    painter.restore()


def paint_notice(
    painter: QPainter, text: str, area: QRectF, *, style: Style, ratio: float, alarming: bool
) -> None:
    """One sentence in the middle of an area, wrapped, as plain text."""
    painter.setFont(style.font((style.text_px + 1) * ratio))
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    inner = area.adjusted(area.width() * 0.1, 0, -area.width() * 0.1, 0)
    bounds = painter.boundingRect(inner, int(flags), text)
    pad = 10.0 * ratio
    painter.fillRect(bounds.adjusted(-pad, -pad, pad, pad), QColor(0, 0, 0, 190))
    painter.setPen(QColor(style.alarm if alarming else style.dim))
    painter.drawText(inner, int(flags), text)


def paint_position(
    painter: QPainter,
    area: QRectF,
    place: float,
    ticks: Ticks,
    *,
    style: Style,
    ratio: float,
) -> None:
    """The thin track at the right side: what is loaded, where slices are missing, where one is."""
    wide, pad = 3.0 * ratio, 3.0 * ratio
    x = area.right() - wide
    top, tall = area.top() + pad, area.height() - 2 * pad
    painter.fillRect(QRectF(x, top, wide, tall), QColor(style.track))
    for first, last in ticks.loaded:
        painter.fillRect(
            QRectF(x, top + first * tall, wide, (last - first) * tall), QColor(style.loaded)
        )
    tick = 8.0 * ratio
    for gap in ticks.gaps:
        middle = top + gap * (tall - tick) + tick / 2
        notch = QRectF(x - 4.0 * ratio, middle - ratio, wide + 4.0 * ratio, 2.0 * ratio)
        painter.fillRect(notch, style.colour("warning"))
    y = top + place * (tall - tick)
    painter.fillRect(QRectF(x - ratio, y, wide + ratio, tick), QColor(style.accent))
