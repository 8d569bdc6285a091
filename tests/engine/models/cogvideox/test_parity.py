"""The one-step algorithm against recorded results of the reference, float32."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sparkvsr_engine.models.cogvideox.parity import TOLERANCE, CaseRunner, main

REPOSITORY = Path(__file__).parents[4]
GOLDEN = REPOSITORY / "tests/data/golden_cogvideox"


@pytest.fixture(scope="module")
def runner():
    return CaseRunner(GOLDEN)


@pytest.mark.parametrize("name", [case["name"] for case in json.loads((GOLDEN / "cases.json").read_text())])
def test_every_case_of_the_reference_is_met(runner, name):
    case = next(case for case in runner.cases() if case.name == name)
    assert runner.largest_error(case) <= TOLERANCE


def test_the_cases_are_blind_keyed_guided_single_and_wide():
    cases = json.loads((GOLDEN / "cases.json").read_text())
    assert {min(len(case["refs"]), 2) for case in cases} == {0, 1, 2}
    assert {case["g"] for case in cases} == {0.5, 1.0, 1.5}
    assert any(case["F"] == 1 for case in cases)
    assert any(case["W"] > 4 * case["H"] for case in cases)


def changed_folder(tmp_path, **changes):
    """The packaged single-image case with something of its description changed."""
    case = next(c for c in json.loads((GOLDEN / "cases.json").read_text()) if c["F"] == 1)
    shutil.copytree(GOLDEN / "model", tmp_path / "model")
    shutil.copy(GOLDEN / f"{case['name']}.safetensors", tmp_path)
    (tmp_path / "cases.json").write_text(json.dumps([case | changes]))
    return tmp_path


def test_a_case_within_tolerance_exits_0_and_prints_its_error(tmp_path, capsys):
    assert main([str(changed_folder(tmp_path))]) == 0
    assert "image_f1" in capsys.readouterr().out


def test_a_case_above_tolerance_exits_1(tmp_path, capsys):
    assert main([str(changed_folder(tmp_path, g=0.0))]) == 1
    assert "TOO LARGE" in capsys.readouterr().out


def test_keyframes_are_placed_from_the_clips_first_frame(tmp_path):
    from safetensors.torch import load, save_file

    folder = changed_folder(tmp_path, refs=[40], start=38)
    tensors = load((folder / "image_f1.safetensors").read_bytes())
    save_file(tensors | {"ref_00040": tensors["ref_00000"].clone()}, folder / "image_f1.safetensors")
    runner = CaseRunner(folder)
    assert runner.largest_error(runner.cases()[0]) <= TOLERANCE
