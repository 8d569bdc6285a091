"""Sets up .venv where it is missing, then runs the main job on the clip that ships in the package.

`python scripts/demo.py`; arguments go to `sparkvsr demo`, for example `--output elsewhere`. Without
`--frames` it is the clip's first half, between two keyframes: set-up and result then take less than 1.5 GB.
"""

from __future__ import annotations

import subprocess
import sys

from set_up import SetUpFailed, set_up


def main(arguments: list[str]) -> int:
    """The command line."""
    try:
        python = set_up()
    except SetUpFailed as error:
        print(error, file=sys.stderr)
        return 1
    if not any(argument.startswith(("--frames", "--timeline")) for argument in arguments):
        arguments = [*arguments, "--frames", "0-36"]
    try:
        return subprocess.call([str(python), "-m", "sparkvsr_engine", "demo", *arguments])
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
