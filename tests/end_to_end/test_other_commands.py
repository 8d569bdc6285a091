"""Commands that render nothing, or one thing: demo, preview, keyframes, models, doctor, help."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from sparkvsr_engine.media.images import read_image
from tests.end_to_end.clips import decoded, keyframe, pictures, plate, write_scenes
from tests.end_to_end.watching import engine_of, ensure

COMMANDS = (
    "upscale", "revise", "demo", "preview", "keyframes", "jobs", "status", "cancel", "pause", "resume",
    "serve", "stop", "doctor", "models", "train", "evaluate", "compare",
)  # fmt: skip
HEAVY = ("torch", "av", "cv2", "OpenImageIO", "diffusers", "scenedetect", "ncnn", "numpy", "rich")


@pytest.mark.slow
def test_the_demonstration_leaves_a_movie_and_a_picture(program, tmp_path):
    done = program.json("demo", "--output", tmp_path / "demo")
    movie, picture = tmp_path / "demo" / "bunny_4x.mp4", tmp_path / "demo" / "before_after.png"
    assert (done.last["movie"], done.last["picture"]) == (str(movie), str(picture))
    assert done.last["keyframes"] == [0, 36, 71]
    assert len(decoded(movie)) == done.last["frames_done"] == 72
    assert read_image(picture).pixels.shape[0] > 0


@pytest.mark.slow
def test_part_of_the_demonstration_keeps_the_keyframes_in_it(program, tmp_path):
    done = program.json("demo", "--frames", "34-37", "--output", tmp_path / "demo")
    assert done.last["keyframes"] == [36]
    assert len(decoded(tmp_path / "demo" / "bunny_4x.mp4")) == done.last["frames_done"] == 4
    assert (tmp_path / "demo" / "before_after.png").is_file()


def test_a_preview_is_the_frame_the_job_renders(program, tmp_path):
    source = plate(tmp_path / "in", 10, start=0)
    image = keyframe(tmp_path / "fixed.png", 4)
    settings = ("--scale", 2, "--keyframe", f"4={image}")
    whole = program.json(
        "preview",
        source,
        "--frame",
        6,
        "-o",
        tmp_path / "looks" / "look.png",
        *settings,
        "--region",
        "10,20,40,30",
    )
    assert (whole.last["event"], whole.last["frame"]) == ("preview", 6)
    assert whole.last["path"] == str(tmp_path / "looks" / "look.png")
    program.upscale(source, tmp_path / "out" / "%04d.png", *settings)
    frame = pictures(tmp_path / "out" / "%04d.png", [6])[0]
    assert np.array_equal(read_image(tmp_path / "looks" / "look.png").pixels, frame[20:50, 10:50])


def test_a_preview_that_cannot_be_is_refused(program, tmp_path):
    source = plate(tmp_path / "in", 3, start=0)
    outside = program.json(
        "preview", source, "--frame", 1, "-o", tmp_path / "a.png", "--region", "0,0,9999,10", status=2
    )
    assert outside.last["code"] == "invalid_settings"
    nowhere = program.json("preview", source, "--frame", 99, "-o", tmp_path / "a.png", status=2)
    assert nowhere.last["code"] == "invalid_settings"
    assert "0-2" in nowhere.last["message"]
    below_a_file = str(source) % 1 + "/a.png"
    blocked = program.json("preview", source, "--frame", 1, "-o", below_a_file, "--scale", 2, status=1)
    assert blocked.last["code"] == "output_unwritable"


def test_keyframes_lists_frames_reasons_and_cuts(program, tmp_path):
    movie = write_scenes(tmp_path / "two.mp4", (12, 12))
    message = program.json("keyframes", movie, "--keyframes", "shot")
    chosen = message.named("keyframe")
    assert [event["frame"] for event in chosen] == [0, 12]
    assert all(event["reason"] for event in chosen)
    # Whether shots look clean, which a note reports, is the judge's affair.
    counts = {name: value for name, value in message.last.items() if name not in ("note", "choices")}
    assert [choice["frame"] for choice in message.last["choices"]] == [0, 12]
    assert counts == {"event": "keyframes", "count": 2, "cuts": [12]}
    for policy, count in (("none", 0), ("uniform:4", 4), ("random:3", 3), ("adaptive:2", 2)):
        assert program.json("keyframes", movie, "--keyframes", policy).last["count"] == count


def test_models_are_listed_with_what_they_need(program):
    result = {event["name"]: event for event in program.json("models", "list").named("model")}
    assert result["lite"]["ready"] is True
    assert all(event["ready"] or event["remedy"] for event in result.values())
    assert program.json("models", "fetch", status=2).last["code"] == "invalid_settings"
    assert program.json("models", "fetch", "nosuchmodel", status=2).last["code"] == "unknown_model"


def test_doctor_looks_at_everything(program):
    message = program.json("doctor")
    checks = {event["name"]: event for event in message.named("check")}
    assert "torch" in checks
    assert all(event["good"] for event in checks.values() if event["needed"])


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(command, capsys):
    from sparkvsr_engine.cli import main

    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert f"Example: sparkvsr {command}" in text
    assert "--json" in text


def test_help_imports_nothing_heavy(program):
    code = (
        "import sys\n"
        "from sparkvsr_engine.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print('HEAVY', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=program.environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "HEAVY []"


def test_bad_arguments_end_with_two(program):
    for arguments in ((), ("nonsense",), ("upscale",), ("upscale", "a.mov"), ("status", "--wrong")):
        done = program.run(*arguments)
        assert done.status == 2
        assert "usage: sparkvsr" in done.err


def test_an_engine_renders_on_the_device_of_its_configuration(own_program, tmp_path):
    own_program.home.mkdir(parents=True, exist_ok=True)
    (own_program.home / "config.toml").write_text('device = "cuda:7"\n')
    source = plate(tmp_path / "in", 1, start=0)
    with ensure(own_program) as client:
        assert engine_of(client).device == "cuda:7"
    refused = own_program.upscale(source, tmp_path / "out" / "%04d.png", "--model", "lite", status=None)
    assert refused.status != 0
    assert "cuda:7" in refused.last["message"]
