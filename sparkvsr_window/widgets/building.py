"""Labels, buttons and rows that all panels are built of, each with the name a screen reader gives it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from sparkvsr_window.frames.keys import ScreenPicture

SPACE = 8


def label(text: str = "", role: str = "", name: str = "") -> QLabel:
    """A label; role: `heading`, `dim` or `error`."""
    widget = QLabel(text)
    widget.setProperty("role", role)
    widget.setAccessibleName(name or text)
    return widget


def button(text: str, do: Callable[[], object], hint: str = "", role: str = "") -> QPushButton:
    """A button. hint: its tool tip and what a screen reader says of it."""
    widget = QPushButton(text)
    widget.setProperty("role", role)
    _name(widget, text, hint)
    widget.clicked.connect(lambda _=False: do())
    return widget


def tool(
    text: str, do: Callable[[], object], hint: str, *, checkable: bool = False, role: str = ""
) -> QToolButton:
    """A small button, of one sign perhaps, which its hint names."""
    widget = QToolButton()
    widget.setText(text)
    widget.setCheckable(checkable)
    widget.setProperty("role", role)
    # The keyboard belongs to the player; tabbing reaches every control all the same.
    widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    _name(widget, hint, hint)
    widget.clicked.connect(lambda _=False: do())
    return widget


def line(role: str = "line") -> QFrame:
    """A thin line; role: `line` across, `column` upright."""
    frame = QFrame()
    frame.setProperty("role", role)
    return frame


def row(*widgets: QWidget | None, space: int = SPACE) -> QHBoxLayout:
    """Widgets side by side; None takes the room that is left."""
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(space)
    for widget in widgets:
        if widget is None:
            layout.addStretch(1)
        else:
            layout.addWidget(widget)
    return layout


def column(widget: QWidget, margin: int = SPACE) -> QVBoxLayout:
    """A layout from top to bottom for a widget."""
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(margin, margin, margin, margin)
    layout.setSpacing(SPACE)
    return layout


def elastic(widget: QLabel) -> QLabel:
    """A widget that may be narrower than what it says."""
    widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return widget


def image_of(picture: ScreenPicture) -> QImage:
    """A picture for painting; it shares the picture's bytes, which must outlive it."""
    return QImage(
        picture.pixels, picture.width, picture.height, picture.width * 4, QImage.Format.Format_RGB32
    )


def _name(widget: QWidget, name: str, hint: str) -> None:
    widget.setAccessibleName(name)
    if hint:
        widget.setToolTip(hint)
        widget.setAccessibleDescription(hint)
