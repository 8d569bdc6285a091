"""Colours and sizes of the window, dark and light."""

from __future__ import annotations

from dataclasses import dataclass
from string import Template

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication


@dataclass(frozen=True)
class Theme:
    """Colours by what they are for, as `#rrggbb`.

    stage: behind pictures. panel, raised, sunken: surfaces. line: between them. text, dim: writing.
    accent: what is chosen. mark: keyframes. good, bad: ends of jobs.
    """

    name: str
    stage: str
    panel: str
    raised: str
    sunken: str
    line: str
    text: str
    dim: str
    accent: str
    mark: str
    good: str
    bad: str


DARK = Theme(
    "dark", "#141517", "#232528", "#303338", "#1a1c1e", "#3a3d42", "#d6d8db", "#8f949b", "#4c8dc9",
    "#e0a040", "#5fa870", "#d9655b",
)  # fmt: skip
LIGHT = Theme(
    "light", "#8a8c8f", "#eceded", "#fbfbfb", "#ffffff", "#c3c6ca", "#1f2124", "#62676e", "#2b6cb0",
    "#b26b00", "#2f7d44", "#b3372d",
)  # fmt: skip
THEMES = {theme.name: theme for theme in (DARK, LIGHT)}

_SHEET = Template("""
* { font-size: ${points}pt; }
QWidget { color: $text; background: $panel; }
QToolTip { color: $text; background: $raised; border: 1px solid $line; padding: 3px; }
QLabel { background: transparent; }
QLabel[role="heading"] { color: $dim; font-weight: 600; padding: 2px 0; }
QLabel[role="dim"] { color: $dim; }
QLabel[role="error"] { color: $bad; }
QFrame[role="line"] { background: $line; max-height: 1px; min-height: 1px; border: none; }
QFrame[role="column"] { background: $line; max-width: 1px; min-width: 1px; border: none; }
QPushButton, QToolButton { background: $raised; border: 1px solid $line; border-radius: 3px; padding:
 4px 10px; }
QToolButton { padding: 4px 7px; }
QPushButton:hover, QToolButton:hover { border-color: $dim; }
QPushButton:pressed, QToolButton:pressed { background: $sunken; }
QPushButton:checked, QToolButton:checked { background: $accent; border-color: $accent; color: #ffffff; }
QPushButton:disabled, QToolButton:disabled { color: $dim; background: $panel; }
QPushButton:focus, QToolButton:focus, QComboBox:focus, QSlider:focus, QListView:focus, QDoubleSpinBox:focus
 { border: 1px solid $accent; }
QPushButton[role="primary"] { background: $accent; border-color: $accent; color: #ffffff; font-weight: 600; }
QPushButton[role="primary"]:disabled { background: $raised; border-color: $line; color: $dim; }
QToolButton[role="flat"] { background: transparent; border: 1px solid transparent; padding: 3px 5px; }
QToolButton[role="flat"]:hover { background: $raised; }
QToolButton::menu-indicator { image: none; }
QComboBox, QDoubleSpinBox, QSpinBox, QLineEdit { background: $sunken; border: 1px solid $line;
 border-radius: 3px;
 padding: 3px 6px; selection-background-color: $accent; }
QComboBox { padding-right: 18px; }
QComboBox::drop-down { border: none; width: 18px; }
QComboBox::down-arrow { image: none; }
QComboBox:disabled, QDoubleSpinBox:disabled, QSpinBox:disabled { color: $dim; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $line; selection-background-color:
 $accent; }
QListView { background: $sunken; border: 1px solid $line; border-radius: 3px; outline: 0; }
QListView::item { padding: 4px 6px; border-bottom: 1px solid $panel; }
QListView[role="lines"] { padding: 0 6px; }
QListView[role="lines"]::item { padding: 4px 0; }
QListView::item:selected { background: $raised; color: $text; border-left: 2px solid $accent; }
QTabWidget::pane { border: none; border-top: 1px solid $line; }
QTabWidget { border: none; }
QTabBar { background: $panel; }
QTabBar::tab { background: transparent; color: $dim; padding: 7px 12px; border-bottom: 2px solid
 transparent; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:focus { color: $text; }
QSlider::groove:horizontal { height: 3px; background: $line; border-radius: 1px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 1px; }
QSlider::handle:horizontal { width: 11px; height: 15px; margin: -6px 0; background: $text;
 border-radius: 3px; }
QSlider { border: 1px solid transparent; }
QProgressBar { background: $sunken; border: 1px solid $line; border-radius: 3px; height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
QMenu { background: $raised; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 5px 22px 5px 18px; }
QMenu::item:selected { background: $accent; color: #ffffff; }
QMenu::separator { height: 1px; background: $line; margin: 4px 6px; }
QMenuBar { background: $panel; }
QMenuBar::item { padding: 4px 9px; background: transparent; }
QMenuBar::item:selected { background: $raised; }
QScrollBar:vertical { background: transparent; width: 9px; }
QScrollBar::handle:vertical { background: $line; border-radius: 4px; min-height: 24px; }
QScrollBar::add-line, QScrollBar::sub-line { height: 0; }
QSplitter::handle { background: $line; }
""")


def apply_theme(application: QApplication, theme: Theme, points: float = 9.5) -> None:
    """Colour the whole program."""
    palette = QPalette()
    roles = QPalette.ColorRole
    for role, colour in (
        (roles.Window, theme.panel), (roles.Base, theme.sunken), (roles.Button, theme.raised),
        (roles.WindowText, theme.text), (roles.Text, theme.text), (roles.ButtonText, theme.text),
        (roles.Highlight, theme.accent), (roles.HighlightedText, "#ffffff"),
        (roles.PlaceholderText, theme.dim), (roles.AlternateBase, theme.panel),
        (roles.ToolTipBase, theme.raised), (roles.ToolTipText, theme.text),
    ):  # fmt: skip
        palette.setColor(role, QColor(colour))
    application.setPalette(palette)
    application.setStyleSheet(_SHEET.substitute(vars(theme), points=points))
    application.setProperty("theme", theme.name)


def current_theme() -> Theme:
    """The theme in use."""
    application = QApplication.instance()
    return THEMES.get(str(application.property("theme")) if application is not None else "", DARK)
