"""Frames of a result that are in its folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparkvsr_bridge.hosts.landing import Landed, landed_frames
from sparkvsr_bridge.messages import JobReport


@pytest.mark.parametrize("pattern", ["shot_v001.%04d.exr", "%06d.png"])
def test_files_of_the_pattern_are_the_frames(tmp_path: Path, pattern: str):
    for name in (pattern % 1001, pattern % 12345, "shot_v001.tmp.exr", "notes.txt"):
        (tmp_path / name).touch()
    report = JobReport("j1", 2, "running", "s", str(tmp_path / pattern))
    assert landed_frames(report) == Landed("j1", 2, (1001, 12345))


def test_a_movie_and_a_folder_that_is_not_there_have_none(tmp_path: Path):
    for target in (tmp_path / "shot.mov", tmp_path / "not there" / "%04d.exr"):
        assert landed_frames(JobReport("j1", 1, "running", "s", str(target))).frames == ()
