"""Every error a user can meet has its entry, and no entry is of an error that is gone."""

from __future__ import annotations

import re
from pathlib import Path

from sparkvsr_bridge.errors import ERRORS_BY_CODE

PAGE = Path(__file__).resolve().parents[2] / "docs" / "troubleshooting.md"
ENTRY = re.compile(r"^### `(\w+)`\n(.+?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)


def test_every_error_code_has_an_entry_of_its_own_with_a_remedy():
    entries = dict(ENTRY.findall(PAGE.read_text("utf-8")))
    assert sorted(entries) == sorted(ERRORS_BY_CODE)
    assert [code for code, text in entries.items() if len(text.split()) < 8] == []
