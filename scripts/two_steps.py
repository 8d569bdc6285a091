"""Runs the tests in two steps: the fast ones, with coverage where it is cheap, then those marked `slow`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

LEAST_COVERED_FILES = 10
# The files of tests are shared out to two processes: many tests wait, for an engine that starts or ends. More
# than two would want more memory than a small machine has.
PARALLEL = ("-n", str(min(2, os.cpu_count() or 1)), "--dist", "loadfile")


def run_steps(python: Path, folder: Path, environment: dict[str, str]) -> int:
    """Run the fast tests, then the slow ones; returns the status of the first step that fails, else 0.

    Coverage is measured where it is cheap, by Python 3.12 and later, or where SPARKVSR_COVERAGE is 1.

    Args:
        python: with pytest and coverage.
        folder: of the tests and of the pyproject.toml with their settings.
        environment: of the tests' processes.
    """
    is_cheap = is_monitored(python)
    measures = is_cheap or environment.get("SPARKVSR_COVERAGE") == "1"
    print("Fast tests, with coverage:" if measures else "Fast tests:", flush=True)
    # Coverage is that of one process.
    program = ["coverage", "run", "-m", "pytest"] if measures else ["pytest", *PARALLEL]
    core = {"COVERAGE_CORE": "sysmon"} if is_cheap else {}
    status = subprocess.call(
        [str(python), "-m", *program, "-m", "not slow"], cwd=folder, env=environment | core
    )
    if status:
        return status
    if measures:
        print_coverage(python, folder, environment)
    print("Slow tests:", flush=True)
    program = [str(python), "-m", "pytest", *PARALLEL]
    return subprocess.call([*program, "-m", "slow"], cwd=folder, env=environment)


def is_monitored(python: Path) -> bool:
    """Whether a Python watches its own lines (3.12 and later); tracing costs the fast step a third."""
    return subprocess.call([str(python), "-c", "import sys; sys.exit(sys.version_info < (3, 12))"]) == 0


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
