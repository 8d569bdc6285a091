"""What an edit costs, with the real classes at toy size: passes counted, pixels compared bit for bit."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.models.base import Guidance, ShotSettings
from sparkvsr_engine.models.cogvideox.restorer import OpenOptions, open_cogvideox
from tests.fakes.cogvideox import Clip, decode_shot, keyframe, predict_shot, render, windows_of
from tests.fakes.dependency_rule import affected_windows

SHOT = FrameSpan(0, 193)
KEYFRAMES = (0, 48, 96, 120, 168)
GEOMETRY = Geometry(16, 16, 16, 16)


def picture(seed):
    return np.random.default_rng(seed).random((16, 16, 3), dtype=np.float32)


@pytest.fixture
def clip():
    still = picture(1)
    return Clip(SHOT, lambda frame: np.roll(still, frame, 1) * np.float32(1 - frame / 1000))


@pytest.fixture
def open_model(checkpoint, tmp_path):
    return lambda folder: open_cogvideox(checkpoint, options=OpenOptions(cache_folder=tmp_path / folder))


def keyframes(**changed):
    return {frame: keyframe(frame, picture(changed.get(f"f{frame}", 100 + frame))) for frame in KEYFRAMES}


def report(line):
    """For people who run this with -s."""
    sys.stdout.write(f"\n{line}\n")


def assert_same(result, expected):
    assert sorted(result.frames) == sorted(expected.frames)
    assert all(np.array_equal(result.frames[frame], expected.frames[frame]) for frame in expected.frames)


@pytest.mark.slow
def test_a_guidance_change_runs_no_pass_and_equals_a_fresh_render(open_model, clip):
    restorer = open_model("kept")
    render(restorer, clip, keyframes(), GEOMETRY)
    before = restorer.runner.model.passes
    changed = render(restorer, clip, keyframes(), GEOMETRY, guidance=Guidance(0.6, {48: 0.5}))
    report(f"guidance change: {restorer.runner.model.passes - before} passes, {before} for the render before")
    assert restorer.runner.model.passes == before
    fresh = render(open_model("fresh"), clip, keyframes(), GEOMETRY, guidance=Guidance(0.6, {48: 0.5}))
    assert_same(changed, fresh)


@pytest.mark.slow
@pytest.mark.parametrize("edited", KEYFRAMES)
def test_a_changed_keyframe_repredicts_what_the_dependency_rule_names(open_model, clip, edited):
    restorer = open_model("kept")
    before, after = keyframes(), keyframes(**{f"f{edited}": 7})
    windows = windows_of(restorer, SHOT, KEYFRAMES, GEOMETRY)
    digests = [{frame: key.digest for frame, key in keys.items()} for keys in (before, after)]
    named = affected_windows(windows, *digests)
    shot = restorer.open_shot(clip, GEOMETRY, ShotSettings(), lambda: False)
    predict_shot(shot, windows, before)
    passes = restorer.runner.model.passes
    predictions = predict_shot(shot, windows, after)
    again = restorer.runner.model.passes - passes
    report(f"keyframe {edited}: {again} of {2 * len(windows)} passes run again, in windows {named}")
    assert again == len(named) < len(windows)
    if edited == KEYFRAMES[1]:
        changed = decode_shot(shot, predictions)
        fresh = render(open_model("fresh"), clip, after, GEOMETRY, look="lock")
        assert_same(changed, fresh)


def test_two_renders_of_the_same_are_the_same(open_model, clip):
    short = Clip(FrameSpan(0, 40), clip.make)
    keys = {0: keyframe(0, picture(5))}
    assert_same(
        render(open_model("a"), short, keys, GEOMETRY), render(open_model("b"), short, keys, GEOMETRY)
    )


def test_a_carried_frame_is_the_same_whether_decoded_before_or_for_it(open_model, clip):
    restorer = open_model("kept")
    shot = restorer.open_shot(clip, GEOMETRY, ShotSettings(), lambda: False)
    windows = windows_of(restorer, SHOT, [0], GEOMETRY)
    source = shot.encode_source(windows[0])
    prediction = shot.predict(windows[0], source, [shot.encode_keyframe(keyframe(0, picture(3)))])
    alone = shot.carried(prediction, source, windows[1].carries)
    picture_before = alone.make()
    frames = {result.frame: result.pixels for result in shot.decode(prediction, source, Guidance())}
    afterwards = shot.carried(prediction, source, windows[1].carries)
    assert np.array_equal(picture_before, afterwards.make())
    assert np.array_equal(picture_before, frames[windows[1].carries])
    assert alone.digest == afterwards.digest
    assert alone.shares == {0: 1.0}
