"""Every Python block of the pages compiles, and what it imports is there. The paths' blocks are also run."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

from scripts.documentation.code_blocks import CodeBlock, code_blocks

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]
BLOCKS = [block for page in PAGES for block in code_blocks(page)]
PYTHON = [block for block in BLOCKS if block.language == "python"]
# Of hosts, which have their own Python.
HOSTS = ("bpy", "nuke", "DaVinciResolveScript")


def name_of(block: CodeBlock) -> str:
    return f"{block.page.relative_to(ROOT).as_posix()}:{block.line}"


@pytest.mark.parametrize("block", PYTHON, ids=name_of)
def test_a_python_block_compiles_and_imports_what_is_there(block: CodeBlock):
    for node in ast.walk(ast.parse(block.text)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] not in HOSTS:
                    importlib.import_module(alias.name)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] not in HOSTS:
            module = importlib.import_module(node.module or "")
            assert [alias.name for alias in node.names if not hasattr(module, alias.name)] == []


def test_python_always_stands_in_a_block_that_is_marked_as_such():
    unmarked = [
        name_of(block)
        for block in BLOCKS
        if not block.language and re.search(r"^(import|from) \w", block.text, re.MULTILINE)
    ]
    assert unmarked == []
    assert PYTHON
