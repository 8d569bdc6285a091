# SPDX-License-Identifier: Apache-2.0
"""'Run it in your Resolve': everything between a timeline and upscaled frames, and what no document has,
measured.

The report is a text file that users send.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import List, Optional

from .bridge_link import EngineClient, errors, self_test
from .connections.connection_state import after_answer
from .connections.host import Host
from .connections.python_probe import ProbeReport
from .refusals import Refused

REPORT_NAME = "sparkvsr-resolve-report.txt"
FRAMES = 24
QUESTIONS = (
    "Preference 'Automatic scripted actions' (Allow all / Ask / Off), if this Resolve has it:",
    "After the self-test, press undo on the Edit page twice: what did each step take back?",
    "Is the start timecode of the numbered pictures above the one you expect?",
)


def run(probe: ProbeReport, host: Optional[Host], client: Optional[EngineClient], problem: str = "") -> str:
    """The report as text. host, client: None where they cannot be reached. problem: why the engine cannot."""
    checks: List[self_test.Check] = []
    python = probe.python
    checks.append(
        self_test.Check(
            "Python for Resolve",
            python is not None,
            f"{python.version} at {python.path}" if python is not None else probe.reason,
        )
    )
    checks += _resolve_checks(host) if host is not None else []
    checks += self_test.run(client) if client is not None else [self_test.Check("Engine", False, problem)]
    lines = [self_test.report(checks), "Please answer by hand:", *(f"- {text}" for text in QUESTIONS), ""]
    return "\n".join(lines)


def write(text: str, path: Path) -> Path:
    """Write the report. Raises Refused."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refused(
            f"The report cannot be written to {path} ({error.strerror}); name another file."
        ) from error
    return path


def _resolve_checks(host: Host) -> List[self_test.Check]:
    """What is open, and the measurements, where there is a project to make them in."""
    try:
        facts = host.state()
    except Refused as error:
        return [self_test.Check("Resolve", False, str(error))]
    state = after_answer(facts)
    checks = [
        self_test.Check(
            "Resolve",
            bool(facts.project),
            f"{facts.product} {facts.version_text}, page {facts.page or 'unknown'}. {state.sentence}",
        )
    ]
    if facts.project:
        checks += _measurements(host)
    return checks


def _measurements(host: Host) -> List[self_test.Check]:
    with tempfile.TemporaryDirectory(prefix="sparkvsr-resolve-") as folder:
        pattern = self_test.write_pictures(Path(folder), range(1, FRAMES + 1))
        try:
            measured = host.measure(pattern)
        except (Refused, errors.SparkVSRError) as error:
            return [self_test.Check("Measurements", False, str(error))]
    return [self_test.Check(name, not text.startswith("failed"), text) for name, text in measured.items()]
