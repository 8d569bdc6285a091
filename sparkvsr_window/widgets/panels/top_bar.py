"""What the viewer shows: A, B, the wipe, zoom."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from sparkvsr_window.model.viewing import HEAT_MAP, PREVIEW, SOURCE, VERSION, Side
from sparkvsr_window.model.window_model import WindowModel
from sparkvsr_window.widgets.building import Choice, column, elastic, label, line, row, tool
from sparkvsr_window.widgets.viewer import Viewer


class TopBar(QWidget):
    """Above the viewer."""

    def __init__(self, model: WindowModel, viewer: Viewer) -> None:
        super().__init__()
        self._model = model
        self._sides: list[Side] = []
        self._tools = {
            SOURCE: tool("Source", model.stage.show_source, "Show the source (1)", checkable=True),
            PREVIEW: tool(
                "Preview",
                model.stage.show_preview,
                "Show the frame as it will be rendered (2)",
                checkable=True,
            ),
            VERSION: tool("Version", model.stage.show_version, "Show the newest version (3)", checkable=True),
            HEAT_MAP: tool(
                "Trust", model.stage.show_heat_map, "Where the result can be believed (4)", checkable=True
            ),
        }
        self._wipe = tool("Wipe", model.stage.toggle_wipe, "Wipe between A and B (W)", checkable=True)
        self._side_b = Choice("B, what the wipe compares with")
        self._side_b.setToolTip("What the wipe compares with (X swaps)")
        self._side_b.setMinimumWidth(120)
        self._side_b.activated.connect(self._chosen)
        self._swap = tool("A/B", model.stage.swap_sides, "Swap A and B (X)")
        self._fit = tool("Fit", viewer.fit, "Show the whole frame (F)")
        self._full = tool(
            "100 %", lambda: viewer.zoom_to(1.0), "One pixel of the result is one of the screen's"
        )
        self._zoom = label("", "dim", "Zoom")
        self._zoom.setMinimumWidth(56)
        self._title = elastic(label("", name="Clip"))
        layout = column(self, 6)
        tool_row = row(*self._tools.values(), line("column"), self._wipe, self._side_b, self._swap, space=4)
        bar = row(space=12)
        bar.addLayout(tool_row)
        bar.addWidget(self._title, 1)
        bar.addLayout(row(self._zoom, self._fit, self._full, space=4))
        layout.addLayout(bar)
        viewer.zoomed.connect(lambda zoom: self._zoom.setText(f"{zoom * 100:.0f} %"))

    def refresh(self) -> None:
        """Show what is looked at."""
        model, document = self._model, self._model.document
        self.setEnabled(document is not None)
        viewing = model.core.viewing
        for kind, widget in self._tools.items():
            widget.setChecked(document is not None and viewing.side_a.kind == kind)
        has_versions = document is not None and bool(document.versions)
        self._tools[VERSION].setEnabled(has_versions)
        self._tools[HEAT_MAP].setEnabled(has_versions)
        self._wipe.setChecked(viewing.wipe is not None)
        self._fill_sides()
        if document is None:
            self._title.setText("")
            return
        info = document.clip.info
        name = document.clip.path.replace("\\", "/").rpartition("/")[2] or document.clip.path
        rate = f"  {document.clip.rate:.3f}".rstrip("0").rstrip(".") + " fps" if info.rate[0] else ""
        self._title.setText(f"{name}   {info.width} x {info.height}{rate}")
        self._title.setToolTip(document.clip.path)

    def _fill_sides(self) -> None:
        document = self._model.document
        versions = document.versions if document is not None else ()
        sides = [Side(SOURCE), Side(PREVIEW), *(Side(VERSION, version.key) for version in versions)]
        sides += [Side(HEAT_MAP, version.key) for version in versions[-1:]]
        if sides != self._sides:
            self._sides = sides
            names = ["Source", "Preview", *(f"Version {version.number}" for version in versions), "Trust"]
            self._side_b.clear()
            self._side_b.addItems([f"B: {name}" for name in names[: len(sides)]])
        side = self._model.core.viewing.side_b
        if side in sides:
            self._side_b.setCurrentIndex(sides.index(side))

    def _chosen(self, index: int) -> None:
        self._model.stage.set_side_b(self._sides[index])
