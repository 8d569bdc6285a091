"""Chooses keyframes without rendering: what `sparkvsr keyframes` and a host's suggest button show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from sparkvsr_bridge.errors import InvalidSettings, ModelMissing, UnknownModel
from sparkvsr_bridge.messages import KeyframesReply, SuggestKeyframesRequest
from sparkvsr_bridge.reports import KeyframeChoice
from sparkvsr_bridge.settings import UpscaleSettings
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.keyframe_choice.keyframes import ChosenKeyframe
from sparkvsr_engine.jobs.control import Control
from sparkvsr_engine.jobs.plans.analysis import Analysis, analyse
from sparkvsr_engine.jobs.plans.checked import conceals_damage, geometry_of, require_keyframes_inside
from sparkvsr_engine.jobs.plans.choosing import policy_choices
from sparkvsr_engine.jobs.plans.footage import Footage, ShotFrames
from sparkvsr_engine.jobs.plans.planning import NAMED, STREAMED, analysed_span
from sparkvsr_engine.jobs.plans.redundant_keyframes import clean_shots, seen_as_clean
from sparkvsr_engine.jobs.stream_keyframes import takes_stream_keyframes
from sparkvsr_engine.media.base import ClipInfo, ColourWish
from sparkvsr_engine.media.buffering.prefetch import PrefetchedSource
from sparkvsr_engine.media.colour import plan_colour
from sparkvsr_engine.media.opening import open_source
from sparkvsr_engine.media.probe import probe
from sparkvsr_engine.models.base import FrameReader
from sparkvsr_engine.models.registry import open_planner


def suggested_keyframes(config: EngineConfig, request: SuggestKeyframesRequest) -> KeyframesReply:
    """The keyframes a request's policy would choose, the cuts of its frames, and what is to be known."""
    info = probe(request.source)
    require_keyframes_inside(request.keyframes, info)
    # What is looked at is never written: any display-referred target will do for the way into model space.
    colour = plan_colour(info, "seen.png", info.sample, ColourWish.of_source(request.settings))
    info = replace(info, reading=colour.reading)
    with Footage(
        info, PrefetchedSource(open_source(info, conceals_damage(request.settings))), colour.to_model
    ) as footage:
        analysis = analyse(footage, analysed_span(info), config.cache_folder / "analysis", Control())
        named = sorted(keyframe.frame for keyframe in request.keyframes)
        chosen = _brought(info, request.settings, named) or policy_choices(
            request.settings, named, info, analysis
        )
        added = [choice.frame for choice in chosen if choice.frame not in named]
        note = (
            ""
            if info.keyframes
            else _note(config, request.settings, info, analysis, added, partial(ShotFrames, footage))
        )
    rate = info.rate
    choices = tuple(
        KeyframeChoice(
            choice.frame,
            choice.reason,
            choice.gain,
            float((choice.frame - info.available.first) / rate) if rate else None,
        )
        for choice in chosen
    )
    cuts = tuple(cut for cut in analysis.cuts if cut in info.span and cut > info.span.first)
    return KeyframesReply(choices, cuts, note)


def _brought(info: ClipInfo, settings: UpscaleSettings, named: Sequence[int]) -> tuple[ChosenKeyframe, ...]:
    """The keyframes a job takes from a small stream, beside those that are named; empty for other sources."""
    if info.keyframes is None or not takes_stream_keyframes(settings):
        return ()
    reasons = {frame: STREAMED for frame in info.keyframes.frames if frame in info.span}
    reasons |= dict.fromkeys(named, NAMED)
    return tuple(ChosenKeyframe(frame, reasons[frame]) for frame in sorted(reasons))


def _note(
    config: EngineConfig,
    settings: UpscaleSettings,
    info: ClipInfo,
    analysis: Analysis,
    added: Sequence[int],
    read: Callable[[FrameSpan], FrameReader],
) -> str:
    """A warning where the frames added want an artist's pictures."""
    if settings.isr or not added:
        return ""
    try:
        planner = open_planner(settings.model, config.models_folder, {})
        geometry = geometry_of(settings, info)
    except (InvalidSettings, ModelMissing, UnknownModel):
        # Frames can be chosen before model and size are settled; a job refuses what is wrong with them.
        return ""
    shots = [shot for shot in analysis.shots if shot.intersection(info.span)]
    clean = clean_shots(planner, shots, added, read, geometry, settings.damage)
    if not clean:
        return ""
    seen = seen_as_clean(len(clean), len(shots), settings.damage)
    return (
        f"{seen}: keyframes made by the engine would not help there; supply pictures with more detail"
        " than the source."
    )
