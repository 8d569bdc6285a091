"""What `--help` prints is the reference: nothing in it is left without a meaning."""

from __future__ import annotations

import argparse

import pytest

from sparkvsr_engine.cli.parser import make_parser

COMMANDS = next(
    action.choices for action in make_parser()._actions if isinstance(action, argparse._SubParsersAction)
)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_argument_of_a_command_has_a_meaning(name: str):
    bare = [action.dest for action in COMMANDS[name]._actions if not action.help]
    assert bare == []
    assert COMMANDS[name].description
    assert (COMMANDS[name].epilog or "").startswith(f"Example: sparkvsr {name}")
