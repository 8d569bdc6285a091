"""No circles among files or rooms: whoever reads a file can read what it imports first, and comes to an end.

Every import counts, those inside functions and those for type checkers alone too: a reader follows them all.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.reading import PACKAGES, ROOT, all_imports, package_of, python_files


def module_of(file: Path) -> str:
    """The dotted name of a file; a package's is that of its folder."""
    return ".".join((*package_of(file), file.stem)).removesuffix(".__init__")


def edges_between_files(root: Path) -> dict[str, set[str]]:
    """Which module imports which, all of them files below `root`."""
    modules = {module_of(file) for file in python_files(root)}
    edges: dict[str, set[str]] = {module: set() for module in modules}
    for imported in all_imports(root, PACKAGES):
        importer = module_of(imported.file)
        name = imported.module
        target = name if name in modules else name.rpartition(".")[0]
        if target in modules and target != importer:
            edges[importer].add(target)
    return edges


def circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Sets of modules that reach each other: strongly connected components, by Tarjan's algorithm."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    components: list[list[str]] = []

    def visit(module: str) -> None:
        order[module] = lowest[module] = len(order)
        stack.append(module)
        for target in sorted(edges.get(module, ())):
            if target not in order:
                visit(target)
                lowest[module] = min(lowest[module], lowest[target])
            elif target in stack:
                lowest[module] = min(lowest[module], order[target])
        if lowest[module] == order[module]:
            start = stack.index(module)
            components.append(sorted(stack[start:]))
            del stack[start:]

    for module in sorted(edges):
        if module not in order:
            visit(module)
    return [component for component in components if len(component) > 1]


def room_of(module: str) -> str:
    """The room of a module: `bridge`, `sparkvsr_engine.core`; each file beside the rooms is one itself."""
    parts = module.split(".")
    return parts[0] if parts[0] != "sparkvsr_engine" else ".".join(parts[:2])


def edges_between_rooms(root: Path) -> dict[str, set[str]]:
    """Which room imports which; the engine's `__init__` is left out, since it is in every import."""
    edges: dict[str, set[str]] = {}
    for result in all_imports(root, ("bridge", "sparkvsr", "sparkvsr_engine")):
        importer = room_of(module_of(result.file))
        second = room_of(result.module)
        is_ours = result.is_of("sparkvsr_bridge") or result.is_of("sparkvsr_engine")
        if is_ours and importer != second and "sparkvsr_engine.__version__" not in (importer, second):
            edges.setdefault(importer, set()).add(second)
    return edges


def test_files_do_not_go_round_in_circles():
    assert circles(edges_between_files(ROOT)) == []


def test_rooms_do_not_go_round_in_circles():
    assert circles(edges_between_rooms(ROOT)) == []


@pytest.mark.parametrize(
    "line", ["from .b import x", "def f():\n    from . import b", "if TYPE_CHECKING:\n    from .b import x"]
)
def test_a_planted_circle_is_caught(tmp_path: Path, line: str):
    folder = tmp_path / "bridge" / "sparkvsr_bridge"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "a.py").write_text(f"{line}\n")
    (folder / "b.py").write_text("from .a import y\n")
    assert circles(edges_between_files(tmp_path)) == [["sparkvsr_bridge.a", "sparkvsr_bridge.b"]]


def test_a_planted_circle_of_rooms_is_caught(tmp_path: Path):
    for package, second in [("media", "models"), ("models", "jobs"), ("jobs", "media")]:
        folder = tmp_path / "sparkvsr_engine" / package
        folder.mkdir(parents=True)
        (folder / "a.py").write_text(f"from sparkvsr_engine.{second} import a\n")
    assert len(circles(edges_between_rooms(tmp_path))) == 1
