"""One job version in the dock: title, progress, buttons, trust strip."""

from __future__ import annotations

from typing import Any, Callable, Dict

from .qt import QtWidgets
from .rows import JobRow
from .trust_strip import TrustStrip

_STEPS = 1000


class JobWidget(QtWidgets.QFrame):  # type: ignore[misc] # Qt as this Nuke has it
    """commands: `cancel`, `pause`, `resume` -> what a click does with the job's name."""

    def __init__(self, commands: Dict[str, Callable[[str], None]], parent: Any = None) -> None:
        super().__init__(parent)
        self._job = ""
        self.setFrameShape(QtWidgets.QFrame.StyledPanel)
        self._title, self._text = QtWidgets.QLabel(), QtWidgets.QLabel()
        self._text.setWordWrap(True)
        self._bar = QtWidgets.QProgressBar()
        self._bar.setRange(0, _STEPS)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(8)
        self._strip = TrustStrip()
        self._buttons = {name: self._button(name, command) for name, command in commands.items()}
        self._lay_out()

    def show_row(self, row: JobRow) -> None:
        """Show a job as it stands."""
        self._job = row.key[0]
        self._title.setText(row.title)
        self._text.setText(row.text)
        self._bar.setValue(round(row.fraction * _STEPS))
        self._strip.show_cells(row.trust)
        for name, is_shown in (
            ("cancel", row.can_cancel),
            ("pause", row.can_pause),
            ("resume", row.can_resume),
        ):
            self._buttons[name].setVisible(is_shown)

    def _button(self, name: str, command: Callable[[str], None]) -> Any:
        button = QtWidgets.QPushButton(name.capitalize())
        button.setObjectName(name)
        button.clicked.connect(lambda *_: command(self._job))
        return button

    def _lay_out(self) -> None:
        head = QtWidgets.QHBoxLayout()
        head.addWidget(self._title, 1)
        for button in self._buttons.values():
            head.addWidget(button)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.addLayout(head)
        for widget in (self._text, self._bar, self._strip):
            layout.addWidget(widget)
