"""Sentences for remote clients do not reveal where the engine lives."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sparkvsr_engine.access.own_places import HIDDEN, OwnPlaces
from tests.fakes.systems import IS_WINDOWS

HOME = Path("/srv/engine")


def places(visible: str = "/mnt/shots") -> OwnPlaces:
    return OwnPlaces(HOME, lambda path: path.startswith(visible))


def test_paths_of_the_engines_own_are_hidden():
    sentence = f"See '/srv/engine/logs/worker.log', {sys.prefix}/lib/x.py: or /srv/engine."
    assert places().hidden(sentence) == f"See '{HIDDEN}', {HIDDEN}: or {HIDDEN}."


@pytest.mark.parametrize(
    "path",
    [
        r"C:\Users\The Artist\SparkVSR\logs\worker.log",
        "C:/Users/The Artist/SparkVSR/logs/worker.log",
        r"c:\users\the artist\sparkvsr\logs\worker.log",
        r"C:\\Users\\The Artist\\SparkVSR\\logs\\worker.log",
    ],
)
def test_on_windows_they_are_hidden_with_either_slash_and_any_capitals(path: str):
    home = Path(r"C:\Users\The Artist\SparkVSR")
    places = OwnPlaces(home, lambda _: False, system="win32")
    assert places.hidden(f"'{path}' is damaged.") == f"'{HIDDEN}' is damaged."
    assert places.hidden(r"D:\shots\a.exr is damaged.") == r"D:\shots\a.exr is damaged."


@pytest.mark.skipif(IS_WINDOWS, reason="paths of POSIX")
def test_on_a_mac_capitals_do_not_count():
    places = OwnPlaces(HOME, lambda _: False, system="darwin")
    assert places.hidden("/SRV/Engine/logs/worker.log is damaged.") == f"{HIDDEN} is damaged."


def test_other_paths_stay():
    for sentence in ("/mnt/shots/a.exr is there", "/srv/engineering/a.exr", "scale 3/4", "no path"):
        assert places().hidden(sentence) == sentence


def test_what_remote_clients_may_see_stays_wherever_it_lies():
    sentence = "/srv/engine/open/a.exr is damaged."
    assert places("/srv/engine/open").hidden(sentence) == sentence
