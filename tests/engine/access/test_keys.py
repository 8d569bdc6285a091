"""Enrolled keys: kept safely, revoked while somebody looks."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.transport import make_keys
from sparkvsr_engine.access.keys import EnginePair, KeyFolder, new_key


def key(name: str = "anna", role: str = "submit"):
    return new_key(name, role, make_keys().public)


def test_a_key_is_enrolled_listed_and_revoked(tmp_path: Path):
    keys, engine = KeyFolder(tmp_path / "remote"), KeyFolder(tmp_path / "remote")
    assert engine.clients() == {}
    anna, bob = key("anna"), key("bob", "watch")
    keys.add(bob)
    keys.add(anna)
    assert keys.listed() == [anna, bob]
    assert set(engine.clients()) == {anna.public, bob.public}
    assert keys.revoke("anna") == anna
    assert set(engine.clients()) == {bob.public}, "another process sees it with its next look"


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_the_files_are_the_owners_alone(tmp_path: Path):
    keys = KeyFolder(tmp_path / "remote")
    keys.add(key())
    keys.keep_engine_pair(EnginePair("public", "secret"))
    assert keys.folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in keys.folder.iterdir()} == {0o600}
    assert keys.faults() == []


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
@pytest.mark.parametrize("name", ["clients.json", "engine.json", "."])
def test_files_open_to_others_are_named_and_enrol_nobody(tmp_path: Path, name: str):
    keys = KeyFolder(tmp_path / "remote")
    keys.add(key())
    keys.keep_engine_pair(EnginePair("public", "secret"))
    path = keys.folder / name
    path.chmod(0o755 if path.is_dir() else 0o644)
    assert any(str(path) in fault for fault in keys.faults())
    if name == "clients.json":
        assert KeyFolder(keys.folder).clients() == {}


def test_the_engines_pair_stays_the_same(tmp_path: Path):
    keys = KeyFolder(tmp_path / "remote")
    first = keys.keep_engine_pair(EnginePair("one", "secret"))
    assert keys.keep_engine_pair(EnginePair("two", "secret")) == first
    assert "secret" not in repr(first)


@pytest.mark.parametrize(
    ("name", "role", "public"),
    [
        ("", "submit", None),
        ("../x", "submit", None),
        ("a b", "submit", None),
        ("anna", "owner", None),
        ("anna", "submit", "short"),
        ("anna", "submit", "\0" * 40),
    ],
)
def test_what_is_no_key_is_not_enrolled(tmp_path: Path, name: str, role: str, public: str | None):
    keys = KeyFolder(tmp_path / "remote")
    with pytest.raises(InvalidSettings):
        keys.add(new_key(name, role, make_keys().public if public is None else public))
    assert keys.listed() == []


def test_names_and_keys_are_enrolled_once(tmp_path: Path):
    keys = KeyFolder(tmp_path / "remote")
    anna = key()
    keys.add(anna)
    with pytest.raises(InvalidSettings, match="enrolled already"):
        keys.add(key())
    with pytest.raises(InvalidSettings, match="enrolled already"):
        keys.add(new_key("bob", "watch", anna.public))
    with pytest.raises(InvalidSettings, match="No key is called"):
        keys.revoke("bob")


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"name": "anna"}]', "{}", '[{"nam": 1}]'])
def test_a_broken_file_enrols_nobody(tmp_path: Path, text: str):
    keys = KeyFolder(tmp_path / "remote")
    keys.add(key())
    (keys.folder / "clients.json").write_text(text)
    assert keys.clients() == {}


def test_a_key_or_name_that_is_listed_twice_enrols_nobody(tmp_path):
    """Written by hand, with two roles: which one would count is nobody's to guess."""
    keys = KeyFolder(tmp_path / "keys")
    keys.add(key("anna", "watch"))
    file = keys.folder / "clients.json"
    entry = asdict(keys.listed()[0])
    for second in ({**entry, "name": "ben", "role": "administer"}, {**entry, "public": make_keys().public}):
        file.write_text(json.dumps([entry, second]), "utf-8")
        assert KeyFolder(keys.folder).clients() == {}
        with pytest.raises(InvalidSettings, match="twice"):
            keys.listed()
