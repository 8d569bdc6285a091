"""A page that the navigation does not name can be reached all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("mkdocs", reason="the extra docs is not installed")

from scripts.documentation import hooks


def test_pages_without_a_line_are_listed_under_more(tmp_path: Path):
    for name in ("index.md", "guides/keys.md", "formats.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("# Page\n", "utf-8")
    config = {"docs_dir": str(tmp_path), "nav": [{"Start": ["index.md", {"Keys": "guides/keys.md"}]}]}
    assert hooks.on_config(config)["nav"][1:] == [{"More": ["formats.md"]}]
    assert hooks.on_config(config)["nav"][2:] == []


def test_an_unknown_part_is_refused_by_name():
    with pytest.raises(hooks.PluginError, match="Nothing generates 'weather'"):
        hooks._part(hooks._GENERATED.match("<!-- generated: weather -->"))


def test_every_generated_part_is_on_a_page():
    pages = "".join(path.read_text("utf-8") for path in (hooks.ROOT / "docs").rglob("*.md"))
    assert [part for part in hooks.GENERATED if f"<!-- generated: {part} -->" not in pages] == []
