"""What an evaluation opens follows from the cases it is asked for."""

import pytest

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.cli.benchmarking import benchmark_options
from sparkvsr_engine.cli.parser import make_parser
from tests.fakes.lite import make_weights


@pytest.fixture
def network_file(tmp_path):
    return make_weights(tmp_path / "mine" / "lite.safetensors")


def options_of(tmp_path, methods):
    inputs = ["evaluate", str(tmp_path / "clip.mp4"), "-o", str(tmp_path), "--cases", "none"]
    inputs += ["--methods", methods, "--device", "cpu"]
    return benchmark_options(make_parser().parse_args(inputs), tmp_path)


@pytest.mark.parametrize(("cases", "is_opened"), [("none,three,degraded", False), ("none,isr", True)])
def test_the_image_model_is_opened_for_keyframes_it_makes_only(home, tmp_path, cases, is_opened):
    inputs = ["evaluate", str(tmp_path / "clip.mp4"), "-o", str(tmp_path), "--cases", cases]
    options = make_parser().parse_args([*inputs, "--methods", "bicubic", "--device", "cpu"])
    assert (benchmark_options(options, tmp_path).isr is not None) == is_opened


@pytest.mark.parametrize(("named", "opened"), [((), "crisp"), (("--isr", "span-x4"), "span-x4")])
def test_the_keyframes_are_made_by_the_model_that_was_named(home, tmp_path, named, opened):
    inputs = ["evaluate", str(tmp_path / "clip.mp4"), "-o", str(tmp_path), "--cases", "isr", *named]
    options = make_parser().parse_args([*inputs, "--methods", "bicubic", "--device", "cpu"])
    assert benchmark_options(options, tmp_path).isr.name == opened


def test_two_methods_of_one_name_are_refused_instead_of_measured_as_one(home, network_file, tmp_path):
    with pytest.raises(InvalidSettings, match="two methods are called lite"):
        options_of(tmp_path, f"lite,weights:{network_file}")
    renamed = network_file.rename(tmp_path / "other.safetensors")
    methods = options_of(tmp_path, f"lite,weights:{renamed}").methods
    assert [method.name for method in methods] == ["lite", "other"]


def test_with_learning_each_network_is_measured_learnt_as_well(home, tmp_path):
    inputs = [
        "evaluate",
        str(tmp_path / "clip.mp4"),
        "-o",
        str(tmp_path),
        "--cases",
        "three",
        "--learn",
        "30",
    ]
    options = make_parser().parse_args([*inputs, "--methods", "bicubic,lite", "--device", "cpu"])
    methods = benchmark_options(options, tmp_path).methods
    assert [method.name for method in methods] == ["bicubic", "lite", "lite learnt"]
