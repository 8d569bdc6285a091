"""The environment an engine is started in: nothing of the host's Python or libraries, unless a site asks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sparkvsr_bridge.process import EngineProcess
from sparkvsr_bridge.system.environments import engine_environment
from tests.fakes.launching import ENGINE

HOST = {
    "HOME": "/home/artist",
    "PATH": "/usr/bin",
    "LANG": "de_DE.UTF-8",
    "OCIO": "/shows/a/config.ocio",
    "PYTHONHOME": "/opt/Nuke",
    "PYTHONPATH": "/opt/Nuke/plugins",
    "PYTHONUSERBASE": "/opt/Nuke/user",
    "LD_LIBRARY_PATH": "/opt/Nuke/lib",
    "DYLD_FRAMEWORK_PATH": "/opt/Nuke/frameworks",
}
REPORT = "import json, os, sys; json.dump([dict(os.environ), sys.path], open(sys.argv[1], 'w'))"


def test_variables_of_the_hosts_python_and_libraries_are_left_out():
    environment = engine_environment(HOST, "/opt/sparkvsr/bin/python")
    remaining = {name: HOST[name] for name in ("HOME", "PATH", "LANG", "OCIO")}
    assert environment == {**remaining, "PYTHONNOUSERSITE": "1"}


def test_a_site_keeps_the_variables_it_names():
    keep = {"SPARKVSR_KEEP_ENVIRONMENT": "LD_LIBRARY_PATH, PYTHONNOUSERSITE"}
    environment = engine_environment({**HOST, **keep}, "/opt/sparkvsr/bin/python")
    assert environment["LD_LIBRARY_PATH"] == "/opt/Nuke/lib"
    assert "PYTHONNOUSERSITE" not in environment
    assert "PYTHONPATH" not in environment


@pytest.mark.parametrize(
    ("platform", "program", "is_users_own"),
    [
        ("linux", "/home/artist/.local/bin/sparkvsr", True),
        ("linux", "/home/artist/Library/Python/3.13/bin/sparkvsr", False),
        ("darwin", "/home/artist/Library/Python/3.13/bin/sparkvsr", True),
        ("darwin", "/home/artist/.local/bin/sparkvsr", True),
        ("win32", "/profile/Python/Python313/Scripts/sparkvsr.exe", True),
        ("win32", "/home/artist/.local/bin/sparkvsr.exe", False),
        *((platform, "/home/artist/venv/bin/sparkvsr", False) for platform in ("linux", "darwin", "win32")),
    ],
)
def test_an_engine_in_the_users_own_folder_finds_its_packages_there(
    monkeypatch: pytest.MonkeyPatch, platform: str, program: str, is_users_own: bool
):
    monkeypatch.setattr("sys.platform", platform)
    environment = engine_environment({**HOST, "APPDATA": "/profile"}, program)
    assert ("PYTHONNOUSERSITE" not in environment) == is_users_own


@pytest.fixture
def poisoned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A host whose variables lead every Python to a library that cannot be imported."""
    library = tmp_path / "host library"
    library.mkdir()
    (library / "zmq.py").write_text("raise SystemError('this is the zmq of the host')\n")
    monkeypatch.setenv("PYTHONPATH", str(library))
    monkeypatch.setenv("PYTHONHOME", str(tmp_path / "no python here"))
    return library


def test_an_engine_started_from_a_poisoned_host_answers(home: Path, poisoned: Path):
    command = (sys.executable, str(ENGINE))
    process = EngineProcess(home, command, scrub_environment=True)
    with process.ensure() as client:
        assert client.hello().pid > 0
    assert process.stop()


def test_without_scrubbing_the_same_host_breaks_a_python(tmp_path: Path, poisoned: Path):
    broken = subprocess.run([sys.executable, "-c", "import zmq"], capture_output=True, check=False)
    assert broken.returncode != 0
    environment = engine_environment(os.environ, sys.executable)
    report = tmp_path / "report.json"
    command = [sys.executable, "-c", f"{REPORT}; import zmq", str(report)]
    subprocess.run(command, env=environment, check=True, timeout=60)
    variables, path = json.loads(report.read_text())
    assert variables["PYTHONNOUSERSITE"] == "1"
    assert str(poisoned) not in path
