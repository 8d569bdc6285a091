"""Text files as Windows' programs write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparkvsr_bridge.system.text_files import read_text_file

TEXT = "threads = 2\nname = 'M\u00f6we \u6d77'\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_mark_at_the_beginning_sets_the_encoding(tmp_path: Path, encoding: str, ending: str):
    path = tmp_path / "config.toml"
    path.write_bytes(TEXT.replace("\n", ending).encode(encoding))
    assert read_text_file(path) == TEXT


def test_a_code_page_is_no_text(tmp_path: Path):
    path = tmp_path / "config.toml"
    path.write_bytes("name = 'M\u00f6we'".encode("cp1252"))
    with pytest.raises(UnicodeDecodeError):
        read_text_file(path)
