"""Buttons of a player, the frame number, the marked range."""

from __future__ import annotations

from PySide6.QtWidgets import QSpinBox, QWidget

from sparkvsr_window.model.window_model import WindowModel
from sparkvsr_window.widgets.building import column, label, row, tool


class Transport(QWidget):
    """Between viewer and timeline."""

    def __init__(self, model: WindowModel) -> None:
        super().__init__()
        self._model = model
        player = model.player
        self._play = tool("\u25b6", player.toggle_play, "Play or stop (Space)", role="flat")
        buttons = (
            tool("\u25c6\u2190", player.previous_mark, "To the keyframe or cut before (Up)", role="flat"),
            tool("\u2039", player.step_back, "One frame back (Left)", role="flat"),
            tool("\u25c0", player.play_backwards, "Play backwards (J)", role="flat"),
            self._play,
            tool("\u203a", player.step_on, "One frame on (Right)", role="flat"),
            tool("\u2192\u25c6", player.next_mark, "To the next keyframe or cut (Down)", role="flat"),
        )
        self._frame = QSpinBox()
        self._frame.setAccessibleName("Frame in view")
        self._frame.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self._frame.setKeyboardTracking(False)
        self._frame.setMinimumWidth(72)
        self._frame.editingFinished.connect(self._go)
        self._range = label("", "dim", "Marked range")
        marks = row(
            tool("In", player.mark_in, "The range starts here (I)"),
            tool("Out", player.mark_out, "The range ends here (O)"),
            tool("All", player.clear_range, "The range is the whole clip (Alt+X)"),
            self._range,
            space=4,
        )
        layout = column(self, 4)
        bar = row(space=12)
        bar.addLayout(marks)
        bar.addStretch(1)
        bar.addLayout(row(*buttons, space=2))
        bar.addStretch(1)
        bar.addLayout(row(label("Frame", "dim"), self._frame, space=6))
        layout.addLayout(bar)

    def refresh(self) -> None:
        """Show the playhead and the range as they are."""
        document, viewing = self._model.document, self._model.core.viewing
        self.setEnabled(document is not None)
        self._play.setText("\u25a0" if viewing.is_playing else "\u25b6")
        if document is None:
            self._range.setText("")
            return
        info = document.clip.info
        self._frame.setRange(info.first_frame, info.last_frame)
        if not self._frame.hasFocus():
            self._frame.setValue(viewing.playhead)
        count = document.last - document.first + 1
        self._range.setText(f"{document.first} to {document.last}, {count} frames")

    def _go(self) -> None:
        if self._model.document is not None:
            self._model.player.go_to(self._frame.value())
            self._frame.clearFocus()
