"""A host without a working pyzmq starts, reads its files and draws its panels."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
IMPORT_HOSTS = """
import sys
class Broken:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "zmq":
            raise ImportError("this zmq is of another host")
sys.meta_path.insert(0, Broken())
import importlib, pkgutil
import sparkvsr_bridge, sparkvsr_bridge.hosts
for module in pkgutil.iter_modules(sparkvsr_bridge.hosts.__path__):
    importlib.import_module(f"sparkvsr_bridge.hosts.{module.name}")
assert not [name for name in sys.modules if name.split(".")[0] in ("zmq", "numpy", "PySide2")]
from sparkvsr_bridge.hosts.engine_place import EnginePlace
from sparkvsr_bridge.hosts.session import Session
session = Session(EnginePlace(program=sys.executable))
session.do("look", lambda client: client.hello())
answer = None
while answer is None:
    answer = next((news for news in session.drain() if getattr(news, "token", "") == "look"), None)
assert "zmq is of another host" in str(answer.error), answer
session.close()
"""


def test_the_plugins_modules_load_no_pyzmq_and_the_session_reports_a_broken_one():
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_HOSTS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
