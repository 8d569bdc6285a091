"""A client gets paths as it spelt them."""

from __future__ import annotations

import pytest

from sparkvsr_bridge.system.path_maps import PathMaps
from sparkvsr_engine.access.client_spelling import ClientSpelling

MAPS = PathMaps.of([("/mnt/shots", "//server/shots", "S:\\"), ("/mnt/out", "T:/")])


def spelling(style: str = "") -> ClientSpelling:
    return ClientSpelling(MAPS, style, native="posix")


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ("S:\\a\\1.exr", "S:\\b\\2.exr"),
        ("S:/a/1.exr", "S:/b/2.exr"),
        ("//server/shots/a", "//server/shots/b/2.exr"),
        ("\\\\server\\shots\\a", "\\\\server\\shots\\b\\2.exr"),
        ("/mnt/shots/a", "/mnt/shots/b/2.exr"),
    ],
)
def test_a_folder_is_spelt_as_the_client_spelt_it_last(sent: str, answered: str):
    client = spelling()
    assert client.to_engine(sent).startswith("/mnt/shots/a")
    assert client.to_client("/mnt/shots/b/2.exr") == answered


def test_a_folder_nobody_named_is_spelt_as_in_the_key():
    assert spelling().to_client("/mnt/out/1.png") == "/mnt/out/1.png"
    assert spelling("windows").to_client("/mnt/out/1.png") == "T:/1.png"
    assert spelling("windows").to_client("/elsewhere/1.png") == "/elsewhere/1.png"


@pytest.mark.parametrize(
    ("sentence", "answered"),
    [
        ("/mnt/shots/a.mov is there already; choose another.", "S:\\a.mov is there already; choose another."),
        ("Left out; take them from /mnt/shots/a/b.mov.", "Left out; take them from S:\\a\\b.mov."),
        ("'/mnt/shots/a.mov', '/mnt/shots2/b.mov'", "'S:\\a.mov', '/mnt/shots2/b.mov'"),
        ("nothing here", "nothing here"),
    ],
)
def test_sentences_name_the_clients_paths(sentence: str, answered: str):
    client = spelling()
    client.to_engine("S:\\x")
    assert client.sentence(sentence) == answered
