"""Renders' files through the whole program: results and warnings, checked with other libraries."""

from __future__ import annotations

import av
import numpy as np
import pytest
from PIL import Image

from tests.compatibility.claims import covers
from tests.fakes.exr import channels, read_exr, texture, write_exr
from tests.fakes.media import write_picture

ONES = np.ones((48, 64), "f2")


def frame(number, width=64, height=48):
    return texture(width, height, shift=number * 0.2)


def write_png(path, picture):
    path.parent.mkdir(parents=True, exist_ok=True)
    write_picture(path, np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8))


def rgb(path):
    result = read_exr(path)[0][2]
    return np.stack([result[name].astype(float) for name in "RGB"], -1)


def warnings_of(outcome):
    return " ".join(event["message"] for event in outcome.named("warning"))


@pytest.mark.slow
def test_passes_of_a_render_come_along_and_are_named(program, tmp_path):
    for number in range(2):
        write_exr(
            tmp_path / "in" / f"a.{number:04d}.exr",
            {
                **channels(frame(number)),
                "A": ONES,
                "Z": ONES.astype("f4") * 12.5,
                **channels(frame(3), "crypto00."),
            },
        )
    outcome = program.upscale(tmp_path / "in" / "a.%04d.exr", tmp_path / "out" / "%04d.exr")
    result = read_exr(tmp_path / "out" / "0001.exr")[0][2]
    assert set(result) == {*"RGBAZ", *(f"crypto00.{name}" for name in "RGB")}
    assert np.all(result["Z"] == 12.5)
    assert result["R"].dtype == np.float16
    assert "crypto00" in warnings_of(outcome)


def test_a_named_space_takes_what_is_no_number(program, tmp_path):
    pytest.importorskip("PyOpenColorIO")
    for number in range(2):
        picture = frame(number).copy()
        picture[20, 30], picture[10, 40], picture[30, 10] = np.nan, np.inf, -np.inf
        write_exr(tmp_path / "in" / f"a.{number:04d}.exr", channels(picture))
    target = tmp_path / "out" / "%04d.exr"
    program.upscale(tmp_path / "in" / "a.%04d.exr", target, "--input-colour", "ACEScg")
    assert np.isfinite(rgb(tmp_path / "out" / "0001.exr")).all()


@pytest.mark.parametrize("colour", [0.0, 0.5, 1.0])
def test_an_empty_keyframe_changes_nothing_and_is_reported(program, tmp_path, colour):
    for number in range(3):
        write_png(tmp_path / "in" / f"a.{number:04d}.png", frame(number))
    write_png(tmp_path / "k.png", np.full((96, 128, 3), colour))
    source = tmp_path / "in" / "a.%04d.png"
    program.upscale(source, tmp_path / "plain" / "%04d.png", "--keyframes", "none")
    outcome = program.upscale(source, tmp_path / "o" / "%04d.png", "--keyframe", f"1={tmp_path}/k.png")
    assert "shows nothing" in warnings_of(outcome)
    for number in range(3):
        pair = [
            np.asarray(Image.open(tmp_path / name / f"{number:04d}.png")).astype(int)
            for name in ("plain", "o")
        ]
        assert np.abs(pair[0] - pair[1]).mean() < 0.5


def test_frames_below_0_are_all_there(program, tmp_path):
    for number in range(-2, 2):
        name = f"a.-{-number:04d}.png" if number < 0 else f"a.{number:04d}.png"
        write_png(tmp_path / "in" / name, frame(number))
    program.upscale(tmp_path / "in" / "a.%04d.png", tmp_path / "out" / "%04d.png")
    assert len(list((tmp_path / "out").iterdir())) == 4
    program.upscale(tmp_path / "in" / "a.%04d.png", tmp_path / "part" / "%04d.png", "--frames", "-2--1")
    assert sorted(path.name for path in (tmp_path / "part").iterdir()) == ["-001.png", "-002.png"]


def test_anamorphic_plates_are_shown_in_their_shape(program, tmp_path):
    for number in range(2):
        write_exr(tmp_path / "in" / f"a.{number:04d}.exr", channels(frame(number)), pixelAspectRatio=2.0)
    source = tmp_path / "in" / "a.%04d.exr"
    program.upscale(source, tmp_path / "out" / "%04d.exr", "--size", "256x96")
    program.upscale(source, tmp_path / "o.mp4", "--size", "256x96")
    assert read_exr(tmp_path / "out" / "0000.exr")[0][1]["pixelAspectRatio"] == 1.0
    with av.open(str(tmp_path / "o.mp4")) as movie:
        assert float(movie.streams.video[0].sample_aspect_ratio or 1) == 1.0


