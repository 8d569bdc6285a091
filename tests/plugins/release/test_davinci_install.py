"""The menu's script in the user's scripts folder of Resolve and out again; nobody else's is touched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from plugins.release.archives import InstallFailed
from plugins.release.davinci import HOST, installing
from plugins.release.requests import Request
from sparkvsr_engine.cli import main
from tests.plugins.release.conftest import without_rights


@pytest.mark.parametrize(
    ("platform", "folder"),
    [
        ("darwin", "Library/Application Support/Blackmagic Design/DaVinci Resolve"),
        ("win32", "roaming/Blackmagic Design/DaVinci Resolve/Support"),
        ("linux", ".local/share/DaVinciResolve"),
    ],
)
def test_scripts_of_a_user_lie_where_resolve_looks_on_each_system(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, platform: str, folder: str
):
    monkeypatch.setenv("APPDATA", str(tmp_path / "roaming"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr("sys.platform", platform)
    assert installing.user_folder() == tmp_path / folder / "Fusion" / "Scripts" / "Utility"


def test_installed_and_removed_without_a_trace(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = tmp_path / "skripte für resolve"
    folder.mkdir()
    (folder / "other.py").write_text("print('mine')\n")
    for _ in range(2):
        assert main(["plugins", "install", "davinci", "-o", str(folder), "--json"]) == 0
    assert sorted(path.name for path in folder.iterdir()) == ["SparkVSR.py", "other.py"]
    assert main(["plugins", "uninstall", "davinci", "-o", str(folder)]) == 0
    assert [path.name for path in folder.iterdir()] == ["other.py"]
    assert main(["plugins", "uninstall", "davinci", "-o", str(folder), "--json"]) == 0
    text = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert text[-1]["was_there"] is False


def test_folders_made_for_the_script_go_with_it(tmp_path: Path):
    folder = tmp_path / "DaVinciResolve" / "Fusion" / "Scripts" / "Utility"
    (tmp_path / "DaVinciResolve").mkdir()
    for _ in range(2):
        installing.install(folder, "/opt/sparkvsr")
    compile((folder / "SparkVSR.py").read_text("utf-8"), "SparkVSR.py", "exec")
    installing.uninstall(folder)
    assert list((tmp_path / "DaVinciResolve").iterdir()) == []


def test_a_folder_that_holds_something_else_by_then_stays(tmp_path: Path):
    installing.install(tmp_path / "Scripts" / "Utility", "/opt/sparkvsr")
    (tmp_path / "Scripts" / "mine.py").touch()
    installing.uninstall(tmp_path / "Scripts" / "Utility")
    assert [path.name for path in (tmp_path / "Scripts").iterdir()] == ["mine.py"]


def test_somebody_elses_script_stays(tmp_path: Path):
    script = tmp_path / "SparkVSR.py"
    script.write_text("# mine\n")
    with pytest.raises(InstallFailed, match="another script"):
        installing.install(tmp_path, "/opt/sparkvsr")
    with pytest.raises(InstallFailed, match="another script"):
        installing.uninstall(tmp_path)
    assert script.read_text() == "# mine\n"


def test_a_folder_without_rights_is_named(tmp_path: Path):
    with without_rights(tmp_path), pytest.raises(InstallFailed, match="cannot be written"):
        installing.install(tmp_path / "Utility", "/opt/sparkvsr")


@pytest.mark.skipif(sys.platform == "win32", reason="the program is a shell script here")
def test_the_script_starts_the_engines_program_without_resolves_environment(tmp_path: Path):
    program = tmp_path / "sparkvsr"
    program.write_text(
        f'#!/bin/sh\necho "$@ home=$PYTHONHOME libraries=$LD_LIBRARY_PATH" > {tmp_path}/started.partial\n'
        f"mv {tmp_path}/started.partial {tmp_path}/started\n"
    )
    program.chmod(0o755)
    installing.install(tmp_path, str(program))
    environment = {**os.environ, "LD_LIBRARY_PATH": "/opt/resolve/libs"}
    waiting = (
        "import runpy, sys, time, pathlib\n"
        "runpy.run_path(sys.argv[1])\n"
        "while not pathlib.Path(sys.argv[2]).exists(): time.sleep(0.02)\n"
    )
    command = [sys.executable, "-c", waiting, str(tmp_path / "SparkVSR.py"), str(tmp_path / "started")]
    subprocess.run(command, env=environment, timeout=60, check=True)
    assert (tmp_path / "started").read_text() == "resolve home= libraries=\n"


def test_a_missing_program_is_reported_in_one_line(tmp_path: Path):
    installing.install(tmp_path, str(tmp_path / "nowhere"))
    done = subprocess.run(
        [sys.executable, str(tmp_path / "SparkVSR.py")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    assert "Install it again: sparkvsr plugins install davinci" in done.stdout


def test_the_archive_holds_the_script_alone(tmp_path: Path):
    path = HOST.build(Request(wheels=tmp_path, output=tmp_path))[0]
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["SparkVSR.py"]
        assert b'PROGRAM = ["sparkvsr"]' in archive.read(
            "SparkVSR.py"
        ) or b"PROGRAM = ['sparkvsr']" in archive.read("SparkVSR.py")


@pytest.mark.parametrize("engine", ["/opt/engine/bin/python3.11", "/opt/engine/bin/sparkvsr"])
def test_the_engines_python_is_asked_for_its_package(engine: str):
    text = installing.script(engine).decode()
    assert ("'-m', 'sparkvsr_engine'" in text) == ("python" in engine)
    compile(text, "SparkVSR.py", "exec")
