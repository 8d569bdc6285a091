"""Another damage in a version: another picture of every frame where it is used, none where it is not."""

from __future__ import annotations

import pytest

from sparkvsr_bridge.messages import JobWarning
from sparkvsr_bridge.settings import KeyframePolicy, Revision
from sparkvsr_engine.jobs.plans.plan_loading import damage_ignored

# Looked up before the other tests' weights, which judge nothing, take its place.
from sparkvsr_engine.models.lite.planner import shipped_weights
from tests.fakes.jobs import Workshop, assert_same_pictures, write_plate

FRAMES = 3


@pytest.fixture(autouse=True)
def _shipped_lite(_random_lite, monkeypatch):
    monkeypatch.setattr("sparkvsr_engine.models.lite.planner.shipped_weights", shipped_weights)


@pytest.fixture
def request_of(workshop, tmp_path):
    """A request without keyframes, by its target's folder."""
    source = write_plate(tmp_path / "plate", FRAMES)
    policy = KeyframePolicy("none")
    return lambda name, **settings: workshop.spec(
        source, tmp_path / name / "%04d.png", {}, policy=policy, **settings
    )


def test_another_damage_renders_every_frame_as_a_fresh_job_would(workshop, request_of, tmp_path):
    first = workshop.render(request_of("kept", damage=0.0))
    revised, version = workshop.revise(first.job, Revision(damage=1.0))
    assert (revised.frames_total, revised.frames_reused) == (FRAMES, 0)
    workshop.run(first.job, version)
    shop = Workshop(tmp_path / "elsewhere")
    shop.render(request_of("fresh", damage=1.0))
    shop.close()
    assert_same_pictures(tmp_path / "kept_v002", tmp_path / "fresh")
    with pytest.raises(AssertionError):
        assert_same_pictures(tmp_path / "kept_v002", tmp_path / "kept")


def test_estimated_again_it_is_what_it_was_before_it_was_set(workshop, request_of, tmp_path):
    first = workshop.render(request_of("judged"))
    _, text = workshop.revise(first.job, Revision(damage=1.0))
    workshop.run(first.job, text)
    revised, judged = workshop.revise(first.job, Revision(judges_damage=True))
    assert revised.frames_reused == FRAMES
    workshop.run(first.job, judged)
    assert_same_pictures(tmp_path / "judged_v003", tmp_path / "judged")


def test_damage_that_nothing_uses_is_reported_and_renders_nothing(workshop, request_of):
    first = workshop.render(request_of("restored", scale=1.0))
    revised, version = workshop.revise(first.job, Revision(damage=1.0))
    assert revised.frames_reused == FRAMES
    ran = workshop.run(first.job, version)
    assert [report.message for report in ran.reports if isinstance(report, JobWarning)] == [damage_ignored()]
