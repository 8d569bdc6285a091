"""Faults planted into a copy of a plugin, one after the other, and for each the test that must fail on it."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Fault:
    """One fault. file: below the plugin's folder. text, instead: what is replaced by what. test: what must
    fail, a file of the tests' folder and a function.
    """

    what: str
    file: str
    text: str
    instead: str
    test: str


@dataclass(frozen=True)
class FaultTable:
    """The faults of one plugin. tests: their folder. variable: names the copy to the tests' conftest."""

    plugin: Path
    tests: Path
    variable: str
    faults: tuple[Fault, ...]

    def require_plantable(self, fault: Fault) -> None:
        """Fail unless its text is in the plugin once and its test is there."""
        assert (self.plugin / fault.file).read_text("utf-8").count(fault.text) == 1, fault.text
        file, _, name = fault.test.partition("::")
        tree = ast.parse((self.tests / file).read_text("utf-8"))
        assert name in [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]

    def is_seen(self, fault: Fault) -> bool:
        """Plant a fault in a copy of the plugin; whether its test fails on it."""
        with tempfile.TemporaryDirectory(prefix="svsr-fault-") as folder:
            copy = Path(folder) / self.plugin.name
            shutil.copytree(self.plugin, copy, ignore=shutil.ignore_patterns("__pycache__"))
            path = copy / fault.file
            path.write_text(path.read_text("utf-8").replace(fault.text, fault.instead, 1), "utf-8")
            test = f"{self.tests.relative_to(ROOT).as_posix()}/{fault.test}"
            command = [sys.executable, "-m", "pytest", test, "-x", "-q", "-p", "no:cacheprovider"]
            environment = {**os.environ, self.variable: str(copy)}
            done = subprocess.run(
                command, cwd=ROOT, env=environment, capture_output=True, timeout=600, check=False
            )
        # 1: tests ran and failed. Anything else, a test that is not there for example, proves nothing.
        return done.returncode == 1

    def main(self, numbers: list[str]) -> int:
        """Plant the faults of these numbers, or all; the exit status is 1 where one went unseen."""
        status = 0
        for number, fault in enumerate(self.faults, 1):
            if numbers and str(number) not in numbers:
                continue
            is_seen = self.is_seen(fault)
            sys.stdout.write(f"{number:2d} {'seen' if is_seen else 'UNSEEN'}: {fault.what} ({fault.test})\n")
            sys.stdout.flush()
            status = status if is_seen else 1
        return status
