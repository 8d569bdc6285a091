"""The configuration as people write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.config import load_config


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_it_is_read_however_a_windows_editor_saved_it(tmp_path: Path, encoding: str):
    (tmp_path / "config.toml").write_bytes("worker_attempts = 7\r\n".encode(encoding))
    assert load_config(tmp_path).worker_attempts == 7


def test_a_file_in_a_code_page_is_named(tmp_path: Path):
    (tmp_path / "config.toml").write_bytes("device = 'M\u00f6we'\n".encode("cp1252"))
    with pytest.raises(InvalidSettings, match=r"config\.toml is not valid TOML"):
        load_config(tmp_path)


def test_a_number_of_threads_that_is_none_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SPARKVSR_THREADS", "all")
    with pytest.raises(InvalidSettings, match="SPARKVSR_THREADS"):
        load_config(tmp_path)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('cache_budget_bytes = "many"', "a number from 0 on"),
        ("cache_budget_bytes = -1", "a number from 0 on"),
        ("worker_attempts = 1.5", "a number from 0 on"),
        ("worker_attempts = true", "a number from 0 on"),
        ("device = 0", "text in quotation marks"),
        ("preview_device = 1", "text in quotation marks"),
        ('devices = "cuda:0"', "a list of names"),
        ('models_home = "/models"', "unknown key"),
        ("cache_budget = 1", "unknown key"),
    ],
)
def test_a_value_of_another_kind_is_named_with_its_key(tmp_path: Path, line: str, words: str):
    (tmp_path / "config.toml").write_text(line, "utf-8")
    with pytest.raises(InvalidSettings, match=words) as refusal:
        load_config(tmp_path)
    assert line.split(" ", maxsplit=1)[0] in refusal.value.message


def test_whole_numbers_do_for_seconds(tmp_path: Path):
    (tmp_path / "config.toml").write_text("idle_shutdown_seconds = 60", "utf-8")
    assert load_config(tmp_path).idle_shutdown_seconds == 60
