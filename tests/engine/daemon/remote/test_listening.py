"""An engine that would be unsafe to reach does not listen, and names everything that is unsafe."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.transport import make_keys
from sparkvsr_engine.access.keys import EnginePair, KeyFolder, new_key
from sparkvsr_engine.config import EngineConfig, load_config
from sparkvsr_engine.daemon.remote.listening import listen_remotely, listening_faults

LISTEN = "tcp://127.0.0.1:7300"


@pytest.fixture
def config(tmp_path: Path) -> EngineConfig:
    """A configuration that is safe."""
    for name in ("home", "shots", "results"):
        (tmp_path / name).mkdir(mode=0o755)
    (tmp_path / "home" / "config.toml").write_text(
        f"[remote]\nread = ['{tmp_path / 'shots'}']\nwrite = ['{tmp_path / 'results'}']\n"
    )
    (tmp_path / "home" / "config.toml").chmod(0o644)
    keys = KeyFolder(tmp_path / "home" / "remote")
    pair = make_keys()
    keys.keep_engine_pair(EnginePair(pair.public, pair.secret))
    keys.add(new_key("anna", "submit", make_keys().public))
    return load_config(tmp_path / "home")


def faults(config: EngineConfig, listen: str = LISTEN) -> list[str]:
    return list(listening_faults(config, KeyFolder(config.remote_folder), listen))


def with_roots(config: EngineConfig, *roots: str) -> EngineConfig:
    return replace(config, remote=replace(config.remote, read=roots, write=()))


def test_a_safe_configuration_has_no_faults(config: EngineConfig):
    assert faults(config) == []


@pytest.mark.parametrize(
    "listen",
    ["tcp://*:7300", "tcp://0.0.0.0:7300", "tcp://[::]:7300", "tcp://[*]:7300", "tcp://[0:0:0:0::]:7300"],
)
def test_listening_everywhere_needs_an_explicit_address(config: EngineConfig, listen: str):
    (fault,) = faults(config, listen)
    assert "every_address = true" in fault
    assert faults(replace(config, remote=replace(config.remote, every_address=True)), listen) == []


def test_without_keys_there_is_nobody_to_listen_for(config: EngineConfig):
    KeyFolder(config.remote_folder).revoke("anna")
    (fault,) = faults(config)
    assert "sparkvsr keys add" in fault


def test_without_folders_there_is_nothing_to_do(config: EngineConfig):
    (fault,) = faults(with_roots(config))
    assert "no folder is open" in fault


@pytest.mark.skipif(sys.platform == "win32", reason="folders and modes of POSIX")
@pytest.mark.parametrize(
    "root",
    ["/", "/etc", "/usr/share", "/proc/self", "/dev/shm", "~", "shots", "../shots", "/shots/../etc", "$HOME"],
)
def test_the_systems_folders_and_whole_disks_are_no_roots(config: EngineConfig, root: str):
    (fault,) = faults(with_roots(config, root))
    assert root in fault


@pytest.mark.skipif(sys.platform == "win32", reason="folders and modes of POSIX")
def test_what_holds_the_engine_or_a_user_is_no_root(config: EngineConfig, tmp_path: Path):
    (tmp_path / "link").symlink_to(config.home)
    (tmp_path / "file").write_text("")
    for root in (
        config.home,
        config.home.parent,
        config.models_folder,
        tmp_path / "link",
        Path.home(),
        Path.home().parent,
        tmp_path / "absent",
        tmp_path / "file",
    ):
        config.models_folder.mkdir(exist_ok=True)
        (fault,) = faults(with_roots(config, str(root)))
        assert str(root) in fault


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
@pytest.mark.parametrize(
    ("name", "mode", "advice"),
    [
        ("remote", 0o755, "chmod 700"),
        ("remote/clients.json", 0o644, "chmod 600"),
        ("remote/engine.json", 0o640, "chmod 600"),
        ("config.toml", 0o666, "chmod go-w"),
        (".", 0o777, "chmod go-w"),
    ],
)
def test_files_open_to_others_are_named_with_the_remedy(
    config: EngineConfig, name: str, mode: int, advice: str
):
    (config.home / name).chmod(mode)
    (fault,) = faults(config)
    assert advice in fault


def test_all_faults_are_reported_at_once_and_no_socket_is_bound(config: EngineConfig):
    KeyFolder(config.remote_folder).revoke("anna")
    with pytest.raises(InvalidSettings) as refused:
        listen_remotely(with_roots(config), "tcp://*:7300", "instance")
    assert len(refused.value.details["faults"]) == 3
    assert "(1)" in refused.value.message
    assert "(3)" in refused.value.message


def test_a_broken_file_of_keys_is_named(config: EngineConfig):
    (config.remote_folder / "clients.json").write_text("{")
    (fault,) = faults(config)
    assert "clients.json" in fault


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[remote]\nreed = ['/a']\n", "reed"),
        ("[remote]\nread = '/a'\n", "read"),
        ("[remote]\nopen_jobs = 0\n", "open_jobs"),
        ("[remote]\nopen_jobs = true\n", "open_jobs"),
        ("[remote]\nevery_address = 'yes'\n", "every_address"),
        ("remote = 3\n", "remote"),
        ("path_maps = ['/a']\n", "path_maps"),
        ("path_maps = [['/a', 'b']]\n", "full path"),
    ],
)
def test_a_section_that_makes_no_sense_is_refused_by_name(tmp_path: Path, text: str, word: str):
    (tmp_path / "config.toml").write_text(text)
    with pytest.raises(InvalidSettings, match=word):
        load_config(tmp_path)
