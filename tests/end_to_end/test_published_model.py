"""The published model through the command line and a real engine: a toy checkpoint in the hub's layout."""

from __future__ import annotations

import shutil

import pytest

from sparkvsr_bridge.media import ImageRef, SourceMedia
from sparkvsr_bridge.messages import JobReply, SubmitJobRequest
from sparkvsr_bridge.settings import JobSpec, Keyframe, KeyframePolicy, OutputTarget, UpscaleSettings
from sparkvsr_engine.models.cogvideox.checkpoints.fetch import PUBLISHED_REPOSITORY
from tests.end_to_end.clips import keyframe, pictures, plate, same
from tests.end_to_end.watching import end_of, ensure
from tests.fakes.cogvideox import make_checkpoint
from tests.fakes.hub import serving

pytest.importorskip("diffusers", reason="the published model needs the cogvideox extra")

FRAMES = range(12)
SIDES = {"width": 24, "height": 16}


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return make_checkpoint(tmp_path_factory.mktemp("published") / "model")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return plate(tmp_path_factory.mktemp("in"), len(FRAMES), start=0, **SIDES)


def rendered(target):
    """The written frames, which must be twice the source's size."""
    result = pictures(target, FRAMES)
    assert {picture.shape for picture in result} == {(32, 48, 3)}
    return result


@pytest.mark.slow
def test_a_sharded_float32_folder_upscales_and_a_guidance_change_runs_no_pass(
    program, checkpoint, source, tmp_path
):
    assert len(list((checkpoint / "transformer").glob("*-of-*.safetensors"))) > 1
    target, artist = tmp_path / "out" / "%04d.png", keyframe(tmp_path / "key.png", 4, **SIDES)
    key = f"4={artist}"
    done = program.upscale(source, target, "--model", checkpoint, "--keyframe", key)
    assert (done.last["event"], done.last["frames_done"], done.last["passes_run"]) == ("finished", 12, 2)
    assert done.last["run_notes"][0].startswith("On cpu: 33 frames, float32, offload none")
    guided = tmp_path / "guided" / "%04d.png"
    again = program.upscale(source, guided, "--model", checkpoint, "--keyframe", key, "--guidance", 0.3)
    assert again.last["passes_run"] == 0
    assert not same(rendered(target), rendered(guided))


@pytest.mark.slow
def test_an_added_model_is_used_by_its_name_and_through_the_bridge_alike(
    program, checkpoint, source, tmp_path
):
    program.json("models", "add", checkpoint)
    artist = str(keyframe(tmp_path / "key.png", 4, **SIDES))
    by_command, by_bridge = tmp_path / "a" / "%04d.png", tmp_path / "b" / "%04d.png"
    program.upscale(source, by_command, "--model", "sparkvsr", "--keyframe", f"4={artist}")
    spec = JobSpec(
        SourceMedia(str(source)),
        OutputTarget(str(by_bridge)),
        UpscaleSettings(scale=2.0, model="sparkvsr", policy=KeyframePolicy("manual")),
        (Keyframe(4, ImageRef(path=artist)),),
    )
    with ensure(program) as client:
        job = client.request(SubmitJobRequest(spec), JobReply, timeout_seconds=60).report.job
        assert end_of(client, job).passes_run == 0
    assert same(rendered(by_command), rendered(by_bridge))


@pytest.mark.slow
def test_a_fetched_model_is_used_by_its_name(own_program, checkpoint, source, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    with serving(checkpoint, PUBLISHED_REPOSITORY) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        fetched = own_program.json("models", "fetch", "sparkvsr")
    assert fetched.last == {
        "event": "fetched",
        "name": "sparkvsr",
        "path": str(own_program.home / "models/sparkvsr"),
    }
    target = tmp_path / "out" / "%04d.png"
    own_program.upscale(source, target, "--model", "sparkvsr", "--keyframes", "none")
    rendered(target)


@pytest.mark.slow
def test_a_damaged_folder_is_refused_by_the_tensors_name(program, checkpoint, source, tmp_path):
    from safetensors.torch import load, save_file

    copy = shutil.copytree(checkpoint, tmp_path / "model")
    shard = sorted((copy / "transformer").glob("*.safetensors"))[0]
    tensors = load(shard.read_bytes())
    gone = next(iter(tensors))
    save_file({name: tensors[name] for name in tensors if name != gone}, shard)
    target = tmp_path / "out" / "%04d.png"
    refused = program.upscale(source, target, "--model", copy, "--keyframes", "none", status=1)
    assert refused.last["code"] == "model_missing"
    assert f"transformer: {gone} is missing" in refused.last["message"]
    shard.write_bytes(shard.read_bytes()[:-8])
    refused = program.upscale(source, target, "--model", copy, "--keyframes", "none", status=1)
    assert "is cut off: " in refused.last["message"]
    assert not list(tmp_path.glob("out/*"))
