"""`sparkvsr docs`: the installation's own pages, else the checkout's, else what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import sparkvsr_engine
from sparkvsr_engine.cli import main


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which the package seems to lie."""
    package = tmp_path / "sparkvsr_engine"
    package.mkdir()
    monkeypatch.setattr(sparkvsr_engine, "__file__", str(package / "__init__.py"))
    return tmp_path


def write(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("<html></html>", "utf-8")
    return path


def test_an_installations_pages_are_opened_and_their_place_is_printed(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    page = write(place / "sparkvsr_engine" / "documentation" / "index.html")
    write(place / "build" / "site" / "index.html")
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or True)
    assert main(["docs", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"event": "docs", "path": str(page), "opened": True}
    assert opened == [page.as_uri()]


def test_a_machine_without_a_browser_is_shown_the_file(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    page = write(place / "build" / "site" / "index.html")
    monkeypatch.setattr("webbrowser.open", lambda url: False)
    assert main(["docs"]) == 0
    printed = capsys.readouterr()
    assert printed.out.strip() == str(page)
    assert "open this file in yours" in printed.err


def test_nothing_is_opened_where_nothing_is_to_be_opened(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    write(place / "build" / "site" / "index.html")
    monkeypatch.setattr("webbrowser.open", lambda url: pytest.fail("a browser was opened"))
    assert main(["docs", "--no-browser", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["opened"] is False


@pytest.mark.parametrize(
    ("is_checkout", "words"), [(True, "build_docs.py"), (False, "install sparkvsr again")]
)
def test_pages_that_are_missing_are_refused_with_what_to_do(
    place: Path, capsys: pytest.CaptureFixture[str], is_checkout: bool, words: str
):
    if is_checkout:
        write(place / "scripts" / "build_docs.py")
    assert main(["docs", "--no-browser"]) == 1
    assert words in capsys.readouterr().err
