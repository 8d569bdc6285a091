"""Chooses keyframes without rendering: what `sparkvsr keyframes` and a host's suggest button show."""

from __future__ import annotations

from collections.abc import Callable

from bridge.messages import SuggestKeyframesRequest
from bridge.records import Record
from bridge.reports import KeyframeChoice
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.jobs.analysis import analyse
from sparkvsr_engine.jobs.choosing import policy_choices
from sparkvsr_engine.jobs.footage import Footage
from sparkvsr_engine.jobs.orders import Suggest, Suggested
from sparkvsr_engine.jobs.planning import analysed_span, require_keyframes_inside
from sparkvsr_engine.media.base import ColourWish
from sparkvsr_engine.media.colour import plan_colour
from sparkvsr_engine.media.opening import open_source
from sparkvsr_engine.media.prefetch import PrefetchedSource
from sparkvsr_engine.media.probe import probe


def suggest(config: EngineConfig, order: Suggest, report: Callable[[Record], None]) -> None:
    """Look at the source, ask the policy, report its choices."""
    choices, cuts = choices_for(config, order.request)
    report(Suggested(order.order, choices, cuts))


def choices_for(
    config: EngineConfig, request: SuggestKeyframesRequest
) -> tuple[tuple[KeyframeChoice, ...], tuple[int, ...]]:
    """The keyframes a request's policy would choose, and the cuts of its frames."""
    info = probe(request.source)
    require_keyframes_inside(request.keyframes, info)
    # What is looked at is never written: any display-referred target will do for the way into model space.
    colour = plan_colour(info, "seen.png", info.sample, ColourWish(request.settings.input_colour, ""))
    with Footage(info, PrefetchedSource(open_source(info)), colour.to_model) as footage:
        analysis = analyse(footage, analysed_span(info), config.cache_folder / "analysis")
    named = sorted(keyframe.frame for keyframe in request.keyframes)
    rate = info.rate
    choices = tuple(
        KeyframeChoice(
            choice.frame,
            choice.reason,
            choice.gain,
            float((choice.frame - info.available.first) / rate) if rate else None,
        )
        for choice in policy_choices(request.settings, named, info, analysis)
    )
    return choices, tuple(cut for cut in analysis.cuts if cut in info.span and cut > info.span.first)
