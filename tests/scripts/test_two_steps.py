"""The tests are run in two steps: those that are not slow, with coverage, then the slow ones."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal

import pytest

from scripts.two_steps import run_steps
from tests.conftest import LONG_SECONDS, MOST_LISTED, long_without_mark

SETTINGS = """
[tool.coverage.run]
source = ["measured"]
[tool.pytest.ini_options]
markers = ["slow: slow"]
pythonpath = ["."]
"""
MODULE = "def doubled(number):\n    return 2 * number\n\n\ndef unused():\n    return 1\n"
QUICK = "from measured.numbers import doubled\n\n\ndef test_quick():\n    assert doubled(2) == {}\n"
SLOW = "import pytest\n\n\n@pytest.mark.slow\ndef test_slow():\n    assert 1 == {}\n"


def steps_of(
    folder: Path, capfd: pytest.CaptureFixture[str], doubled: int = 4, one: int = 1, coverage: str = "1"
):
    """The status of both steps and the lines they print, over one quick and one slow test."""
    (folder / "measured").mkdir()
    (folder / "measured" / "numbers.py").write_text(MODULE)
    (folder / "measured" / "idle.py").write_text("number = 1\n")
    (folder / "pyproject.toml").write_text(SETTINGS)
    (folder / "test_quick.py").write_text(QUICK.format(doubled))
    (folder / "test_slow.py").write_text(SLOW.format(one))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    status = run_steps(Path(sys.executable), folder, environment | {"SPARKVSR_COVERAGE": coverage})
    return status, capfd.readouterr().out.splitlines()


@pytest.mark.slow
def test_both_steps_run_and_the_slow_ones_summary_is_last(tmp_path, capfd):
    status, lines = steps_of(tmp_path, capfd)
    summaries = [line for line in lines if "passed" in line]
    assert status == 0
    # Tests in two processes are deselected there, and are not counted here.
    assert [" 1 passed" in line for line in summaries] == [True, True]
    assert not any("failed" in line for line in summaries)
    assert lines[-1] == summaries[-1]
    assert "Coverage by the fast tests' own process: 60.0 % of 5 statements. Least covered:" in lines
    least = lines.index("    0.0 %  measured/idle.py".replace("/", os.sep))
    assert lines[least + 1] == "   75.0 %  measured/numbers.py".replace("/", os.sep)


@pytest.mark.slow
def test_coverage_is_left_out_where_it_is_not_asked_for_and_dear(tmp_path, capfd):
    status, lines = steps_of(tmp_path, capfd, coverage="")
    is_cheap = sys.version_info >= (3, 12)
    assert status == 0
    assert any("Coverage" in line for line in lines) == is_cheap
    assert " 1 passed" in lines[-1]


@pytest.mark.slow
def test_a_fast_test_that_fails_ends_it(tmp_path, capfd):
    status, lines = steps_of(tmp_path, capfd, doubled=5)
    assert status == 1
    assert "1 failed, 1 deselected" in lines[-1]
    assert "Slow tests:" not in lines


@pytest.mark.slow
def test_a_slow_test_that_fails_is_the_status(tmp_path, capfd):
    status, lines = steps_of(tmp_path, capfd, one=2)
    assert status == 1
    assert " 1 failed" in lines[-1]


def report_of(name: str, seconds: float, *marks: str) -> pytest.TestReport:
    place = ("test_a.py", 1, name)
    keywords: dict[str, Literal[1]] = dict.fromkeys(marks, 1)
    return pytest.TestReport(name, place, keywords, "passed", None, "call", duration=seconds)


def test_long_tests_without_the_mark_are_listed():
    half = 0.6 * LONG_SECONDS
    reports = [report_of("twice", half), report_of("marked", 99, "slow"), report_of("twice", half), object()]
    assert long_without_mark(reports) == [f"{2 * half:.1f} s twice"]
    many = [report_of(f"test_{number}", 20 + number) for number in range(MOST_LISTED + 5)]
    assert long_without_mark(many)[0] == f"{20 + MOST_LISTED + 4}.0 s test_{MOST_LISTED + 4}"
    assert len(long_without_mark(many)) == MOST_LISTED
