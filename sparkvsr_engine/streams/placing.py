"""Where keyframes of a stream are put, and where its base track is divided into segments. Pure planning."""

from __future__ import annotations

from collections.abc import Sequence

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.keyframe_choice.keyframes import choose_keyframes
from sparkvsr_engine.core.keyframe_choice.signals import FrameSignals
from sparkvsr_engine.streams.requests import KeyframePlacement

# A segment of fewer frames costs more in its I-frame than it saves in work that is lost with a killed run.
_LEAST_SEGMENT, _LONGEST_SEGMENT = 48, 240
# A keyframe so near behind a cut is as good on the cut's own frame, which is an I-frame anyhow.
_NEAR_CUT = 3


def place_keyframes(
    placement: KeyframePlacement, span: FrameSpan, shots: Sequence[FrameSpan], signals: FrameSignals
) -> tuple[int, ...]:
    """The frames of a stream's keyframes, rising.

    Args:
        placement: named frames, a distance, or a policy with its budget.
        span: the frames that are packed.
        shots: contiguous, together `span`.
        signals: cover `span` frame by frame.

    Raises:
        InvalidSettings: for a frame outside the span, or a policy that cannot be carried out.
    """
    require_inside(placement, span)
    if placement.frames:
        return placement.frames
    if placement.every:
        return tuple(range(span.start, span.stop, placement.every))
    chosen = choose_keyframes(placement.policy, placement.budget, shots, signals)
    return moved_to_cuts([keyframe.frame for keyframe in chosen], shots)


def require_inside(placement: KeyframePlacement, span: FrameSpan) -> None:
    """Raise InvalidSettings where a named keyframe lies outside the frames that are packed."""
    outside = [frame for frame in placement.frames if frame not in span]
    if outside:
        ends = f"the frames {span.first}-{span.last}"
        raise InvalidSettings(f"Keyframe {outside[0]} lies outside {ends}; choose frames inside.")


def moved_to_cuts(frames: Sequence[int], shots: Sequence[FrameSpan]) -> tuple[int, ...]:
    """Keyframes just behind a cut moved onto it, where the base track has an I-frame that costs nothing."""
    cuts = [shot.start for shot in shots]
    moved = {next((cut for cut in cuts if 0 < frame - cut <= _NEAR_CUT), frame) for frame in frames}
    return tuple(sorted(moved))


def segment_spans(span: FrameSpan, shots: Sequence[FrameSpan]) -> list[FrameSpan]:
    """The spans the base track is encoded in, which begin at cuts where they can."""
    starts = [span.start]
    for shot in shots:
        if shot.start - starts[-1] >= _LEAST_SEGMENT:
            starts.append(shot.start)
        while shot.stop - starts[-1] > _LONGEST_SEGMENT + _LEAST_SEGMENT:
            starts.append(starts[-1] + _LONGEST_SEGMENT)
    return span.split(starts[1:])
