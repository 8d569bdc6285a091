"""A timeline that was dropped: its shots, what is left out and why, and the button that renders all of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QDoubleSpinBox, QListWidget, QListWidgetItem, QWidget

from sparkvsr_window.model.engine.conforming import ConformState, Pull
from sparkvsr_window.model.window_model import WindowModel
from sparkvsr_window.widgets.building import button, column, elastic, label, row


class ConformPanel(QWidget):
    """The timeline in hand."""

    def __init__(self, model: WindowModel) -> None:
        super().__init__()
        self._model = model
        self._state: ConformState | None = None
        self._pulls: tuple[Pull, ...] = ()
        self._title = elastic(label("", "heading", "Timeline"))
        self._list = QListWidget()
        self._list.setAccessibleName("Shots of the timeline")
        self._list.itemDoubleClicked.connect(lambda _: self._open())
        self._scale = QDoubleSpinBox()
        self._scale.setRange(1, 16)
        self._scale.setValue(4)
        self._scale.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        self._scale.setAccessibleName("Scale of the timeline's results")
        self._render = button("Conform", self._start, "Render every shot and write the timeline", "primary")
        self._show = button("Open shot", self._open, "Open the shot's medium, range and keyframes here")
        self._close = button("Close", model.conforming.close, "Put the timeline away")
        self._text = label("", "dim", "State of the conform")
        self._text.setWordWrap(True)
        layout = column(self)
        layout.addWidget(self._title)
        layout.addWidget(self._list, 1)
        layout.addLayout(row(label("Scale", "dim"), self._scale, None))
        layout.addLayout(row(self._render, self._show, self._close, None, space=4))
        layout.addWidget(self._text)

    def refresh(self) -> None:
        """Show the timeline as it is."""
        state = self._model.conforming.state
        if state is None or state == self._state:
            self._state = state
            return
        if self._state is None or (state.pulls, state.left_out) != (self._state.pulls, self._state.left_out):
            self._fill(state)
        self._state = state
        name = Path(state.path).name
        self._title.setText(name)
        self._title.setToolTip(state.path)
        self._render.setEnabled(bool(state.pulls) and not state.is_running)
        self._close.setEnabled(not state.is_running)
        self._text.setText(_text_of(state))

    def _fill(self, state: ConformState) -> None:
        self._pulls = state.pulls or ()
        self._list.clear()
        for pull in self._pulls:
            keys = f", keyframes {' '.join(map(str, pull.keyframes))}" if pull.keyframes else ""
            text = f"{', '.join(pull.clips)}\n{Path(pull.source).name}  {pull.first} to {pull.last}{keys}"
            item = QListWidgetItem(text)
            item.setToolTip(pull.source)
            self._list.addItem(item)
        for clip, reason in state.left_out:
            item = QListWidgetItem(f"{clip}: left out\n{reason}")
            item.setToolTip(reason)
            self._list.addItem(item)

    def _start(self) -> None:
        self._model.conforming.render(self._scale.value())

    def _open(self) -> None:
        index = self._list.currentRow()
        if 0 <= index < len(self._pulls):
            self._model.open_pull(self._pulls[index])


def _text_of(state: ConformState) -> str:
    if state.pulls is None:
        return "Reading the timeline"
    if state.is_running:
        return f"Shot {state.finished + 1} of {len(state.pulls)}. {state.progress}"
    if state.output:
        return f"Written to {state.output}"
    return f"{len(state.pulls)} shots, {len(state.left_out)} clips left out"
