"""What every test stands on: its own home folder, marks that need hardware, one flag for goldens."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Nothing is asserted on time: a busy machine must not fail a property that holds.
settings.register_profile("sparkvsr", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("sparkvsr")


# Far above what `slow` begins at, so that a busy machine does not fill the list.
LONG_SECONDS = 8.0
MOST_LISTED = 10


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--regenerate-goldens", action="store_true", help="write tests/data/golden anew instead of comparing"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine cannot run."""
    needs = {
        "gpu": (shutil.which("nvidia-smi") is not None, "needs a CUDA device"),
        "host": ("SPARKVSR_HOST_TESTS" in os.environ, "needs a host program; set SPARKVSR_HOST_TESTS=1"),
    }
    for item in items:
        for mark, (is_there, reason) in needs.items():
            if item.get_closest_marker(mark) and not is_there:
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List tests that took long without being marked for it. Nothing fails by time."""
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    unmarked = long_without_mark(reports)
    if unmarked:
        terminalreporter.section(f"over {LONG_SECONDS:.0f} s and not marked slow")
        for line in unmarked:
            terminalreporter.write_line(line)


def long_without_mark(reports: Iterable[object]) -> list[str]:
    """Seconds and names of the longest tests that are not marked slow, set-up and tear-down included."""
    seconds: Counter[str] = Counter()
    for report in reports:
        if isinstance(report, pytest.TestReport) and "slow" not in report.keywords:
            seconds[report.nodeid] += report.duration  # type: ignore[assignment]  # a Counter adds floats too
    longest = [(count, name) for name, count in seconds.most_common(MOST_LISTED) if count > LONG_SECONDS]
    return [f"{count:.1f} s {name}" for count, name in longest]


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home folder of this test's engine: never the user's own, and short enough for sockets."""
    folder = Path(tempfile.mkdtemp(prefix="svsr-"))
    monkeypatch.setenv("SPARKVSR_HOME", str(folder))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
