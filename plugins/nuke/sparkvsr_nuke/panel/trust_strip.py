"""How far a result trusted its keyframes, as a coloured strip along its frames."""

from __future__ import annotations

from typing import Any, Optional, Tuple

from .qt import QtCore, QtGui, QtWidgets

_HEIGHT = 8


class TrustStrip(QtWidgets.QWidget):  # type: ignore[misc] # Qt as this Nuke has it
    """Green where keyframes were trusted, red where not, grey where it is not known."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._cells: Tuple[Optional[float], ...] = ()
        self.setFixedHeight(_HEIGHT)
        self.setToolTip(
            "Trust in keyframes along the frames: green high, red low. A keyframe helps in red places."
        )

    def show_cells(self, cells: Tuple[Optional[float], ...]) -> None:
        """cells: 0..1 each, None where unknown; the strip hides without any."""
        self._cells = cells
        self.setVisible(bool(cells))
        self.update()

    def paintEvent(self, _: Any) -> None:  # noqa: N802 - Qt's name
        """Draw the cells over the whole width."""
        from ..bridge_link import trust

        painter = QtGui.QPainter(self)
        count = max(len(self._cells), 1)
        for place, cell in enumerate(self._cells):
            x = self.width() * place // count
            right = self.width() * (place + 1) // count
            if cell is None:
                colour = QtGui.QColor(90, 90, 90)
            else:
                colour = QtGui.QColor.fromRgbF(*trust.colour_of(cell))
            painter.fillRect(QtCore.QRect(x, 0, right - x, self.height()), colour)
        painter.end()
