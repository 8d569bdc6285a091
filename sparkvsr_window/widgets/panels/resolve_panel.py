"""DaVinci Resolve in the window: the connection's state, which clips, what will be done, and doing it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QSpinBox,
    QWidget,
)

from sparkvsr_window.widgets.building import Choice, button, column, elastic, label, row
from sparkvsr_window.widgets.theme import Theme, current_theme

SCOPES = {
    "playhead": "Clip under the playhead",
    "selected": "Selected clips",
    "range": "Marked range",
    "track": "Video track",
    "timeline": "Whole timeline",
}
PLACES = {"take": "Take of the clip", "track": "New track", "timeline": "New timeline", "none": "Files only"}
SCALES = ("1", "1.5", "2", "3", "4")
MARKS = {"ready": "·", "left out": "-", "working": "▸", "done": "✓", "failed": "!"}


class ResolveModel(Protocol):
    """What the panel needs; `sparkvsr_resolve.panel_model` has it."""

    state: Any
    wishes: Any
    task: str
    messages: list[str]

    @property
    def rows(self) -> tuple[Any, ...]:
        """The clips, as rows of the list."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is shown before anything is done."""
        ...

    @property
    def needs_folder(self) -> str:
        """Why a folder for results must be chosen first; empty where none is needed."""
        ...

    @property
    def can_plan(self) -> bool:
        """Whether a plan can be made now."""
        ...

    @property
    def can_run(self) -> bool:
        """Whether the plan can be carried out now."""
        ...

    def set_wishes(self, **changes: Any) -> None:
        """Change what is wished for."""
        ...

    def set_option(self, name: str, value: Any) -> None:
        """Change one option."""
        ...

    def set_results(self, folder: str) -> None:
        """Where results go; empty for beside each source."""
        ...

    def look(self) -> None:
        """Read the clips of the scope."""
        ...

    def run(self) -> None:
        """Carry out the plan."""
        ...

    def cancel(self) -> None:
        """Stop what runs."""
        ...

    def poll(self) -> bool:
        """Take in news; whether anything changed."""
        ...

    def close(self) -> None:
        """End the connection."""
        ...