def test_keyframes_of_painting_programs_render(program, tmp_path):
    psd = pytest.importorskip("psd_tools").PSDImage
    for number in range(2):
        write_png(tmp_path / "in" / f"a.{number:04d}.png", frame(number))
    enlarged = Image.open(tmp_path / "in" / "a.0001.png").resize((128, 96), Image.Resampling.LANCZOS)
    psd.frompil(enlarged).save(str(tmp_path / "k.psd"))
    outcome = program.upscale(
        tmp_path / "in" / "a.%04d.png", tmp_path / "o" / "%04d.png", "--keyframe", f"1={tmp_path}/k.psd"
    )
    assert "shows nothing" not in warnings_of(outcome)
    assert len(list((tmp_path / "o").iterdir())) == 2


@covers(
    "kinds of pictures",
    "L. Damage, and one reader for one file",
    variants="through the whole program: empty, cut short, no picture; the first frame, one within",
    result="named by number before rendering, and in the job",
)
@pytest.mark.parametrize("damage", [b"", b"not a picture at all", None])
@pytest.mark.parametrize("number", [1001, 1004])
def test_a_damaged_frame_costs_itself_and_is_named(program, tmp_path, damage, number):
    for at in range(1001, 1007):
        write_png(tmp_path / "in" / f"a.{at:04d}.png", frame(at - 1001))
    bad = tmp_path / "in" / f"a.{number:04d}.png"
    bad.write_bytes(bad.read_bytes()[:900] if damage is None else damage)
    target = tmp_path / "out" / "%04d.png"
    outcome = program.upscale(tmp_path / "in" / "a.%04d.png", target, "--model", "identity")
    assert f"Frame {number} of" in warnings_of(outcome)
    assert "cannot be decoded" in warnings_of(outcome)
    result = [np.asarray(Image.open(path)) for path in sorted((tmp_path / "out").iterdir())]
    assert len(result) == 6
    near = {1001: 1, 1004: 2}[number]
    assert np.array_equal(result[number - 1001], result[near])
    assert not np.array_equal(result[4], result[5])
    job = outcome.named("submitted")[0]["job"]
    assert f"Frame {number} of" in str(program.json("status", job).last)


def test_a_preview_of_a_damaged_frame_shows_its_neighbour_and_names_it(program, tmp_path):
    for at in range(4):
        write_png(tmp_path / "in" / f"a.{at:04d}.png", frame(at))
    (tmp_path / "in" / "a.0002.png").write_bytes(b"")
    source = tmp_path / "in" / "a.%04d.png"
    picture = {}
    for at in (1, 2):
        options = ("--model", "identity", "--scale", 2, "-o", tmp_path / f"p{at}.png")
        outcome = program.json("preview", source, "--frame", at, *options)
        picture[at] = np.asarray(Image.open(tmp_path / f"p{at}.png"))
        assert ("Frame 2 of" in str(outcome.events)) == (at == 2)
    assert np.array_equal(picture[1], picture[2])


@covers(
    "kinds of pictures",
    "H. Straight alpha",
    variants="previews of a whole frame and of a region, at scale 1 and 2",
    result="show what the job writes, colours under alpha 0 included",
)
@pytest.mark.parametrize("scale", [1, 2])
def test_a_preview_of_straight_alpha_shows_what_the_job_writes(program, tmp_path, scale):
    picture = np.zeros((48, 64, 4), np.uint8)
    picture[12:36, 16:48] = (255, 153, 26, 255)
    picture[:12, :, :3] = (7, 200, 90)
    write_picture(tmp_path / "a.0001.png", picture)
    source = tmp_path / "a.0001.png"
    options = ("--model", "identity", "--scale", scale)
    program.upscale(source, tmp_path / "out.png", *options)
    program.json("preview", source, "--frame", 1, "-o", tmp_path / "whole.png", *options)
    region = (0, 4 * scale, 40 * scale, 20 * scale)
    named = ",".join(map(str, region))
    program.json("preview", source, "--frame", 1, "--region", named, "-o", tmp_path / "part.png", *options)
    written = np.asarray(Image.open(tmp_path / "out.png"))[..., :3]
    assert tuple(written[2, 2]) == (7, 200, 90)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "whole.png")), written)
    part = written[region[1] : region[1] + region[3], : region[2]]
    assert np.array_equal(np.asarray(Image.open(tmp_path / "part.png")), part)
