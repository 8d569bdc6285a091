"""The bridge and the plugins run in hosts with Python 3.9."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from plugins.release.wheels import Wheel
from tests.fakes.host_pythons import fetched_wheel, require_python, run_python, unpack

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(path for package in ("bridge", "plugins") for path in (ROOT / package).rglob("*.py"))
PLATFORMS = {
    "linux": ("manylinux2014_x86_64",),
    "darwin": ("macosx_10_15_universal2",),
    "win32": ("win_amd64",),
}
PYZMQ = Wheel("3.9", "cp39", PLATFORMS[sys.platform])
IMPORT_ALL = """
import importlib, pkgutil, sys
assert sys.version_info[:2] == (3, 9), sys.version
import sparkvsr_bridge
for module in pkgutil.walk_packages(sparkvsr_bridge.__path__, "sparkvsr_bridge."):
    if not module.name.startswith("sparkvsr_bridge.timeline"):
        importlib.import_module(module.name)
from sparkvsr_bridge.messages import JobReply, JobReport
from sparkvsr_bridge.connections.wire import decode, encode, make_envelope
from sparkvsr_bridge.hosts.engine_place import EnginePlace
from sparkvsr_bridge.hosts.requests import ShotKeyframe, ShotRequest, revision_between
from sparkvsr_bridge.hosts.session import Session
from sparkvsr_bridge.hosts.trust import packed, unpacked
one = ShotRequest("/p.%04d.exr", 1, 9, {"scale": 2.0}, (ShotKeyframe(3),))
assert ShotRequest.from_json(one.to_json()) == one
assert revision_between(one, one).to_dict() == {}
assert unpacked(packed({1: 0.0, 3: 1.0}, 1, 3)) == [0.0, None, 1.0]
session = Session(EnginePlace(program="/not/there"))
session.do("look", lambda client: client)
news = []
while not any(type(one).__name__ == "Answer" for one in news):
    news += session.drain()
assert "/not/there is not there" in news[-1].error.message
session.close()
reply = JobReply(JobReport("a", 1, "queued", "s", "t", eta_seconds=1.5))
assert decode(encode(make_envelope(reply))).message == reply
"""


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_grammar_is_that_of_python_3_9(path: Path):
    ast.parse(path.read_text("utf-8"), str(path), feature_version=(3, 9))


def test_a_real_python_3_9_imports_and_uses_the_bridge(tmp_path: Path):
    python = require_python("3.9")
    pyzmq = unpack(fetched_wheel(PYZMQ), tmp_path)
    done = run_python(python, IMPORT_ALL, ROOT / "bridge", pyzmq)
    assert done.returncode == 0, done.stderr
