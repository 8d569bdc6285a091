"""The script for a graphics card runs from end to end without one, on toy sizes."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[4]


@pytest.fixture
def figures(monkeypatch, tmp_path):
    """Run the script as a person would, in this process; returns its two files."""

    def run(*arguments):
        monkeypatch.syspath_prepend(REPOSITORY / "benchmarks")
        monkeypatch.setattr(sys, "argv", ["gpu_figures.py", "--output", str(tmp_path), *arguments])
        monkeypatch.setattr("sparkvsr_engine.jobs.kernels.prepare_kernels", lambda _: None)
        runpy.run_path(str(REPOSITORY / "benchmarks/gpu_figures.py"), run_name="__main__")
        return json.loads((tmp_path / "figures.json").read_text()), (tmp_path / "figures.md").read_text()

    return run


@pytest.mark.slow
def test_every_case_is_measured_and_written(figures):
    values, text = figures("--device", "cpu", "--tiny")
    assert [row["keyframes"] for row in values["lite"]] == [0, 2]
    engine, reference = values["model"]
    assert engine["name"] == "engine"
    assert set(engine["seconds"]) == set(engine["predicted_bytes"])
    assert all(engine["predicted_bytes"].values())
    assert reference["name"] == "plain diffusers"
    assert values["left_out"] == []
    assert "lite" in text
    assert "predict blind" in text


def test_cases_that_no_time_is_left_for_are_named(figures):
    values, text = figures("--device", "cpu", "--tiny", "--minutes", "-1")
    assert values["lite"] == values["model"] == []
    assert "Not measured: lite 32x24, two keyframes: no time was left" in text


def test_without_a_card_only_toy_sizes_are_taken(figures, capsys):
    with pytest.raises(SystemExit):
        figures("--device", "cpu")
    assert "need a graphics card" in capsys.readouterr().err
