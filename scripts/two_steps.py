"""Runs the tests in two steps: the fast ones, with the coverage they reach, then those marked `slow`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

LEAST_COVERED_FILES = 10


def run_steps(python: Path, folder: Path, environment: dict[str, str]) -> int:
    """Run the fast tests, then the slow ones; returns the status of the first step that fails, else 0.

    Args:
        python: with pytest and coverage.
        folder: of the tests and of the pyproject.toml with their settings.
        environment: of the tests' processes.
    """
    print("Fast tests, with coverage:", flush=True)
    measured = [str(python), "-m", "coverage", "run", "-m", "pytest", "-m", "not slow"]
    status = subprocess.call(measured, cwd=folder, env=environment | coverage_core(python))
    if status:
        return status
    print_coverage(python, folder, environment)
    print("Slow tests:", flush=True)
    return subprocess.call([str(python), "-m", "pytest", "-m", "slow"], cwd=folder, env=environment)


def coverage_core(python: Path) -> dict[str, str]:
    """The environment that makes measuring cheap: Python's own monitoring, which 3.12 and later have."""
    asked = [str(python), "-c", "import sys; sys.exit(sys.version_info < (3, 12))"]
    return {} if subprocess.call(asked) else {"COVERAGE_CORE": "sysmon"}


def print_coverage(python: Path, folder: Path, environment: dict[str, str]) -> None:
    """Print a line of the total, and the files of which the smallest share of lines ran."""
    report = [str(python), "-m", "coverage", "json", "-q", "-o", "-"]
    output = subprocess.run(
        report, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    content = json.loads(output)
    totals = content["totals"]
    print(
        f"Coverage by the fast tests' own process: {totals['percent_covered']:.1f} % of"
        f" {totals['num_statements']} statements. Least covered:",
    )
    shares = sorted((file["summary"]["percent_covered"], name) for name, file in content["files"].items())
    for share, name in shares[:LEAST_COVERED_FILES]:
        print(f"  {share:5.1f} %  {name}")
    sys.stdout.flush()
