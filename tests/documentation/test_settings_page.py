"""The page of settings names every key and every variable the code reads."""

from __future__ import annotations

import re
from pathlib import Path

from scripts.documentation.settings_pages import described_settings, remote_settings, settings
from sparkvsr_engine.media.movies.small_streams.tag import TAG_NAME
from sparkvsr_engine.remote_config import RemoteConfig

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "reference" / "settings.md").read_text("utf-8")


def test_every_key_has_a_meaning():
    assert [name for name, _, meaning in described_settings() if not meaning] == []
    assert [name for name, _, meaning in described_settings(RemoteConfig) if not meaning] == []
    assert "| `open_jobs` | 20 | jobs of one client" in remote_settings()
    assert "| `cache_budget_bytes` | 21474836480 |" in settings()


def test_every_variable_the_code_reads_is_named():
    sources = [path for folder in ("bridge", "sparkvsr_engine") for path in (ROOT / folder).rglob("*.py")]
    names = {
        name for path in sources for name in re.findall(r'"(SPARKVSR_[A-Z_]+)"', path.read_text("utf-8"))
    }
    # A tag in files is no variable.
    names.discard(TAG_NAME)
    assert names
    assert sorted(name for name in names if f"| `{name}` |" not in PAGE) == []
