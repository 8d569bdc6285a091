"""The plugin in the user's Nuke folder and out again: nothing else is touched, nothing is half done."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from plugins.release.archives import InstallFailed
from plugins.release.nuke import archives, installing
from plugins.release.nuke.marked_line import LINE
from sparkvsr_engine.cli import main
from sparkvsr_engine.cli.upkeep import plugin_commands
from tests.plugins.release.conftest import without_rights

ENGINE = "/opt/sparkvsr/bin/sparkvsr"
CONTENT = b"import nuke\r\nnuke.pluginAddPath('./gizmos')"
# What Nuke does at its start, as far as our line is concerned.
NUKE = """
import sys, types
nuke = types.ModuleType("nuke")
paths = []
def pluginAddPath(path):
    assert not path.startswith("/") and "\\\\" not in path
    paths.append(path)
nuke.pluginAddPath = pluginAddPath
sys.modules["nuke"] = nuke
from pathlib import Path
home = Path(sys.argv[1])
exec(compile((home / "init.py").read_bytes(), "init.py", "exec"), {"__file__": str(home / "init.py")})
for path in list(paths):
    found = home / path / "init.py"
    if found.is_file():
        exec(compile(found.read_bytes(), "init.py", "exec"), {"__file__": str(found)})
import sparkvsr_nuke
print(paths, Path(sparkvsr_nuke.__file__).parent.parent.name)
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A user's Nuke folder with files of their own."""
    folder = tmp_path / "häuser und höfe" / ".nuke"
    (folder / "gizmos").mkdir(parents=True)
    (folder / "init.py").write_bytes(CONTENT)
    (folder / "menu.py").write_text("import nuke\n")
    return folder


@pytest.fixture
def entries(plugin: Path) -> list[tuple[str, bytes]]:
    return archives.plugin_entries(None, source=plugin)


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_installed_twice_and_taken_out_everything_is_as_it_was(home: Path, entries):
    before = files_of(home)
    for _ in range(2):
        installing.install(home, entries, ENGINE)
        assert (home / "init.py").read_bytes().count(LINE) == 1
    assert json.loads((home / "sparkvsr.json").read_text())["program"] == ENGINE
    assert installing.uninstall(home)
    assert files_of(home) == before
    assert not installing.uninstall(home)
    assert files_of(home) == before


def test_where_there_was_nothing_nothing_is_left(tmp_path: Path, entries):
    home = tmp_path / ".nuke"
    installing.install(home, entries, ENGINE)
    assert installing.uninstall(home)
    assert not home.exists()
    assert not installing.uninstall(home)


def test_an_empty_file_of_the_users_stays_one(home: Path, entries):
    (home / "init.py").write_bytes(b"")
    installing.install(home, entries, ENGINE)
    installing.uninstall(home)
    assert (home / "init.py").read_bytes() == b""


