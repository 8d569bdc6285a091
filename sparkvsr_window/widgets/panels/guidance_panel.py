"""The guidance slider: the frame in view answers while it moves."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSlider, QWidget

from sparkvsr_window.model.window_model import WindowModel
from sparkvsr_window.widgets.building import column, label, row

_STEPS = 100


class GuidancePanel(QWidget):
    """How far keyframes guide."""

    def __init__(self, model: WindowModel) -> None:
        super().__init__()
        self._model = model
        self._is_filling = False
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 2 * _STEPS)
        self.slider.setPageStep(10)
        self.slider.setValue(_STEPS)
        self.slider.setAccessibleName("Guidance")
        self.slider.setToolTip(
            "0: without keyframes, 1: as trained, 2: pushed harder. The frame in view follows."
        )
        self.slider.valueChanged.connect(self._moved)
        self._amount = label("1.00", name="Guidance value")
        layout = column(self)
        layout.addLayout(row(label("Guidance", "heading"), None, self._amount))
        layout.addWidget(self.slider)
        ends = row(
            label("source alone", "dim"), None, label("as trained", "dim"), None, label("pushed", "dim")
        )
        layout.addLayout(ends)

    def refresh(self) -> None:
        """Show guidance as it is."""
        document = self._model.document
        self.setEnabled(document is not None)
        if document is None:
            return
        self._is_filling = True
        if not self.slider.isSliderDown():
            self.slider.setValue(round(document.settings.guidance * _STEPS))
        self._amount.setText(f"{document.settings.guidance:.2f}")
        self._is_filling = False

    def _moved(self, value: int) -> None:
        if not self._is_filling:
            self._model.set_guidance(value / _STEPS)
