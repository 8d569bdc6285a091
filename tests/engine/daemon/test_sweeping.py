"""What previews leave is taken away at the next start, the artist's own files are not."""

from __future__ import annotations

import os
import time

import pytest

from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.daemon.sweeping import sweep_pictures
from tests.fakes.systems import IS_WINDOWS

HOUR = 3600.0


def picture(path, age_hours: float, size: int = 100):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    written = time.time() - age_hours * HOUR
    os.utime(path, (written, written))
    return path


def test_old_pictures_go_and_fresh_ones_stay(home):
    config = EngineConfig(home)
    old = picture(config.previews_folder / "old.png", 25)
    old_remote = picture(config.remote_pictures / "anna" / "old.exr", 30)
    fresh = picture(config.previews_folder / "fresh.png", 1)
    keys = picture(config.remote_folder / "clients.json", 1000)
    keyframe = picture(config.jobs_folder / "job" / "keyframes" / "frame.png", 1000)
    assert sweep_pictures(config) == 200
    assert [path.exists() for path in (old, old_remote, fresh, keys, keyframe)] == [
        False,
        False,
        True,
        True,
        True,
    ]


def test_the_oldest_go_beyond_the_budget(home):
    config = EngineConfig(home)
    files = [picture(config.previews_folder / f"{age}.png", age) for age in (3, 2, 1)]
    assert sweep_pictures(config, budget_bytes=250) == 100
    assert [path.exists() for path in files] == [False, True, True]


@pytest.mark.skipif(IS_WINDOWS, reason="links of POSIX")
def test_a_link_is_taken_away_and_what_it_leads_to_is_not(home, tmp_path):
    config = EngineConfig(home)
    artists_file = picture(tmp_path / "own.png", 100)
    config.previews_folder.mkdir(parents=True)
    link = config.previews_folder / "link.png"
    link.symlink_to(artists_file)
    os.utime(link, (0, 0), follow_symlinks=False)
    sweep_pictures(config)
    assert artists_file.exists()
    assert not link.is_symlink()


def test_nothing_was_left(home):
    assert sweep_pictures(EngineConfig(home)) == 0
