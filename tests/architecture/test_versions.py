"""One version everywhere."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest

import sparkvsr_engine
from sparkvsr_bridge.version import PROTOCOL_VERSION, __version__

ROOT = Path(__file__).resolve().parents[2]


def test_the_engine_has_the_bridges_version():
    assert sparkvsr_engine.__version__ == __version__


def test_the_distribution_takes_its_version_from_the_bridge():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {
        "attr": "sparkvsr_bridge.version.__version__"
    }


def test_what_is_installed_is_of_this_version():
    try:
        installed = importlib.metadata.version("sparkvsr")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("the package is not installed here")
    assert installed == __version__


def test_the_changelog_has_this_version():
    assert re.search(
        rf"^## \[?{re.escape(__version__)}\b", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    )


def test_the_changelog_has_the_form_of_keep_a_changelog():
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    releases = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert releases[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", release) for release in releases[1:])
    kinds = set(re.findall(r"^### (.*)$", text, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security", "Protocol"}


def test_the_blender_manifest_is_of_this_version():
    manifest = ROOT / "plugins" / "blender" / "blender_manifest.toml"
    if not manifest.exists():
        pytest.skip("there is no Blender extension yet")
    assert tomllib.loads(manifest.read_text("utf-8"))["version"] == __version__


def test_the_protocol_document_is_of_the_codes_version():
    title = (ROOT / "bridge" / "PROTOCOL.md").read_text("utf-8").split("\n", 1)[0]
    assert title.endswith("version {}.{}".format(*PROTOCOL_VERSION))


def test_the_version_is_written_once():
    elsewhere = [
        path.relative_to(ROOT).as_posix()
        for folder in ("bridge", "sparkvsr", "sparkvsr_engine", "plugins")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"^__version__\s*=", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert elsewhere == ["bridge/sparkvsr_bridge/version.py"]
