"""Keyframes that nobody asked for are left out where the source looks clean, and only there."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

import sparkvsr_engine.cli
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.messages import JobWarning, SuggestKeyframesRequest
from sparkvsr_bridge.settings import KeyframePolicy, UpscaleSettings
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.jobs.interactive.suggesting import suggested_keyframes
from sparkvsr_engine.jobs.plans.plan_loading import damage_ignored
from sparkvsr_engine.media.images import write_image
from sparkvsr_engine.models.cogvideox.planner import CogVideoXPlanner

# Looked up before the other tests' weights, which judge nothing, take its place.
from sparkvsr_engine.models.lite.planner import LitePlanner, shipped_weights

FILM = Path(sparkvsr_engine.cli.__file__).with_name("demo_clip") / "keyframe_71.jpg"
FRAMES = 5
DEFAULT = KeyframePolicy()


@pytest.fixture(autouse=True)
def _shipped_lite(_random_lite, monkeypatch):
    monkeypatch.setattr("sparkvsr_engine.models.lite.planner.shipped_weights", shipped_weights)


def clean_frames(count=FRAMES):
    """A frame of the film reduced by four through a window that shakes: uint8 [96, 128, 3] each."""
    film = cv2.imread(str(FILM))[..., ::-1]
    small = cv2.resize(film, (320, 180), interpolation=cv2.INTER_AREA)
    places = [60 + 2 * (i % 5) for i in range(count)]
    return [np.ascontiguousarray(small[40:136, x : x + 128]) for x in places]


def damaged_frames(count=FRAMES):
    return [
        np.ascontiguousarray(cv2.imdecode(cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 25])[1], 1))
        for frame in clean_frames(count)
    ]


class Shot:
    def __init__(self, frames):
        self._frames = frames
        self.span = FrameSpan(0, len(frames))

    def read(self, frame):
        return self._frames[frame].astype(np.float32) / 255


def plate_of(folder, frames):
    folder.mkdir()
    for index, frame in enumerate(frames):
        write_image(folder / f"{index:04d}.png", frame)
    return str(folder / "%04d.png")


def run(workshop, folder, frames, keyframes=(), **settings):
    """The frames that became keyframes, and the warnings about them."""
    source = plate_of(folder / "plate", frames)
    inputs = {"scale": 2.0, "policy": DEFAULT, **settings}
    ran = workshop.render(workshop.spec(source, folder / "out" / "%04d.png", dict(keyframes), **inputs))
    message = [report.message for report in ran.reports if isinstance(report, JobWarning)]
    return [key.frame for key in workshop.plan(ran.job).keyframes], [
        item for item in message if "clean" in item
    ]


@pytest.mark.parametrize(("scale", "sees"), [(4, True), (2, True), (1, False), (6, False)])
def test_lite_sees_enough_of_a_clean_source_where_it_is_at_home(scale, sees):
    geometry = Geometry(128, 96, 128 * scale, 96 * scale)
    assert (
        LitePlanner(shipped_weights()).gains_from_made_keyframes(Shot(clean_frames()), geometry, None) != sees
    )


@pytest.mark.parametrize("count", [1, FRAMES])
def test_lite_sees_too_little_of_a_damaged_one(count):
    geometry = Geometry(128, 96, 512, 384)
    assert LitePlanner(shipped_weights()).gains_from_made_keyframes(
        Shot(damaged_frames(count)), geometry, None
    )


def test_the_published_model_is_always_shown_keyframes():
    assert CogVideoXPlanner("any").gains_from_made_keyframes(
        Shot(clean_frames()), Geometry(128, 96, 512, 384), None
    )


def test_a_clean_source_is_restored_without_keyframes_and_with_a_warning(workshop, tmp_path):
    keyframes, (message,) = run(workshop, tmp_path, clean_frames())
    assert keyframes == []
    assert "looks clean, so no keyframes were made: " in message
    assert "--keyframes adaptive:3" in message
    assert "adaptive:3" in message


def test_a_damaged_source_gets_its_keyframes(workshop, tmp_path):
    keyframes, message = run(workshop, tmp_path, damaged_frames())
    assert keyframes
    assert not message


def test_the_artists_setting_decides(workshop, tmp_path):
    keyframes, message = run(workshop, tmp_path, clean_frames(), damage=1.0)
    assert keyframes
    assert not message


def test_a_damaged_source_set_to_be_clean_is_restored_without_keyframes(workshop, tmp_path):
    keyframes, (message,) = run(workshop, tmp_path, damaged_frames(), damage=0.0)
    assert keyframes == []
    assert "counts as clean" in message


@pytest.mark.parametrize(("scale", "is_reported"), [(2.0, False), (1.0, True), (6.0, True)])
def test_a_setting_that_nothing_uses_is_answered(workshop, tmp_path, scale, is_reported):
    source = plate_of(tmp_path / "plate", [frame[:24, :32] for frame in clean_frames(1)])
    policy = KeyframePolicy("none")
    ran = workshop.render(
        workshop.spec(source, tmp_path / "out" / "%04d.png", {}, scale=scale, policy=policy, damage=0.0)
    )
    message = [report.message for report in ran.reports if isinstance(report, JobWarning)]
    assert (message == [damage_ignored()]) == is_reported


def suggestion(workshop, folder, frames, **settings):
    expected = UpscaleSettings(scale=2.0, policy=KeyframePolicy("adaptive", 2), **settings)
    request = SuggestKeyframesRequest(SourceMedia(plate_of(folder / "plate", frames)), expected)
    return suggested_keyframes(workshop.config, request)


@pytest.mark.parametrize(
    ("frames", "settings", "note"),
    [
        (clean_frames(12), {}, "The source looks clean: keyframes made by the engine would not help there"),
        (damaged_frames(12), {"damage": 0.0}, "The source counts as clean"),
        (damaged_frames(12), {}, ""),
        (clean_frames(12), {"isr": "span-x4"}, ""),
        (clean_frames(12), {"damage": 1.0}, ""),
    ],
)
def test_frames_suggested_of_a_clean_source_come_with_a_note(workshop, tmp_path, frames, settings, note):
    result = suggestion(workshop, tmp_path, frames, **settings)
    assert result.choices
    assert result.note.startswith(note)
    assert bool(result.note) == bool(note)


@pytest.mark.parametrize(
    "settings", [{"model": "sparkvsr"}, {"model": "no such"}, {"width": 32, "height": 24}]
)
def test_frames_are_suggested_before_model_and_size_are_settled(workshop, tmp_path, settings):
    result = suggestion(workshop, tmp_path, clean_frames(12), **settings)
    assert result.choices
    assert not result.note


@pytest.mark.parametrize(
    "options",
    [{"policy": KeyframePolicy("adaptive", 1)}, {"policy": KeyframePolicy("uniform", 1)}, {"isr": "span-x4"}],
    ids=["a number", "another policy", "an image model"],
)
def test_keyframes_somebody_asked_for_are_made_of_a_clean_source_too(workshop, tmp_path, options):
    keyframes, message = run(workshop, tmp_path, clean_frames(), **options)
    assert keyframes
    assert not message


def test_a_named_keyframe_stays_where_others_are_left_out(workshop, tmp_path):
    keyframes, _ = run(workshop, tmp_path, clean_frames(), {1: None})
    assert keyframes == [1]


@pytest.mark.slow
def test_of_two_shots_the_clean_one_alone_goes_without(workshop, tmp_path):
    second = [np.ascontiguousarray(255 - frame[:, ::-1]) for frame in damaged_frames(20)]
    keyframes, (message,) = run(workshop, tmp_path, clean_frames(20) + second)
    assert keyframes
    assert min(keyframes) >= 20
    assert "in 1 of its 2 shots" in message
    assert "no keyframes were made there: " in message
