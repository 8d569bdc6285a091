"""The main job on real clips, through the real engine: what comes out is what went in, only larger."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import pytest

from tests.end_to_end.clips import (
    HEIGHT,
    WIDTH,
    decoded,
    keyframe,
    pictures,
    plate,
    same,
    write_scenes,
)
from tests.fakes.media import packets_of, write_movie


def facts(path):
    """What a player reads about a movie."""
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        context = video.codec_context
        tags = (context.color_primaries, context.color_trc, context.colorspace, context.color_range)
        return {
            "rate": video.average_rate,
            "frames": len([packet for packet in container.demux(video) if packet.size]),
            "duration": video.duration * video.time_base,
            "format": context.pix_fmt,
            "tags": tags,
        }


@pytest.mark.slow
def test_a_numbered_sequence_comes_back_larger_frame_by_frame(program, tmp_path):
    source = plate(tmp_path / "in", 12)
    image = keyframe(tmp_path / "fixed.png", 4)
    target = tmp_path / "out" / "shot.%04d.png"
    done = program.upscale(source, target, "--keyframe", f"1005={image}", "--keyframe", "1010")
    result = pictures(target, range(1001, 1013))
    assert {picture.shape for picture in result} == {(2 * HEIGHT, 2 * WIDTH, 3)}
    assert (done.last["event"], done.last["frames_done"], done.last["keyframes"]) == (
        "finished",
        12,
        [1005, 1010],
    )
    announced = {path for event in done.named("frames") for path in event["paths"]}
    assert announced == {str(target) % number for number in range(1001, 1013)}
    assert sorted(path.name for path in target.parent.iterdir()) == [
        f"shot.{n}.png" for n in range(1001, 1013)
    ]


def test_a_supplied_keyframe_is_its_own_frame(program, tmp_path):
    source = plate(tmp_path / "in", 6)
    image = keyframe(tmp_path / "fixed.png", 2)
    target = tmp_path / "out" / "%04d.png"
    program.upscale(source, target, "--keyframe", f"1003={image}", "--look", "propagate")
    result, supplied = pictures(target, [1003])[0], pictures(image.parent / "fixed.png", [()])[0]
    assert abs(result.astype(int) - supplied.astype(int)).max() <= 2


def test_a_movie_keeps_duration_rate_depth_tags_and_sound(program, tmp_path):
    source = write_movie(
        tmp_path / "film.mov", frames=20, pixel_format="yuv420p10le", audio="aac", tags=(9, 14, 9, 1)
    )
    target = tmp_path / "film_2x.mov"
    program.upscale(source, target)
    before, after = facts(source), facts(target)
    assert after["rate"] == before["rate"] == Fraction(24000, 1001)
    # The container rounds the source's to milliseconds.
    assert abs(after["duration"] - before["duration"]) < Fraction(1, 1000)
    assert after["duration"] == 20 / after["rate"]
    assert (after["frames"], after["tags"]) == (20, before["tags"])
    assert "10" in after["format"]
    assert packets_of(target, "audio") == packets_of(source, "audio")


def test_a_clip_of_varying_rate_keeps_its_timestamps(program, tmp_path):
    ticks = [0, 40, 73, 110, 170, 200, 233, 300, 333, 380, 400, 440]
    source = write_movie(tmp_path / "phone.mp4", frames=12, pts=ticks, time_base=Fraction(1, 1000))
    target = tmp_path / "phone_2x.mp4"
    program.upscale(source, target)
    times = [sorted(time for time, _ in packets_of(path, "video")) for path in (source, target)]
    assert times[0] == times[1]


@pytest.mark.slow
def test_nothing_of_one_shot_is_in_the_other(program, tmp_path):
    both = write_scenes(tmp_path / "both.mp4", (12, 12))
    target = tmp_path / "both" / "%04d.png"
    done = program.upscale(both, target, "--keyframe", "4", "--keyframe", "17", "--isr", "")
    for name, seed, first in (("one", 0, 0), ("two", 1, 12)):
        alone = write_scenes(tmp_path / f"{name}.mp4", (12,), start_seed=seed)
        lonely = tmp_path / name / "%04d.png"
        program.upscale(alone, lonely, "--keyframe", str({0: 4, 12: 5}[first]))
        assert same(pictures(target, range(first, first + 12)), pictures(lonely, range(12)))
    assert done.last["warnings"] == []


def test_a_keyframe_named_for_the_wrong_frame_is_used_and_reported(program, tmp_path):
    source = plate(tmp_path / "in", 6)
    wrong = keyframe(tmp_path / "k.png", 3)
    done = program.upscale(source, tmp_path / "out" / "%04d.png", "--keyframe", f"1002={wrong}")
    assert "keyframe at 1002 looks like frame 1004" in done.last["warnings"][0]
    assert done.last["frames_rendered"] == 6
    options = ("--frame", 1004, "--scale", 2, "--keyframe", f"1002={wrong}", "-o", tmp_path / "look.png")
    assert "looks like frame 1004" in program.json("preview", source, *options).named("warning")[0]["message"]


@pytest.mark.slow
def test_a_range_rendered_alone_equals_the_same_range_of_the_whole(program, tmp_path):
    source = plate(tmp_path / "in", 24, start=0)
    whole, part = tmp_path / "whole" / "%04d.png", tmp_path / "part" / "%04d.png"
    program.upscale(source, whole, "--keyframe", "10")
    program.upscale(source, part, "--keyframe", "10", "--frames", "5-14")
    assert same(pictures(whole, range(5, 15)), pictures(part, range(5, 15)))
    assert len(list(part.parent.iterdir())) == 10


@pytest.mark.slow
def test_the_same_job_without_the_daemon_gives_the_same_movie(program, tmp_path):
    source = write_movie(tmp_path / "clip.mp4", frames=10)
    program.upscale(source, tmp_path / "one.mp4", "--keyframe", "5")
    done = program.upscale(source, tmp_path / "two.mp4", "--keyframe", "5", "--in-process", "--overwrite")
    message = [event["event"] for event in done.events]
    assert (message[0], message[-1]) == ("submitted", "finished")
    assert {"progress", "frames"} <= set(message)
    assert {event["state"] for event in done.named("progress")} == {"running"}
    assert same(decoded(tmp_path / "one.mp4"), decoded(tmp_path / "two.mp4"))


@pytest.mark.parametrize("options", [("--scale", 1), ("--scale", 2.5), ("--size", "150x110")])
def test_any_scale_and_size_is_exact(program, tmp_path, options):
    source = plate(tmp_path / "in", 2, width=51, height=37)
    program.upscale(source, tmp_path / "out" / "%04d.png", *options, "--keyframes", "none")
    expected = {1: (37, 51), 2.5: (92, 128), "150x110": (110, 150)}[options[1]]
    result = pictures(tmp_path / "out" / "%04d.png", [1001])[0].shape[:2]
    assert abs(result[0] - expected[0]) <= 1
    assert abs(result[1] - expected[1]) <= 1


def test_alpha_comes_back_with_the_plate(program, tmp_path):
    from tests.fakes.media import write_sequence

    for name, sample in (("%04d.png", "uint8"), ("%04d.tif", "uint16"), ("%04d.exr", "float16")):
        kind = Path(name).suffix[1:]
        source = write_sequence(
            tmp_path / f"in_{kind}", name, range(3), sample=sample, channels=4, width=96, height=64
        )
        target = tmp_path / f"out_{kind}" / name
        program.upscale(source, target, "--keyframe", "1")
        result = pictures(target, range(3))
        assert {(picture.shape, picture.dtype.name) for picture in result} == {((128, 192, 4), sample)}
        alpha = result[0][64, :, 3].astype(float) / (
            255 if sample == "uint8" else 65535 if sample == "uint16" else 1
        )
        assert abs(alpha[0] - 0.25) < 0.02
        assert abs(alpha[-1] - 0.75) < 0.02


def test_existing_frames_stay_without_overwrite(program, tmp_path):
    source = plate(tmp_path / "in", 4, start=0)
    target = tmp_path / "out" / "%04d.png"
    program.upscale(source, target, "--keyframes", "none")
    mine = Path(str(target) % 2)
    keyframe(mine, 0, seed=9)
    before = mine.read_bytes()
    remaining = program.upscale(source, target, "--keyframes", "none")
    assert mine.read_bytes() == before
    assert "are kept" in remaining.last["warnings"][0]
    program.upscale(source, target, "--keyframes", "none", "--overwrite")
    assert mine.read_bytes() != before


def test_an_existing_movie_is_replaced_only_with_overwrite(program, tmp_path):
    source = write_movie(tmp_path / "clip.mp4", frames=4)
    target = tmp_path / "out.mp4"
    program.upscale(source, target, "--keyframes", "none")
    refused = program.upscale(source, target, "--keyframe", "1", status=1)
    assert refused.last["code"] == "target_exists"
    program.upscale(source, target, "--keyframe", "1", "--overwrite")
    with_keyframe = decoded(target)
    again = program.upscale(source, target, "--keyframes", "none", "--overwrite")
    assert again.last["frames_reused"] == 4
    assert not same(decoded(target), with_keyframe)
