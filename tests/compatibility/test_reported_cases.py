"""Every case rebuilt from a public report is held by tests of the project; the list names which.

The cases themselves, with the reports they come of, are kept outside of the repository.
"""

from __future__ import annotations

import ast
import json
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CASES = json.loads((ROOT / "tests/data/reported_cases.json").read_text("utf-8"))
NAMED = [(kind, name) for kind, cases in CASES.items() for name in cases]


@cache
def functions_in(file):
    """Every test a file defines, those of classes included."""
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("kind", "name"), NAMED, ids=["/".join(case) for case in NAMED])
def test_a_reported_case_is_held_by_tests_there_are(kind, name):
    assert CASES[kind][name]
    for test in CASES[kind][name]:
        file, _, function = test.partition("::")
        assert function in functions_in(file), test


def test_no_case_is_left_out():
    assert {kind: len(cases) for kind, cases in CASES.items()} == {"movies": 31, "sequences": 23}
