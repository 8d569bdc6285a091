"""`sparkvsr window`: a process of its own, and one sentence where Qt is not installed."""

from __future__ import annotations

import importlib.util

import pytest

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_engine.cli.commands import window_commands
from sparkvsr_engine.cli.parser import make_parser


def test_without_qt_the_command_names_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "PySide6" else object())
    with pytest.raises(
        ModelMissing, match=r"needs PySide6; install it: .* pip install \"sparkvsr\[window\]\""
    ):
        window_commands.require_toolkit()


@pytest.mark.parametrize("arguments", [["window"], ["window", "shot.mov"]])
def test_a_file_may_be_named(arguments: list[str]):
    options = make_parser().parse_args(arguments)
    assert options.file == (arguments[1] if len(arguments) > 1 else None)
