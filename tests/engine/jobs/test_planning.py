"""From a request to a plan: what is settled, and under which keys."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from sparkvsr_bridge.errors import InvalidSettings, UnknownModel
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.settings import JobSpec, Keyframe, KeyframePolicy, OutputTarget, UpscaleSettings
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.keyframe_choice.propagation_stats import PropagationStats
from sparkvsr_engine.core.keyframe_choice.signals import FrameSignals
from sparkvsr_engine.jobs.plans.analysis import Analysis
from sparkvsr_engine.jobs.plans.checked import CheckedRequest, geometry_of, require_keyframes_inside
from sparkvsr_engine.jobs.plans.chunks import shot_chunks
from sparkvsr_engine.jobs.plans.plan import JobPlan
from sparkvsr_engine.jobs.plans.planning import (
    analysed_span,
    choose_frames,
    make_plan,
    renew_plan,
)
from sparkvsr_engine.media.base import ClipInfo
from sparkvsr_engine.models.registry import open_planner

AVAILABLE = FrameSpan(0, 60)


def clip(first=0, last=59, identity="clip"):
    span = FrameSpan.from_inclusive(first, last)
    return ClipInfo("a.mov", "movie", 64, 48, AVAILABLE, span, Fraction(24), "uint8", 8, "", identity)


def analysis(*cuts, span=AVAILABLE):
    sharpness = np.arange(len(span), dtype=np.float64)
    return Analysis(span, cuts, FrameSignals(span, sharpness, PropagationStats.even(span)))


def request(*keyframes, policy="manual", budget=0, **settings):
    expected = UpscaleSettings(scale=2.0, policy=KeyframePolicy(policy, budget), **settings)
    return JobSpec(SourceMedia("a.mov"), OutputTarget("b.mov"), expected, keyframes)


def plan_for(workshop, spec, info=None, footage=None):
    return make_plan(workshop.config, checked(spec, info or clip()), footage or analysis())


def checked(spec, info):
    """A request as if its source had been probed and its output planned."""
    output = SimpleNamespace(identity="sink", colour=SimpleNamespace(identity="colour"))
    return CheckedRequest(spec, info, geometry_of(spec.settings, info), output)


def chunks_of(workshop, plan):
    planner = open_planner("lite", workshop.config.models_folder, plan.options)
    return [chunk for shot in shot_chunks(planner, plan) for chunk in shot.chunks]


def test_a_plan_survives_being_stored(workshop):
    plan = plan_for(workshop, request(Keyframe(5, strength=0.5)), footage=analysis(20))
    assert JobPlan.from_dict(plan.to_dict()) == plan


def test_chunks_cover_the_wanted_frames_once_and_never_cross_a_cut(workshop):
    plan = plan_for(workshop, request(Keyframe(10), Keyframe(40)), clip(3, 50), analysis(20, 33))
    spans = sorted(chunk.span for chunk in chunks_of(workshop, plan))
    assert [frame for span in spans for frame in span] == list(range(3, 51))
    for cut in (20, 33):
        assert not any(span.start < cut < span.stop for span in spans)


def test_a_keyframe_does_not_reach_across_a_cut(workshop):
    plan = plan_for(workshop, request(Keyframe(10)), footage=analysis(20))
    for chunk in chunks_of(workshop, plan):
        assert chunk.keyframes == ((10,) if chunk.span.start < 20 else ())


def test_what_does_not_touch_a_chunk_leaves_its_key(workshop):
    base = plan_for(workshop, request(Keyframe(10), Keyframe(30), Keyframe(50)))
    moved = plan_for(workshop, request(Keyframe(10), Keyframe(30), Keyframe(50, strength=0.5)))
    for before, after in zip(chunks_of(workshop, base), chunks_of(workshop, moved), strict=True):
        is_same = base.chunk_key(before) == moved.chunk_key(after)
        assert is_same == (50 not in before.keyframes)
        assert all(base.prediction_key(w) == moved.prediction_key(w) for w in before.windows)


@pytest.mark.parametrize(
    "change",
    [{"look": "propagate"}, {"seed": 1}, {"guidance": 0.5}, {"width": 200, "height": 150}],
)
def test_every_setting_of_pixels_is_in_the_keys(workshop, change):
    keyframe = Keyframe(10)
    base, second = (plan_for(workshop, request(keyframe, **values)) for values in ({}, change))
    keys = [{plan.chunk_key(chunk) for chunk in chunks_of(workshop, plan)} for plan in (base, second)]
    assert not keys[0] & keys[1]


def test_another_source_or_way_of_writing_is_in_the_keys(workshop):
    base = plan_for(workshop, request(Keyframe(10)))
    chunk = chunks_of(workshop, base)[0]
    for change in ({"source": "other"}, {"sink": "other"}, {"model": "other"}, {"damage": 0.0}):
        assert replace(base, **change).chunk_key(chunk) != base.chunk_key(chunk)


@pytest.mark.parametrize(
    "change", [{"model": "lite-0-of-before"}, {"isr": "isr of before"}, {"sink": "before"}]
)
def test_what_an_update_changed_is_in_the_keys_of_a_plan_from_before(workshop, change):
    """Results of other weights or another encoder must not bear the keys of today's."""
    spec = request(Keyframe(5))
    today = plan_for(workshop, spec)
    stale = replace(today.keyframes[0], digest="of before")
    before = replace(today, **change, **({"keyframes": (stale,)} if "isr" in change else {}))
    renewed = renew_plan(workshop.config, before, checked(spec, clip()))
    assert renewed == today
    chunk = chunks_of(workshop, today)[0]
    assert before.chunk_key(chunk) != renewed.chunk_key(chunk)


def test_a_plan_of_today_is_renewed_to_itself(workshop):
    """Whatever was asked of it, a killed job goes on where it was."""
    spec = request(Keyframe(5), Keyframe(50, strength=0.5), guidance=0.7)
    plan = plan_for(workshop, spec, footage=analysis(20))
    enlarged = clip(identity="more files lie beside it")
    assert renew_plan(workshop.config, plan, checked(spec, enlarged)) == plan


def test_named_keyframes_stay_and_the_policy_adds_its_own():
    spec = request(Keyframe(7, strength=0.5), policy="uniform", budget=4)
    chosen = choose_frames(spec, clip(), analysis())
    frames = [keyframe.frame for keyframe, _ in chosen]
    assert frames == sorted(frames)
    assert 7 in frames
    assert len(frames) == 4
    assert {keyframe.frame: reason for keyframe, reason in chosen}[7] == "named by you"


def test_analysis_looks_a_little_beyond_the_range_and_never_beyond_the_clip():
    assert analysed_span(clip(20, 30)) == FrameSpan(12, 39)
    assert analysed_span(clip(2, 57)) == AVAILABLE


def test_a_keyframe_outside_is_refused_when_the_request_is_checked():
    with pytest.raises(InvalidSettings, match="3-50"):
        require_keyframes_inside(request(Keyframe(55)).keyframes, clip(3, 50))


def test_what_cannot_be_planned_is_refused(workshop):
    with pytest.raises(UnknownModel):
        plan_for(workshop, request(model="nosuchmodel"))
