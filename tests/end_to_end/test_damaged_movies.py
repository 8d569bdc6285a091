"""A movie with frames that cannot be decoded, from the command line: rendered whole and named, or refused."""

from __future__ import annotations

import pytest

from tests.end_to_end.clips import decoded
from tests.engine.media.movies.test_damage import PRORES, hurt
from tests.fakes.media import write_movie

FRAMES = 12


@pytest.fixture
def movie(tmp_path):
    return hurt(write_movie(tmp_path / "in.mov", frames=FRAMES, **PRORES), (5, 6), keep=8)


@pytest.mark.slow
def test_damage_costs_the_damaged_frames_and_is_named_before_rendering(program, movie, tmp_path):
    done = program.upscale(movie, tmp_path / "out.mkv", "--keyframes", "none")
    assert done.last["event"] == "finished"
    assert len(decoded(tmp_path / "out.mkv")) == FRAMES
    warning = next(event["message"] for event in done.named("warning") if "decoded" in event["message"])
    assert "Frames 5-6 of" in warning
    kinds = [event["event"] for event in done.events]
    assert kinds.index("warning") < kinds.index("frames")
    job = done.named("submitted")[0]["job"]
    assert any("5-6" in text for text in program.json("status", job).last["warnings"])


def test_damage_ends_the_job_where_that_is_asked_for(program, movie, tmp_path):
    done = program.upscale(
        movie, tmp_path / "out.mkv", "--keyframes", "none", "--on-damage", "stop", status=1
    )
    assert done.last["code"] == "media_unreadable"
    assert "frame 5" in done.last["message"]
    assert "--on-damage conceal" in done.last["message"]
    assert not (tmp_path / "out.mkv").exists()


def test_a_preview_of_a_damaged_frame_is_shown_and_named(program, movie, tmp_path):
    image = tmp_path / "six.png"
    done = program.json("preview", movie, "--frame", 6, "-o", image, "--scale", 2, "--keyframes", "none")
    assert image.exists()
    assert any("Frame 6 of" in str(event) for event in done.events)
