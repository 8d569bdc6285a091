"""From rows of frame scores to the figures of a clip: means, seams, quality against keyframe distance."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sparkvsr_engine.evaluation.metrics import METRICS, FrameScores

SEAM_RATIO = "seam_ratio"
"""Name of the seam figure beside the metrics' own names, see `seam_ratio`."""


@dataclass(frozen=True)
class CurvePoint:
    """The mean of a metric over the `frames` frames that lie `distance` from their nearest keyframe."""

    distance: int
    value: float
    frames: int


def summarise(
    rows: Sequence[FrameScores], keyframes: Collection[int] = (), borders: Collection[int] = ()
) -> dict[str, float]:
    """The mean of each metric over a clip, and the seam ratio where there is a border.

    Frames that are keyframes do not count, except in metrics of a frame and the one before it: a jump at a
    keyframe is as visible as any.

    Args:
        rows: scores of a clip's frames, in order.
        keyframes: frames of the keyframes.
        borders: first frames of chunks, beside the keyframes themselves.
    """
    summary: dict[str, float] = {}
    for name, traits in METRICS.items():
        counted = rows if traits.is_pairwise else [row for row in rows if row.frame not in keyframes]
        value = _mean(row.values[name] for row in counted if name in row.values)
        if not math.isnan(value):
            summary[name] = value
    ratio = seam_ratio(rows, border_frames(keyframes, borders))
    if ratio is not None:
        summary[SEAM_RATIO] = ratio
    return summary


def border_frames(keyframes: Iterable[int], borders: Iterable[int] = ()) -> frozenset[int]:
    """Frames that may differ visibly from the one before: keyframes, those after them, chunk starts."""
    return frozenset(frame for key in keyframes for frame in (key, key + 1)) | frozenset(borders)


def seam_ratio(rows: Sequence[FrameScores], borders: Collection[int]) -> float | None:
    """How much more wrongly the picture changes at borders than inside: 1 is no seam, 2 twice the jump.

    The root of the ratio of mean `change_error` on the two sides; None where either side has no frame or
    nothing is wrong inside.
    """
    errors = {row.frame: row.values["change_error"] for row in rows if "change_error" in row.values}
    at_borders = _mean(error for frame, error in errors.items() if frame in borders)
    inside = _mean(error for frame, error in errors.items() if frame not in borders)
    if math.isnan(at_borders) or not inside > 0.0:
        return None
    return math.sqrt(at_borders / inside)


def propagation_curve(rows: Sequence[FrameScores], keyframes: Collection[int], name: str) -> list[CurvePoint]:
    """A metric against the distance to the nearest keyframe, nearest first; empty without keyframes.

    Args:
        rows: scores of a clip's frames, in order.
        keyframes: frames of the keyframes.
        name: of the metric.
    """
    if not keyframes:
        return []
    by_distance: dict[int, list[float]] = {}
    for row in rows:
        if name in row.values:
            distance = min(abs(row.frame - keyframe) for keyframe in keyframes)
            by_distance.setdefault(distance, []).append(row.values[name])
    return [
        CurvePoint(distance, _mean(values), len(values)) for distance, values in sorted(by_distance.items())
    ]


def merge_curves(curves: Iterable[Sequence[CurvePoint]]) -> list[CurvePoint]:
    """Curves of several clips as one, every frame with the same weight."""
    gathered: dict[int, list[CurvePoint]] = {}
    for curve in curves:
        for point in curve:
            gathered.setdefault(point.distance, []).append(point)
    merged: list[CurvePoint] = []
    for distance, points in sorted(gathered.items()):
        frames = sum(point.frames for point in points)
        merged.append(CurvePoint(distance, sum(p.value * p.frames for p in points) / frames, frames))
    return merged


def mean_of_clips(summaries: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Every figure averaged over the clips that have it, each clip with the same weight."""
    names = dict.fromkeys(name for summary in summaries for name in summary)
    return {name: _mean(summary[name] for summary in summaries if name in summary) for name in names}


def _mean(values: Iterable[float]) -> float:
    """The mean; nan of nothing."""
    numbers = list(values)
    return math.fsum(numbers) / len(numbers) if numbers else math.nan
