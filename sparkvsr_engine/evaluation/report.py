"""Writes a benchmark for people: a Markdown page, CSV files, contact sheets, and plots where possible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from sparkvsr_engine.evaluation.benchmark import BenchmarkResults
from sparkvsr_engine.evaluation.illustrations import write_plots, write_sheets
from sparkvsr_engine.evaluation.pictures.files import before_after, write_whole
from sparkvsr_engine.evaluation.pictures.plots import PLOTS_NEED, can_plot
from sparkvsr_engine.evaluation.tables import (
    case_table,
    clip_table,
    frames_csv,
    robustness_table,
    summary_csv,
    to_markdown,
)

__all__ = ["before_after", "write_report"]


def write_report(results: BenchmarkResults, folder: Path) -> tuple[Path, ...]:
    """Write everything into `folder`, which is made; returns the files, the page `report.md` first.

    Files of the same names are replaced. Without matplotlib there are no plots, and the page has a note of
    it. Raises OutputUnwritable.
    """
    pictures = list(write_sheets(results, folder))
    notes = list(results.notes)
    if can_plot():
        pictures += write_plots(results, folder)
    else:
        notes.append(PLOTS_NEED)
    page = _write_text(_page(results, notes, pictures), folder / "report.md")
    summary = _write_text(summary_csv(results), folder / "summary.csv")
    frames = _write_text(frames_csv(results), folder / "frames.csv")
    return (page, summary, frames, *pictures)


def _page(results: BenchmarkResults, notes: Sequence[str], pictures: Sequence[Path]) -> str:
    parts = ["# Benchmark\n", _introduction(results), *(f"- {note}\n" for note in notes)]
    for case in results.cases:
        parts += [f"## {case.name}: {case.title}\n", to_markdown(case_table(results, case))]
        parts.append(to_markdown(clip_table(results, case)))
    robustness = list(_robustness(results))
    if robustness:
        parts += ["## Bad keyframes\n", *robustness]
    parts += ["## Pictures\n", *(f"![{path.stem}]({path.name})\n" for path in pictures)]
    return "\n".join(parts)


def _introduction(results: BenchmarkResults) -> str:
    return (
        f"{len(results.clips)} clips of {results.frames} frames, x{results.scale}. Figures are means over the"
        " frames that are not keyframes (E\\*warp and tOF: over all neighbouring frames), then over the"
        " clips. E\\*warp below the truth's own is smoothed motion, above it flicker. A seam ratio of 1 means"
        " that the picture changes as rightly at keyframes as between them.\n"
    )


def _robustness(results: BenchmarkResults) -> Iterator[str]:
    for method in dict.fromkeys(row.method for row in results.rows):
        table = robustness_table(results, method)
        if table is not None:
            yield f"{method}:\n\n{to_markdown(table)}"


def _write_text(text: str, path: Path) -> Path:
    return write_whole(text.encode("utf-8"), path)
