"""A job whose keyframe has a colour space of its own: rendered so, revised so, refused before it starts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.settings import Keyframe, Revision
from sparkvsr_engine.jobs.plans.plan import JobPlan
from tests.fakes.jobs import assert_same_pictures, retargeted, write_plate

pytest.importorskip("PyOpenColorIO")
SPACE = "Gamma 2.4 Rec.709 - Texture"


@pytest.fixture
def spec(workshop, artist, tmp_path: Path):
    plate = write_plate(tmp_path / "plate", 6)
    return workshop.spec(plate, tmp_path / "v1" / "%04d.png", {2: artist(2)}, look="propagate")


def named(spec, colour: str):
    return replace(spec, keyframes=tuple(replace(item, colour=colour) for item in spec.keyframes))


def plan_of(workshop, job: str, version: int = 1) -> JobPlan:
    return JobPlan.from_dict(workshop.store.version(job, version).plan)


def test_a_space_set_in_a_revision_keeps_the_picture_and_equals_a_fresh_job(workshop, spec, tmp_path: Path):
    first = workshop.render(spec)
    revised, version = workshop.revise(first.job, Revision(set_keyframes=(Keyframe(2, colour=SPACE),)))
    assert revised.frames_reused < revised.frames_total
    workshop.run(first.job, version)
    before, after = (plan_of(workshop, first.job, number).keyframes[0] for number in (1, version))
    assert (after.image, after.colour) == (before.image, SPACE)
    assert after.digest != before.digest
    fresh = workshop.render(named(retargeted(spec, tmp_path / "fresh" / "%04d.png"), SPACE))
    assert plan_of(workshop, fresh.job).keyframes[0].digest == after.digest
    assert_same_pictures(tmp_path / "v1_v002", tmp_path / "fresh")
    with pytest.raises(AssertionError):
        assert_same_pictures(tmp_path / "v1", tmp_path / "fresh")


def test_a_moved_strength_leaves_the_space(workshop, spec):
    first = workshop.render(named(spec, SPACE))
    _, version = workshop.revise(first.job, Revision(set_keyframes=(Keyframe(2, strength=0.5),)))
    before, after = (plan_of(workshop, first.job, number).keyframes[0] for number in (1, version))
    assert (after.colour, after.digest, after.strength) == (SPACE, before.digest, 0.5)


def test_an_unknown_space_is_refused_before_anything_is_stored(workshop, spec):
    with pytest.raises(InvalidSettings, match=r"Keyframe 2: .*did you mean"):
        workshop.submit(named(spec, "Gama 2.4"))
    first = workshop.render(spec)
    with pytest.raises(InvalidSettings, match="Keyframe 2: "):
        workshop.revise(first.job, Revision(set_keyframes=(Keyframe(2, colour="Gama 2.4"),)))
    with pytest.raises(InvalidSettings, match="has no picture"):
        workshop.revise(first.job, Revision(set_keyframes=(Keyframe(4, colour=SPACE),)))
    assert len(workshop.store.latest(10)) == 1
