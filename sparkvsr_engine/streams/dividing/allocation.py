"""How the bytes of a rate are divided between the reduced movie and its keyframes.

Number, places and share of the keyframes are found by trial: excerpts of the source are encoded and restored
at each division, and the best one is used. Fixed rules are worse, because the use of a keyframe depends on
how far its detail carries, and the need of the base track on how much moves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.jobs.plans.analysis import Analysis
from sparkvsr_engine.media.movies.writing.codecs import Encoding
from sparkvsr_engine.streams.context import PackContext, StreamChoice
from sparkvsr_engine.streams.dividing.excerpt_pictures import ExcerptPictures
from sparkvsr_engine.streams.dividing.rates import RateMeter, crf_for_bytes, excerpts_of, fitted_crf
from sparkvsr_engine.streams.encodings import TrackQuality, with_crf
from sparkvsr_engine.streams.placing import place_keyframes, segment_spans
from sparkvsr_engine.streams.requests import KeyframePlacement

SHARES = (0.15, 0.3, 0.45, 0.6, 0.75)
"""Of the bytes, what keyframes may get, before the best one is refined."""
USUAL_SHARE = 0.45
# Frames for each keyframe of a shot; a cut always begins a new count.
_DISTANCES = (192, 96, 48, 24, 16, 12, 8)
# Sets of keyframes whose shares are tried: their order at the usual share is not their order at the
# best.
_PURSUED = 2
# A distance so much larger than the best is no chance of the excerpts; after so many numbers of keyframes of
# such distances more keyframes are not tried. The choice is that of all sets and shares on all
# seven clips and rates where both were tried (docs/streams.md).
_WORSE, _WORSE_COUNTS = 1.05, 2
# Divisions that take so much more than the bytes there are, even at the worst quality, come last, those of
# fewest bytes first; no distance is so large.
_MOST_USED, _TOO_LARGE = 1.1, 100.0
# Excerpts that are tried: longer ones than for bytes alone, so that a keyframe has somewhere to carry.
_TRIED, _TRIED_FRAMES = 2, 48


@dataclass(frozen=True)
class Split:
    """share: of the bytes that keyframes get, 0..1. keyframes: their frames."""

    share: float
    keyframes: tuple[int, ...]


WITHOUT = Split(0.0, ())
"""No keyframes at all."""


def allocate(context: PackContext, analysis: Analysis) -> StreamChoice:
    """Keyframes and quality for the rate of a request, by trial; keyframes that it names stay as they are."""
    pictures = ExcerptPictures(context.pictures)
    meter = rate_meter(context, analysis, pictures)
    placement, span = context.plan.request.keyframes, context.plan.info.span
    if placement.is_automatic:
        sets = keyframe_sets(span, analysis)
    else:
        sets = (place_keyframes(placement, span, analysis.shots, analysis.signals),)
    if not any(sets):
        return StreamChoice((), quality_of_split(context, meter, WITHOUT))
    distance_of = _trial_distance(context, meter, analysis.shots, pictures)
    otherwise = (WITHOUT,) if placement.is_automatic else ()
    chosen = search(sets, distance_of, context.control.check, otherwise)
    return StreamChoice(chosen.keyframes, quality_of_split(context, meter, chosen))


def search(
    sets: Sequence[tuple[int, ...]],
    distance_of: Callable[[Split], float],
    check: Callable[[], None] = lambda: None,
    otherwise: tuple[Split, ...] = (WITHOUT,),
) -> Split:
    """The best split that was tried.

    Sets are tried at the usual share, small ones first, until two numbers of keyframes in a row are clearly
    worse; the best two at better and better shares; then a step between shares, and the `otherwise`.

    Args:
        sets: sets of keyframes, none of them empty; at least one.
        distance_of: how far from the source a split's result is; lower is better. Asked once for each split.
        check: called before each trial; what it raises ends the search.
        otherwise: splits that are tried as well; none where people named the keyframes.
    """
    measured: dict[Split, float] = {}

    def distance(split: Split) -> float:
        if split not in measured:
            check()
            measured[split] = distance_of(split)
        return measured[split]

    usual = [Split(USUAL_SHARE, keyframes) for keyframes in _promising(sets, distance)]
    first, *further = sorted(usual, key=distance)[:_PURSUED]
    best = _at_best_share(first, distance)
    for keyframes in (split.keyframes for split in further):
        # The best share of one set is the place to look for another's.
        start = Split(best.share, keyframes)
        if distance(start) <= distance(best) * _WORSE:
            best = min(best, _at_best_share(start, distance), key=distance)
    half = (SHARES[1] - SHARES[0]) / 2
    between = [Split(round(best.share + step, 3), best.keyframes) for step in (-half, half)]
    return min((best, *between, *otherwise), key=distance)


def _promising(sets: Sequence[tuple[int, ...]], distance: Callable[[Split], float]) -> list[tuple[int, ...]]:
    """Sets in rising number of keyframes, until two numbers in a row are clearly worse than the best."""
    tried: list[tuple[int, ...]] = []
    best, worse = math.inf, 0
    for count in sorted({len(keyframes) for keyframes in sets}):
        group = [keyframes for keyframes in sets if len(keyframes) == count]
        tried += group
        nearest = min(distance(Split(USUAL_SHARE, keyframes)) for keyframes in group)
        worse = worse + 1 if nearest > best * _WORSE else 0
        best = min(best, nearest)
        if worse == _WORSE_COUNTS:
            break
    return tried


def _at_best_share(start: Split, distance: Callable[[Split], float]) -> Split:
    """From a share to its better neighbour as long as there is one."""
    while True:
        place = SHARES.index(start.share)
        neighbours = SHARES[max(0, place - 1) : place] + SHARES[place + 1 : place + 2]
        better = min((Split(share, start.keyframes) for share in neighbours), key=distance)
        if distance(better) >= distance(start):
            return start
        start = better


def keyframe_sets(span: FrameSpan, analysis: Analysis) -> tuple[tuple[int, ...], ...]:
    """The sets of keyframes that are tried: at every distance where they carry furthest, and evenly spread.

    Args:
        span: the frames that are packed.
        analysis: shots and signals of the span.
    """
    budgets = {
        sum(max(1, round(len(shot) / distance)) for shot in analysis.shots): None for distance in _DISTANCES
    }
    placed = [
        place_keyframes(KeyframePlacement(policy, budget), span, analysis.shots, analysis.signals)
        for budget in budgets
        for policy in ("adaptive", "uniform")
    ]
    return tuple(dict.fromkeys(keyframes for keyframes in placed if keyframes))


def rate_meter(
    context: PackContext, analysis: Analysis, pictures: ExcerptPictures | None = None
) -> RateMeter:
    """What measures bytes of a source.

    Args:
        context: the opened source and its plan.
        analysis: shots of the span that is packed.
        pictures: of the source, where they are held for other work too.
    """
    segments = segment_spans(context.plan.info.span, analysis.shots)
    held = pictures or ExcerptPictures(context.pictures)
    return RateMeter(context.folder, held.small, held.full, segments)


def quality_of_split(context: PackContext, meter: RateMeter, split: Split) -> TrackQuality:
    """The qualities at which both tracks take their shares of the bytes.

    Args:
        context: the opened source and its plan, whose budget is divided.
        meter: measures what the tracks take at a quality.
        split: the keyframes and their share of the bytes.
    """
    encodings, budget = context.plan.encodings, context.plan.budget_bytes
    keyframes, keyframe_bytes = 0.0, 0.0
    if split.keyframes:

        def bytes_of_keyframes(encoding: Encoding) -> float:
            return meter.keyframe_bytes(encoding, split.keyframes)

        keyframes = crf_for_bytes(encodings.keyframes, budget * split.share, bytes_of_keyframes)
        keyframe_bytes = bytes_of_keyframes(with_crf(encodings.keyframes, keyframes))
    remaining = budget - keyframe_bytes
    base = crf_for_bytes(encodings.base, remaining, meter.base_bytes)
    # A trial is of use only at the bytes that the file will have: curves of small pictures are not smooth.
    return TrackQuality(fitted_crf(encodings.base, base, remaining, meter.base_bytes), keyframes)


def _trial_distance(
    context: PackContext, meter: RateMeter, shots: Sequence[FrameSpan], pictures: ExcerptPictures
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
    trials = Trials(pictures, excerpts, restorer, measure, context.folder)
    tried = [0]

    def distance(split: Split) -> float:
        tried[0] += 1
        context.control.progress("trying", tried[0])
        encodings = context.plan.encodings.with_quality(quality_of_split(context, meter, split))
        used = meter.base_bytes(encodings.base) + meter.keyframe_bytes(encodings.keyframes, split.keyframes)
        if used > _MOST_USED * context.plan.budget_bytes:
            return _TOO_LARGE * used / context.plan.budget_bytes
        return trials.distance(encodings, split.keyframes)

    return distance
