"""The tests on Windows, by Wine: `windows_suite.py FOLDER [TESTS...]`, one group of tests after another.

Runs `windows_check.sh FOLDER` with pytest for each group (a folder of tests with everything below it) and
prints a row of a Markdown table for each: passed, skipped, failed, minutes. Below it stand the reasons of the
skips and the names of the failures. A test that hangs or takes its process with it counts as a failure; the
rest of its group goes on.
`--table` prints the table of the reports that are there, without a run.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
# Where the tests of a folder take long, its subfolders are groups of their own.
SPLIT = ("tests", "tests/engine", "tests/engine/models", "tests/plugins")


@dataclass(frozen=True)
class GroupReport:
    """What became of one group of tests."""

    tests: str
    passed: int
    skips: Counter[str]
    failures: tuple[str, ...]
    seconds: float

    @property
    def row(self) -> str:
        """Its row of the table."""
        skipped = sum(self.skips.values())
        minutes = f"{self.seconds / 60:.1f}"
        return f"| `{self.tests}` | {self.passed} | {skipped} | {len(self.failures)} | {minutes} |"


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
    """Where the JUnit report of a group lies."""
    return reports / f"{tests.replace('/', '-')}.xml"


def run_group(folder: Path, tests: str, *, timeout: int, workers: int) -> None:
    """Run one group under Wine; its report and its log lie in `FOLDER/w/reports`."""
    reports = folder / "w" / "reports"
    reports.mkdir(parents=True, exist_ok=True)
    path = report_path(reports, tests)
    path.unlink(missing_ok=True)
    command = [str(ROOT / "scripts" / "windows_check.sh"), str(folder), "python", "-u", "-m", "pytest", tests]
    # A worker process that a test ends, or that is ended at the time limit, is replaced by another.
    command += ["-v", "-n", str(workers), f"--timeout={timeout}", "--max-worker-restart=50"]
    command += [f"--junitxml=Z:\\w\\reports\\{path.name}"]
    with path.with_suffix(".log").open("wb") as log:
        subprocess.run(command, stdin=subprocess.PIPE, stdout=log, stderr=log, check=False)


def read_report(path: Path, tests: str) -> GroupReport:
    """The figures of a JUnit report."""
    suite = next(ElementTree.parse(path).getroot().iter("testsuite"))
    skips: Counter[str] = Counter()
    failures: set[str] = set()
    passed = 0
    for case in suite.iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        skip = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            failures.add(name)
        elif skip is not None:
            skips[skip.get("message") or ""] += 1
        else:
            passed += 1
    return GroupReport(tests, passed, skips, tuple(sorted(failures)), float(suite.get("time") or 0))


def print_table(reports: list[GroupReport]) -> None:
    """The table, the reasons of the skips, the names of the failures."""
    print("| tests | passed | skipped | failed | minutes |\n|---|---|---|---|---|")
    for report in reports:
        print(report.row)
    skips = sum((report.skips for report in reports), Counter[str]())
    total = GroupReport(
        "all",
        sum(report.passed for report in reports),
        skips,
        tuple(name for report in reports for name in report.failures),
        sum(report.seconds for report in reports),
    )
    print(total.row, "\n\n| reason of a skip | tests |\n|---|---|", sep="")
    for reason, count in skips.most_common():
        print(f"| {reason} | {count} |")
    for name in total.failures:
        print(f"\nfailed: {name}", end="")
    print()


def main(arguments: list[str]) -> int:
    """Run the groups, print the table; status 1 when a test failed or a group has no report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, help="the folder of windows_check.sh")
    parser.add_argument("tests", nargs="*", help="folders or files of tests; without any, all")
    parser.add_argument("--table", action="store_true", help="print the reports that are there, run nothing")
    parser.add_argument("--timeout", type=int, default=900, help="seconds a test may take")
    parser.add_argument("--workers", type=int, default=2, help="tests at the same time")
    options = parser.parse_intermixed_args(arguments)
    reports: list[GroupReport] = []
    is_complete = True
    for tests in options.tests or groups_of_tests():
        if not options.table:
            run_group(options.folder, tests, timeout=options.timeout, workers=options.workers)
        path = report_path(options.folder / "w" / "reports", tests)
        if path.is_file():
            reports.append(read_report(path, tests))
            print(reports[-1].row, file=sys.stderr, flush=True)
        elif not options.table:
            is_complete = False
            print(f"{tests}: no report; see {path.with_suffix('.log')}", file=sys.stderr, flush=True)
    print_table(reports)
    return 0 if is_complete and not any(report.failures for report in reports) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
