"""The dock: the engine's state, every job with progress and buttons, a log. Main thread, no Nuke.

The dock draws a `DockView` and calls commands; where both come from is given to it, so that it can be drawn
without a host.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List

from .job_widget import JobWidget
from .qt import QtCore, QtWidgets
from .rows import DockView

_EMPTY = "No jobs yet. Select a Read, add a SparkVSR node and press Upscale."
_LOG_HEIGHT = 110


class Dock(QtWidgets.QWidget):  # type: ignore[misc] # Qt as this Nuke has it
    """look: gives what to show. commands: `cancel`, `pause`, `resume` by job name, and `engine`, `test`."""

    def __init__(
        self,
        look: Callable[[], DockView],
        commands: Dict[str, Callable[[str], None]],
        parent: Any = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._commands = commands
        self._view: Any = None
        self.setObjectName("SparkVSRDock")
        self._engine = QtWidgets.QLabel()
        self._engine.setWordWrap(True)
        self._steps = QtWidgets.QLabel()
        self._empty = QtWidgets.QLabel(_EMPTY)
        self._empty.setWordWrap(True)
        self._rows: List[JobWidget] = []
        self._log = QtWidgets.QPlainTextEdit()
        self._log.setReadOnly(True)
        self._log.setFixedHeight(_LOG_HEIGHT)
        self._lay_out()
        self.refresh()

    def refresh(self) -> None:
        """Draw what changed since."""
        view = self._look()
        if view == self._view:
            return
        if self._view is None or view.log != self._view.log:
            self._log.setPlainText("\n".join(view.log))
            bar = self._log.verticalScrollBar()
            bar.setValue(bar.maximum())
        self._view = view
        mark = "\u25cf" if view.is_ready else "\u25cb"
        self._engine.setText(f"{mark} {view.engine}")
        self._steps.setText("\n".join(view.steps))
        self._steps.setVisible(bool(view.steps))
        self._empty.setVisible(not view.rows)
        self._show_rows(view)

    def _show_rows(self, view: DockView) -> None:
        while len(self._rows) < len(view.rows):
            widget = JobWidget({name: self._commands[name] for name in ("cancel", "pause", "resume")})
            self._list.insertWidget(len(self._rows), widget)
            self._rows.append(widget)
        for place, widget in enumerate(self._rows):
            widget.setVisible(place < len(view.rows))
            if place < len(view.rows):
                widget.show_row(view.rows[place])

    def _lay_out(self) -> None:
        head = QtWidgets.QHBoxLayout()
        head.addWidget(self._engine, 1)
        for name, text in (("engine", "Engine..."), ("test", "Self-test")):
            button = QtWidgets.QPushButton(text)
            button.setObjectName(name)
            button.clicked.connect(lambda *_, command=self._commands[name]: command(""))
            head.addWidget(button)
        inside = QtWidgets.QWidget()
        self._list = QtWidgets.QVBoxLayout(inside)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.addWidget(self._empty)
        self._list.addStretch(1)
        area = QtWidgets.QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        area.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarAlwaysOff)
        layout = QtWidgets.QVBoxLayout(self)
        layout.addLayout(head)
        layout.addWidget(self._steps)
        layout.addWidget(area, 1)
        layout.addWidget(self._log)
