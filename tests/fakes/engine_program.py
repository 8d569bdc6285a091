"""A real engine for plugins under test: a program that a plugin starts when it first needs one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.code_path import CODE_PATH
from tests.fakes.programs import write_program


@dataclass(frozen=True)
class EngineProgram:
    """program: what starts the engine. home: its home folder."""

    program: Path
    home: Path

    def stop(self) -> None:
        """End it, if it runs."""
        environment = {**os.environ, "SPARKVSR_HOME": str(self.home)}
        subprocess.run([self.program, "stop"], env=environment, capture_output=True, timeout=60, check=False)


@contextmanager
def engine_program(folder: Path, python: str = sys.executable) -> Iterator[EngineProgram]:
    """A program of this checkout's engine, written into a folder; ended afterwards. python: what runs it."""
    code = (
        f"import os, sys\nos.environ['PYTHONPATH'] = {CODE_PATH!r}\n"
        f"sys.path[:0] = {CODE_PATH.split(os.pathsep)!r}\n"
        "from sparkvsr_engine.cli import main\nsys.exit(main())"
    )
    program = write_program(folder / "sparkvsr", code, python)
    # Short enough for the path of a socket.
    engine = EngineProgram(program, Path(tempfile.mkdtemp(prefix="svsr-")))
    try:
        yield engine
    finally:
        engine.stop()
        shutil.rmtree(engine.home, ignore_errors=True)
