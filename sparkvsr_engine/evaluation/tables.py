"""Benchmark results as tables: Markdown for people, CSV for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sparkvsr_engine.evaluation.benchmark import TRUTH, BenchmarkResults, BenchmarkRow
from sparkvsr_engine.evaluation.metrics import METRICS
from sparkvsr_engine.evaluation.protocol.keyframe_cases import KeyframeCase
from sparkvsr_engine.evaluation.scores import SEAM_RATIO, mean_of_clips, summarise

BASELINE = "bicubic"
"""Name of the method gains are counted from."""

GAIN = "gain"
SECONDS = "seconds_per_frame"

_ABSENT = "-"
_OTHER_DIGITS = {SEAM_RATIO: 2, SECONDS: 3}
# The seam ratio has the same in a form that can be read; the CSV files have both.
_NOT_FOR_PEOPLE = ("change_error",)


@dataclass(frozen=True)
class Table:
    """Cells of text; the first column names the row."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def to_markdown(table: Table) -> str:
    """The table in Markdown, numbers aligned right."""
    rule = ["---", *("---:" for _ in table.header[1:])]
    lines = [table.header, rule, *table.rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def to_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Comma-separated text with a header line; floats with all their digits."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def case_table(results: BenchmarkResults, case: KeyframeCase) -> Table:
    """One case: a row per method with its figures averaged over the clips, the truth's own last."""
    means = {method: method_means(results, case.name, method) for method in methods_of(results, case.name)}
    truth = mean_of_clips([row.summary for row in results.select(TRUTH)])
    figures = [*means.values(), truth]
    names = [name for name in _columns() if any(name in mean for mean in figures)]
    lines = list(means.items())
    if truth:
        lines.append((TRUTH, truth))
    rows = tuple((label, *(_number(mean, name) for name in names)) for label, mean in lines)
    return Table(("method", *(_title(name) for name in names)), rows)


def clip_table(results: BenchmarkResults, case: KeyframeCase, metric: str = "psnr_y") -> Table:
    """One metric of one case: a row per method, a column per clip and the mean.

    Args:
        results: all rows of a run.
        case: which keyframes there are, and whose pictures.
        metric: name of the metric.
    """
    rows: list[tuple[str, ...]] = []
    for method in methods_of(results, case.name):
        summaries = {row.clip: row.summary for row in results.select(case.name, method)}
        cells = [_number(summaries.get(clip, {}), metric) for clip in results.clips]
        rows.append((method, *cells, _number(mean_of_clips(list(summaries.values())), metric)))
    return Table((_title(metric), *results.clips, "mean"), tuple(rows))


def robustness_table(results: BenchmarkResults, method: str) -> Table | None:
    """What bad keyframes do to a method: PSNR-Y against its own blind result on the same frames, dB.

    None when it has no blind result, uses no keyframes, or no robustness case was run.
    """
    rows: list[tuple[str, ...]] = []
    for case in results.cases:
        changes: dict[str, float] = {}
        for row in results.select(case.name, method):
            changes.update((row.clip, change) for change in _against_blind(results, row))
        if not case.is_robustness_test or not changes:
            continue
        cells = [f"{changes[clip]:+.2f}" if clip in changes else _ABSENT for clip in results.clips]
        mean = f"{sum(changes.values()) / len(changes):+.2f}"
        shift = _number(method_means(results, case.name, method), "colour_shift")
        rows.append((case.title, *cells, mean, shift))
    header = ("dB against blind", *results.clips, "mean", _title("colour_shift"))
    return Table(header, tuple(rows)) if rows else None


def summary_csv(results: BenchmarkResults) -> str:
    """Every result as a line: clip, case, method, keyframes, its figures, gain over bicubic, seconds."""
    names = [*METRICS, SEAM_RATIO]
    lines: list[list[object]] = []
    for row in results.rows:
        named = [row.clip, row.case, row.method, " ".join(map(str, row.keyframes))]
        figures = [row.summary.get(name, "") for name in names]
        lines.append([*named, *figures, gain_of(results, row), row.verdict.seconds_per_frame])
    return to_csv(("clip", "case", "method", "keyframes", *names, GAIN, SECONDS), lines)


def frames_csv(results: BenchmarkResults) -> str:
    """Every frame of every result as a line."""
    lines: list[list[object]] = []
    for row in results.rows:
        for scores in row.rows:
            named = [row.clip, row.case, row.method, scores.frame, int(scores.frame in row.keyframes)]
            lines.append([*named, *(scores.values.get(name, "") for name in METRICS)])
    return to_csv(("clip", "case", "method", "frame", "is_keyframe", *METRICS), lines)


def methods_of(results: BenchmarkResults, case: str) -> list[str]:
    """The methods run in a case, in their order."""
    return list(dict.fromkeys(row.method for row in results.select(case)))


def method_means(results: BenchmarkResults, case: str, method: str) -> dict[str, float]:
    """The figures of a method in a case averaged over the clips, gain and seconds included.

    Args:
        results: all rows of a run.
        case: name of the case.
        method: name of the method.
    """
    summaries: list[Mapping[str, float]] = []
    for row in results.select(case, method):
        gain = gain_of(results, row)
        extra = {SECONDS: row.verdict.seconds_per_frame} | ({} if gain == "" else {GAIN: float(gain)})
        summaries.append(row.summary | extra)
    return mean_of_clips(summaries)


def gain_of(results: BenchmarkResults, row: BenchmarkRow) -> float | str:
    """PSNR-Y over bicubic on the same frames of the same source, dB; empty where there is no bicubic row."""
    baseline = [
        baseline_row
        for baseline_row in results.select(row.case, BASELINE, row.clip)
        if baseline_row is not row
    ]
    if not baseline or "psnr_y" not in row.summary:
        return ""
    return row.summary["psnr_y"] - baseline[0].summary["psnr_y"]


def _against_blind(results: BenchmarkResults, row: BenchmarkRow) -> list[float]:
    """PSNR-Y minus that of the same method without keyframes on the same frames; empty without such a row."""
    own_case = next((case for case in results.cases if case.name == row.case), None)
    for case in results.cases:
        if not case.is_blind or own_case is None or case.is_degraded != own_case.is_degraded:
            continue
        for blind in results.select(case.name, row.method, row.clip):
            if blind.verdict is not row.verdict and "psnr_y" in row.summary:
                return [row.summary["psnr_y"] - summarise(blind.rows, row.keyframes)["psnr_y"]]
    return []


def _columns() -> list[str]:
    columns = [name for name in METRICS if name not in _NOT_FOR_PEOPLE]
    return [columns[0], GAIN, *columns[1:], SEAM_RATIO, SECONDS]


def _title(name: str) -> str:
    special = {GAIN: "gain dB", SEAM_RATIO: "seam ratio", SECONDS: "s/frame"}
    if name in special:
        return special[name]
    return f"{METRICS[name].title} {'↑' if METRICS[name].higher_is_better else '↓'}"


def _number(figures: Mapping[str, float], name: str) -> str:
    if name not in figures:
        return _ABSENT
    if name == GAIN:
        return f"{figures[name]:+.2f}"
    digits = METRICS[name].digits if name in METRICS else _OTHER_DIGITS[name]
    return f"{figures[name]:.{digits}f}"
