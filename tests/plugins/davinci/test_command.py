"""`sparkvsr resolve` as it is typed: what is open, which clips, a report; one sentence where it fails."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from sparkvsr_engine.cli import main
from tests.fakes.engine_program import EngineProgram
from tests.fakes.resolve.application import Application
from tests.plugins.davinci.scenes import Scene


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.usefixtures("resolves_python")
def test_without_options_it_prints_what_is_open(app: Application, capsys: pytest.CaptureFixture[str]):
    assert main(["resolve", "--json"]) == 0
    assert lines(capsys)[-1] == {
        "event": "state",
        "connection": "ready",
        "sentence": "Connected to DaVinci Resolve Studio 21.0.4, timeline Edit.",
        "project": "Cut",
        "timeline": "Edit",
    }


@pytest.mark.usefixtures("resolves_python")
def test_the_free_edition_gets_one_clear_sentence(app: Application, capsys: pytest.CaptureFixture[str]):
    app.is_studio = False
    assert main(["resolve", "--list"]) == 1
    assert "sparkvsr conform cut.otio" in capsys.readouterr().out


def test_a_python_that_crashes_is_named(
    app: Application, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("STAND_IN_RESOLVE_CRASHES", f"{sys.version_info[0]}.{sys.version_info[1]}")
    assert main(["resolve", "--state"]) == 1
    assert "SPARKVSR_RESOLVE_PYTHON" in capsys.readouterr().out


@pytest.mark.usefixtures("resolves_python")
def test_an_empty_scope_is_an_error(app: Application, capsys: pytest.CaptureFixture[str]):
    assert main(["resolve", "--list", "--scope", "selected"]) == 1
    assert capsys.readouterr().err == "sparkvsr: No clip is selected; select some on the Edit page.\n"


@pytest.mark.slow
def test_clips_are_listed_and_done(
    scene: Scene,
    engine_program: EngineProgram,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    from sparkvsr_engine.cli.commands import resolve_commands

    monkeypatch.setattr(resolve_commands, "engine_program", lambda: str(engine_program.program))
    item = scene.clip(scene.movie(), at=20, source=10, duration=4)
    scene.timeline.playhead = item.start
    options = ["--model", "identity", "--scale", "2", "--keyframes", "none", "--handles", "1", "--json"]
    assert main(["resolve", "--list", *options]) == 0
    listed = lines(capsys)[-1]
    assert (listed["first_frame"], listed["last_frame"], listed["route"]) == (9, 14, "path")
    assert not item.takes
    assert main(["resolve", "--once", *options]) == 0
    events = lines(capsys)
    names = [event["event"] for event in events]
    assert [name for name in names if name in ("placed", "run_ended")] == ["placed", "run_ended"]
    assert item.selected == 2
    assert scene.numbers(item) == [10, 11, 12, 13]
    assert Path(events[-2]["path"]).parent.parent.name == "sparkvsr"


def test_the_self_test_measures_and_leaves_no_trace(
    scene: Scene,
    engine_program: EngineProgram,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    from sparkvsr_engine.cli.commands import resolve_commands

    monkeypatch.setattr(resolve_commands, "engine_program", lambda: str(engine_program.program))
    front = scene.timeline
    path = scene.folder / "report.txt"
    main(["resolve", "--self-test", str(path)])
    text = path.read_text()
    assert "Append, end frame: 8 frames of 4 to 12: the end is exclusive" in text
    assert "Take, end frame: take 2 of 4 to 12 reads 4 to 12, lasts 8" in text
    assert "Automatic scripted actions" in text
    assert "ok       Upscale: 3 frames" in text
    assert [timeline.name for timeline in scene.project.timelines] == ["Edit"]
    assert scene.timeline is front
    assert scene.project.pool.root.folders[0].clips == []
