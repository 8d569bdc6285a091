"""Commands in messages reach the Python that lacks the package, in the shell of the system."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest

from sparkvsr_bridge.system.installing import install_command, uninstall_command
from sparkvsr_engine.doctor import check_machine

ROOT = Path(__file__).resolve().parents[2]


def test_the_command_names_this_python_and_a_shell_reads_it_back():
    python = "/opt/studio tools/bin/python3"
    command = install_command("sparkvsr[colour]", python=python, is_windows=False)
    assert shlex.split(command) == [python, "-m", "pip", "install", "sparkvsr[colour]"]
    assert sys.executable in install_command("sparkvsr[colour]")


@pytest.mark.parametrize(
    ("python", "is_windows", "beginning"),
    [
        ("/opt/studio tools/bin/python3", False, '"/opt/studio tools/bin/python3" -m pip install'),
        ("C:\\Users\\Ada Lovelace\\venv\\Scripts\\python.exe", True, '& "C:\\Users\\Ada Lovelace'),
        ("C:\\venv\\Scripts\\python.exe", True, "C:\\venv\\Scripts\\python.exe -m pip install"),
        ("/usr/local/Nuke16.0v4/Nuke16.0", False, "python -m pip install"),
        ("", False, "python -m pip install"),
    ],
)
def test_folders_with_spaces_and_hosts_have_a_command_too(python: str, is_windows: bool, beginning: str):
    assert install_command("pyzmq", python=python, is_windows=is_windows).startswith(beginning)


@pytest.mark.parametrize(
    ("python", "is_windows", "command"),
    [
        ("/home/ada/.local/share/pipx/venvs/sparkvsr/bin/python", False, "pipx uninstall sparkvsr"),
        ("C:\\Users\\Ada\\pipx\\venvs\\sparkvsr\\Scripts\\python.exe", True, "pipx uninstall sparkvsr"),
        ("/home/ada/.local/share/uv/tools/sparkvsr/bin/python3", False, "uv tool uninstall sparkvsr"),
        (
            "C:\\Users\\Ada\\AppData\\Roaming\\uv\\tools\\sparkvsr\\Scripts\\python.exe",
            True,
            "uv tool uninstall",
        ),
        ("/home/ada/uv/venv/bin/python", False, "/home/ada/uv/venv/bin/python -m pip uninstall sparkvsr"),
    ],
)
def test_the_program_is_taken_out_by_the_tool_that_put_it_in(python: str, is_windows: bool, command: str):
    assert uninstall_command(python, is_windows).startswith(command)


def test_no_message_names_a_pip_of_some_other_python():
    """A bare `pip install` of the source would go to the first Python of the search path."""
    sources = [
        path
        for package in ("bridge", "sparkvsr", "sparkvsr_engine", "sparkvsr_window")
        for path in (ROOT / package).rglob("*.py")
    ]
    bare = [
        path.relative_to(ROOT).as_posix()
        for path in sources
        if re.search(r"pip (un)?install", path.read_text("utf-8"))
        and path.name not in ("installing.py", "environments.py")
    ]
    assert bare == []


def test_the_doctor_mends_what_is_optional_by_this_python():
    remedies = [check.remedy for check in check_machine() if "sparkvsr[" in check.remedy]
    assert all(sys.executable in remedy for remedy in remedies)
