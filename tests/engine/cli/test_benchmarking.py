"""What an evaluation opens follows from the cases it is asked for."""

import pytest

from sparkvsr_engine.cli.benchmarking import benchmark_options
from sparkvsr_engine.cli.parser import make_parser


@pytest.mark.parametrize(("cases", "is_opened"), [("none,three,degraded", False), ("none,isr", True)])
def test_the_image_model_is_opened_for_keyframes_it_makes_only(home, tmp_path, cases, is_opened):
    given = ["evaluate", str(tmp_path / "clip.mp4"), "-o", str(tmp_path), "--cases", cases]
    options = make_parser().parse_args([*given, "--methods", "bicubic", "--device", "cpu"])
    assert (benchmark_options(options, tmp_path).isr is not None) == is_opened
