"""The published model through the real job runner: what it reports of its memory, what revisions cost."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_bridge.messages import JobProgress, JobWarning
from sparkvsr_bridge.settings import Keyframe, Revision
from tests.fakes.jobs import Workshop, assert_same_pictures, retargeted, write_keyframe, write_plate

FRAMES = 49


@pytest.fixture(scope="module")
def plate(tmp_path_factory):
    return write_plate(tmp_path_factory.mktemp("plate"), FRAMES, 24, 16)


def artist(folder, frame, gain=1.0):
    return write_keyframe(folder / f"{frame}-{gain}.png", frame, gain=gain, width=24, height=16)


@pytest.fixture
def spec(workshop, plate, checkpoint, tmp_path):
    keys = {frame: artist(tmp_path / "keys", frame) for frame in (0, 40)}
    return workshop.spec(plate, tmp_path / "v1" / "%04d.png", keys, model=str(checkpoint))


@pytest.mark.slow
def test_guidance_and_keyframes_are_revised_at_the_cost_of_what_depends_on_them(workshop, spec, tmp_path):
    first = workshop.render(spec)
    assert first.announced == list(range(FRAMES))
    assert first.advance.passes_run == 4
    _, version = workshop.revise(first.job, Revision(guidance=0.4))
    assert workshop.run(first.job, version).advance.passes_run == 0
    revision = Revision(set_keyframes=(Keyframe(40, artist(tmp_path / "keys", 40, 1.5)),))
    _, version = workshop.revise(first.job, revision)
    again = workshop.run(first.job, version)
    assert again.advance.passes_run == 1
    workshop.close()
    fresh = Workshop(tmp_path / "fresh")
    keys = {0: artist(tmp_path / "keys", 0), 40: artist(tmp_path / "keys", 40, 1.5)}
    expected = workshop.spec(spec.source.path, tmp_path / "v1" / "%04d.png", keys, model=spec.settings.model)
    fresh.render(retargeted(expected, tmp_path / "fresh_frames" / "%04d.png", guidance=0.4))
    assert_same_pictures(tmp_path / "v1_v003", tmp_path / "fresh_frames")
    fresh.close()


def test_the_plan_is_reported_before_the_first_frame(workshop, spec):
    ran = workshop.render(spec)
    progress = [event.report for event in ran.reports if isinstance(event, JobProgress)]
    noted = next(report for report in progress if report.run_notes)
    assert noted.frames_done == 0
    assert noted.run_notes[0].startswith("On cpu: 33 frames, float32, offload none, VAE whole")


def test_a_step_down_is_a_warning_and_the_job_goes_on(workshop, checkpoint, tmp_path, monkeypatch):
    from diffusers import CogVideoXTransformer3DModel

    forward = CogVideoXTransformer3DModel.forward

    def checked(module, hidden_states, **named):
        if hidden_states.shape[-1] * hidden_states.shape[-2] > 40 * 48:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")
        return forward(module, hidden_states, **named)

    monkeypatch.setattr(CogVideoXTransformer3DModel, "forward", checked)
    plate = write_plate(tmp_path / "plate", 1, 256, 192)
    spec = workshop.spec(plate, tmp_path / "out" / "%04d.png", {}, model=str(checkpoint))
    ran = workshop.render(spec)
    warned = [report.message for report in ran.reports if isinstance(report, JobWarning)]
    assert [message for message in warned if message.startswith("Out of memory in predict: now 33 frames")]
    assert "transformer in tiles of 320x384" in ran.advance.run_notes[0]
    assert ran.announced == [0]
    assert list(workshop.store.version(ran.job).warnings) == warned


def test_a_keyframe_too_close_to_another_is_named_to_the_artist(workshop, plate, checkpoint, tmp_path):
    keys = {frame: artist(tmp_path / "keys", frame) for frame in (4, 6)}
    spec = workshop.spec(plate, tmp_path / "out" / "%04d.png", keys, model=str(checkpoint))
    job = workshop.submit(replace(spec, source=replace(spec.source, first_frame=0, last_frame=8)))
    ran = workshop.run(job)
    warned = [report for report in ran.reports if isinstance(report, JobWarning)]
    assert [(report.frame, "is not used" in report.message) for report in warned] == [(6, True)]


def test_a_damaged_checkpoint_is_refused_with_the_tensors_name_before_the_job_is_taken(
    workshop, checkpoint, plate, tmp_path
):
    import shutil

    copy = shutil.copytree(checkpoint, tmp_path / "model")
    shard = sorted((copy / "transformer").glob("*.safetensors"))[0]
    shard.write_bytes(shard.read_bytes()[:-8])
    with pytest.raises(ModelMissing, match=r"cut off: \S+\.\w+ should end at byte"):
        workshop.submit(workshop.spec(plate, tmp_path / "out" / "%04d.png", {}, model=str(copy)))
