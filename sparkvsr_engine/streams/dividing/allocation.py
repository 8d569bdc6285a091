"""How the bytes of a rate are divided between the reduced movie and its keyframes.

The number of keyframes and their share of the bytes are searched by trial: excerpts of the material are
encoded and restored at each division, and the better one is kept, as long as a step gains. Fixed rules lose
to this because what a keyframe brings depends on how far its detail carries, and what the base track needs
on how much moves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.jobs.plans.analysis import Analysis
from sparkvsr_engine.media.movies.writing.codecs import Encoding
from sparkvsr_engine.streams.context import PackContext, StreamChoice
from sparkvsr_engine.streams.dividing.rates import RateMeter, crf_for_bytes, excerpts_of
from sparkvsr_engine.streams.encodings import TrackQuality
from sparkvsr_engine.streams.placing import place_keyframes, segment_spans
from sparkvsr_engine.streams.requests import KeyframePlacement

SHARES = (0.15, 0.3, 0.45, 0.6, 0.75)
"""Of the bytes, what keyframes may get."""
USUAL_SHARE = 0.45
# Keyframes of a shot by its frames; a cut always begins a new count.
_DISTANCES = (192, 96, 48, 24, 12)
_USUAL_DISTANCE = 48
# Excerpts that are tried: longer ones than for bytes alone, so that a keyframe has somewhere to carry.
_TRIED, _TRIED_FRAMES = 2, 48


@dataclass(frozen=True)
class Division:
    """A place in the search: indices into `_DISTANCES` and `SHARES`."""

    density: int
    share: int

    @property
    def neighbours(self) -> tuple[Division, ...]:
        """Those one step away, the likeliest first."""
        steps = ((0, 1), (0, -1), (1, 0), (-1, 0))
        moved = (Division(self.density + more, self.share + bytes_) for more, bytes_ in steps)
        return tuple(at for at in moved if 0 <= at.density < len(_DISTANCES) and 0 <= at.share < len(SHARES))


@dataclass(frozen=True)
class Split:
    """share: of the bytes that keyframes get, 0..1. keyframes: their frames."""

    share: float
    keyframes: tuple[int, ...]


WITHOUT = Split(0.0, ())
"""No keyframes at all."""


def allocate(context: PackContext, analysis: Analysis) -> StreamChoice:
    """Keyframes and quality for the rate of a request, by trial; keyframes that it names stay as they are."""
    meter = rate_meter(context, analysis)
    placement, span = context.plan.request.keyframes, context.plan.info.span
    fixed = None
    if not placement.is_automatic:
        fixed = place_keyframes(placement, span, analysis.shots, analysis.signals)
    if fixed == ():
        return StreamChoice((), quality_of_split(context, meter, WITHOUT))
    splits = _DivisionTable(span, analysis, fixed)
    distance_of = _trial_distance(context, meter, analysis.shots)
    chosen = search(splits.split, distance_of, splits.start, context.control.check)
    return StreamChoice(chosen.keyframes, quality_of_split(context, meter, chosen))


def search(
    split_of: Callable[[Division], Split],
    distance_of: Callable[[Split], float],
    start: Division,
    check: Callable[[], None] = lambda: None,
) -> Split:
    """The best split found by walking from `start` to better neighbours; none at all is tried last.

    Args:
        split_of: the split of a place.
        distance_of: how far from the source a split's result is; lower is better. Asked once for each split.
        start: the place where the walk begins.
        check: called before each trial; what it raises ends the search.
    """
    measured: dict[Split, float] = {}

    def distance(split: Split) -> float:
        if split not in measured:
            check()
            measured[split] = distance_of(split)
        return measured[split]

    place = start
    while True:
        here = distance(split_of(place))
        better = next((at for at in place.neighbours if distance(split_of(at)) < here), None)
        if better is None:
            break
        place = better
    best = split_of(place)
    return WITHOUT if distance(WITHOUT) < distance(best) else best


class _DivisionTable:
    """The splits of a source by their place in the search; every set of keyframes is chosen once."""

    def __init__(self, span: FrameSpan, analysis: Analysis, fixed: tuple[int, ...] | None = None) -> None:
        self._span, self._analysis, self._fixed = span, analysis, fixed
        self._placed: dict[int, tuple[int, ...]] = {}
        self.start = Division(_DISTANCES.index(_USUAL_DISTANCE), SHARES.index(USUAL_SHARE))

    def split(self, at: Division) -> Split:
        """The split of a place."""
        keyframes = self._keyframes(at.density) if self._fixed is None else self._fixed
        return Split(SHARES[at.share], keyframes) if keyframes else WITHOUT

    def _keyframes(self, density: int) -> tuple[int, ...]:
        if density not in self._placed:
            self._placed[density] = keyframes_at(_DISTANCES[density], self._span, self._analysis)
        return self._placed[density]


def keyframes_at(distance: int, span: FrameSpan, analysis: Analysis) -> tuple[int, ...]:
    """Keyframes of about one in `distance` frames, at least one a shot, where they carry furthest.

    Args:
        distance: frames for each keyframe, above 0.
        span: the frames that are packed.
        analysis: shots and signals of the span.
    """
    budget = sum(max(1, round(len(shot) / distance)) for shot in analysis.shots)
    return place_keyframes(KeyframePlacement("adaptive", budget), span, analysis.shots, analysis.signals)


def rate_meter(context: PackContext, analysis: Analysis) -> RateMeter:
    """What measures bytes of a source."""
    segments = segment_spans(context.plan.info.span, analysis.shots)
    return RateMeter(context.folder, context.pictures.small, context.pictures.full, segments)


def quality_of_split(context: PackContext, meter: RateMeter, split: Split) -> TrackQuality:
    """The qualities at which both tracks take their shares of the bytes.

    Args:
        context: the opened source and its plan, whose budget is divided.
        meter: measures what the tracks take at a quality.
        split: the keyframes and their share of the bytes.
    """
    encodings, budget = context.plan.encodings, context.plan.budget_bytes
    keyframe_bytes = budget * split.share

    def bytes_of_keyframes(encoding: Encoding) -> float:
        return meter.keyframe_bytes(encoding, split.keyframes)

    keyframes = (
        crf_for_bytes(encodings.keyframes, keyframe_bytes, bytes_of_keyframes) if split.keyframes else 0.0
    )
    return TrackQuality(crf_for_bytes(encodings.base, budget - keyframe_bytes, meter.base_bytes), keyframes)


def _trial_distance(
    context: PackContext, meter: RateMeter, shots: Sequence[FrameSpan]
) -> Callable[[Split], float]:
    """Measures a split by restoring excerpts."""
    from sparkvsr_engine.models.registry import open_restorer
    from sparkvsr_engine.streams.dividing.distances import best_measure
    from sparkvsr_engine.streams.dividing.trials import Trials

    config = context.config
    restorer = open_restorer(
        context.plan.request.model, config.models_folder, config.cache_folder / "parts", "auto"
    )
    excerpts = excerpts_of(shots, _TRIED, _TRIED_FRAMES)
    measure = best_measure(config.models_folder / "metrics")
    trials = Trials(context.pictures, excerpts, restorer, measure, context.folder)
    tried = [0]

    def distance(split: Split) -> float:
        tried[0] += 1
        context.control.progress("trying", tried[0])
        quality = quality_of_split(context, meter, split)
        return trials.distance(context.plan.encodings.with_quality(quality), split.keyframes)

    return distance
