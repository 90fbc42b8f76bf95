"""The look: one frozen value of tokens, and the style sheet, font and palette made from it.

Dark, quiet, one accent for selection and the one thing to do next; red only for what can harm. States differ by shape
and colour (``workstation.ui.glyphs`` draws the shapes). A widget never names a colour of its own: it carries a ``role``
property that the style sheet knows, or paints with a token.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QWidget

FAMILIES = ("Noto Sans CJK SC", "Microsoft YaHei", "Noto Sans SC", "PingFang SC", "Noto Sans")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Colours as #RRGGBB, sizes in logical pixels."""

    ground: str = "#0E1114"
    panel: str = "#14181D"
    raised: str = "#1B2026"
    line: str = "#262C33"
    strip: str = "#121E2C"
    text: str = "#D9DFE6"
    dim: str = "#8E99A5"
    accent: str = "#4DA3FF"
    action: str = "#1C66C9"
    action_hover: str = "#2474DE"
    selected: str = "#18314C"
    caution: str = "#F0B44C"
    caution_ground: str = "#231C0E"
    unread: str = "#8E99A5"
    draft: str = "#4DA3FF"
    submitted: str = "#F0B44C"
    returned: str = "#FF9447"
    final: str = "#3DBE7B"
    fork: str = "#C77DFF"
    alarm: str = "#FF5A4F"
    alarm_ground: str = "#2A1413"
    inserted: str = "#7BE0A4"
    inserted_ground: str = "#10301F"
    deleted: str = "#FF8A82"
    deleted_ground: str = "#361715"
    measurement: str = "#7CFC9A"
    font_px: int = 13
    small_px: int = 12
    report_px: int = 15
    name_px: int = 18
    title_px: int = 22
    grid: int = 4
    row: int = 32
    bar: int = 44
    icon: int = 20


DARK = Tokens()


def colour(value: str) -> QColor:
    """A token as Qt's colour."""
    return QColor(value)


def font(pixels: int = DARK.font_px, *, bold: bool = False) -> QFont:
    """The reading room's font at a size in pixels."""
    made = QFont()
    made.setFamilies(list(FAMILIES))
    made.setPixelSize(pixels)
    made.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return made


