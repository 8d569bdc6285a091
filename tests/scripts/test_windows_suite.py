"""What became of the tests on Windows, from reports and from the logs of runs that were ended."""

from __future__ import annotations

import os
from pathlib import Path

from scripts.windows_suite import latest_outcomes, read_log, report_path

LOG = """created: 2/2 workers
[gw0] [  1%] PASSED tests/engine/media/test_probe.py::test_a_movie[mp4-1::2]
tests/engine/media/test_probe.py::test_that_hangs
[gw1] [  2%] FAILED tests/engine/media/test_probe.py::TestKinds::test_one
[gw1] [100%] SKIPPED tests/window/test_widgets.py::test_a_button
"""
REPORT = """<testsuites><testsuite name="pytest">
<testcase classname="tests.engine.media.test_probe.TestKinds" name="test_one" time="1.5" />
<testcase classname="tests.window.test_widgets" name="test_a_button" time="0">
<skipped message="no Qt" />
</testcase></testsuite></testsuites>
"""


def test_a_log_names_tests_as_a_report_does(tmp_path: Path):
    (tmp_path / "a.log").write_text(LOG)
    assert {name: outcome.kind for name, outcome in read_log(tmp_path / "a.log").items()} == {
        "tests.engine.media.test_probe::test_a_movie[mp4-1::2]": "passed",
        "tests.engine.media.test_probe.TestKinds::test_one": "failed",
        "tests.window.test_widgets::test_a_button": "skipped",
    }


def test_the_last_outcome_counts_and_a_report_more_than_its_own_log(tmp_path: Path):
    for name, text, moment in (("a.log", LOG, 10), ("b.log", LOG, 30), ("b.xml", REPORT, 20)):
        (tmp_path / name).write_text(text)
        os.utime(tmp_path / name, (moment, moment))
    outcomes = latest_outcomes(tmp_path)
    assert outcomes["tests.engine.media.test_probe.TestKinds::test_one"].kind == "passed"
    assert outcomes["tests.window.test_widgets::test_a_button"].reason == "no Qt"
    assert len(outcomes) == 3


def test_reports_of_long_lists_have_names_of_their_own_that_a_disk_takes(tmp_path: Path):
    lists = [",".join(f"tests/engine/jobs/test_{number}.py" for number in range(count)) for count in (30, 31)]
    paths = {report_path(tmp_path, tests) for tests in lists}
    assert len(paths) == 2
    for path in paths:
        path.touch()
        path.with_suffix(".log").touch()
