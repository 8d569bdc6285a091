"""The bridge and the plugins run in hosts with Python 3.9."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(path for room in ("bridge", "plugins") for path in (ROOT / room).rglob("*.py"))
IMPORT_ALL = """
import importlib, pkgutil, sys
assert sys.version_info[:2] == (3, 9), sys.version
import bridge
for module in pkgutil.walk_packages(bridge.__path__, "bridge."):
    if not module.name.startswith("bridge.timeline"):
        importlib.import_module(module.name)
from bridge.messages import JobReply, JobReport
from bridge.wire import decode, encode, make_envelope
reply = JobReply(JobReport("a", 1, "queued", "s", "t", eta_seconds=1.5))
assert decode(encode(make_envelope(reply))).message == reply
"""


def host_python() -> str | None:
    """A Python 3.9 with pyzmq: SPARKVSR_PYTHON39, or `python3.9` on the path."""
    named = os.environ.get("SPARKVSR_PYTHON39") or shutil.which("python3.9")
    if named is None:
        return None
    found = subprocess.run([named, "-c", "import zmq"], capture_output=True, timeout=60, check=False)
    return named if found.returncode == 0 else None


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_grammar_is_that_of_python_3_9(path: Path):
    ast.parse(path.read_text("utf-8"), str(path), feature_version=(3, 9))


def test_a_real_python_3_9_imports_and_uses_the_bridge():
    python = host_python()
    if python is None:
        pytest.skip("no Python 3.9 with pyzmq; name one with SPARKVSR_PYTHON39")
    done = subprocess.run(
        [python, "-c", IMPORT_ALL], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