class ConnectionSign(QWidget):
    """A picture of the connection: two ends and what is between them. kind: of the state."""

    _SIZE = QSize(72, 40)

    def __init__(self) -> None:
        super().__init__()
        self._kind = "starting"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Connection to DaVinci Resolve")

    def sizeHint(self) -> QSize:
        """Its size, in pixels of the layout."""
        return self._SIZE

    def show_kind(self, kind: str, title: str) -> None:
        """Draw a state."""
        self._kind = kind
        self.setAccessibleDescription(title)
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        """Draw."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(colour_of(self._kind, theme))
        middle = self.height() / 2
        painter.setPen(QPen(colour, 2))
        _draw_ends(painter, self._kind, middle, colour, QColor(theme.dim))
        _draw_between(painter, self._kind, middle, colour)
        painter.end()


def colour_of(kind: str, theme: Theme) -> str:
    """Green where it works, amber where it waits, red where somebody has to do something."""
    if kind == "ready":
        return theme.good
    return theme.mark if kind in ("starting", "busy", "no_project", "no_timeline") else theme.bad


def _draw_ends(painter: QPainter, kind: str, middle: float, colour: QColor, dim: QColor) -> None:
    """This program on the left; Resolve on the right, hollow where it is absent, dashed where it ended."""
    left, right = QRectF(4, middle - 8, 16, 16), QRectF(52, middle - 8, 16, 16)
    painter.setBrush(colour if kind != "no_python" else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(left)
    is_there = kind in ("ready", "busy", "no_project", "no_timeline", "wedged")
    painter.setBrush(colour if is_there else Qt.BrushStyle.NoBrush)
    if kind == "lost":
        painter.setPen(QPen(dim, 2, Qt.PenStyle.DashLine))
    painter.drawRoundedRect(right, 3, 3)
    painter.setPen(QPen(colour, 2))


def _draw_between(painter: QPainter, kind: str, middle: float, colour: QColor) -> None:
    """The line: whole, dotted while it is looked for, dashed while it waits, cut where there is none."""
    styles = {"starting": Qt.PenStyle.DotLine, "busy": Qt.PenStyle.DashLine}
    painter.setPen(QPen(colour, 2, styles.get(kind, Qt.PenStyle.SolidLine)))
    if kind in ("no_resolve", "no_python", "lost", "wedged"):
        painter.drawLine(QPointF(22, middle), QPointF(30, middle))
        painter.drawLine(QPointF(42, middle), QPointF(50, middle))
        painter.drawLine(QPointF(33, middle - 5), QPointF(39, middle + 5))
        painter.drawLine(QPointF(39, middle - 5), QPointF(33, middle + 5))
        return
    painter.drawLine(QPointF(22, middle), QPointF(50, middle))
    if kind == "free_edition":
        painter.drawLine(QPointF(36, middle - 8), QPointF(36, middle + 8))
    elif kind in ("no_project", "no_timeline"):
        for place in (30, 36, 42) if kind == "no_project" else (36,):
            painter.drawEllipse(QPointF(place, middle), 2, 2)


class ResolvePanel(QWidget):
    """Shows a model. open_source: shows a clip's source in the viewer."""

    def __init__(self, model: ResolveModel, open_source: Callable[[str], object]) -> None:
        super().__init__()
        self._model, self._open_source = model, open_source
        self.sign = ConnectionSign()
        self._title, self._sentence = label("", "heading"), label("", "dim")
        self._sentence.setWordWrap(True)
        self.scope, self.place, self.scale = (
            _choice(SCOPES, "Clips"),
            _choice(PLACES, "Result"),
            Choice("Scale"),
        )
        self.scale.addItems([f"{scale} x" for scale in SCALES])
        self.track = QSpinBox()
        self.track.setRange(1, 99)
        self.track.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.track.setAccessibleName("Number of the video track")
        self.fit = QCheckBox("Set clips that would be reframed to Fit")
        self.results = button("Results…", self._choose_results, "Choose the folder that results go to")
        self.beside = button(
            "Beside sources", lambda: self._set_results(""), "Results lie beside each source"
        )
        self._folder = elastic(label("", "dim", "Folder of the results"))
        self.clips = QListWidget()
        self.clips.setAccessibleName("Clips and what will be done")
        self.clips.setWordWrap(True)
        # Lines are broken as if items had no padding of their own.
        self.clips.setProperty("role", "lines")
        self.clips.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clips.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.clips.itemDoubleClicked.connect(lambda _: self._open())
        self._warnings = label("", "", "What to know before it starts")
        self._warnings.setWordWrap(True)
        self.look = button("Look again", model.look, "Read the timeline again")
        self.start = button("Upscale and place", model.run, "Upscale the clips and place them", "primary")
        self.stop = button("Cancel", model.cancel, "Stop; finished frames are kept")
        self._build()
        self._connect()
        self.refresh()

    def poll(self) -> None:
        """Show what happened."""
        if self._model.poll():
            self.refresh()

    def words(self) -> str:
        """The sentences below the list of clips."""
        return self._warnings.text()

    def end(self) -> None:
        """End the connection."""
        self._model.close()

    def refresh(self) -> None:
        """Show the model as it is."""
        model = self._model
        self.sign.show_kind(model.state.kind, model.state.title)
        self._title.setText(model.state.title)
        self._sentence.setText(model.state.sentence)
        self._fill()
        self._folder.setText(
            model.wishes.results or ("none chosen" if model.needs_folder else "beside each source")
        )
        self._folder.setToolTip(model.wishes.results)
        self.beside.setVisible(bool(model.wishes.results))
        # After a run its own words, before it what to do and to read first.
        before = [model.needs_folder] if model.needs_folder else []
        texts = [*before, *(model.messages or model.warnings)]
        self._warnings.setText("\n".join(f"• {text}" for text in texts))
        self._warnings.setVisible(bool(texts))
        self.look.setEnabled(model.can_plan)
        self.start.setEnabled(model.can_run)
        self.stop.setEnabled(model.task == "run")
        self.track.setEnabled(self.scope.currentData() == "track")
        for widget in (self.scope, self.place, self.scale, self.fit, self.results, self.beside):
            widget.setEnabled(not model.task)

    def _fill(self) -> None:
        rows = self._model.rows
        while self.clips.count() > len(rows):
            self.clips.takeItem(self.clips.count() - 1)
        for index, each in enumerate(rows):
            if index >= self.clips.count():
                self.clips.addItem(QListWidgetItem())
            item = self.clips.item(index)
            item.setText(f"{MARKS[each.state]}  {each.name}  ({each.kind})\n{each.text}")
            item.setToolTip(each.source)

    def _build(self) -> None:
        layout = column(self)
        words = QWidget()
        beside = column(words, 0)
        beside.setSpacing(2)
        beside.addWidget(self._title)
        beside.addWidget(self._sentence)
        layout.addLayout(row(self.sign, words))
        layout.addLayout(row(self.scope, self.track))
        layout.addLayout(row(self.place, self.scale))
        layout.addWidget(self.fit)
        folder_row = row(self.results, self._folder, self.beside)
        folder_row.setStretch(1, 1)
        layout.addLayout(folder_row)
        layout.addWidget(self.clips, 1)
        layout.addWidget(self._warnings)
        layout.addLayout(row(self.start, self.stop, None, self.look, space=4))

    def _connect(self) -> None:
        model, wishes = self._model, self._model.wishes
        self.scope.setCurrentIndex(list(SCOPES).index(wishes.scope))
        self.place.setCurrentIndex(list(PLACES).index(wishes.place))
        scale = float(wishes.options.get("scale", 2.0))
        self.scale.setCurrentIndex(SCALES.index(f"{scale:g}"))
        self.scope.currentIndexChanged.connect(lambda _: self._do(scope=self.scope.currentData()))
        self.place.currentIndexChanged.connect(lambda _: self._do(place=self.place.currentData()))
        self.track.valueChanged.connect(lambda value: self._do(track=value))
        self.fit.toggled.connect(lambda is_on: self._do(fit=is_on))
        self.scale.currentIndexChanged.connect(
            lambda index: (model.set_option("scale", float(SCALES[index])), self.refresh())
        )

    def _choose_results(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "The folder for results", self._model.wishes.results)
        if folder:
            self._set_results(folder)

    def _set_results(self, folder: str) -> None:
        self._model.set_results(folder)
        self.refresh()

    def _do(self, **changes: Any) -> None:
        self._model.set_wishes(**changes)
        self.refresh()

    def _open(self) -> None:
        rows, index = self._model.rows, self.clips.currentRow()
        if 0 <= index < len(rows) and rows[index].source:
            self._open_source(rows[index].source)


def _choice(texts: dict[str, str], name: str) -> Choice:
    box = Choice(name)
    for value, text in texts.items():
        box.addItem(text, value)
    return box
