"""Asks the keyframe policy of a request which frames it would add, and why."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sparkvsr_bridge.settings import UpscaleSettings
from sparkvsr_engine.core.keyframe_choice.keyframes import POLICIES, ChosenKeyframe, choose_keyframes
from sparkvsr_engine.core.keyframe_choice.signals import FrameSignals
from sparkvsr_engine.core.shots import shots_of
from sparkvsr_engine.jobs.plans.analysis import Analysis
from sparkvsr_engine.media.base import ClipInfo


def policy_choices(
    settings: UpscaleSettings, named: Sequence[int], info: ClipInfo, analysis: Analysis
) -> tuple[ChosenKeyframe, ...]:
    """The keyframes of the request's policy, named ones included, inside the frames asked for.

    Args:
        settings: the request's settings.
        named: frames that the artist named.
        info: the source as its headers describe it.
        analysis: cuts and signals of the frames.

    Raises:
        InvalidSettings: where the policy cannot be carried out.
    """
    span, policy = info.span, settings.policy
    # Policies that look at no frame do not need all of them analysed.
    traits = POLICIES[policy.name]
    signals = analysis.signals.within(span) if traits.reads_frames else FrameSignals.unmeasured(span)
    if traits.reads_packets:
        signals = signals.with_iframes(_iframes(info))
    return choose_keyframes(
        policy.name, policy.budget, shots_of(span, analysis.cuts), signals, named, settings.seed
    )


def _iframes(info: ClipInfo) -> list[int]:
    """I-frames among the frames asked for; a sequence has none."""
    if info.pattern is not None:
        return []
    from sparkvsr_engine.media.movies.frame_index.reading import keyframe_packets

    return [frame for frame in keyframe_packets(Path(info.path)) if frame in info.span]
