"""The table of kinds of movies names tests there are, and its page is of this state."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.movie_kinds import KINDS

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_has_its_tests(kind):
    for test in kind.tests:
        file, function = test.split("::")
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_the_page_lists_every_kind():
    page = (ROOT / "docs/movie-kinds.md").read_text("utf-8")
    rows = page.partition("| --- |\n")[2].splitlines()
    assert [row.split(" | ")[0][2:] for row in rows] == [kind.name for kind in KINDS]


@pytest.mark.slow
def test_the_page_counts_the_variants_there_are():
    ran = subprocess.run(
        [sys.executable, str(ROOT / "scripts/movie_kinds_page.py"), "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, f"run python scripts/movie_kinds_page.py\n{ran.stderr[-500:]}"
