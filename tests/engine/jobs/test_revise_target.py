"""How a version is written, and what becomes of damaged frames, can change from one version to the next."""

from __future__ import annotations

from dataclasses import replace

import av
import pytest

from sparkvsr_bridge.errors import StateConflict
from sparkvsr_bridge.settings import KeyframePolicy, Revision
from sparkvsr_engine.media.faults import FrameDamaged
from tests.engine.media.movies.test_damage import PRORES, hurt
from tests.fakes.media import write_movie

FRAMES = 6


@pytest.fixture
def request_of(workshop, tmp_path):
    """A request that returns its source, by source and target."""
    return lambda source, name: workshop.spec(
        str(source), tmp_path / name, {}, policy=KeyframePolicy("none"), model="identity", scale=1.0
    )


def codec_of(path):
    with av.open(str(path)) as container:
        return container.streams.video[0].codec_context.name


def test_a_version_beside_the_one_before_takes_another_codec(workshop, request_of, tmp_path):
    source = write_movie(tmp_path / "source.mp4", frames=FRAMES)
    first = workshop.render(request_of(source, "shot.mkv"))
    revised, version = workshop.revise(first.job, Revision(codec="ffv1"))
    assert revised.spec.output.codec == "ffv1"
    workshop.run(first.job, version)
    assert (codec_of(tmp_path / "shot.mkv"), codec_of(tmp_path / "shot_v002.mkv")) == ("h264", "ffv1")
    _, third = workshop.revise(first.job, Revision(guidance=0.5))
    workshop.run(first.job, third)
    assert codec_of(tmp_path / "shot_v003.mkv") == "ffv1"


def test_a_version_stops_where_the_one_before_concealed(workshop, request_of, tmp_path):
    source = hurt(write_movie(tmp_path / "source.mov", frames=FRAMES, **PRORES), (3,), keep=8)
    first = workshop.render(request_of(source, "shot.mkv"))
    _, version = workshop.revise(first.job, Revision(on_damage="stop"))
    with pytest.raises(FrameDamaged, match="frame 3 of"):
        workshop.run(first.job, version)
    _, version = workshop.revise(first.job, Revision(on_damage="conceal"))
    workshop.run(first.job, version)


def test_a_job_that_ended_before_it_had_a_plan_is_to_be_submitted_again(workshop, request_of, tmp_path):
    source = hurt(write_movie(tmp_path / "source.mov", frames=FRAMES, **PRORES), (3,), keep=8)
    spec = request_of(source, "shot.mkv")
    job = workshop.submit(replace(spec, settings=replace(spec.settings, on_damage="stop")))
    with pytest.raises(FrameDamaged, match="frame 3 of"):
        workshop.run(job)
    workshop.store.set_state(job, 1, "failed")
    with pytest.raises(StateConflict, match="submit the request again"):
        workshop.revise(job, Revision(on_damage="conceal"))
