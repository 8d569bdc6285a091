"""The farm's command: read by the engine's own parser it asks for exactly what the node would send."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

if sys.version_info < (3, 11):
    pytest.skip("the engine needs Python 3.11", allow_module_level=True)

from sparkvsr_nuke.requests.farm_command import command_line, command_words, write_bundles
from sparkvsr_nuke.requests.shot_requests import job_spec

from sparkvsr_bridge.errors import JobFailed
from sparkvsr_bridge.hosts.engine_place import EnginePlace
from sparkvsr_bridge.hosts.requests import ShotKeyframe, ShotRequest
from sparkvsr_bridge.hosts.tasks.farming import bundle_words
from sparkvsr_bridge.settings import JobSpec
from sparkvsr_bridge.system.command_lines import join_command, split_command
from tests.plugins.nuke.conftest import ENGINE_PYTHON

OPTIONS = {
    "width": 3840, "height": 2160, "model": "lite", "guidance": 0.75, "look": "propagate", "damage": 0.25,
    "isr": "balanced", "policy": {"name": "manual"}, "input_colour": "ACES - ACEScg", "seed": 3,
    "output_colour": "ACES - ACEScg", "ocio_config": "ocio://cg-config-v2.1.0_aces-v1.3_ocio-v2.3",
}  # fmt: skip


def parsed(command: str) -> JobSpec:
    """What the engine's command line makes of a command."""
    from sparkvsr_engine.cli.job_options import keyframes_of, settings_of, source_of, target_of
    from sparkvsr_engine.cli.parser import make_parser

    words = split_command(command)
    assert words[:2] == ["sparkvsr", "upscale"]
    options: Any = make_parser().parse_args(words[1:])
    assert options.in_process
    source = source_of(options.source, options.frames)
    return JobSpec(source, target_of(options), settings_of(options), keyframes_of(options))


def request(tmp_path: Path, **changes: Any) -> ShotRequest:
    picture = tmp_path / "key [1] ü.exr"
    picture.touch()
    keyframes = (
        ShotKeyframe(1001),
        ShotKeyframe(1003, str(picture), 0.5, 7, "sRGB - Texture"),
        ShotKeyframe(1004, "", 1.5),
    )
    return ShotRequest(str(tmp_path / "pl ate.%04d.exr"), 1001, 1010, {**OPTIONS, **changes}, keyframes)


@pytest.mark.parametrize(
    "changes",
    [{}, {"damage": None}, {"learn": "auto"}, {"isr": "", "policy": {"name": "adaptive", "budget": 3}}],
)
def test_the_command_asks_for_what_the_node_would(tmp_path: Path, changes: dict[str, Any]):
    shot = request(tmp_path, **changes)
    target = str(tmp_path / "out it" / "s_v001.%04d.exr")
    assert parsed(command_line([shot], [target])) == job_spec(shot, target)


def test_views_are_a_command_each():
    request = ShotRequest("/p/l.%04d.exr", 1, 2, {"width": 2, "height": 2})
    line = command_line([request, request], ["/o/l.%04d.exr", "/o/r.%04d.exr"])
    assert line.count("sparkvsr upscale") == 2
    assert " && " in line
    assert command_words(request, "/o/l.%04d.exr")[:3] == ["sparkvsr", "upscale", "/p/l.%04d.exr"]


def test_the_bundle_is_for_what_the_node_would_send(tmp_path: Path):
    from sparkvsr_engine.cli.job_options import spec_of
    from sparkvsr_engine.cli.parser import make_parser

    shot, target = request(tmp_path), str(tmp_path / "out it" / "s_v001.%04d.exr")
    options: Any = make_parser().parse_args(bundle_words(shot, target, "/farm/shot", "main"))
    assert options.to == "/farm/shot"
    assert spec_of(options) == job_spec(shot, target)


@pytest.mark.slow
def test_a_bundle_is_written_per_view_by_the_engines_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import OpenImageIO as oiio  # noqa: N813

    from tests.fakes.code_path import CODE_PATH

    monkeypatch.setenv("SPARKVSR_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHONPATH", CODE_PATH)
    monkeypatch.setenv("SPARKVSR_KEEP_ENVIRONMENT", "PYTHONPATH")
    monkeypatch.setenv("SPARKVSR_ENGINE", join_command([ENGINE_PYTHON, "-m", "sparkvsr_engine"]))
    (tmp_path / "plate").mkdir()
    for frame in range(4):
        picture = oiio.ImageBuf(oiio.ImageSpec(64, 48, 3, "uint8"))
        assert picture.write(str(tmp_path / "plate" / f"{frame:04d}.png"))
    shot = ShotRequest(
        str(tmp_path / "plate" / "%04d.png"), 0, 3, {"width": 128, "height": 96, "policy": {"name": "none"}}
    )
    targets = {view: str(tmp_path / view / "%04d.png") for view in ("left", "right")}
    folders = write_bundles(dict.fromkeys(targets, shot), targets, tmp_path / "v001", EnginePlace())
    assert folders == [str(tmp_path / "v001" / "farm_left"), str(tmp_path / "v001" / "farm_right")]
    for folder, view in zip(folders, targets):
        values = json.loads((Path(folder) / "parameters.json").read_text("utf-8"))
        assert str(tmp_path / view) in values.values()
        assert (Path(folder) / "template.json").is_file()
    with pytest.raises(JobFailed, match="holds files already"):
        write_bundles({"left": shot, "right": shot}, targets, tmp_path / "v001", EnginePlace())