def test_nuke_finds_the_plugin_behind_the_users_own_lines(home: Path, entries):
    installing.install(home, entries, ENGINE)
    command = [sys.executable, "-I", "-c", NUKE, str(home)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "['./gizmos', './sparkvsr'] sparkvsr"


def test_an_engine_that_was_chosen_stays_chosen_and_an_older_plugin_goes(home: Path, entries):
    (home / "sparkvsr.json").write_text('{"program": "/mine"}')
    (home / "sparkvsr" / "sparkvsr_nuke").mkdir(parents=True)
    (home / "sparkvsr" / "sparkvsr_nuke" / "old.py").touch()
    installing.install(home, entries, ENGINE)
    assert (home / "sparkvsr.json").read_text() == '{"program": "/mine"}'
    assert not (home / "sparkvsr" / "sparkvsr_nuke" / "old.py").exists()


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_a_linked_init_stays_a_link_with_its_rights(home: Path, tmp_path: Path, entries):
    shared = tmp_path / "dotfiles.py"
    shared.write_bytes(CONTENT)
    shared.chmod(0o640)
    (home / "init.py").unlink()
    (home / "init.py").symlink_to(shared)
    installing.install(home, entries, ENGINE)
    assert (home / "init.py").is_symlink()
    assert LINE in shared.read_bytes()
    assert stat.S_IMODE(shared.stat().st_mode) == 0o640
    installing.uninstall(home)
    assert (home / "init.py").is_symlink()
    assert shared.read_bytes() == CONTENT


def test_a_folder_of_the_users_is_never_replaced(home: Path, entries):
    (home / "sparkvsr").mkdir()
    (home / "sparkvsr" / "notes.txt").write_text("mine")
    for act in (lambda: installing.install(home, entries, ENGINE), lambda: installing.uninstall(home)):
        with pytest.raises(InstallFailed, match="holds other files"):
            act()
        assert (home / "init.py").read_bytes() == CONTENT
        assert (home / "sparkvsr" / "notes.txt").read_text() == "mine"


@pytest.mark.skipif(os.name == "nt", reason="rights are another matter there")
def test_a_read_only_home_is_reported_and_unchanged(home: Path, entries):
    before = files_of(home)
    message = pytest.raises(InstallFailed, match=r"cannot be written \(Permission denied\); .*NUKE_PATH")
    with without_rights(home), message:
        installing.install(home, entries, ENGINE)
    assert files_of(home) == before


def test_a_file_in_the_folders_place_is_reported(tmp_path: Path, entries):
    (tmp_path / ".nuke").write_text("a file")
    with pytest.raises(InstallFailed, match=r"cannot be written .*--output DIR"):
        installing.install(tmp_path / ".nuke", entries, ENGINE)


class TestCommandLine:
    """`sparkvsr plugins ... nuke`."""

    @pytest.fixture(autouse=True)
    def _stand_in(self, plugin: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", str(home.parent))
        monkeypatch.setenv("USERPROFILE", str(home.parent))
        release = plugin_commands.load_build().release
        entries = release("nuke.archives").plugin_entries
        monkeypatch.setattr(
            release("nuke.archives"), "plugin_entries", lambda wheels, **_: entries(wheels, source=plugin)
        )

    def test_into_the_users_folder_and_out(self, home: Path, capsys: pytest.CaptureFixture[str]):
        before = files_of(home)
        for _ in range(2):
            assert main(["plugins", "install", "nuke", "--without-pyzmq", "--json"]) == 0
        event = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert (event["event"], event["folder"]) == ("installed", str(home))
        for was_there in (True, False):
            assert main(["plugins", "uninstall", "nuke", "--json"]) == 0
            assert json.loads(capsys.readouterr().out)["was_there"] == was_there
        assert files_of(home) == before

    def test_into_a_folder_for_nuke_path(self, home: Path, tmp_path: Path, capsys):
        before, target = files_of(home), tmp_path / "studio" / "sparkvsr"
        assert main(["plugins", "install", "nuke", "--without-pyzmq", "-o", str(target)]) == 0
        text = capsys.readouterr().out
        assert "NUKE_PATH" in text
        assert plugin_commands.engine_program() in text
        assert (target / "menu.py").is_file()
        assert (target / "sparkvsr_nuke" / "_vendor" / "bridge" / "client.py").is_file()
        assert files_of(home) == before
        assert main(["plugins", "uninstall", "nuke", "-o", str(target)]) == 0
        assert not target.exists()

    def test_missing_wheels_are_reported_and_nothing_is_installed(
        self, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
    ):
        before = files_of(home)
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
        assert main(["plugins", "install", "nuke", "--wheels", str(tmp_path / "none")]) == 1
        assert "pip cannot fetch pyzmq" in capsys.readouterr().err
        assert files_of(home) == before


@pytest.mark.parametrize(("platform", "is_below_it"), [("win32", True), ("linux", False), ("darwin", False)])
def test_on_windows_nukes_folder_is_below_home_where_that_is_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, platform: str, is_below_it: bool
):
    monkeypatch.setenv("HOME", str(tmp_path / "shell"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "profile")
    monkeypatch.setattr("sys.platform", platform)
    folder = tmp_path / ("shell" if is_below_it else "profile") / ".nuke"
    assert installing.user_folder() == folder
