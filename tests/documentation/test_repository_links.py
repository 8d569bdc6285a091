"""One text, read in a checkout and on the site: links lead to the right place in both."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.documentation.repository_links import Place, pages_of_texts, text_of


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository: a page that includes a text, a recipe that is on no page."""
    for name, text in {
        "docs/guide.md": "[protocol](../bridge/PROTOCOL.md#keys) and [recipe](../engine/lite.toml)",
        "docs/reference/protocol.md": "<!-- included: bridge/PROTOCOL.md -->\n",
        "bridge/PROTOCOL.md": "# Protocol\n\n[guide](../docs/guide.md) [below](#keys) [site](https://example.org)\n",
        "engine/lite.toml": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    pages_of_texts.cache_clear()
    return tmp_path


def rendered(root: Path, page: str) -> str:
    place = Place(root, root / "docs", page)
    return text_of((root / "docs" / page).read_text("utf-8"), place)


def test_a_link_to_a_text_leads_to_the_page_that_includes_it(root: Path):
    assert "[protocol](reference/protocol.md#keys)" in rendered(root, "guide.md")


def test_an_included_texts_links_are_those_of_its_page(root: Path):
    text = rendered(root, "reference/protocol.md")
    assert "# Protocol" in text
    assert "[guide](../guide.md) [below](#keys) [site](https://example.org)" in text


def test_a_file_that_is_on_no_page_is_named_by_its_place(root: Path):
    assert rendered(root, "guide.md").endswith("and recipe (`engine/lite.toml`)")


def test_a_link_to_nothing_stays_for_the_strict_build_to_refuse(root: Path):
    (root / "docs/guide.md").write_text("[gone](../gone.md) [away](away.md)", "utf-8")
    assert rendered(root, "guide.md") == "[gone](../gone.md) [away](away.md)"


def test_links_in_code_are_text(root: Path):
    (root / "docs/guide.md").write_text("```\n[x](../engine/lite.toml)\n```", "utf-8")
    assert "[x](../engine/lite.toml)" in rendered(root, "guide.md")
