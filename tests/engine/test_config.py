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
