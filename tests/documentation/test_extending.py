"""The page on adding a restorer, followed to the letter: its module, its line, and no other file."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from scripts.documentation.code_blocks import code_blocks
from sparkvsr_bridge.hosts.model_menu import restorer_items
from sparkvsr_bridge.media import SourceMedia
from sparkvsr_bridge.messages import PreviewRequest
from sparkvsr_bridge.settings import Keyframe, Revision
from sparkvsr_engine.catalogue import list_models
from sparkvsr_engine.cli import main
from sparkvsr_engine.jobs.interactive.previews import PreviewMaker
from sparkvsr_engine.media.images import read_image
from sparkvsr_engine.models import registry
from tests.fakes.jobs import Workshop, pictures_in, write_keyframe, write_plate

PAGE = Path(__file__).resolve().parents[2] / "docs" / "project" / "extending.md"
FRAMES = 10


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The page's files as an installed package would leave them."""
    blocks = {block.title: block.text for block in code_blocks(PAGE) if block.title}
    folder = tmp_path / "installed"
    metadata = folder / "toy_restorer-1.0.dist-info"
    metadata.mkdir(parents=True)
    (folder / "toy_restorer.py").write_text(blocks["toy_restorer.py"], "utf-8")
    entries = tomllib.loads(blocks["pyproject.toml"])["project"]["entry-points"]
    lines = [f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in of.items()) for group, of in entries.items()]
    (metadata / "entry_points.txt").write_text("".join(lines), "utf-8")
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-restorer\nVersion: 1.0\n", "utf-8")
    monkeypatch.syspath_prepend(folder)
    registry.restorers.cache_clear()
    yield
    registry.restorers.cache_clear()
    sys.modules.pop("toy_restorer", None)


@pytest.fixture
def workshop(tmp_path: Path):
    result = Workshop(tmp_path / "home")
    yield result
    result.close()


@pytest.mark.usefixtures("toy")
def test_the_restorer_of_the_page_renders_jobs_and_revisions(workshop: Workshop, tmp_path: Path):
    plate = write_plate(tmp_path / "plate", FRAMES)
    picture = write_keyframe(tmp_path / "key.png", 4, gain=2.0)
    spec = workshop.spec(plate, tmp_path / "out" / "%04d.png", {4: picture}, model="toy")
    job = workshop.submit(spec)
    assert workshop.run(job).announced == list(range(FRAMES))
    first = pictures_in(tmp_path / "out")
    assert {frame.shape for frame in first.values()} == {(96, 128, 3)}
    revised, version = workshop.revise(job, Revision(guidance=0.0))
    assert revised.frames_total == FRAMES
    workshop.run(job, version)
    second = pictures_in(tmp_path / "out_v002")
    assert [name for name in first if not np.array_equal(first[name], second[name])] == ["0004.png"]


@pytest.mark.usefixtures("toy")
def test_the_restorer_of_the_page_renders_previews_as_jobs(workshop: Workshop, tmp_path: Path):
    plate = write_plate(tmp_path / "plate", FRAMES)
    picture = write_keyframe(tmp_path / "key.png", 4, gain=2.0)
    spec = workshop.spec(plate, tmp_path / "out" / "%04d.png", {4: picture}, model="toy")
    workshop.render(spec)
    reports: list = []
    maker = PreviewMaker(workshop.config, workshop.pool, reports.append)
    target = tmp_path / "preview.png"
    request = PreviewRequest(
        SourceMedia(plate), 4, spec.settings, (Keyframe(4, picture),), target=str(target)
    )
    maker.expect("p")
    maker.make("p", request)
    maker.close()
    assert len(reports) == 1
    assert np.array_equal(read_image(target).pixels, pictures_in(tmp_path / "out")["0004.png"])


@pytest.mark.usefixtures("toy")
def test_the_restorer_of_the_page_is_listed_and_offered_by_hosts(
    workshop: Workshop, home: Path, capsys: pytest.CaptureFixture[str]
):
    models = list_models(workshop.config)
    toy = next(model for model in models if model.name == "toy")
    assert (toy.role, toy.ready, toy.summary) == (
        "restorer",
        True,
        "cubic interpolation, for the documentation",
    )
    assert ("toy", "toy", toy.summary) in restorer_items(models, "")
    assert main(["models", "list"]) == 0
    assert "cubic interpolation, for the documentation" in capsys.readouterr().out


def test_without_the_line_there_is_no_such_restorer(workshop: Workshop):
    assert "toy" not in [model.name for model in list_models(workshop.config)]


def test_a_restorer_that_cannot_be_loaded_is_listed_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workshop: Workshop
):
    metadata = tmp_path / "broken-1.0.dist-info"
    metadata.mkdir()
    (metadata / "entry_points.txt").write_text("[sparkvsr.restorers]\nbroken = nowhere:RESTORER\n", "utf-8")
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    registry.restorers.cache_clear()
    try:
        broken = next(model for model in list_models(workshop.config) if model.name == "broken")
        assert not broken.ready
        assert "nowhere" in broken.summary
    finally:
        registry.restorers.cache_clear()
