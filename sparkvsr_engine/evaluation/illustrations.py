"""The pictures of a benchmark report: which crops and curves are shown. Drawing them: `pictures`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from sparkvsr_engine.core.arrays import Pixels
from sparkvsr_engine.evaluation.benchmark import TRUTH, BenchmarkResults
from sparkvsr_engine.evaluation.pictures.drawing import SheetRow, contact_sheet
from sparkvsr_engine.evaluation.pictures.files import write_png
from sparkvsr_engine.evaluation.pictures.plots import Panel, curve_line, plot_panels
from sparkvsr_engine.evaluation.protocol.keyframe_cases import KeyframeCase
from sparkvsr_engine.evaluation.scores import merge_curves, propagation_curve
from sparkvsr_engine.evaluation.tables import methods_of
from sparkvsr_engine.models.base import LOCK

_CURVE_METRICS = ("psnr_y", "lpips")


def write_sheets(results: BenchmarkResults, folder: Path) -> Iterator[Path]:
    """A contact sheet of crops for clean sources, and one for degraded ones, where there are cases."""
    for is_degraded, name in ((False, "clean"), (True, "degraded")):
        cases = [case for case in _ordinary_cases(results) if case.is_degraded == is_degraded]
        if cases:
            rows = [_sheet_row(results, cases, clip) for clip in results.clips]
            yield write_png(contact_sheet(rows), folder / f"crops_{name}.png")


def write_plots(results: BenchmarkResults, folder: Path) -> Iterator[Path]:
    """Quality against keyframe distance, for each case, and along each clip. Needs matplotlib."""
    measured = {name for row in results.rows if row.case != TRUTH for name in row.summary}
    keyed = [case for case in _ordinary_cases(results) if not case.is_blind]
    for metric in _CURVE_METRICS:
        if keyed and metric in measured:
            panels = [Panel(case.title, _curves(results, case.name, metric)) for case in keyed]
            path = folder / f"propagation_{metric}.png"
            yield plot_panels(panels, metric, "frames to the nearest keyframe", path)
    if keyed and "psnr_y" in measured:
        fullest = max(keyed, key=lambda case: len(results.select(case.name)[0].keyframes))
        panels = [_along_clip(results, fullest, clip) for clip in results.clips]
        yield plot_panels(panels, "psnr_y", "frame", folder / "frames_psnr_y.png")


def _ordinary_cases(results: BenchmarkResults) -> list[KeyframeCase]:
    """Those whose truth is the clip itself, under keyframes that are meant to help."""
    return [case for case in results.cases if not case.is_robustness_test and case.look == LOCK]


def _sheet_row(results: BenchmarkResults, cases: Sequence[KeyframeCase], clip: str) -> SheetRow:
    """The same crop from every method, once for those that use no keyframes, the truth last."""
    cells: dict[str, Pixels] = {}
    for case in cases:
        for row in results.select(case.name, clip=clip):
            varies = _varies(results, cases, row.method, clip)
            cells.setdefault(f"{row.method}, {case.name}" if varies else row.method, row.verdict.crop)
    cells[TRUTH] = results.select(TRUTH, clip=clip)[0].verdict.crop
    return SheetRow(clip, list(cells.items()))


def _varies(results: BenchmarkResults, cases: Sequence[KeyframeCase], method: str, clip: str) -> bool:
    """Whether the method was run anew for each case; the others show the same picture in all."""
    verdicts = [row.verdict for case in cases for row in results.select(case.name, method, clip)]
    return any(verdict is not verdicts[0] for verdict in verdicts)


def _curves(results: BenchmarkResults, case: str, metric: str) -> dict[str, list[tuple[float, float]]]:
    lines: dict[str, list[tuple[float, float]]] = {}
    for method in methods_of(results, case):
        rows = results.select(case, method)
        curves = [propagation_curve(row.rows, row.keyframes, metric) for row in rows]
        lines[method] = curve_line(merge_curves(curves))
    return lines


def _along_clip(results: BenchmarkResults, case: KeyframeCase, clip: str) -> Panel:
    lines: dict[str, list[tuple[float, float]]] = {}
    for row in results.select(case.name, clip=clip):
        counted = [scores for scores in row.rows if scores.frame not in row.keyframes]
        lines[row.method] = [(float(scores.frame), scores.values["psnr_y"]) for scores in counted]
    keyframes = results.select(case.name, clip=clip)[0].keyframes
    return Panel(f"{clip} ({case.name})", lines, marks=keyframes)
