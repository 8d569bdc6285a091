"""Uninstalling: the engine's own goes, everybody else's stays."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from sparkvsr_bridge.process import EngineProcess
from sparkvsr_engine.cli import main
from sparkvsr_engine.cli.upkeep.removal_commands import FILES, FOLDERS, delete, engine_places
from sparkvsr_engine.config import load_config
from tests.fakes.systems import IS_WINDOWS, make_link


@pytest.fixture
def house(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with everything in it, and something of the user's own."""
    monkeypatch.setenv("SPARKVSR_HOME", str(home))
    for name in FOLDERS:
        (home / name / "within").mkdir(parents=True)
    for name in FILES:
        (home / name).touch()
    (home / "my notes.txt").write_text("mine")
    return home


def test_without_yes_nothing_goes(house: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["uninstall", "--json"]) == 0
    places = json.loads(capsys.readouterr().out)["places"]
    assert {os.path.basename(place) for place in places} == {*FOLDERS, *FILES}  # noqa: PTH119
    assert all(Path(place).exists() for place in places)


def test_all_that_is_the_engines_goes_and_what_is_not_is_named(
    house: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["uninstall", "--yes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["left"] == ["my notes.txt"]
    assert [path.name for path in house.iterdir()] == ["my notes.txt"]
    assert main(["uninstall", "--yes", "--json"]) == 0, "twice does no harm"
    event = json.loads(capsys.readouterr().out)
    assert (event["places"], event["left"]) == ([], ["my notes.txt"]), "the second time nothing is there"


def test_where_nothing_is_there_none_is_made_to_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
):
    monkeypatch.setenv("SPARKVSR_HOME", str(tmp_path / "home"))
    for options in ([], ["--yes"]):
        assert main(["uninstall", *options]) == 0
        assert "nothing of the engine" in capsys.readouterr().out
        assert not (tmp_path / "home").exists()


def test_an_empty_folder_is_not_left(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SPARKVSR_HOME", str(home))
    assert main(["uninstall", "--yes"]) == 0
    assert not home.exists()


@pytest.mark.skipif(not IS_WINDOWS, reason="only Windows refuses to delete what is open")
def test_a_file_somebody_has_open_is_named_and_the_rest_goes_later(house: Path, capsys):
    stored = house / "models" / "within" / "weights.safetensors"
    with stored.open("wb"):
        assert main(["uninstall", "--yes"]) == 1
        assert stored.name in capsys.readouterr().err
    assert main(["uninstall", "--yes"]) == 0
    assert [path.name for path in house.iterdir()] == ["my notes.txt"]


def test_a_model_that_is_linked_stays_where_it_lies(house: Path, tmp_path: Path):
    model = tmp_path / "weights"
    model.mkdir()
    (model / "a.safetensors").touch()
    make_link(house / "models" / "mine", model)
    delete(engine_places(load_config()))
    assert (model / "a.safetensors").is_file()


@pytest.mark.slow
def test_everything_a_running_engine_makes_is_known(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SPARKVSR_HOME", str(home))
    with EngineProcess(home).ensure("test"):
        pass
    assert {path.name for path in home.iterdir()} <= {*FOLDERS, *FILES}
    assert main(["uninstall", "--yes"]) == 0
    assert not home.exists()
