"""How the clip is restored: scale, model, look, and where results go."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox, QFileDialog, QGridLayout, QWidget

from sparkvsr_bridge.hosts.model_menu import keyframe_model_items, restorer_items
from sparkvsr_bridge.policies import POLICIES
from sparkvsr_window.model.documents.records import Settings
from sparkvsr_window.model.window_model import WindowModel
from sparkvsr_window.widgets.building import SPACE, Choice, button, column, elastic, label, line, row

_LOOKS = (("Keep the source's colour", "lock"), ("Keyframes carry their look", "propagate"))
_POLICIES = (
    ("Yours, or the engine's", "", "Those that are set alone; where none is, the engine chooses"),
    *((policy.title, policy.name, policy.summary) for policy in POLICIES),
)
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
        self._model_box = self._combo("Model", (), "model")
        self._policy = self._combo("Keyframes", _POLICIES, "policy")
        self._keyframe_model = self._combo("Keyframe model", (), "isr")
        self._look = self._combo("Look", _LOOKS, "look")
        self._learn = self._combo("Learn the shot", _LEARN, "learn")
        self._learn_again = button(
            "Learn again",
            model.rendering.learn_again,
            "A new version learnt anew from the keyframes as they are; all its frames are rendered",
        )
        self._target = elastic(label("", "dim", "Where results go"))
        layout = column(self)
        layout.addLayout(self._grid())
        layout.addLayout(row(self._learn_again, None))
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
        self._list_models(settings)
        if not self._scale.hasFocus():
            self._scale.setValue(settings.scale)
        width, height = document.output_size
        self._size.setText(f"{width} x {height}")
        for box, value in (
            (self._model_box, settings.model),
            (self._policy, settings.policy),
            (self._keyframe_model, settings.isr),
            (self._look, settings.look),
            (self._learn, settings.learn),
        ):
            box.setCurrentIndex(max(box.findData(value), 0))
        self._learn_again.setVisible(self._model.rendering.learns_again)
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
            ("Keyframes", self._policy),
            ("made by", self._keyframe_model),
            ("Look", self._look),
            ("Learn", self._learn),
        )
        for index, (text, widget) in enumerate(rows):
            grid.addWidget(label(text, "dim"), index, 0)
            grid.addWidget(widget, index, 1)
        grid.addWidget(self._size, len(rows), 1)
        return grid

    def _list_models(self, settings: Settings) -> None:
        """Fill both boxes of models from the engine's list; what is set is an entry in any case."""
        models = self._model.core.models
        for box, items in (
            (self._model_box, restorer_items(models, settings.model)),
            (self._keyframe_model, keyframe_model_items(models, settings.isr)),
        ):
            entries = [(title, name, description) for name, title, description in items]
            if entries != [_entry(box, index) for index in range(box.count())]:
                box.clear()
                _fill(box, entries)

    def _combo(self, name: str, entries: Sequence[tuple[str, ...]], setting: str) -> Choice:
        box = Choice(name)
        _fill(box, entries)
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


def _fill(box: Choice, entries: Sequence[tuple[str, ...]]) -> None:
    """Add entries (text, value, and where there is one a tip)."""
    for text, value, *tips in entries:
        box.addItem(text, value)
        for tip in tips:
            box.setItemData(box.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)


def _entry(box: Choice, index: int) -> tuple[str, str, str]:
    tip = box.itemData(index, Qt.ItemDataRole.ToolTipRole)
    return box.itemText(index), box.itemData(index), tip or ""
