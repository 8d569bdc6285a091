"""How the clip is restored: scale, model, look, and where results go."""

from __future__ import annotations

from PySide6.QtWidgets import QDoubleSpinBox, QFileDialog, QGridLayout, QWidget

from sparkvsr_window.model.window_model import WindowModel
from sparkvsr_window.widgets.building import SPACE, Choice, button, column, elastic, label, line, row

_LOOKS = (("Keep the source's colour", "lock"), ("Keyframes carry their look", "propagate"))
_LEARN = (("No", "off"), ("Where tests show that it pays", "auto"))


class SettingsPanel(QWidget):
    """Settings of the document."""

    def __init__(self, model: WindowModel) -> None:
        super().__init__()
        self._model = model
        self._is_filling = False
        self._scale = QDoubleSpinBox()
        self._scale.setRange(1, 16)
        self._scale.setDecimals(2)
        self._scale.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        self._scale.setSingleStep(0.5)
        self._scale.setAccessibleName("Scale")
        self._scale.setKeyboardTracking(False)
        self._scale.valueChanged.connect(lambda value: self._set(scale=value))
        self._size = label("", "dim", "Size of the result")
        self._model_box = self._combo("Model", (("lite", "lite"), ("sparkvsr", "sparkvsr")), "model")
        self._look = self._combo("Look", _LOOKS, "look")
        self._learn = self._combo("Learn the shot", _LEARN, "learn")
        self._target = elastic(label("", "dim", "Where results go"))
        layout = column(self)
        layout.addLayout(self._grid())
        layout.addWidget(line())
        choose = button("Results go to…", self._choose_target, "Choose a movie file or a numbered picture")
        layout.addLayout(row(choose, None))
        layout.addWidget(self._target)
        layout.addStretch(1)

    def refresh(self) -> None:
        """Show the settings as they are."""
        document = self._model.document
        self.setEnabled(document is not None)
        if document is None:
            return
        self._is_filling = True
        settings = document.settings
        if not self._scale.hasFocus():
            self._scale.setValue(settings.scale)
        width, height = document.output_size
        self._size.setText(f"{width} x {height}")
        for box, value in (
            (self._model_box, settings.model),
            (self._look, settings.look),
            (self._learn, settings.learn),
        ):
            box.setCurrentIndex(max(box.findData(value), 0))
        self._target.setText(document.target or "beside the source")
        self._target.setToolTip(document.target)
        self._is_filling = False

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(SPACE)
        grid.setColumnStretch(1, 1)
        rows = (
            ("Scale", self._scale),
            ("Model", self._model_box),
            ("Look", self._look),
            ("Learn", self._learn),
        )
        for index, (text, widget) in enumerate(rows):
            grid.addWidget(label(text, "dim"), index, 0)
            grid.addWidget(widget, index, 1)
        grid.addWidget(self._size, len(rows), 1)
        return grid

    def _combo(self, name: str, entries: tuple[tuple[str, str], ...], setting: str) -> Choice:
        box = Choice(name)
        for text, value in entries:
            box.addItem(text, value)
        box.activated.connect(lambda _: self._set(**{setting: box.currentData()}))
        return box

    def _set(self, **changes: object) -> None:
        if not self._is_filling:
            self._model.set_settings(**changes)

    def _choose_target(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self,
            "Where results go",
            "",
            "Movies (*.mov *.mp4 *.mkv);;Numbered pictures (*.%04d.exr *.%04d.png);;All (*)",
        )
        if path:
            self._model.set_target(path)
