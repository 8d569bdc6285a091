"""Labels, buttons and rows that all panels are built of, each with the name a screen reader gives it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import (
    QComboBox,
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
from sparkvsr_window.widgets.theme import current_theme

SPACE = 8


def label(text: str = "", role: str = "", name: str = "") -> QLabel:
    """A label; role: `heading`, `dim` or `error`."""
    widget = QLabel(text)
    widget.setProperty("role", role)
    widget.setAccessibleName(name or text)
    return widget


def button(text: str, do: Callable[[], object], hint: str = "", role: str = "") -> QPushButton:
    """A button. hint: its tool tip and what a screen reader reads out."""
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


class Choice(QComboBox):
    """A box of choices; the style sheet leaves it no arrow, so that one is drawn here."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box and its arrow."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(current_theme().dim))
        x, y = self.width() - 12.0, self.height() / 2 - 2
        painter.drawPolygon(QPolygonF([QPointF(x - 4, y), QPointF(x + 4, y), QPointF(x, y + 5)]))


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
    """A widget that may be narrower than its text."""
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
