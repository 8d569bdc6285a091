"""How the bytes of a rate are divided between the reduced movie and its keyframes."""

from __future__ import annotations

from dataclasses import dataclass

from sparkvsr_engine.jobs.plans.analysis import Analysis
from sparkvsr_engine.streams.context import PackContext, StreamChoice
from sparkvsr_engine.streams.encodings import TrackQuality
from sparkvsr_engine.streams.placing import place_keyframes, segment_spans
from sparkvsr_engine.streams.rates import RateMeter, crf_for_bytes


@dataclass(frozen=True)
class Split:
    """share: of the bytes that keyframes get, 0..1. keyframes: their frames."""

    share: float
    keyframes: tuple[int, ...]


USUAL_SHARE = 0.4


def allocate(context: PackContext, analysis: Analysis) -> StreamChoice:
    """Keyframes and quality for the rate of a request."""
    request, span = context.plan.request, context.plan.info.span
    meter = RateMeter(
        context.folder, context.pictures.small, context.pictures.full, segment_spans(span, analysis.shots)
    )
    keyframes = place_keyframes(request.keyframes, span, analysis.shots, analysis.signals)
    split = Split(USUAL_SHARE if keyframes else 0.0, keyframes)
    return StreamChoice(split.keyframes, quality_of_split(context, meter, split))


def quality_of_split(context: PackContext, meter: RateMeter, split: Split) -> TrackQuality:
    """The qualities at which both tracks take their shares of the bytes."""
    encodings, budget = context.plan.encodings, context.plan.budget_bytes
    keyframe_bytes = budget * split.share

    def bytes_of_keyframes(encoding: object) -> float:
        return meter.keyframe_bytes(encoding, split.keyframes)  # type: ignore[arg-type]

    keyframes = (
        crf_for_bytes(encodings.keyframes, keyframe_bytes, bytes_of_keyframes) if split.keyframes else 0.0
    )
    return TrackQuality(crf_for_bytes(encodings.base, budget - keyframe_bytes, meter.base_bytes), keyframes)
