"""A comparison as a page: a table of all figures, rate differences, plots, and a contact sheet at equal
bytes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from sparkvsr_engine.evaluation.pictures.drawing import SheetRow, contact_sheet
from sparkvsr_engine.evaluation.pictures.files import write_png, write_whole
from sparkvsr_engine.evaluation.pictures.plots import PLOTS_NEED, can_plot
from sparkvsr_engine.evaluation.protocol.clips import read_picture
from sparkvsr_engine.streams.comparison.bjontegaard import rate_difference
from sparkvsr_engine.streams.comparison.measuring import HIGHER_IS_BETTER, RatePointRow
from sparkvsr_engine.streams.comparison.running import STREAM, frame_name

_TITLES = {
    "psnr_y": "PSNR-Y dB",
    "vmaf": "VMAF",
    "vmaf_neg": "VMAF neg",
    "lpips": "LPIPS",
    "dists": "DISTS",
    "ewarp": "E*warp",
}
_DIGITS = {"psnr_y": 2, "vmaf": 1, "vmaf_neg": 1}
_COMPARED = ("vmaf", "lpips", "dists")
_PLOTTED = ("lpips", "dists", "vmaf", "psnr_y")


def write_comparison(rows: Sequence[RatePointRow], notes: Sequence[str], folder: Path) -> list[Path]:
    """Write `streams.md` with its pictures; all files written.

    Args:
        rows: figures of every clip, method and rate.
        notes: sentences about what could not be measured, put below the tables.
        folder: the folder that `run_comparison` wrote its frames to; the report goes there too.
    """
    files = [write_sheet(rows, clip, folder) for clip in _clips(rows)]
    if can_plot():
        files.append(write_plots(rows, folder / "rates.png"))
    else:
        notes = (*notes, PLOTS_NEED)
    text = "\n\n".join(["# Small streams: rate against quality", _table(rows), _differences(rows), *notes])
    return [write_whole((text + "\n").encode(), folder / "streams.md"), *files]


def _clips(rows: Sequence[RatePointRow]) -> list[str]:
    return list(dict.fromkeys(row.clip for row in rows))


def _methods(rows: Sequence[RatePointRow]) -> list[str]:
    return list(dict.fromkeys(row.method for row in rows))


def _measures(rows: Sequence[RatePointRow]) -> list[str]:
    return [name for name in HIGHER_IS_BETTER if any(name in row.values for row in rows)]


def _table(rows: Sequence[RatePointRow]) -> str:
    names = _measures(rows)
    lines = ["| clip | method | kbit/s | " + " | ".join(_TITLES[name] for name in names) + " |"]
    lines.append("| --- | --- | " + "---: | " * (len(names) + 1))
    for row in sorted(rows, key=lambda row: (row.clip, row.method, row.kbps)):
        values = [
            f"{row.values[name]:.{_DIGITS.get(name, 3)}f}" if name in row.values else "" for name in names
        ]
        lines.append(f"| {row.clip} | {row.method} | {row.kbps:.1f} | " + " | ".join(values) + " |")
    return "\n".join(lines)


def _differences(rows: Sequence[RatePointRow]) -> str:
    """Bytes of small streams against each other method, per clip and measure."""
    compared = [name for name in _COMPARED if any(name in row.values for row in rows)]
    lines = ["| clip | small stream against | " + " | ".join(_TITLES[name] for name in compared) + " |"]
    lines.append("| --- | --- | " + "---: | " * len(compared))
    for clip in _clips(rows):
        for method in _methods(rows):
            if method == STREAM:
                continue
            cells = [_cell(rows, clip, method, name) for name in compared]
            lines.append(f"| {clip} | {method} | " + " | ".join(cells) + " |")
    return "\n".join(
        [
            "Bjontegaard differences: bytes of the small stream for equal quality, negative where it"
            " takes fewer;"
            " a dash where the two share no quality.",
            "",
            *lines,
        ]
    )


def _cell(rows: Sequence[RatePointRow], clip: str, method: str, name: str) -> str:
    curves = [
        [
            (row.kbps, row.values[name])
            for row in rows
            if (row.clip, row.method) == (clip, m) and name in row.values
        ]
        for m in (method, STREAM)
    ]
    difference = rate_difference(curves[0], curves[1], HIGHER_IS_BETTER[name])
    return "-" if difference is None else f"{difference:+.0f} %"


def write_plots(rows: Sequence[RatePointRow], path: Path) -> Path:
    """Quality against rate: a row of panels per clip."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullFormatter

    clips, names = _clips(rows), [name for name in _PLOTTED if name in _measures(rows)]
    figure = Figure(figsize=(3.6 * len(names), 2.9 * len(clips) + 0.5), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(len(clips), len(names), squeeze=False)
    for line, clip in zip(grid, clips, strict=True):
        for axes, name in zip(line, names, strict=True):
            for index, method in enumerate(_methods(rows)):
                points = sorted(
                    (row.kbps, row.values[name])
                    for row in rows
                    if (row.clip, row.method) == (clip, method) and name in row.values
                )
                if points:
                    x, y = zip(*points, strict=True)
                    width = 2.2 if method == STREAM else 1.2
                    axes.plot(
                        x, y, marker="o", markersize=3, linewidth=width, label=method, color=f"C{index}"
                    )
            axes.set_xscale("log")
            # Of a range below a decade all minor ticks would be labelled, one over the other.
            axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.xaxis.set_major_formatter("{x:g}")
            axes.xaxis.set_minor_formatter(NullFormatter())
            axes.set_title(f"{clip}: {_TITLES[name]}", fontsize=9)
            axes.set_xlabel("kbit/s, whole file", fontsize=8)
            axes.tick_params(labelsize=7)
            axes.grid(alpha=0.25)
    handles, labels = grid[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=8)
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", metadata={"Software": None})
    return write_whole(drawn.getvalue(), path)


def write_sheet(rows: Sequence[RatePointRow], clip: str, folder: Path) -> Path:
    """One frame by every method at about the bytes of the smallest small stream, and the source.

    Args:
        rows: figures of every clip, method and rate.
        clip: name of the clip shown, as in the rows; at least one row is of it.
        folder: the folder that `run_comparison` wrote its frames to; the sheet goes there too.
    """
    streams = [row.kbps for row in rows if row.clip == clip and row.method == STREAM]
    of_clip = [row for row in rows if row.clip == clip]
    rate = min(streams) if streams else min(row.kbps for row in of_clip)
    chosen = [
        min((row for row in of_clip if row.method == method), key=lambda row: abs(row.kbps - rate))
        for method in _methods(of_clip)
    ]
    pictures = [("source", read_picture(folder / "frames" / f"{clip}-source.png"))]
    for row in chosen:
        picture = read_picture(folder / "frames" / frame_name(row))
        pictures.append((f"{row.method}, {row.kbps:.0f} kbit/s", picture))
    sheet_rows = [
        SheetRow(f"{clip}, at about {rate:.0f} kbit/s" if not start else "", pictures[start : start + 2])
        for start in range(0, len(pictures), 2)
    ]
    return write_png(contact_sheet(sheet_rows, factor=1), folder / f"sheet-{clip}.png")
