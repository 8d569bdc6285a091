"""Writes docs/movie-kinds.md: kinds of movies people have, and the tests that hold the engine to each.

python scripts/movie_kinds_page.py [--check]

--check: write nothing, and exit with 1 where the page is not of this state.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).absolute().parents[1]))
sys.path.insert(1, str(Path(__file__).absolute().parents[1] / "bridge"))

from tests.fakes.movie_kinds import KINDS

ROOT = Path(__file__).absolute().parents[1]

INTRODUCTION = """# Movies people have, and what holds the engine to them

Written by `python scripts/movie_kinds_page.py` from `tests/fakes/movie_kinds.py`. A variant is a movie with
its right value; all of them are tests of the project. Results are read back with the library named.
[random-access.md](random-access.md) has the codecs and containers one by one.

| kind | variants | read back with | tests |
| --- | --- | --- | --- |
"""


class VariantCount:
    """Counts the variants of each test pytest collects."""

    def __init__(self) -> None:
        self.variants = Counter[str]()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """See pytest."""
        self.variants.update(item.nodeid.partition("[")[0] for item in items)


def page(variants: Counter[str]) -> str:
    """The page; variants: of each test by `file::function`."""
    rows = ""
    for kind in KINDS:
        count = sum(variants[test] for test in kind.tests)
        files = ", ".join(f"`{name}`" for name in dict.fromkeys(test.split("::")[0] for test in kind.tests))
        rows += f"| {kind.name} | {count} | {kind.read_back} | {files} |\n"
    return INTRODUCTION + rows


def main() -> None:
    """Collect and write."""
    count = VariantCount()
    files = dict.fromkeys(str(ROOT / test.split("::")[0]) for kind in KINDS for test in kind.tests)
    pytest.main([*files, "--collect-only", "-q", "-q", f"--rootdir={ROOT}"], plugins=[count])
    written = ROOT / "docs/movie-kinds.md"
    if "--check" in sys.argv[1:]:
        sys.exit(int(written.read_text("utf-8") != page(count.variants)))
    written.write_text(page(count.variants), "utf-8")


if __name__ == "__main__":
    main()
