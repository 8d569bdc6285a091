"""Plots of a benchmark: quality against keyframe distance, and along the clip. Needs matplotlib."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sparkvsr_bridge.system.installing import install_command
from sparkvsr_engine.evaluation.metrics import METRICS
from sparkvsr_engine.evaluation.pictures.files import write_whole
from sparkvsr_engine.evaluation.scores import CurvePoint

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PLOTS_NEED = (
    "Plots are left out: matplotlib is not installed; this command installs it:"
    f" {install_command('sparkvsr[train]')}"
)


@dataclass(frozen=True)
class Panel:
    """One set of axes: lines by their label, each a list of (x, y), and x values marked as keyframes."""

    title: str
    lines: Mapping[str, Sequence[tuple[float, float]]]
    marks: Sequence[float] = ()


def can_plot() -> bool:
    """Whether matplotlib is there."""
    return find_spec("matplotlib") is not None


def curve_line(points: Sequence[CurvePoint]) -> list[tuple[float, float]]:
    """A propagation curve as a line; the keyframes themselves (distance 0) are not part of it."""
    return [(float(point.distance), point.value) for point in points if point.distance > 0]


def plot_panels(panels: Sequence[Panel], metric: str, x_title: str, path: Path) -> Path:
    """Draw the panels side by side, at most three in a row, one legend for all, and write a PNG.

    Args:
        panels: the curves.
        metric: name of the metric.
        x_title: of the axis.
        path: the file to write.

    Raises:
        OutputUnwritable: where the target cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    figure = Figure(figsize=(4.6 * columns, 3.4 * rows + 0.5), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, panel in zip(grid, panels, strict=False):
        _draw(axes, panel, METRICS[metric].title, x_title)
    for axes in grid[len(panels) :]:
        axes.set_visible(False)
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=min(5, max(1, len(labels))), fontsize=8)
    drawn = io.BytesIO()
    # Without the software's name and version, so that the same figures make the same file.
    figure.savefig(drawn, format="png", metadata={"Software": None})
    return write_whole(drawn.getvalue(), path)


def _plot_lines(axes: Axes, panel: Panel) -> None:
    for index, (label, line) in enumerate(panel.lines.items()):
        if line:
            x, y = zip(*line, strict=True)
            axes.plot(x, y, marker="o", markersize=2.5, linewidth=1.3, label=label, color=f"C{index}")


def _label(axes: Axes, title: str, x_title: str, y_title: str) -> None:
    axes.set_title(title, fontsize=9)
    axes.set_xlabel(x_title, fontsize=8)
    axes.set_ylabel(y_title, fontsize=8)
    axes.tick_params(labelsize=7)


def _draw(axes: Axes, panel: Panel, y_title: str, x_title: str) -> None:
    from matplotlib.ticker import MaxNLocator

    _plot_lines(axes, panel)
    for mark in panel.marks:
        axes.axvline(mark, color="0.8", linewidth=1, zorder=0)
    _label(axes, panel.title, x_title, y_title)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.25)
