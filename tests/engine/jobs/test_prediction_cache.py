"""Guidance moves without a network pass, predictions shared by jobs, and what damage costs."""

from __future__ import annotations

import pytest

from sparkvsr_bridge.settings import Keyframe, Revision
from sparkvsr_engine.jobs.running.prediction_cache import KIND
from tests.fakes.jobs import Workshop, assert_same_pictures, retargeted


@pytest.fixture
def spec(workshop, plate, artist, tmp_path):
    return workshop.spec(plate, tmp_path / "v1" / "%04d.png", {4: artist(4), 24: artist(24)})


def predictions(workshop):
    return sorted((workshop.config.cache_folder / KIND).rglob("*.parts"))


@pytest.mark.slow
def test_a_guidance_change_runs_no_pass_and_equals_a_fresh_render(workshop, spec, tmp_path):
    first = workshop.render(spec)
    assert (first.advance.passes_run, first.advance.passes_spared) == (33, 0)
    _, version = workshop.revise(first.job, Revision(guidance=0.4))
    again = workshop.run(first.job, version)
    assert (again.advance.passes_run, again.advance.passes_spared) == (0, 33)
    workshop.close()
    fresh = Workshop(tmp_path / "fresh")
    fresh.render(retargeted(spec, tmp_path / "fresh_frames" / "%04d.png", guidance=0.4))
    assert_same_pictures(tmp_path / "v1_v002", tmp_path / "fresh_frames")
    fresh.close()


@pytest.mark.slow
def test_a_strength_change_runs_no_pass(workshop, spec):
    first = workshop.render(spec)
    _, version = workshop.revise(first.job, Revision(set_keyframes=(Keyframe(24, strength=0.5),)))
    again = workshop.run(first.job, version)
    assert again.advance.passes_run == 0
    assert again.advance.passes_spared == 28


@pytest.mark.slow
def test_another_job_on_the_same_source_finds_predictions(workshop, spec, tmp_path):
    workshop.render(spec)
    second = workshop.render(retargeted(spec, tmp_path / "other" / "%04d.png", guidance=1.5))
    assert second.advance.passes_run == 0


@pytest.mark.slow
def test_a_damaged_prediction_is_made_again(workshop, spec, tmp_path):
    workshop.render(spec)
    remaining = predictions(workshop)
    assert len(remaining) == 33
    remaining[3].write_bytes(remaining[3].read_bytes()[:-20])
    content = bytearray(remaining[7].read_bytes())
    content[len(content) // 2] ^= 0xFF
    remaining[7].write_bytes(bytes(content))
    second = workshop.render(retargeted(spec, tmp_path / "other" / "%04d.png", guidance=0.5))
    assert (second.advance.passes_run, second.advance.passes_spared) == (2, 31)
    workshop.config.cache_folder.rename(tmp_path / "gone")
    fresh = workshop.render(retargeted(spec, tmp_path / "fresh" / "%04d.png", guidance=0.5, seed=1))
    assert fresh.advance.passes_run == 33
    assert_same_pictures(tmp_path / "other", tmp_path / "fresh")


@pytest.mark.slow
def test_a_budget_of_nothing_keeps_no_prediction(home, plate, artist, tmp_path):
    workshop = Workshop(home, cache_budget_bytes=0)
    spec = workshop.spec(plate, tmp_path / "v1" / "%04d.png", {4: artist(4)})
    workshop.render(spec)
    assert predictions(workshop) == []
    workshop.close()
