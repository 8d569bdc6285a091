"""The benchmark: clips x keyframe cases x methods, every result judged frame by frame against the truth.

The source of each clip is its truth at 1/scale, antialiased bicubic, or a degradation the caller supplies.
Deterministic but for the seconds. Memory: one clip, two frames of a result, and small crops for pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.core.arrays import BytePicture
from sparkvsr_engine.evaluation.metrics import FrameScores, MetricOptions
from sparkvsr_engine.evaluation.protocol.clips import TruthClip, downscaled, read_truth
from sparkvsr_engine.evaluation.protocol.judging import SampleView, Verdict, choose_view, judge
from sparkvsr_engine.evaluation.protocol.keyframe_cases import (
    KEYFRAME_CASES,
    KeyframeCase,
    KeyframeKind,
    make_keyframes,
    truth_of,
)
from sparkvsr_engine.evaluation.protocol.methods import Method, RestorationTask
from sparkvsr_engine.evaluation.scores import summarise
from sparkvsr_engine.evaluation.streams import MetricKit
from sparkvsr_engine.models.isr.upscaler import ImageUpscaler

Degrade = Callable[[Sequence[BytePicture], int, int], Sequence[BytePicture]]
"""(truth frames uint8 [H, W, 3], scale, seed) -> source frames uint8 [H / scale, W / scale, 3]."""

TRUTH = "truth"
"""Case and method of the rows that judge the truth itself, by the metrics that can."""

_TRUTH_METRICS = ("niqe", "ewarp")


@dataclass(frozen=True)
class BenchmarkOptions:
    """What to run.

    clips: movies or frame folders. frames: how many of each, from its start.
    isr: makes the ISR keyframes; degrade: makes the degraded sources; None leaves those cases out.
    """

    clips: tuple[Path, ...]
    methods: tuple[Method, ...]
    metrics: MetricOptions
    cases: tuple[KeyframeCase, ...] = tuple(KEYFRAME_CASES.values())
    frames: int = 31
    scale: int = 4
    isr: ImageUpscaler | None = None
    degrade: Degrade | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.clips or not self.methods or not self.cases:
            raise InvalidSettings("A benchmark needs at least one clip, one method and one keyframe case.")
        if self.frames < 2 or self.scale < 1:
            raise InvalidSettings("A benchmark needs 2 frames or more and a whole scale of 1 or more.")
        # Rows go by the name: a second method of one would take the first one's place.
        names = [method.name for method in self.methods]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise InvalidSettings(
                f"two methods are called {', '.join(twice)}; name each once, or give one's weights another"
                " name."
            )


@dataclass(frozen=True, eq=False)
class BenchmarkRow:
    """One method on one clip in one case; `summary` holds the means over the non-keyframes."""

    clip: str
    case: str
    method: str
    keyframes: tuple[int, ...]
    verdict: Verdict

    @property
    def rows(self) -> tuple[FrameScores, ...]:
        """The scores of every frame, keyframes included."""
        return self.verdict.rows

    @property
    def summary(self) -> dict[str, float]:
        """Figures by name, see `scores.summarise`."""
        return summarise(self.rows, self.keyframes)


@dataclass(frozen=True, eq=False)
class BenchmarkResults:
    """Everything a report needs; `notes` lists what was left out and why."""

    rows: tuple[BenchmarkRow, ...]
    cases: tuple[KeyframeCase, ...]
    clips: tuple[str, ...]
    notes: tuple[str, ...]
    frames: int
    scale: int

    def select(
        self, case: str | None = None, method: str | None = None, clip: str | None = None
    ) -> list[BenchmarkRow]:
        """The rows that agree in what is given, in the order they were run.

        Args:
            case: name of the case, None for all.
            method: name of the method, None for all.
            clip: name of the clip, None for all.
        """
        return [
            row
            for row in self.rows
            if (case is None or row.case == case)
            and (method is None or row.method == method)
            and (clip is None or row.clip == clip)
        ]


def run_benchmark(
    options: BenchmarkOptions, on_progress: Callable[[int, int, str], None] | None = None
) -> BenchmarkResults:
    """Run it.

    on_progress: called with (results done, results in all, which one was done). Metrics and cases that cannot
    be had are named in the notes. Raises MediaUnreadable for a clip of no use, and whatever a method raises.
    """
    cases, notes = _runnable_cases(options)
    kit = MetricKit(options.metrics)
    in_all = len(options.clips) * (1 + len(cases) * len(options.methods))
    rows: list[BenchmarkRow] = []
    for index in range(len(options.clips)):
        for row in _clip_rows(options, index, cases, kit):
            rows.append(row)
            if on_progress is not None:
                on_progress(len(rows), in_all, f"{row.clip}, {row.case}: {row.method}")
    clips = tuple(dict.fromkeys(row.clip for row in rows))
    return BenchmarkResults(tuple(rows), cases, clips, (*kit.notes, *notes), options.frames, options.scale)


def _runnable_cases(options: BenchmarkOptions) -> tuple[tuple[KeyframeCase, ...], list[str]]:
    """The cases that have what they need, and a note on each other one."""
    runnable: list[KeyframeCase] = []
    notes: list[str] = []
    for case in options.cases:
        lack = _what_lacks(options, case)
        if lack:
            notes.append(f"The case '{case.name}' is left out: {lack}.")
        else:
            runnable.append(case)
    if not runnable:
        raise InvalidSettings(f"No keyframe case can be run. {' '.join(notes)}")
    return tuple(runnable), notes


def _what_lacks(options: BenchmarkOptions, case: KeyframeCase) -> str:
    if case.is_degraded and options.degrade is None:
        return "no degradation was given"
    if case.kind is KeyframeKind.ISR and options.isr is None:
        return "no image super-resolution model was given"
    if case.kind is KeyframeKind.WRONG and len(options.clips) < 2:
        return "a keyframe of another clip needs a second clip"
    return ""


def _clip_rows(
    options: BenchmarkOptions, index: int, cases: Sequence[KeyframeCase], kit: MetricKit
) -> Iterator[BenchmarkRow]:
    """The results of one clip, the truth's own row first."""
    truth = read_truth(options.clips[index], options.frames, options.scale)
    clean = downscaled(truth, options.scale)
    run = _ClipRun(truth, kit, choose_view(truth, clean))
    yield _truth_row(run, clean, options.metrics)
    degraded: Sequence[BytePicture] = ()
    if options.degrade is not None and any(case.is_degraded for case in cases):
        degraded = options.degrade(truth.frames, options.scale, options.seed + index)
    for case in cases:
        source = degraded if case.is_degraded else clean
        stranger = _stranger(options, index) if case.kind is KeyframeKind.WRONG else None
        styled = truth_of(case, truth)
        keyframes = make_keyframes(case, styled, source, options.isr, stranger)
        styled_run = run if styled is truth else replace(run, truth=styled, remembered={})
        for method in options.methods:
            yield styled_run.judge(case, method, source, keyframes)


