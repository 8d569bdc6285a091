"""`sparkvsr keys`: enrolled, listed, revoked; the client's file is its owner's alone."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from sparkvsr_bridge.connections.connection import read_file
from sparkvsr_bridge.transport import make_keys
from sparkvsr_engine.access.keys import KeyFolder
from sparkvsr_engine.cli import main

ENGINE = "tcp://10.0.0.5:7300"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SPARKVSR_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[dict]]:
    status = main(["keys", *words, "--json"])
    return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_key_is_made_listed_and_revoked(home: Path, tmp_path: Path, capsys):
    file = tmp_path / "anna.json"
    status, (key_line,) = run(capsys, "add", "anna", "--role", "submit", "--engine", ENGINE, "-o", str(file))
    assert status == 0
    connection = read_file(file)
    assert (connection.requests, connection.heartbeat) == (ENGINE, "tcp://10.0.0.5:7302")
    assert connection.server_key == key_line["server_key"]
    assert connection.client_public == key_line["public"]
    assert connection.client_secret
    assert connection.client_secret not in json.dumps(key_line)
    if sys.platform != "win32":
        assert file.stat().st_mode & 0o777 == 0o600
    _, (listed,) = run(capsys, "list")
    assert (listed["name"], listed["role"]) == ("anna", "submit")
    assert run(capsys, "revoke", "anna")[0] == 0
    assert run(capsys, "list") == (0, [])


def test_a_clients_own_public_key_is_enrolled_without_a_file(home: Path, capsys):
    public = make_keys().public
    status, (key_line,) = run(
        capsys, "add", "bob", "--role", "administer", "--public", public, "--paths", "windows"
    )
    assert (status, key_line["path"]) == (0, "")
    assert KeyFolder(home / "remote").clients()[public].paths == "windows"


@pytest.mark.parametrize("hyphens", ["-", "--"])
def test_a_public_key_may_begin_with_hyphens(home: Path, capsys, hyphens):
    public = hyphens + "y" * (40 - len(hyphens))
    status, _ = run(capsys, "add", "bob", "--role", "submit", "--public", public)
    assert status == 0
    assert public in KeyFolder(home / "remote").clients()


@pytest.mark.parametrize(
    "words",
    [
        ["add"],
        ["add", "anna"],
        ["add", "anna", "--engine", ENGINE],
        ["add", "anna", "-o", "x.json"],
        ["add", "anna", "-o", "x.json", "--engine", "10.0.0.5"],
        ["add", "anna", "-o", "x.json", "--engine", "tcp://10.0.0.5:*"],
        ["add", "anna", "-o", "x.json", "--engine", "ipc:///tmp/x"],
        ["add", "anna", "--public", "short"],
        ["revoke"],
        ["revoke", "nobody"],
    ],
)
def test_what_makes_no_sense_is_refused_and_enrols_nobody(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys, words: list[str]
):
    monkeypatch.chdir(tmp_path)
    status, (error,) = run(capsys, *words)
    assert (status, error["code"]) == (2, "invalid_settings")
    assert KeyFolder(home / "remote").clients() == {}
    assert not (tmp_path / "x.json").exists()


def test_a_name_that_is_taken_leaves_no_file(home: Path, tmp_path: Path, capsys):
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    run(capsys, "add", "anna", "--engine", ENGINE, "-o", str(first))
    assert run(capsys, "add", "anna", "--engine", ENGINE, "-o", str(second))[0] == 2
    assert not second.exists()
    assert run(capsys, "add", "bob", "--engine", ENGINE, "-o", str(first))[0] == 1, "no file is replaced"
