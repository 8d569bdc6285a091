"""The list of keyframes with thumbnails, and what can be done to the one that is chosen."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QDoubleSpinBox, QFileDialog, QListWidget, QListWidgetItem, QWidget

from sparkvsr_window.model.documents.records import BY_ENGINE, PAINTED, PICTURE, KeyframeMark
from sparkvsr_window.model.window_model import WindowModel
from sparkvsr_window.widgets.building import button, column, image_of, label, row

_ORIGINS = {BY_ENGINE: "made by the engine", PICTURE: "picture", PAINTED: "painted"}
_PICTURES = "Pictures (*.png *.tif *.tiff *.exr *.jpg *.jpeg *.dpx *.webp);;All files (*)"
_ICON = QSize(96, 54)
_MOST_LISTED = 12


class SuggestionRow(QWidget):
    """Frames that the engine suggests, to be taken or not."""

    def __init__(self, model: WindowModel) -> None:
        super().__init__()
        self._model = model
        self._text = label("", "dim", "Suggested keyframes")
        self._text.setWordWrap(True)
        self._take = button("Add them", model.advice.accept, "Make keyframes of the suggestions")
        self._dismiss = button("Dismiss", model.advice.dismiss, "Forget the suggestions")
        layout = column(self, 0)
        layout.addWidget(self._text)
        layout.addLayout(row(self._take, self._dismiss, None, space=4))

    def refresh(self) -> None:
        """Show what is suggested, or that it is being looked for."""
        advice = self._model.advice
        self.setVisible(bool(advice.suggestions) or advice.is_suggesting)
        for widget in (self._take, self._dismiss):
            widget.setVisible(bool(advice.suggestions))
        frames = ", ".join(str(choice.frame) for choice in advice.suggestions)
        self._text.setText(f"Suggested: {frames}" if frames else "Looking for frames where a keyframe helps")
        reasons = (f"{choice.frame}: {choice.reason}" for choice in advice.suggestions)
        self._text.setToolTip("\n".join(reasons))


class KeyframePanel(QWidget):
    """Keyframes of the document."""

    def __init__(self, model: WindowModel) -> None:
        super().__init__()
        self._model = model
        self._marks: tuple[KeyframeMark, ...] = ()
        self._is_filling = False
        self._list = QListWidget()
        self._list.setIconSize(_ICON)
        self._list.setAccessibleName("Keyframes")
        self._list.setSpacing(0)
        self._list.setUniformItemSizes(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._list.currentRowChanged.connect(self._chosen)
        self._list.itemDoubleClicked.connect(lambda _: self._do(model.keyframes.edit))
        self._empty = label("K adds a keyframe at the playhead. Drop a picture here to use it.", "dim")
        self._empty.setWordWrap(True)
        self._brought = label("", "dim", "Keyframes of the small stream")
        self._brought.setWordWrap(True)
        self._suggestions = SuggestionRow(model)
        self._strength = QDoubleSpinBox()
        self._strength.setRange(0, 2)
        self._strength.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        self._strength.setValue(1)
        self._strength.setSingleStep(0.1)
        self._strength.setAccessibleName("Strength of the keyframe")
        self._strength.setToolTip("0 ignores the keyframe, 1 follows it, up to 2 pushes harder")
        self._strength.valueChanged.connect(self._strength_changed)
        self._buttons = [
            button(
                "Edit", lambda: self._do(model.keyframes.edit), "Open in the editor; picked up when saved"
            ),
            button("Picture…", self._choose_picture, "Use a picture file"),
            button("Matte…", self._choose_matte, "Limit where the keyframe counts"),
            button("Remove", lambda: self._do(model.keyframes.remove), "Take the keyframe away"),
        ]
        layout = column(self)
        add = button("Add at playhead", model.keyframes.add, "Add a keyframe at the frame in view (K)")
        layout.addLayout(row(add, button("Suggest", model.suggest, "Where a keyframe helps most (G)"), None))
        layout.addWidget(self._suggestions)
        layout.addWidget(self._brought)
        layout.addWidget(self._empty)
        layout.addWidget(self._list, 1)
        self._strength_label = label("Strength", "dim")
        layout.addLayout(row(self._strength_label, self._strength, None))
        layout.addLayout(row(*self._buttons, space=4))

    def refresh(self) -> None:
        """Show the keyframes as they are."""
        document = self._model.document
        marks = document.keyframes if document is not None else ()
        self._is_filling = True
        if [mark.frame for mark in marks] != [mark.frame for mark in self._marks]:
            self._list.clear()
            for mark in marks:
                self._list.addItem(QListWidgetItem(str(mark.frame)))
        self._marks = marks
        for index, mark in enumerate(marks):
            self._fill(self._list.item(index), mark)
        frames = [mark.frame for mark in marks]
        playhead = self._model.core.viewing.playhead
        self._list.setCurrentRow(frames.index(playhead) if playhead in frames else -1)
        chosen = self._mark()
        self._suggestions.refresh()
        self._empty.setVisible(not marks)
        brought = document.brought if document is not None else ()
        self._brought.setText(f"Brought by the small stream: {_listed(brought)}")
        self._brought.setVisible(bool(brought))
        for widget in (*self._buttons, self._strength):
            widget.setEnabled(chosen is not None)
        if chosen is not None:
            self._strength.setValue(chosen.strength)
        self._is_filling = False

    def refresh_pictures(self) -> None:
        """Show thumbnails that came."""
        for index, mark in enumerate(self._marks):
            self._fill(self._list.item(index), mark)

    def _fill(self, item: QListWidgetItem, mark: KeyframeMark) -> None:
        picture = self._model.pictures.thumbnail(mark.frame, mark.image, mark.stamp)
        if picture is not None and item.data(Qt.ItemDataRole.UserRole) != id(picture):
            item.setData(Qt.ItemDataRole.UserRole, id(picture))
            item.setIcon(QIcon(QPixmap.fromImage(image_of(picture).copy())))
        details = [_ORIGINS[mark.origin]]
        if mark.strength != 1:
            details.append(f"strength {mark.strength:g}")
        if mark.matte:
            details.append("matte")
        text = f"Frame {mark.frame}\n{', '.join(details)}"
        item.setText(text)
        item.setToolTip("\n".join(filter(None, (mark.image, mark.matte, mark.reason))))

    def _mark(self) -> KeyframeMark | None:
        index = self._list.currentRow()
        return self._marks[index] if 0 <= index < len(self._marks) else None

    def _do(self, command: object) -> None:
        mark = self._mark()
        if mark is not None and callable(command):
            command(mark.frame)

    def _chosen(self, index: int) -> None:
        if not self._is_filling and 0 <= index < len(self._marks):
            self._model.player.stop()
            self._model.player.go_to(self._marks[index].frame)

    def _strength_changed(self, value: float) -> None:
        mark = self._mark()
        if not self._is_filling and mark is not None:
            self._model.keyframes.set_strength(mark.frame, value)

    def _choose_picture(self) -> None:
        mark = self._mark()
        path, _ = QFileDialog.getOpenFileName(self, "Picture of the keyframe", "", _PICTURES)
        if path and mark is not None:
            self._model.keyframes.set_picture(mark.frame, path)

    def _choose_matte(self) -> None:
        mark = self._mark()
        if mark is None:
            return
        path, _ = QFileDialog.getOpenFileName(self, "Matte of the keyframe", "", _PICTURES)
        self._model.keyframes.set_matte(mark.frame, path)


def _listed(frames: tuple[int, ...]) -> str:
    more = f" and {len(frames) - _MOST_LISTED} more" if len(frames) > _MOST_LISTED else ""
    return ", ".join(map(str, frames[:_MOST_LISTED])) + more
