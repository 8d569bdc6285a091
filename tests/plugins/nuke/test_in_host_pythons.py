"""The plugin's tests in the Pythons and Qts that Nuke has: 3.9 and 3.10 with PySide2, 3.11 with PySide6.

`scripts/nuke_hosts.py` makes them; SPARKVSR_NUKE_PYTHON39, ...310 and ...311 name others. One that is absent
is skipped, and the reason names how to get it. SPARKVSR_NUKE_REQUIRED=1 makes an absent one a failure.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.code_path import CODE_PATH
from tests.plugins.nuke.conftest import ROOT

INSIDE = "SPARKVSR_INSIDE_NUKE_HOST"
HERE = Path(__file__).parent
HOSTS = {"39": "PySide2", "310": "PySide2", "311": "PySide6"}
LOOK = (
    "import sys, tkinter, zmq, numpy, OpenImageIO, pytest, hypothesis, {qt}.QtWidgets\n"
    "print(sys.version_info[:2])"
)

pytestmark = pytest.mark.skipif(INSIDE in os.environ, reason="this is a host's Python already")


def host_python(name: str) -> str:
    """The interpreter of a generation. Skips, or fails where all are required, with the reason."""
    named = os.environ.get(f"SPARKVSR_NUKE_PYTHON{name}")
    python = named or str(ROOT / ".venv-nuke" / f"py{name}" / "bin" / "python")
    expected = f"(3, {name[1:]})"
    done = subprocess.CompletedProcess([], 1, "", "it is not there")
    if Path(python).is_file():
        look = [python, "-c", LOOK.format(qt=HOSTS[name])]
        done = subprocess.run(look, capture_output=True, text=True, timeout=120, check=False)
    if done.stdout.strip() == expected:
        return python
    problem = (done.stderr.strip() or done.stdout)[-200:]
    reason = (
        f"NO PYTHON OF NUKE: 3.{name[1:]} with {HOSTS[name]} at {python}: {problem};"
        f" run scripts/nuke_hosts.py or set SPARKVSR_NUKE_PYTHON{name}"
    )
    if os.environ.get("SPARKVSR_NUKE_REQUIRED") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
    raise AssertionError


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", HOSTS)
def test_everything_passes_in_a_python_of_nuke(name: str):
    python = host_python(name)
    environment = {**os.environ, INSIDE: "1", "SPARKVSR_TEST_ENGINE_PYTHON": sys.executable}
    environment["PYTHONPATH"] = CODE_PATH
    environment["QT_QPA_PLATFORM"] = "offscreen"
    done = subprocess.run(
        [python, "-m", "pytest", str(HERE), "-p", "no:cacheprovider", "-rs"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=1700,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    assert "has neither PySide6 nor PySide2" not in done.stdout
