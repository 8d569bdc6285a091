"""A config as the user's environment names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparkvsr_bridge.hosts.colour_config import config_location, config_of_environment


@pytest.mark.parametrize("environment", [{}, {"OCIO": ""}, {"OCIO": "  "}])
def test_without_a_config_there_is_none(environment: dict[str, str]):
    assert config_of_environment(environment) == ""


def test_a_built_in_config_stays_its_name():
    assert config_of_environment({"OCIO": "ocio://default"}) == "ocio://default"


def test_a_path_becomes_a_full_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    full = str(tmp_path / "show" / "config.ocio")
    for named in ("show/config.ocio", "~/show/config.ocio", "x/../show/config.ocio", full):
        assert config_location(named) == full