def set_role(widget: QWidget, role: str) -> None:
    """Give a widget a part to play in the style sheet, and repaint it if it played another."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def apply(application: QApplication, tokens: Tokens = DARK) -> None:
    """Dress the whole application: Fusion, palette, font, style sheet."""
    application.setStyle("Fusion")
    application.setPalette(palette(tokens))
    application.setFont(font(tokens.font_px))
    application.setStyleSheet(style_sheet(tokens))


def palette(tokens: Tokens) -> QPalette:
    """What Fusion paints where the style sheet says nothing."""
    made = QPalette()
    roles = QPalette.ColorRole
    pairs = {
        roles.Window: tokens.panel,
        roles.Base: tokens.ground,
        roles.AlternateBase: tokens.panel,
        roles.Text: tokens.text,
        roles.WindowText: tokens.text,
        roles.ButtonText: tokens.text,
        roles.Button: tokens.raised,
        roles.BrightText: tokens.alarm,
        roles.Highlight: tokens.selected,
        roles.HighlightedText: tokens.text,
        roles.PlaceholderText: tokens.dim,
        roles.Link: tokens.accent,
        roles.ToolTipBase: tokens.raised,
        roles.ToolTipText: tokens.text,
    }
    for role, value in pairs.items():
        made.setColor(role, colour(value))
    for role in (roles.Text, roles.WindowText, roles.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, colour(tokens.dim))
    return made


def style_sheet(tokens: Tokens = DARK) -> str:
    """The whole style sheet; widgets are told apart by type and by their ``role`` property."""
    chevron = files("resources").joinpath("icons", "chevron_down.svg")
    controls = _CONTROLS.format(t=tokens, chevron=str(chevron).replace("\\", "/"))
    return _GROUNDS.format(t=tokens) + controls + _LISTS.format(t=tokens)


_GROUNDS = """
QWidget {{ color: {t.text}; background: transparent; }}
QMainWindow, QDialog, QWidget[role="ground"] {{ background: {t.ground}; }}
QWidget[role="panel"] {{ background: {t.panel}; }}
QWidget[role="bar"] {{ background: {t.panel}; border-bottom: 1px solid {t.line}; }}
QWidget[role="strip"] {{ background: {t.strip}; border-bottom: 1px solid {t.line}; }}
QWidget[role="left"] {{ background: {t.panel}; border-right: 1px solid {t.line}; }}
QWidget[role="right"] {{ background: {t.panel}; border-left: 1px solid {t.line}; }}
QWidget[role="foot"] {{ background: {t.panel}; border-top: 1px solid {t.line}; }}
QWidget[role="caution"] {{ background: {t.caution_ground}; border: 1px solid #5A4516; border-radius: 4px; }}
QWidget[role="alarm"] {{ background: {t.alarm_ground}; border: 1px solid #5C2421; border-radius: 4px; }}
QWidget[role="remark"] {{ background: {t.raised}; border-left: 3px solid {t.accent}; }}
QLabel {{ background: transparent; border: none; }}
QLabel[role="dim"] {{ color: {t.dim}; }}
QLabel[role="caption"] {{ color: {t.dim}; }}
QLabel[role="name"] {{ font-size: {t.name_px}px; font-weight: 600; }}
QLabel[role="title"] {{ font-size: {t.title_px}px; font-weight: 600; }}
QLabel[role="strong"] {{ font-weight: 600; }}
QLabel[role="accent"] {{ color: #9CC9FF; }}
QLabel[role="alarmText"] {{ color: {t.alarm}; }}
QLabel[role="cautionText"] {{ color: {t.caution}; }}
QToolTip {{ color: {t.text}; background: {t.raised}; border: 1px solid {t.line}; padding: 4px; }}
"""

_CONTROLS = """
QPushButton {{ background: {t.raised}; border: 1px solid {t.line}; border-radius: 4px;
  padding: 5px 12px; min-height: 18px; }}
QPushButton:hover {{ border-color: #3A434D; background: #212830; }}
QPushButton:pressed {{ background: {t.selected}; }}
QPushButton:focus {{ border-color: {t.accent}; }}
QPushButton:disabled {{ color: #5B6670; background: {t.panel}; border-color: {t.line}; }}
QPushButton[role="primary"] {{ background: {t.action}; border-color: {t.action}; color: #FFFFFF; }}
QPushButton[role="primary"]:hover {{ background: {t.action_hover}; }}
QPushButton[role="primary"]:focus {{ border-color: #BBDCFF; }}
QPushButton[role="primary"]:disabled {{ background: {t.raised}; border-color: {t.line}; color: #5B6670; }}
QPushButton[role="link"] {{ background: transparent; border: none; color: {t.accent};
  padding: 0px 2px; min-height: 16px; text-align: left; }}
QPushButton[role="link"]:hover {{ text-decoration: underline; }}
QPushButton[role="chip"] {{ border-radius: 13px; padding: 3px 12px; min-height: 18px; }}
QPushButton[role="chip"]:checked {{ background: {t.selected}; border-color: {t.accent}; }}
QPushButton[role="chip"]:disabled:checked {{ color: {t.dim}; }}
QPushButton::menu-indicator {{ width: 0px; }}
QLineEdit, QComboBox {{ background: {t.ground}; border: 1px solid {t.line}; border-radius: 4px;
  padding: 5px 8px; min-height: 18px; selection-background-color: #2B5480; }}
QLineEdit:focus, QComboBox:focus {{ border-color: {t.accent}; }}
QLineEdit:disabled {{ color: {t.dim}; }}
QComboBox::drop-down {{ border: none; width: 24px; }}
QComboBox::down-arrow {{ image: url({chevron}); width: 12px; height: 12px; }}
QComboBox QAbstractItemView {{ background: {t.raised}; border: 1px solid {t.line}; outline: none;
  selection-background-color: {t.selected}; selection-color: {t.text}; }}
QPlainTextEdit, QTextEdit {{ background: {t.ground}; border: 1px solid {t.line}; border-radius: 4px;
  padding: 6px 8px; selection-background-color: #2B5480; }}
QPlainTextEdit:focus, QTextEdit:focus {{ border-color: {t.accent}; }}
QPlainTextEdit[readOnly="true"], QTextEdit[readOnly="true"] {{ background: {t.panel}; }}
QMenu {{ background: {t.raised}; border: 1px solid {t.line}; padding: 4px; }}
QMenu::item {{ padding: 6px 18px; border-radius: 3px; }}
QMenu::item:selected {{ background: {t.selected}; }}
QMenu::item:disabled {{ color: {t.dim}; }}
QMenu::separator {{ height: 1px; background: {t.line}; margin: 4px 6px; }}
QProgressBar {{ background: {t.line}; border: none; border-radius: 2px; max-height: 4px; min-height: 4px; }}
QProgressBar::chunk {{ background: {t.accent}; border-radius: 2px; }}
"""

_LISTS = """
QTableView {{ background: {t.ground}; border: none; gridline-color: transparent; outline: none;
  selection-background-color: {t.selected}; selection-color: {t.text}; }}
QHeaderView {{ background: {t.panel}; border: none; }}
QHeaderView::section {{ background: {t.panel}; color: {t.dim}; border: none;
  border-bottom: 1px solid {t.line}; padding: 0px 8px; }}
QHeaderView::section:hover {{ color: {t.text}; }}
QListWidget {{ background: transparent; border: none; outline: none; }}
QScrollArea {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0px; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0px; }}
QScrollBar::handle {{ background: #333B44; border-radius: 4px; margin: 1px; min-height: 24px; min-width: 24px; }}
QScrollBar::handle:hover {{ background: #46515C; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0px; height: 0px; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QSplitter::handle {{ background: {t.line}; }}
QSplitter::handle:horizontal {{ width: 1px; }}
QSplitter::handle:vertical {{ height: 1px; }}
"""
