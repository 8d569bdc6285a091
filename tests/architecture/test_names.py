"""Empty names: `found`, `told`, `desk`. A value is named by the noun that it is.

docs/words.md has the word of each idea.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.architecture.reading import ROOT, python_files

# Participles and pronouns, which name how a value came about and not what it is.
RESULTS = "asked found given grown held kept known left made said shown taken told wanted"
PRONOUNS = "one other others ours own rest theirs there thing things"
METAPHORS = "book desk ears room rooms stash"
EMPTY_NAMES = frozenset(f"{RESULTS} {PRONOUNS} {METAPHORS}".split())

# Shares of the bound names. A coordinate called `left` beside `right` is what remains.
PACKAGES = {
    "benchmarks": 0.005,
    "bridge": 0.005,
    "examples": 0.005,
    "plugins/blender": 0.005,
    "plugins/davinci": 0.005,
    "plugins/nuke": 0.005,
    "plugins/release": 0.005,
    "scripts": 0.005,
    "sparkvsr": 0.005,
    "sparkvsr_engine": 0.005,
    "sparkvsr_window": 0.005,
    "tests": 0.005,
}


@dataclass
class Tally:
    """Bound names of a package. empty: the places of the empty ones."""

    bound: int = 0
    empty: list[str] = field(default_factory=list[str])

    @property
    def share(self) -> float:
        """The share of empty names, 0..1."""
        return len(self.empty) / max(1, self.bound)

    def worst(self) -> str:
        """The files with most of them, then every place."""
        files = Counter(place.partition(":")[0] for place in self.empty)
        return "\n".join([*(f"{count} in {file}" for file, count in files.most_common(10)), *self.empty])


def bound_names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every name that a module binds, with its line.

    Variables of assignments, loops, comprehensions, `with`, `except`, `match` and `:=`; parameters; functions
    and classes; attributes that are assigned.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) or (
            isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name
        ):
            yield str(node.name), node.lineno


def tally_of(root: Path, folder: str) -> Tally:
    """The names bound in all modules below a folder."""
    tally = Tally()
    for file in python_files(root, (folder,)):
        for name, line in bound_names(ast.parse((root / file).read_text("utf-8"))):
            tally.bound += 1
            if name.strip("_").lower() in EMPTY_NAMES:
                tally.empty.append(f"{file.as_posix()}:{line} {name}")
    return tally


@pytest.mark.parametrize(("folder", "limit"), PACKAGES.items())
def test_names_are_nouns_of_their_values(folder: str, limit: float):
    tally = tally_of(ROOT, folder)
    assert tally.share < limit, f"{100 * tally.share:.2f} % of {tally.bound} names:\n{tally.worst()}"


def test_every_way_to_bind_a_name_is_counted(tmp_path: Path):
    (tmp_path / "bridge").mkdir()
    (tmp_path / "bridge" / "names.py").write_text(
        "class Wanted:\n"
        "    rest: int = 0\n"
        "def told(known, *given, asked=1, **held):\n"
        "    for one in known: pass\n"
        "    with open(asked) as other: pass\n"
        "    self._found = [own for own in given if (kept := own)]\n"
        "    try: pass\n"
        "    except OSError as said: pass\n"
        "    match held:\n"
        "        case [made, *theirs]: pass\n"
        "    return lambda there: there + pattern_found\n"
        "pattern, found_frames = told(1), 2\n"
    )
    tally = tally_of(tmp_path, "bridge")
    assert [place.split()[1] for place in sorted(tally.empty, key=lambda place: place.split()[1])] == sorted(
        [
            "Wanted",
            "rest",
            "told",
            "known",
            "given",
            "asked",
            "held",
            "one",
            "other",
            "_found",
            "own",
            "kept",
            "said",
            "made",
            "theirs",
            "there",
        ]
    )
    assert tally.bound == len(tally.empty) + 2
