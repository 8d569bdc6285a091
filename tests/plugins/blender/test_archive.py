"""The extension's archive in Blender's own hands, and `sparkvsr plugins`: validated, installed, set up."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from sparkvsr_engine.cli import main
from sparkvsr_engine.cli.upkeep import plugin_commands
from tests.fakes.programs import write_program
from tests.plugins.blender.conftest import ROOT, Blender

# Blender's module has no program, and starts without the user's preferences. This does with it what Blender's
# program does; the work is Blender's own code.
PROGRAM = """#!{python}
import os, sys
import bpy
given, status = sys.argv[1:], 0
if given == ["--version"]:
    print("Blender", bpy.app.version_string)
elif given[:2] == ["--command", "extension"]:
    from bl_pkg import bl_extension_cli
    status = bl_extension_cli.cli_extension_handler(given[2:])
else:
    bpy.ops.wm.read_userpref()
    exec(given[given.index("--python-expr") + 1])
sys.stdout.flush()
os._exit(status)
"""
LOOK = """
import bpy
found = bpy.context.preferences.addons["bl_ext.user_default.sparkvsr"].preferences
print("PROGRAM", found.program)
"""
ENABLED = """
import bpy
print("ENABLED", "bl_ext.user_default.sparkvsr" in bpy.context.preferences.addons)
"""


@pytest.fixture
def wheels(archive: Path) -> None:
    """pyzmq's wheels where the engine keeps them: fetched once for all tests."""
    shutil.copytree(ROOT / "build" / "wheels", plugin_commands.wheel_folder())


@pytest.fixture
def program(blender: Blender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Blender's program, in a home folder of its own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ".config"))
    if not blender.is_module:
        return blender.program
    path = tmp_path / "blender"
    path.write_text(PROGRAM.format(python=blender.program))
    path.chmod(0o755)
    return path


def output_of(program: Path, *arguments: str) -> str:
    done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def files_of_the_extension(home: Path) -> list[Path]:
    """Everything of the extension in Blender's folders, its libraries too."""
    names = ("sparkvsr", "zmq", "pyzmq")
    return [path for path in (home / ".config").rglob("*") if path.name.lower().startswith(names)]


def test_blenders_own_tool_finds_no_fault_in_the_archive(program: Path, archive: Path):
    assert "Success" in output_of(program, "--command", "extension", "validate", str(archive))


@pytest.mark.slow
@pytest.mark.usefixtures("wheels")
def test_installed_by_the_command_line_it_knows_its_engine(
    blender: Blender, program: Path, archive: Path, capsys: pytest.CaptureFixture[str]
):
    if blender.is_module and blender.version.startswith("4.2"):
        pytest.skip("Blender 4.2 as a module crashes when it reads preferences")
    assert main(["plugins", "install", "blender", "--program", str(program), "--json"]) == 0
    assert '"event": "installed"' in capsys.readouterr().out
    text = output_of(program, "--background", "--python-expr", LOOK)
    assert f"PROGRAM {plugin_commands.engine_program()}" in text


@pytest.mark.slow
@pytest.mark.usefixtures("wheels")
def test_installed_twice_and_taken_out_it_leaves_nothing(
    blender: Blender, program: Path, archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    if blender.is_module and blender.version.startswith("4.2"):
        pytest.skip("Blender 4.2 as a module crashes when it reads preferences")
    for _ in range(2):
        assert main(["plugins", "install", "blender", "--program", str(program)]) == 0
    capsys.readouterr()
    assert files_of_the_extension(tmp_path)
    for was_there in (True, False):
        assert main(["plugins", "uninstall", "blender", "--program", str(program), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["was_there"] == was_there
    assert files_of_the_extension(tmp_path) == []
    assert not plugin_commands.wheel_folder().exists()
    assert "ENABLED False" in output_of(program, "--background", "--python-expr", ENABLED)


def test_a_program_that_is_no_blender_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = write_program(tmp_path / "blender", "print('Maya 2027')")
    assert main(["plugins", "install", "blender", "--program", str(path)]) == 1
    assert "is no Blender" in capsys.readouterr().err


def test_a_blender_that_is_too_old_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = write_program(tmp_path / "blender", "print('Blender 4.1.1')")
    assert main(["plugins", "install", "blender", "--program", str(path)]) == 1
    assert "4.2 or later" in capsys.readouterr().err


def test_a_missing_blender_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    if any(Path("/opt").glob("blender-*")) or os.name == "nt":
        pytest.skip("a Blender is installed where all users find it")
    assert main(["plugins", "install", "blender"]) == 1
    assert "--program" in capsys.readouterr().err
