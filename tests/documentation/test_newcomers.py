"""The three newcomers' paths, followed to the letter with the real engine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from plugins.release.archives import BuildFailed
from plugins.release.blender import archives
from scripts.documentation.code_blocks import code_blocks
from scripts.newcomers import PAGES, ROOT, SIZES, Journey, PathBroken, follow, take_step
from tests.plugins.blender.conftest import PLATFORMS, find_blender


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_pipeline_developers_path(tmp_path: Path):
    journey = follow("developer", tmp_path)
    assert len(list((tmp_path / "by_command").glob("*.png"))) == 8
    assert len(list((tmp_path / "frames_v002").glob("*.png"))) == 8
    assert any("media_unreadable - " in text for text in journey.outputs)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_researchers_path(tmp_path: Path):
    journey = follow("researcher", tmp_path)
    assert (tmp_path / "runs" / "toy" / "toy.safetensors").is_file()
    assert (tmp_path / "report" / "report.md").is_file()
    assert "16573 parameters" in journey.outputs[-1]


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.skipif(os.name == "nt", reason="Blender's module gets its command line from a shell script")
def test_the_artists_path(tmp_path: Path):
    blender = find_blender()
    if isinstance(blender, str):
        pytest.skip(blender)
    wheels = ROOT / "build" / "wheels"
    try:
        variants = archives.select_variants(blender.python, PLATFORMS[sys.platform])
        archives.build_blender(tmp_path, wheels, variants)
    except BuildFailed as error:
        pytest.skip(f"the extension's archive cannot be made: {error}")
    folder = tmp_path / "work"
    folder.mkdir()
    journey = follow("artist", folder, blender.program, wheels)
    assert (folder / "first.blend").is_file()
    frames = sorted(path.name for path in (folder / "SparkVSR").glob("*/0*.png"))
    assert frames == [f"{number:06d}.png" for number in range(8)]
    assert "upscaled 8 frames" in "".join(journey.outputs)
    assert "taken out of Blender" in journey.outputs[-1]


def test_every_path_is_followed():
    assert sorted(page.stem for page in PAGES.glob("*.md")) == sorted(SIZES)


def test_a_step_that_fails_breaks_the_path_with_what_it_printed(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text(
        '```python title="job.py"\nraise SystemExit("no such clip")\n```\n\n```sh\npython job.py\n```\n'
    )
    journey = Journey(tmp_path, tmp_path / "home", tmp_path)
    blocks = code_blocks(page)
    take_step(blocks[0], journey)
    with pytest.raises(PathBroken, match=r"python job\.py ended with status 1:\nno such clip"):
        take_step(blocks[1], journey)
