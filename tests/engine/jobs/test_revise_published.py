"""The same promises for the published model at toy size, whose windows carry frames from each other."""

from __future__ import annotations

import sys

import pytest

from sparkvsr_bridge.settings import Keyframe, Revision
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.jobs.running.rendering import windows_of
from sparkvsr_engine.models.registry import open_planner
from tests.fakes.cogvideox import make_checkpoint
from tests.fakes.dependency_rule import affected_windows
from tests.fakes.jobs import Workshop, assert_same_pictures, write_keyframe, write_plate

pytest.importorskip("diffusers", reason="the published model needs the cogvideox extra")

FRAMES = (0, 48, 96, 120, 168)
COUNT, SIDE = 193, 16
EDITED = 96


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("inputs")
    plate = write_plate(folder / "plate", COUNT, SIDE, SIDE)
    pictures = {frame: write_keyframe(folder / f"{frame}.png", frame, 1, 1.0, SIDE, SIDE) for frame in FRAMES}
    second = write_keyframe(folder / "other.png", EDITED, 1, 2.0, SIDE, SIDE)
    return make_checkpoint(folder / "model"), plate, pictures, second


def spec_of(shop, inputs, target, pictures, **settings):
    model, plate, _, _ = inputs
    return shop.spec(plate, target / "%04d.png", pictures, scale=1.0, model=str(model), **settings)


def report(line):
    """For people who run this with -s."""
    sys.stdout.write(f"\n{line}\n")


@pytest.mark.slow
def test_revisions_run_the_passes_the_dependency_rule_names(workshop, inputs, tmp_path):
    model, _, pictures, second = inputs
    first = workshop.render(spec_of(workshop, inputs, tmp_path / "out", pictures))
    plan = workshop.plan(first.job)
    planner = open_planner(str(model), workshop.config.models_folder, plan.options)
    chunks = planner.plan(FrameSpan(0, COUNT), FrameSpan(0, COUNT), FRAMES, plan.geometry)
    windows = windows_of(chunks)
    assert first.advance.passes_run == 2 * len(windows)

    _, softer = workshop.revise(first.job, Revision(guidance=0.6))
    moved = workshop.run(first.job, softer)
    report(f"guidance: {moved.advance.passes_run} passes, {first.advance.passes_run} for the render before")
    assert moved.advance.passes_run == 0
    assert moved.advance.passes_spared >= len(windows)

    before = dict.fromkeys(FRAMES, "same")
    named = affected_windows(windows, before, before | {EDITED: "other"})
    revised, fixed = workshop.revise(first.job, Revision(set_keyframes=(Keyframe(EDITED, second),)))
    again = workshop.run(first.job, fixed)
    report(
        f"keyframe {EDITED}: {again.advance.passes_run} of {first.advance.passes_run} passes, windows {named}"
    )
    report(f"{revised.frames_reused} of {COUNT} frames reused")
    # The blind part of a window never changes: one conditional pass each.
    assert again.advance.passes_run == len(named) < len(windows)
    assert 0 < revised.frames_reused < COUNT

    fresh = Workshop(tmp_path / "fresh")
    changed = {**pictures, EDITED: second}
    fresh.render(spec_of(fresh, inputs, tmp_path / "fresh_out", changed, guidance=0.6))
    assert_same_pictures(tmp_path / "out_v003", tmp_path / "fresh_out")
    fresh.close()