@dataclass(eq=False)
class _ClipRun:
    """One clip on its way through cases and methods; remembers the methods keyframes are nothing to."""

    truth: TruthClip
    kit: MetricKit
    view: SampleView
    remembered: dict[tuple[str, bool], Verdict] = field(default_factory=dict[tuple[str, bool], Verdict])

    def judge(
        self,
        case: KeyframeCase,
        method: Method,
        source: Sequence[BytePicture],
        keyframes: Mapping[int, BytePicture],
    ) -> BenchmarkRow:
        key = (method.name, case.is_degraded)
        verdict = self.remembered.get(key) or judge(
            method, self.truth, source, keyframes, kit=self.kit, view=self.view, look=case.look
        )
        if not method.uses_keyframes:
            self.remembered[key] = verdict
        return BenchmarkRow(self.truth.name, case.name, method.name, tuple(keyframes), verdict)


def _truth_row(run: _ClipRun, source: Sequence[BytePicture], metrics: MetricOptions) -> BenchmarkRow:
    """The truth by the metrics without a reference: the mark to meet, not to pass."""
    kit = MetricKit(replace(metrics, names=tuple(name for name in _TRUTH_METRICS if name in run.kit.names)))

    def restore(task: RestorationTask) -> Iterator[BytePicture]:  # noqa: ARG001 - the truth needs no source
        return iter(run.truth.frames)

    method = Method(TRUTH, restore, uses_keyframes=False)
    verdict = judge(method, run.truth, source, {}, kit=kit, view=run.view)
    return BenchmarkRow(run.truth.name, TRUTH, TRUTH, (), verdict)


def _stranger(options: BenchmarkOptions, index: int) -> BytePicture:
    """The last frame the benchmark uses of the next clip."""
    path = options.clips[(index + 1) % len(options.clips)]
    return read_truth(path, options.frames, options.scale).frames[-1]
