"""Feeds frames to the metrics, one at a time; keeps one frame back and a row of numbers per frame.

A metric whose weights are absent, or that the frame is too small for, is left out with a note; it never ends
a run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sparkvsr_engine.core.arrays import Pixels
from sparkvsr_engine.evaluation.measures.colour_shift import colour_shift
from sparkvsr_engine.evaluation.measures.fidelity import psnr_y, ssim_y
from sparkvsr_engine.evaluation.measures.naturalness import Niqe
from sparkvsr_engine.evaluation.measures.perceptual import Distance, Dists, Lpips
from sparkvsr_engine.evaluation.measures.temporal import TemporalMeasure
from sparkvsr_engine.evaluation.measures.weights import FETCH_COMMAND, NIQE_PARAMETERS
from sparkvsr_engine.evaluation.metrics import METRICS, FrameScores, MetricOptions
from sparkvsr_engine.evaluation.pixels import centre_crop, require_same_size
from sparkvsr_engine.models.distances.files import DISTS_ALPHA_BETA, LPIPS_ALEXNET, LPIPS_VGG16
from sparkvsr_engine.models.distances.picture_features import SMALLEST_SIDE

Values = Mapping[str, float]


@dataclass(frozen=True, eq=False)
class _Subject:
    """What one frame is judged by; `index` counts the frames fed before it."""

    result: Pixels
    reference: Pixels
    source: Pixels | None
    index: int


_Measurement = Callable[[_Subject], Values]


class MetricKit:
    """The metrics that can be had here, their weights loaded once and shared by the streams of a run.

    names: the metrics measured. notes: a sentence for each one left out.
    """

    def __init__(self, options: MetricOptions) -> None:
        self.names, self.notes = _available(options)
        self._measurements = [
            build(options) for names, build in _STATELESS if any(name in self.names for name in names)
        ]

    def open_stream(self) -> MetricStream:
        """A stream for one clip; streams of one kit are independent but must not run at the same time."""
        measurements = list(self._measurements)
        if any(METRICS[name].is_pairwise for name in self.names):
            measurements.append(_measure_temporal(TemporalMeasure()))
        return MetricStream(self.names, measurements)


class MetricStream:
    """One clip on its way through the metrics; `rows` has the scores of each frame fed so far."""

    def __init__(self, names: tuple[str, ...], measurements: list[_Measurement]) -> None:
        self._names = names
        self._measurements = measurements
        self.rows: list[FrameScores] = []

    def feed(
        self, frame: int, result: Pixels, reference: Pixels, source: Pixels | None = None
    ) -> FrameScores:
        """Judge the next frame, in playing order.

        Args:
            frame: its number.
            result: [H, W, 3] of one size, RGB, uint8 or float 0..1, else ValueError.
            reference: [H, W, 3] of one size, RGB, uint8 or float 0..1, else ValueError.
            source: [h, w, 3], what the result was made from, for the colour shift; without it that is left
                out.
        """
        require_same_size(result, reference)
        subject = _Subject(result, reference, source, index=len(self.rows))
        measured: dict[str, float] = {}
        for measure in self._measurements:
            measured.update(measure(subject))
        values = {name: measured[name] for name in self._names if math.isfinite(measured.get(name, math.nan))}
        self.rows.append(FrameScores(frame, values))
        return self.rows[-1]


def _available(options: MetricOptions) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the metrics that can be had, and a note on each that cannot."""
    missing = {name: options.weights.missing(METRICS[name].weights) for name in options.names}
    notes = tuple(
        f"{METRICS[name].title} is left out: {' and '.join(files)} not found in {options.weights.folder};"
        f" '{FETCH_COMMAND}' gets it."
        for name, files in missing.items()
        if files
    )
    return tuple(name for name, files in missing.items() if not files), notes


def _measure_psnr(options: MetricOptions) -> _Measurement:
    return lambda subject: {"psnr_y": psnr_y(subject.result, subject.reference, options.border)}


def _measure_ssim(options: MetricOptions) -> _Measurement:
    return lambda subject: {"ssim_y": ssim_y(subject.result, subject.reference, options.border)}


def _measure_lpips(options: MetricOptions) -> _Measurement:
    return _learned("lpips", Lpips(options.weights.path(LPIPS_ALEXNET), options.device), options)


def _measure_lpips_vgg(options: MetricOptions) -> _Measurement:
    return _learned("lpips_vgg", Lpips(options.weights.path(LPIPS_VGG16), options.device), options)


def _measure_dists(options: MetricOptions) -> _Measurement:
    weights = options.weights
    dists = Dists(weights.path(LPIPS_VGG16), weights.path(DISTS_ALPHA_BETA), options.device)
    return _learned("dists", dists, options)


def _learned(name: str, distance: Distance, options: MetricOptions) -> _Measurement:
    """A network's distance, on every frame or on the sampled ones."""
    step, crop = (options.costly_step, options.costly_crop) if METRICS[name].is_costly else (1, 0)

    def measure(subject: _Subject) -> Values:
        result, reference = centre_crop(subject.result, crop), centre_crop(subject.reference, crop)
        if subject.index % step != step // 2 or min(result.shape[:2]) < SMALLEST_SIDE:
            return {}
        return {name: distance.measure(result, reference)}

    return measure


def _measure_niqe(options: MetricOptions) -> _Measurement:
    niqe = Niqe(options.weights.path(NIQE_PARAMETERS))

    def measure(subject: _Subject) -> Values:
        height, width = subject.result.shape[:2]
        return {"niqe": niqe.measure(subject.result)} if niqe.accepts(width, height) else {}

    return measure


def _measure_colour(options: MetricOptions) -> _Measurement:  # noqa: ARG001 - built like the others
    def measure(subject: _Subject) -> Values:
        if subject.source is None:
            return {}
        shift = colour_shift(subject.result, subject.source)
        return {"colour_shift": shift.mean, "colour_shift_high": shift.high}

    return measure


def _measure_temporal(temporal: TemporalMeasure) -> _Measurement:
    def measure(subject: _Subject) -> Values:
        scores = temporal.feed(subject.result, subject.reference)
        if scores is None:
            return {}
        return {"ewarp": scores.ewarp, "tof": scores.tof, "change_error": scores.change_error}

    return measure


_STATELESS: tuple[tuple[tuple[str, ...], Callable[[MetricOptions], _Measurement]], ...] = (
    (("psnr_y",), _measure_psnr),
    (("ssim_y",), _measure_ssim),
    (("lpips",), _measure_lpips),
    (("lpips_vgg",), _measure_lpips_vgg),
    (("dists",), _measure_dists),
    (("niqe",), _measure_niqe),
    (("colour_shift", "colour_shift_high"), _measure_colour),
)
