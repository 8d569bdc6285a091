"""'Run in your Nuke': checks everything between Nuke and upscaled frames and writes a report."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Optional

import nuke

from .following import jobs

REPORT_NAME = "sparkvsr-nuke-report.txt"


def run(folder: Optional[Path] = None) -> str:
    """Start the test; the report follows. folder: where it is written. Returns the request's token."""
    from .bridge_link import self_test as checks

    place = folder or Path(tempfile.gettempdir())
    host = f"Nuke {nuke.NUKE_VERSION_STRING}"
    host_checks = [*checks.host_checks(host, "Plugin", str(place)), *graph_checks(checks)]

    def answered(engine_checks: Any, error: Optional[Exception]) -> None:
        results = list(host_checks)
        if error is not None:
            results.append(checks.Check("Engine", False, jobs.sentence_of(error)))
        else:
            results += engine_checks
        path = place / REPORT_NAME
        try:
            path.write_text(checks.report(results), encoding="utf-8")
        except OSError as problem:
            jobs.show_info(f"The report cannot be written to {path} ({problem.strerror}).")
        else:
            jobs.show_info(f"The self-test's report is {path}.")
        jobs.set_step(token, "")

    token = jobs.run_task(checks.run, answered, beside=True)
    jobs.set_step(token, "Running the self-test")
    return token


def graph_checks(checks: Any) -> list[Any]:
    """Whether this Nuke builds the node as the plugin expects it; the node is removed again."""
    from .node.graph import create
    from .node.quiet import quietly

    with quietly():
        try:
            node = create()
        except Exception as error:
            return [checks.Check("Node", False, f"{type(error).__name__}: {error}")]
        try:
            names = sorted(node.name() for node in node.nodes())
            gui = node.node("result_none")["on_error"].value()
            return [checks.Check("Node", True, f"{', '.join(names)}; on_error is '{gui}'")]
        finally:
            nuke.delete(node)
