"""What the restorer promises of any shot, shown with a model that gives back what it is given."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkvsr_bridge.errors import InvalidSettings, JobCancelled, OutOfMemory
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.grid_windows import GridLayout, SlotMap
from sparkvsr_engine.models.base import FrameGrid, Guidance, ShotSettings
from sparkvsr_engine.models.cogvideox.memory.run_plan import Offload, Precision, RunPlan
from sparkvsr_engine.models.cogvideox.restorer import OpenOptions, open_cogvideox
from tests.fakes.cogvideox import (
    Clip,
    decode_shot,
    echo_restorer,
    keyframe,
    predict_shot,
    render,
    windows_of,
)

SMALL = Geometry(3, 2, 5, 3)
SIZES = [SMALL, Geometry(1, 1, 1, 1), Geometry(7, 5, 19, 13), Geometry(4, 8, 16, 32)]
LAYOUTS = [GridLayout(), GridLayout(17, 9), GridLayout(9, 1), GridLayout(25, 17)]
# Half-precision weights of one, summed.
ROUNDING = 2e-6


def grey(span, level=0.25, size=(2, 3)):
    return Clip(span, lambda frame: np.full((*size, 3), level, np.float32))


def restorer_with(layout=LAYOUTS[0], **tiles):
    return echo_restorer(OpenOptions(plan=RunPlan(layout, Precision.FLOAT32, **tiles)))


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    frames=st.integers(1, 400),
    start=st.integers(-5, 1000),
    layout=st.sampled_from(LAYOUTS),
    size=st.sampled_from(SIZES),
    at=st.lists(st.floats(0, 1, exclude_max=True), max_size=4),
)
def test_every_frame_comes_out_once_at_the_asked_size_and_a_constant_stays_one(
    frames, start, layout, size, at
):
    span = FrameSpan(start, start + frames)
    keys = sorted({start + int(place * frames) for place in at})
    keyframes = {frame: keyframe(frame, np.full((size.height, size.width, 3), 0.25)) for frame in keys}
    result = render(
        restorer_with(layout), grey(span, size=(size.source_height, size.source_width)), keyframes, size
    )
    assert sorted(result.frames) == list(span)
    np.testing.assert_allclose(list(result.weights.values()), 1, atol=1e-6)
    for picture in result.frames.values():
        assert picture.shape == (size.height, size.width, 3)
        np.testing.assert_allclose(picture, 0.25, atol=ROUNDING)


@settings(max_examples=100, deadline=None)
@given(
    frames=st.integers(2, 400),
    layout=st.sampled_from(LAYOUTS),
    slot_map=st.sampled_from(SlotMap),
    at=st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=6),
)
def test_no_window_is_blind_where_the_shot_has_a_keyframe(frames, layout, slot_map, at):
    restorer = echo_restorer(OpenOptions(plan=RunPlan(layout), slot_map=slot_map))
    keys = sorted({int(place * frames) for place in at})
    for window in windows_of(restorer, FrameSpan(0, frames), keys, SMALL):
        assert window.keyframes or window.carries is not None


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    width=st.integers(1, 70),
    height=st.integers(1, 70),
    scale=st.sampled_from([1, 1.5, 2, 3.7]),
    tiled=st.booleans(),
)
def test_any_size_and_scale_comes_out_exactly(width, height, scale, tiled):
    geometry = Geometry.scaled(width, height, scale)
    restorer = restorer_with(vae_tile=(96, 80), transformer_tile=(160, 144)) if tiled else restorer_with()
    result = render(restorer, grey(FrameSpan(0, 3), 0.75, (height, width)), {}, geometry)
    for picture in result.frames.values():
        assert picture.shape == (geometry.height, geometry.width, 3)
        np.testing.assert_allclose(picture, 0.75, atol=ROUNDING)


def test_tiles_leave_no_seam():
    geometry = Geometry(200, 150, 400, 300)
    restorer = restorer_with(vae_tile=(160, 128), transformer_tile=(256, 208))
    plain = render(restorer_with(), grey(FrameSpan(0, 5), 0.5, (150, 200)), {}, geometry)
    ramp = np.linspace(0, 1, 200, dtype=np.float32)[None, :, None] * np.ones((150, 1, 3), np.float32)
    tiled = render(restorer, Clip(FrameSpan(0, 5), lambda frame: ramp), {}, geometry)
    whole = render(restorer_with(), Clip(FrameSpan(0, 5), lambda frame: ramp), {}, geometry)
    np.testing.assert_allclose(plain.frames[0], 0.5, atol=ROUNDING)
    np.testing.assert_allclose(tiled.frames[4], whole.frames[4], atol=1e-5)


def test_windows_are_the_same_whatever_memory_the_device_has():
    shot, size = FrameSpan(0, 97), Geometry(480, 270, 1920, 1080)
    small, large = (echo_restorer(OpenOptions(budget_bytes=gib * 2**30)) for gib in (8, 80))
    assert small.plan(shot, shot, [0], size) == large.plan(shot, shot, [0], size)
    assert small.run_plan(size).offload is Offload.BLOCKS
    assert large.run_plan(size).offload is Offload.NONE


def test_a_device_too_small_for_the_size_is_refused():
    with pytest.raises(OutOfMemory, match=r"3\.0 GiB of device memory are too few .* at 3840x2160"):
        echo_restorer(OpenOptions(budget_bytes=3 * 2**30)).run_plan(Geometry(960, 540, 3840, 2160))


def test_a_part_of_a_shot_gets_the_windows_of_the_whole():
    restorer = restorer_with()
    shot = FrameSpan(10, 200)
    whole = restorer.plan(shot, shot, [50, 120], SMALL)
    part = restorer.plan(shot, FrameSpan(60, 90), [50, 120], SMALL)
    assert [chunk.windows for chunk in part] == [
        chunk.windows for chunk in whole if chunk.index in {c.index for c in part}
    ]
    assert part[0].span.start == 60
    assert part[-1].span.stop == 90


def test_guidance_0_is_the_blind_result_and_runs_no_pass():
    span = FrameSpan(0, 40)
    keys = {0: keyframe(0, np.full((3, 5, 3), 0.9))}
    restorer = restorer_with()
    shot = restorer.open_shot(grey(span), SMALL, ShotSettings("propagate"), lambda: False)
    predictions = predict_shot(shot, windows_of(restorer, span, [0], SMALL), keys)
    passes = restorer.runner.model.passes
    blind = decode_shot(shot, predictions, Guidance(0.0))
    full = decode_shot(shot, predictions, Guidance(1.0))
    assert restorer.runner.model.passes == passes
    np.testing.assert_allclose(blind.frames[20], 0.25, atol=ROUNDING)
    np.testing.assert_allclose(full.frames[4], (0.25 + 0.9) / 2, atol=ROUNDING)


@pytest.mark.parametrize(("strength", "expected"), [(0.0, 0.25), (0.5, 0.4125), (1.0, 0.575)])
def test_a_keyframes_strength_scales_its_part(strength, expected):
    keys = {0: keyframe(0, np.full((3, 5, 3), 0.9))}
    result = render(
        restorer_with(), grey(FrameSpan(0, 9)), keys, SMALL, guidance=Guidance(strengths={0: strength})
    )
    np.testing.assert_allclose(result.frames[5], expected, atol=ROUNDING)


def test_a_strength_of_0_silences_a_keyframe_in_the_windows_that_carry_it_too():
    keys = {0: keyframe(0, np.full((3, 5, 3), 0.9))}
    result = render(
        restorer_with(), grey(FrameSpan(0, 90)), keys, SMALL, guidance=Guidance(strengths={0: 0.0})
    )
    np.testing.assert_allclose(result.frames[85], 0.25, atol=ROUNDING)


def test_a_matte_keeps_a_keyframe_out_of_where_it_is_0():
    geometry = Geometry(32, 16, 32, 16)
    matte = np.zeros((16, 32), np.float32)
    matte[:, 16:] = 1
    keys = {0: keyframe(0, np.full((16, 32, 3), 0.9))}
    clip = grey(FrameSpan(0, 60), 0.3, (16, 32))
    result = render(restorer_with(), clip, keys, geometry, guidance=Guidance(mattes={0: matte}))
    for frame in (0, 30, 59):
        np.testing.assert_allclose(result.frames[frame][:, :16], 0.3, atol=ROUNDING)
    np.testing.assert_allclose(result.frames[5][:, 16:], 0.6, atol=ROUNDING)
    assert result.frames[59][:, 16:].min() > 0.35


def test_each_of_two_keyframes_in_one_window_counts_most_where_it_is():
    keys = {0: keyframe(0, np.full((3, 5, 3), 0.9)), 32: keyframe(32, np.full((3, 5, 3), 0.9))}
    result = render(
        restorer_with(), grey(FrameSpan(0, 33)), keys, SMALL, guidance=Guidance(strengths={32: 0.0})
    )
    levels = [float(result.frames[frame].mean()) for frame in (0, 8, 16, 24, 32)]
    assert levels == sorted(levels, reverse=True)
    np.testing.assert_allclose([levels[0], levels[-1]], [0.575, 0.25], atol=ROUNDING)


def test_the_look_is_locked_to_the_source_unless_it_is_propagated():
    geometry = Geometry(48, 48, 96, 96)
    keys = {0: keyframe(0, np.full((96, 96, 3), 0.9))}
    clip = grey(FrameSpan(0, 9), 0.3, (48, 48))
    locked = render(restorer_with(), clip, keys, geometry, look="lock")
    propagated = render(restorer_with(), clip, keys, geometry, look="propagate")
    np.testing.assert_allclose(locked.frames[4], 0.3, atol=1e-5)
    np.testing.assert_allclose(propagated.frames[4], 0.6, atol=ROUNDING)


def test_confidence_is_given_with_keyframes_only():
    restorer = restorer_with()
    shot = restorer.open_shot(grey(FrameSpan(0, 9)), SMALL, ShotSettings(), lambda: False)
    window = windows_of(restorer, FrameSpan(0, 9), [0], SMALL)[0]
    source = shot.encode_source(window)
    blind = shot.decode(shot.predict(window, source, []), source, Guidance())
    state = shot.encode_keyframe(keyframe(0, np.ones((3, 5, 3)), trust=0.5))
    keyed = shot.decode(shot.predict(window, source, [state]), source, Guidance())
    assert blind[0].confidence is None
    trust = keyed[8].confidence
    assert trust is not None
    np.testing.assert_allclose(trust, 0.5)


def test_an_unknown_look_is_refused():
    with pytest.raises(InvalidSettings, match="use lock or propagate"):
        restorer_with().open_shot(grey(FrameSpan(0, 9)), SMALL, ShotSettings("film"), lambda: False)


def test_a_cancelled_job_stops_between_frames():
    shot = restorer_with().open_shot(grey(FrameSpan(0, 9)), SMALL, ShotSettings(), lambda: True)
    window = windows_of(restorer_with(), FrameSpan(0, 9), [], SMALL)[0]
    with pytest.raises(JobCancelled):
        shot.encode_source(window)


def test_traits_state_the_grid_and_change_with_the_slot_map():
    traits = restorer_with().traits
    causal = echo_restorer(OpenOptions(slot_map=SlotMap.CAUSAL)).traits
    assert (traits.grid, traits.size_multiple) == (FrameGrid.EIGHT_N_PLUS_ONE, 16)
    assert causal.identity != traits.identity


def test_half_precision_restores_nearly_the_same(checkpoint):
    picture = np.random.default_rng(2).random((16, 16, 3), dtype=np.float32)
    clip = Clip(FrameSpan(0, 9), lambda frame: picture)
    geometry = Geometry(16, 16, 32, 32)
    keys = {0: keyframe(0, np.random.default_rng(3).random((32, 32, 3)))}
    full, half = (
        render(open_cogvideox(checkpoint, options=OpenOptions(precision=precision)), clip, keys, geometry)
        for precision in (Precision.FLOAT32, Precision.BFLOAT16)
    )
    difference = np.abs(full.frames[4] - half.frames[4])
    assert difference.mean() < 0.01
