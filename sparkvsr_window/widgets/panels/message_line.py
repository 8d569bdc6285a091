"""At the foot: the newest sentence, and how the engine stands."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from sparkvsr_window.model.window_model import WindowModel
from sparkvsr_window.widgets.building import column, elastic, label, row
from sparkvsr_window.widgets.theme import current_theme

_STATES = {
    "offline": "Engine not connected",
    "starting": "Engine starting",
    "ready": "Engine ready",
    "lost": "Engine lost",
}


class MessageLine(QWidget):
    """One line. Earlier sentences are in its tool tip."""

    def __init__(self, model: WindowModel) -> None:
        super().__init__()
        self._model = model
        self._text = elastic(label("", name="Message"))
        self._engine = label("", "dim", "State of the engine")
        layout = column(self, 6)
        bar = row(space=12)
        bar.addWidget(self._text, 1)
        bar.addWidget(self._engine)
        layout.addLayout(bar)

    def refresh(self) -> None:
        """Show the newest message and the engine's state."""
        messages = self._model.core.messages
        newest = messages[-1] if messages else None
        self._text.setText(newest.text if newest is not None else "")
        self._text.setAccessibleDescription(newest.text if newest is not None else "")
        is_error = newest is not None and newest.kind == "error"
        self._text.setStyleSheet(f"color: {current_theme().bad};" if is_error else "")
        self._text.setToolTip("\n".join(message.text for message in list(messages)[-12:]))
        state = self._model.core.link.state
        at_work = sum(row.is_active for row in self._model.rendering.rows)
        jobs = f", {at_work} job{'s' if at_work != 1 else ''}" if at_work and state.kind == "ready" else ""
        self._engine.setText(f"{_STATES.get(state.kind, state.kind)}{jobs}")
        self._engine.setToolTip(state.text)
