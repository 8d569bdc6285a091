"""The hooks before a commit are the checks of continuous integration."""

from __future__ import annotations

import re

from tests.architecture.reading import ROOT


def test_hooks_run_what_continuous_integration_runs():
    hooks = re.findall(r"entry: \.venv/bin/(.+)", (ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    checks = re.search(r"CHECKS = \((.+)\)", (ROOT / "scripts" / "test.py").read_text("utf-8"))
    assert checks is not None
    commands = [" ".join(re.findall(r'"([^"]+)"', command)) for command in checks[1].split("), (")]
    # Hooks get the changed files' names where continuous integration passes `.` for all.
    assert [command.removesuffix(" .") for command in commands] == hooks[: len(commands)]


def test_hooks_fetch_nothing():
    text = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    assert re.findall(r"repo: (.+)", text) == ["local"]
    assert set(re.findall(r"language: (.+)", text)) == {"system"}
