"""Jobs through the door, in a real engine."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

import sparkvsr
from sparkvsr_bridge.errors import InvalidSettings, JobCancelled, MediaUnreadable, UnknownJob
from sparkvsr_bridge.messages import FramesFinished
from sparkvsr_engine.media.images import read_image
from tests.end_to_end.clips import keyframe, pictures
from tests.fakes.databases import is_closed, record_opened

NONE = sparkvsr.UpscaleSettings(scale=2, policy=sparkvsr.KeyframePolicy("none"))
MANUAL = sparkvsr.UpscaleSettings(scale=2, policy=sparkvsr.KeyframePolicy("manual"))


@pytest.fixture(scope="module")
def finished(engine, clip, tmp_path_factory):
    """A finished job under one keyframe given by path, its events and its folder."""
    folder = tmp_path_factory.mktemp("out")
    picture = keyframe(folder / "k.png", 2)
    job = engine.upscale(clip, folder / "%04d.png", MANUAL, keyframes={1003: picture})
    return job, list(job), folder, picture


@pytest.mark.slow
def test_a_job_is_followed_by_iterating_over_it(finished):
    job, events, folder, _ = finished
    frames = [frame for event in events if isinstance(event, FramesFinished) for frame in event.frames]
    assert sorted(frames) == list(range(1001, 1025))
    assert job.report.state == "finished"
    assert job.is_ended
    assert sorted(path.name for path in folder.glob("1*.png")) == [f"{n}.png" for n in range(1001, 1025)]


def test_waiting_for_an_ended_job_gives_its_report(finished):
    job, *_ = finished
    assert job.wait() == job.report


def test_a_keyframe_given_as_an_array_equals_one_given_as_a_file(engine, clip, finished, tmp_path):
    _, _, folder, picture = finished
    pixels = read_image(picture).pixels
    target = tmp_path / "%04d.png"
    engine.upscale(clip, target, MANUAL, keyframes={1003: pixels}).wait()
    numbers = range(1001, 1025)
    for first, second in zip(pictures(folder / "%04d.png", numbers), pictures(target, numbers), strict=True):
        assert np.array_equal(first, second)


def test_frames_restored_in_memory_equal_the_jobs(clip, finished):
    _, _, folder, picture = finished
    numbers = range(1001, 1025)
    restored = sparkvsr.restore(pictures(clip, numbers), MANUAL, keyframes={2: read_image(picture).pixels})
    for first, second in zip(restored, pictures(folder / "%04d.png", numbers), strict=True):
        assert first.dtype == np.uint8
        assert np.array_equal(first, second)


@pytest.mark.slow
def test_a_job_in_this_process_equals_the_engines(clip, finished, tmp_path, monkeypatch):
    _, _, folder, picture = finished
    monkeypatch.setenv("SPARKVSR_HOME", str(tmp_path / "home"))
    keyframes = {1003: read_image(picture).pixels}
    target = tmp_path / "%04d.png"
    report = sparkvsr.upscale(clip, target, MANUAL, keyframes=keyframes, in_process=True)
    assert (report.state, report.frames_done) == ("finished", 24)
    numbers = range(1001, 1025)
    for first, second in zip(pictures(folder / "%04d.png", numbers), pictures(target, numbers), strict=True):
        assert np.array_equal(first, second)


def test_a_refused_job_in_this_process_leaves_nothing_open(tmp_path, monkeypatch):
    monkeypatch.setenv("SPARKVSR_HOME", str(tmp_path / "home"))
    opened = record_opened(monkeypatch)
    with pytest.raises(MediaUnreadable):
        sparkvsr.upscale(tmp_path / "absent.mp4", tmp_path / "%04d.png", NONE, in_process=True)
    assert opened
    assert all(is_closed(one) for one in opened)


def test_a_revision_renders_what_depends_on_it(finished):
    job, _, folder, _ = finished
    revised = job.revise(guidance=0.0)
    report = revised.wait()
    assert (revised.name, revised.version) == (job.name, 2)
    assert report.state == "finished"
    assert report.passes_run == 0
    changed = report.target
    assert not np.array_equal(read_image(changed % 1002).pixels, read_image(folder / "1002.png").pixels)


def test_trust_and_suggestions_of_a_rendered_job(finished):
    job, *_ = finished
    trust = job.confidence()
    assert sorted(trust) == list(range(1001, 1025))
    assert trust[1003] == max(trust.values())
    (choice,) = job.suggest_next()
    assert choice.frame in trust
    assert abs(choice.frame - 1003) > 5
    assert job.suggest_next(among=(1020,))[0].frame == 1020


def test_jobs_are_awaited_side_by_side(engine, clip, tmp_path):
    async def both():
        jobs = [engine.upscale(clip, tmp_path / name / "%04d.png", NONE) for name in ("a", "b")]
        return await asyncio.gather(*jobs)

    reports = asyncio.run(both())
    assert [report.state for report in reports] == ["finished", "finished"]
    assert reports[0].job != reports[1].job


def test_a_cancelled_job_is_reported(engine, clip, tmp_path):
    job = engine.upscale(clip, tmp_path / "%04d.png", sparkvsr.UpscaleSettings(scale=4))
    job.cancel()
    with pytest.raises(JobCancelled, match="resume"):
        job.wait(60)
    assert job.resume().state in ("queued", "running")
    assert job.wait(120).state == "finished"


def test_a_job_is_found_again_by_its_name(engine, finished):
    job, *_ = finished
    again = engine.job(job.name, 1)
    assert again.report.target == job.report.target
    assert job.name in {report.job for report in engine.jobs()}
    with pytest.raises(UnknownJob):
        engine.job("nosuchjob")


def test_a_source_is_described_and_refused(engine, clip, tmp_path):
    info = engine.describe(clip)
    assert (info.width, info.height, info.first_frame, info.last_frame) == (64, 48, 1001, 1024)
    with pytest.raises(MediaUnreadable):
        engine.upscale(tmp_path / "nothing.mp4", tmp_path / "o.mp4")


def test_frames_are_in_the_sources_own_numbers(engine, clip, tmp_path):
    report = engine.upscale(clip, tmp_path / "%04d.png", NONE, frames=(1002, 1003)).wait()
    assert report.frames_total == 2
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["1002.png", "1003.png"]


def test_suggestions_carry_their_reason(engine, clip):
    settings = sparkvsr.UpscaleSettings(scale=2, policy=sparkvsr.KeyframePolicy("uniform", 2))
    choices = engine.suggest(clip, settings)
    assert len(choices) == 2
    assert all(choice.reason for choice in choices)


def test_models_are_listed(engine):
    assert {"lite", "identity"} <= {model.name for model in engine.models()}


def test_a_keyframe_of_another_frame_is_refused(engine, clip, tmp_path):
    record = sparkvsr.Keyframe(1003)
    with pytest.raises(InvalidSettings, match="1004"):
        engine.upscale(clip, tmp_path / "%04d.png", keyframes={1004: record})
