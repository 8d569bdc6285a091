"""kill -9 while a shot is learnt: steps since the last checkpoint are taken again, to the same weights."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import sparkvsr_engine
from tests.fakes import killed_learning
from tests.fakes.code_path import CODE_PATH

ROOT = Path(sparkvsr_engine.__file__).parents[1]


def run(folder, step):
    """The digest of what was learnt, empty for a run that was killed."""
    done = subprocess.run(
        [sys.executable, killed_learning.__file__, str(folder), str(step)],
        env={**os.environ, "PYTHONPATH": CODE_PATH},
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.returncode == 0) == bool(done.stdout), done.stderr
    return done.stdout


@pytest.mark.slow
def test_killed_again_and_again_it_ends_with_the_same_weights(tmp_path):
    whole = run(tmp_path / "whole", -1)
    assert len(whole) == 64
    # From a checkpoint on every even step: odd ones are taken again, and some places are killed at twice.
    for step in (0, 0, 1, 3, 4, 5, 7, 8, 10, 11):
        assert run(tmp_path / "killed", step) == ""
    assert run(tmp_path / "killed", -1) == whole
