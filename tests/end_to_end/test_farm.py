"""The farm's line: `sparkvsr upscale --in-process`, killed, sent again, with nothing in its environment."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from sparkvsr_engine.media.images import read_image
from tests.end_to_end.program import COMMAND
from tests.fakes.code_path import CODE_PATH
from tests.fakes.jobs import write_keyframe, write_plate
from tests.fakes.media import write_movie
from tests.fakes.ocio_configs import write_studio_config

pytest.importorskip("PyOpenColorIO")
FRAMES = 64
# Of the identity model, at most.
CHUNK = 16


class Farm:
    """One machine: a home folder, an empty environment, a folder it works in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            # Windows starts no program without the first of them.
            **{name: os.environ[name] for name in ("SYSTEMROOT", "TEMP") if name in os.environ},
            "PYTHONPATH": CODE_PATH,
            "SPARKVSR_HOME": str(folder / "home"),
        }

    def start(self, *words: object) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*COMMAND, "upscale", *map(str, words), "--in-process", "--json"],
            env=self.environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: object, status: int = 0) -> list[dict]:
        process = self.start(*words)
        out, error = process.communicate(timeout=240)
        assert process.returncode == status, error
        return [json.loads(line) for line in out.splitlines()] if status == 0 else [{"error": error}]

    def kill_after_first_frames(self, *words: object) -> tuple[str, list[int]]:
        """The job's name and the frames that were reported finished; the process is ended as a machine that
        fails ends it.
        """
        process = self.start(*words)
        assert process.stdout is not None
        job = json.loads(process.stdout.readline())["job"]
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if '"event": "frames"' in line:
                break
        process.kill()
        # It may have gone on for a while before it was ended.
        lines += process.communicate()[0].splitlines(keepends=True)
        events = [json.loads(line) for line in lines if line.endswith("\n")]
        return job, [frame for event in events if event["event"] == "frames" for frame in event["frames"]]


@pytest.fixture
def farm(tmp_path: Path, home: Path) -> Farm:
    farm = Farm(tmp_path)
    farm.environment["SPARKVSR_HOME"] = str(home)
    return farm


@pytest.fixture
def line(tmp_path: Path) -> list[object]:
    """What a plugin copies for the farm, with everything that it can name."""
    source = write_plate(tmp_path / "plate", FRAMES, 48, 32)
    painted = write_keyframe(tmp_path / "fixed.png", 5, scale=1, width=48, height=32).path
    config = write_studio_config(tmp_path / "show")
    return [
        source,
        *("-o", tmp_path / "out" / "%04d.exr", "--scale", 1, "--frames", f"0-{FRAMES - 1}"),
        *("--model", "identity"),
        *("--keyframe", f"5={painted}@0.75", "--keyframe-colour", "5=sRGB"),
        *("--ocio-config", config, "--input-colour", "sRGB", "--output-colour", "show_linear"),
    ]


def pictures(folder: Path) -> dict[str, np.ndarray]:
    return {path.name: read_image(path).pixels for path in sorted(folder.glob("*.exr"))}


@pytest.mark.slow
def test_killed_and_sent_again_it_goes_on_and_the_result_is_that_of_one_run(
    farm: Farm, line: list[object], tmp_path: Path
):
    job, reported = farm.kill_after_first_frames(*line)
    written = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("????.exr")}
    finished = {tmp_path / "out" / f"{frame:04d}.exr" for frame in reported}
    assert 0 < len(written) < FRAMES
    assert finished
    assert finished <= written.keys()
    events = farm.run(*line)
    assert (events[0]["event"], events[0]["job"]) == ("resumed", job)
    # A chunk whose files were in place, and which was not recorded when the process ended, is rendered again.
    assert len(finished) <= events[0]["frames_done"] <= len(finished) + CHUNK
    assert events[-1]["event"] == "finished"
    assert all(path.stat().st_mtime_ns == written[path] for path in finished)
    whole = [str(word).replace(str(tmp_path / "out"), str(tmp_path / "whole")) for word in line]
    farm.environment["SPARKVSR_HOME"] += "x"
    farm.run(*whole)
    first, second = pictures(tmp_path / "out"), pictures(tmp_path / "whole")
    assert len(first) == FRAMES
    assert first.keys() == second.keys()
    assert all(np.array_equal(first[name], second[name]) for name in first)


@pytest.mark.slow
def test_a_finished_frame_is_skipped_by_whatever_machine_comes_next(farm: Farm, line: list[object], tmp_path):
    short = [*line, "--frames", "0-9"]
    farm.run(*short)
    lost = tmp_path / "out" / "0004.exr"
    before = pictures(tmp_path / "out")
    lost.unlink()
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.exr")}
    farm.environment["SPARKVSR_HOME"] += "x"
    events = farm.run(*short)
    assert "9 frames are there already" in str(events)
    assert all(path.stat().st_mtime_ns == time for path, time in times.items())
    assert np.array_equal(pictures(tmp_path / "out")["0004.exr"], before["0004.exr"])


@pytest.mark.slow
def test_a_movie_goes_on_too(farm: Farm, tmp_path: Path):
    source = write_movie(tmp_path / "clip.mp4", frames=FRAMES)
    words = [source, "-o", tmp_path / "out.mp4", "--scale", 1, "--model", "identity", "--keyframes", "none"]
    job, _ = farm.kill_after_first_frames(*words)
    events = farm.run(*words)
    assert (events[0]["event"], events[0]["job"]) == ("resumed", job)
    assert (tmp_path / "out.mp4").is_file()


@pytest.mark.slow
def test_another_request_another_picture_or_source_is_another_job(farm: Farm, line: list[object], tmp_path):
    job, _ = farm.kill_after_first_frames(*line)
    changed = [*line, "--guidance", "0.5"]
    assert farm.run(*changed)[0]["job"] != job
    write_keyframe(tmp_path / "fixed.png", 5, scale=1, gain=3.0, width=48, height=32)
    assert farm.run(*line)[0]["event"] == "submitted"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (("--input-colour", "shw_log"), 2, "'show_log'"),
        (("--keyframe-colour", "5=shw_log"), 2, "Keyframe 5: "),
        (("--ocio-config", "/not/there.ocio"), 2, "cannot be read"),
        (("--keyframe", "9=/not/there.exr"), 1, "there is no such file"),
        (("--frames", "0-99"), 2, "99"),
    ],
)
def test_what_cannot_be_rendered_ends_at_once_with_a_status_and_a_sentence(
    farm: Farm, line: list[object], tmp_path: Path, words: tuple[str, ...], status: int, sentence: str
):
    if words[0] == "--keyframe-colour":
        line = line[: line.index("--keyframe-colour")] + line[line.index("--keyframe-colour") + 2 :]
    error = farm.run(*line, *words, status=status)[0]["error"]
    assert sentence in error
    assert "Traceback" not in error
    assert not list((tmp_path / "out").glob("*"))
