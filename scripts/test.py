"""Sets up .venv where it is missing or out of date, then checks style, types and behaviour.

`python scripts/test.py` runs the tests in two steps: the fast ones, then those marked `slow`. A step that
fails is the last. With Python 3.12 or later, or SPARKVSR_COVERAGE=1, the fast ones print their coverage.
With arguments there is one step, and they go to pytest: `tests/bridge -q`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from set_up import ROOT, TEST_EXTRAS, SetUpFailed, program_in, set_up
from two_steps import run_steps

CHECKS = (("ruff", "check", "."), ("ruff", "format", "--check", "."), ("pyright",))


def main(arguments: list[str]) -> int:
    """The command line: the status of the first check that fails, else pytest's."""
    try:
        python = set_up(TEST_EXTRAS)
    except SetUpFailed as error:
        print(error, file=sys.stderr)
        return 1
    blender = None
    if not os.environ.get("SPARKVSR_BLENDER"):
        # A large download: it comes while style and types are checked.
        blender = subprocess.Popen([sys.executable, str(Path(__file__).with_name("set_up.py")), "--blender"])
    try:
        return _check(python, blender, arguments)
    except KeyboardInterrupt:
        return 130


def _check(python: Path, blender: subprocess.Popen[bytes] | None, arguments: list[str]) -> int:
    # Idle OpenMP threads sleep instead of spinning, which is slower as soon as anything else runs.
    environment = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}
    environment["PATH"] = os.pathsep.join([str(python.parent), os.environ.get("PATH", "")])
    for name, *options in CHECKS:
        program = str(program_in(ROOT / ".venv", name))
        status = subprocess.call([program, *options], cwd=ROOT, env=environment)
        if status:
            return status
    if blender is not None:
        blender.wait()
    # Prints which Pythons of Nuke are here and which are not; those are left out of the tests.
    subprocess.call([str(python), str(Path(__file__).with_name("nuke_hosts.py"))], env=environment)
    if arguments:
        return subprocess.call([str(python), "-m", "pytest", *arguments], cwd=ROOT, env=environment)
    return run_steps(python, ROOT, environment)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
