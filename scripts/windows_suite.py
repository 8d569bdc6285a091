"""The tests on Windows, by Wine: `windows_suite.py FOLDER [TESTS...]`, one group of tests after another.

Runs `windows_check.sh FOLDER` with pytest for each group (a folder of tests with everything below it), then
prints a Markdown table of all groups that have reports in `FOLDER/w/reports`: of every test its last outcome,
so that a part can be run again. Below it stand the reasons of the skips and the names of the failures. A test
that hangs or takes its process with it counts as a failure; the rest of its group goes on. Of a group that
was ended the log has the outcomes up to then. `A,B` is one group, which spares a start. `--table`
prints the table without a run.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
# What pytest-xdist writes of a test that ended.
_LOGGED = re.compile(r"^\[gw\d+\] \[ *\d+%\] (PASSED|SKIPPED|FAILED|ERROR) (\S.*?) *$", re.MULTILINE)
_LONGEST_NAME = 120
# Where the tests of a folder take long, its subfolders are groups of their own.
SPLIT = ("tests", "tests/engine", "tests/engine/models", "tests/plugins")


Kind = Literal["passed", "skipped", "failed"]
_KINDS: dict[str, Kind] = {"PASSED": "passed", "SKIPPED": "skipped", "FAILED": "failed", "ERROR": "failed"}


@dataclass(frozen=True)
class Outcome:
    """What became of one test. reason: of a skip."""

    kind: Kind
    seconds: float
    reason: str = ""


def groups_of_tests() -> list[str]:
    """The groups, as paths below the checkout, in the order of their names."""
    folders: list[str] = []
    for folder in SPLIT:
        for path in sorted((ROOT / folder).iterdir()):
            name = f"{folder}/{path.name}"
            if path.is_dir() and name not in SPLIT and any(path.rglob("test_*.py")):
                folders.append(name)
        folders += [f"{folder}/{path.name}" for path in sorted((ROOT / folder).glob("test_*.py"))]
    return folders


def report_path(reports: Path, tests: str) -> Path:
    """Where the JUnit report of a group lies; a long list of tests is shortened, as disks take 255 bytes."""
    name = tests.replace("/", "-").replace(",", "+")
    if len(name) > _LONGEST_NAME:
        name = f"{name[:_LONGEST_NAME]}-{hashlib.sha256(tests.encode()).hexdigest()[:8]}"
    return reports / f"{name}.xml"


def run_group(folder: Path, tests: str, *, timeout: int, workers: int, marks: str) -> None:
    """Run one group under Wine; its report and its log lie in `FOLDER/w/reports`."""
    reports = folder / "w" / "reports"
    reports.mkdir(parents=True, exist_ok=True)
    path = report_path(reports, tests)
    path.unlink(missing_ok=True)
    command = [str(ROOT / "scripts" / "windows_check.sh"), str(folder), "python", "-u", "-m", "pytest"]
    # A worker process that a test ends, or that is ended at the time limit, is replaced by another.
    command += [
        *tests.split(","),
        "-vv",
        "-n",
        str(workers),
        f"--timeout={timeout}",
        "--max-worker-restart=50",
    ]
    command += ["-m", marks, f"--junitxml=Z:\\w\\reports\\{path.name}"]
    with path.with_suffix(".log").open("wb") as log:
        subprocess.run(command, stdin=subprocess.PIPE, stdout=log, stderr=log, check=False)


def read_report(path: Path) -> dict[str, Outcome]:
    """The outcomes of a JUnit report, by the tests' names."""
    outcomes: dict[str, Outcome] = {}
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        seconds = float(case.get("time") or 0)
        skip = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            outcomes[name] = Outcome("failed", seconds)
        elif skip is not None:
            outcomes[name] = Outcome("skipped", seconds, skip.get("message") or "")
        elif name not in outcomes:
            outcomes[name] = Outcome("passed", seconds)
    return outcomes


def read_log(path: Path) -> dict[str, Outcome]:
    """The outcomes in a log, without seconds and reasons, under the names a report has."""
    outcomes: dict[str, Outcome] = {}
    for word, test in _LOGGED.findall(path.read_text("utf-8", "replace")):
        file, *names = re.split(r"::(?![^\[]*\])", test)
        module = ".".join([file.removesuffix(".py").replace("/", "."), *names[:-1]])
        outcomes[f"{module}::{names[-1]}"] = Outcome(_KINDS[word], 0.0, "its run was ended")
    return outcomes


def latest_outcomes(reports: Path) -> dict[str, Outcome]:
    """Of every test that has a report, or a log without one, what became of it last."""
    logs = [path for path in reports.glob("*.log") if not path.with_suffix(".xml").is_file()]
    outcomes: dict[str, Outcome] = {}
    for path in sorted([*reports.glob("*.xml"), *logs], key=lambda path: path.stat().st_mtime):
        outcomes.update(read_report(path) if path.suffix == ".xml" else read_log(path))
    return outcomes


def row_of(tests: str, outcomes: Iterable[Outcome]) -> str:
    """A row of the table."""
    outcomes = list(outcomes)
    counts = Counter(outcome.kind for outcome in outcomes)
    minutes = sum(outcome.seconds for outcome in outcomes) / 60
    return f"| `{tests}` | {counts['passed']} | {counts['skipped']} | {counts['failed']} | {minutes:.1f} |"


def print_table(outcomes: dict[str, Outcome]) -> None:
    """The table, the reasons of the skips, the names of the failures."""
    print("| tests | passed | skipped | failed | minutes |\n|---|---|---|---|---|")
    for tests in groups_of_tests():
        start = tests.removesuffix(".py").replace("/", ".")
        group = [
            outcome for name, outcome in outcomes.items() if re.match(rf"{re.escape(start)}(\.|::)", name)
        ]
        if group:
            print(row_of(tests, group))
    print(row_of("all", outcomes.values()), "\n\n| reason of a skip | tests |\n|---|---|", sep="")
    skips = Counter(outcome.reason for outcome in outcomes.values() if outcome.kind == "skipped")
    for reason, count in skips.most_common():
        print(f"| {reason} | {count} |")
    for name, outcome in outcomes.items():
        if outcome.kind == "failed":
            print(f"\nfailed: {name}", end="")
    print()


def main(arguments: list[str]) -> int:
    """Run the groups, print the table; status 1 when a test of them failed or a group has no report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, help="the folder of windows_check.sh")
    parser.add_argument("tests", nargs="*", help="folders or files of tests; without any, all")
    parser.add_argument("--table", action="store_true", help="print the reports that are there, run nothing")
    parser.add_argument("--timeout", type=int, default=900, help="seconds a test may take")
    parser.add_argument("--workers", type=int, default=2, help="tests at the same time")
    parser.add_argument("--marks", default="", help="as pytest's -m; 'not slow' leaves the slow ones out")
    options = parser.parse_intermixed_args(arguments)
    reports = options.folder / "w" / "reports"
    is_good = True
    for tests in () if options.table else options.tests or groups_of_tests():
        limits = {"timeout": options.timeout, "workers": options.workers, "marks": options.marks}
        run_group(options.folder, tests, **limits)
        path = report_path(reports, tests)
        outcomes = read_report(path) if path.is_file() else {}
        # Without a report pytest did not come to its end.
        is_good &= bool(outcomes) and all(outcome.kind != "failed" for outcome in outcomes.values())
        print(row_of(tests, outcomes.values()), file=sys.stderr, flush=True)
    print_table(latest_outcomes(reports))
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
