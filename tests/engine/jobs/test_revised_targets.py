"""Where the next version goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparkvsr_bridge.settings import OutputTarget
from sparkvsr_engine.jobs.revisions import versioned_target


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/out/shot.mp4", "/out/shot_v002.mp4"),
        ("/out/shot_v001.mov", "/out/shot_v002.mov"),
        ("/out/shot_vfx.mov", "/out/shot_vfx_v002.mov"),
        ("/out/frames/%04d.png", "/out/frames_v002/%04d.png"),
        ("/out/frames_v001/####.exr", "/out/frames_v002/####.exr"),
    ],
)
def test_a_version_lies_beside_the_one_before(before, after):
    assert versioned_target(OutputTarget(before, quality=7), 2) == OutputTarget(str(Path(after)), quality=7)
