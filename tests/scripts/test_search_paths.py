"""Programs of a checkout that is not installed find its code, and the bridge in its own folder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = sorted((*ROOT.glob("scripts/**/*.py"), *ROOT.glob("benchmarks/*.py")))
_CHECKOUT = re.compile(r"sys\.path.*(\(ROOT\)|parents\[1\])")


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_who_puts_the_checkout_on_the_search_path_puts_the_bridges_folder_there(path: Path):
    lines = [line for line in path.read_text("utf-8").splitlines() if _CHECKOUT.search(line)]
    assert not lines or any('"bridge"' in line for line in lines)
