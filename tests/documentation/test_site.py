"""The built site: no faults, nothing from the network, everything the parser has, contents on long pages."""

from __future__ import annotations

import argparse
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from scripts.build_docs import DocumentationNotBuilt, build_site
from scripts.documentation.command_pages import anchor_of, commands_of
from sparkvsr_engine.cli.parser import make_parser

ROOT = Path(__file__).resolve().parents[2]
LONG_PAGE_WORDS = 1500

pytestmark = pytest.mark.slow


class Page(HTMLParser):
    """What is asked of a page: the text of its article, titles of its contents, what the browser loads."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.words, self.contents, self.loaded, self.linked = 0, 0, [], []
        self._in_article = False
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self._in_article = self._in_article or tag == "article"
        self.contents += "md-nav__link" in (values.get("class") or "") and "#" in (values.get("href") or "")
        if tag in ("script", "img", "iframe", "source") and values.get("src"):
            self.loaded.append(values["src"])
        if tag == "link" and values.get("href"):
            self.loaded.append(values["href"])
        if tag == "a" and values.get("href"):
            self.linked.append(values["href"])

    def handle_endtag(self, tag: str) -> None:
        self._in_article = self._in_article and tag != "article"

    def handle_data(self, data: str) -> None:
        self.words += len(data.split()) if self._in_article else 0


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole site as it is released; a fault of any page ends this with MkDocs' words."""
    pytest.importorskip("material", reason="the extra docs is not installed")
    return build_site(tmp_path_factory.mktemp("site")).parent


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Page]:
    return {path.relative_to(site).as_posix(): Page(path) for path in sorted(site.rglob("*.html"))}


def test_every_page_of_the_folder_is_on_the_site(site: Path):
    sources = {path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")}
    assert sorted(str(source) for source in sources if not (site / source).is_file()) == []


def test_nothing_is_loaded_from_the_network_and_everything_is_there(site: Path, pages: dict[str, Page]):
    assert [(name, url) for name, page in pages.items() for url in page.loaded if "//" in url] == []
    local = [
        (name, url)
        for name, page in pages.items()
        for url in page.loaded
        if not url.startswith("data:") and not (site / name).parent.joinpath(url.split("?")[0]).exists()
    ]
    # Its links are those of a server's root.
    assert [item for item in local if item[0] != "404.html"] == []


def test_the_index_has_a_door_for_each_of_the_three(pages: dict[str, Page]):
    linked = pages["index.html"].linked
    assert [
        path for path in ("artist", "developer", "researcher") if f"paths/{path}.html" not in linked
    ] == []


def test_long_pages_have_contents(pages: dict[str, Page]):
    bare = [name for name, page in pages.items() if page.words > LONG_PAGE_WORDS and page.contents < 3]
    assert bare == []
    assert any(page.words > LONG_PAGE_WORDS for page in pages.values())


def test_the_command_reference_equals_the_parser(site: Path):
    text = (site / "reference" / "commands.html").read_text("utf-8")
    sections = {
        match[1]: unescape(re.sub(r"<[^>]+>", "", part))
        for part in re.split(r"(?=<h2 id=)", text)
        if (match := re.match(r'<h2 id="([\w-]+)"', part))
    }
    commands = commands_of(make_parser())
    assert list(sections) == [anchor_of(name) for name in commands]
    for name, command in commands.items():
        picture = sections[anchor_of(name)]
        for action in command._actions:
            if not isinstance(action, argparse._HelpAction):
                assert all(option in picture for option in action.option_strings), (name, action.dest)
                assert (action.help or "").replace("%%", "%") in picture, (name, action.dest)
        assert (command.description or "") in picture


def test_the_search_index_is_there_without_a_server(site: Path):
    index = (site / "search" / "search_index.js").read_text("utf-8")
    assert "troubleshooting.html#disk_full" in index


def test_an_included_text_is_the_whole_text(site: Path):
    text = (site / "reference" / "protocol.html").read_text("utf-8")
    heads = re.findall(r"^### (\w+)$", (ROOT / "bridge" / "PROTOCOL.md").read_text("utf-8"), re.MULTILINE)
    assert [head for head in heads if f'id="{head.lower()}"' not in text] == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[gone](gone.md)", "gone.md"),
        ("[gone](index.md#gone)", "#gone"),
        ("![gone](images/gone.png)", "images/gone.png"),
    ],
)
def test_a_broken_link_ends_the_build(tmp_path: Path, text: str, fault: str):
    pytest.importorskip("material", reason="the extra docs is not installed")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text(f"# Page\n\n{text}\n", "utf-8")
    config = (ROOT / "mkdocs.yml").read_text("utf-8")
    validation = config[config.index("validation:") : config.index("# A page that")]
    (tmp_path / "mkdocs.yml").write_text(f"site_name: fault\n\n{validation}", "utf-8")
    with pytest.raises(DocumentationNotBuilt, match=re.escape(fault)):
        build_site(tmp_path / "site", tmp_path / "mkdocs.yml")


def test_without_mkdocs_one_sentence_names_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("scripts.build_docs.importlib.util.find_spec", lambda name: None)
    with pytest.raises(
        DocumentationNotBuilt, match=r"pip install mkdocs-material mkdocstrings-python pyzmq$"
    ):
        build_site(tmp_path)
