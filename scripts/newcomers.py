"""Follows the newcomers' paths of the documentation to the letter: `python scripts/newcomers.py [PATH ...]`.

PATH is artist, developer or researcher; all of them where none is named. Of each page the code blocks are
taken in their order: a block with a title becomes the file of that name, the lines of an `sh` block are run.
The clip the pages name is a short, small cut of the demonstration's. Everything happens in a folder of
its own with a home of its own; the first command that fails ends it with status 1.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bridge")]

from scripts.documentation.code_blocks import CodeBlock, code_blocks  # noqa: E402

PAGES = ROOT / "docs" / "paths"
CLIP = ROOT / "sparkvsr_engine" / "cli" / "demo_clip" / "bunny.mp4"
# Training needs larger clips than the other paths: see docs/training.md.
SIZES = {"artist": (160, 90), "developer": (160, 90), "researcher": (960, 528)}
FRAMES = 8
BLENDER_MODULE = ROOT / ".venv-blender" / "bin" / "python"
_SECONDS = 500


class PathBroken(Exception):
    """A step of a path fails; the message names it, with what it printed last."""


@dataclass(frozen=True)
class Journey:
    """A newcomer's place. folder: where the clip is and commands run. home: of the user and the engine."""

    folder: Path
    home: Path
    programs: Path
    outputs: list[str] = field(default_factory=list[str])

    def run(self, words: Sequence[str]) -> None:
        """Run one command as a shell would; raises PathBroken."""
        print("$", *words, flush=True)
        begun = time.monotonic()
        done = subprocess.run(
            self._command(words),
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
        last_lines = "\n".join(done.stdout.splitlines()[-6:])
        print(f"{last_lines}\n[{time.monotonic() - begun:.1f} s, status {done.returncode}]", flush=True)
        self.outputs.append(done.stdout)
        if done.returncode:
            raise PathBroken(f"{' '.join(words)} ended with status {done.returncode}:\n{done.stdout[-2000:]}")

    def _command(self, words: Sequence[str]) -> list[str]:
        """The words with this Python and this checkout's program in the place of the installed ones."""
        if words[0] == "sparkvsr":
            return [sys.executable, "-m", "sparkvsr_engine", *words[1:]]
        if words[0] == "python":
            return [sys.executable, *words[1:]]
        program = shutil.which(words[0], path=str(self.programs))
        return [program or words[0], *words[1:]]

    def environment(self) -> dict[str, str]:
        """What a newcomer's programs see: a home of their own, this checkout's code."""
        user = self.home / "user"
        user.mkdir(parents=True, exist_ok=True)
        paths = [str(self.programs), os.environ.get("PATH", "")]
        code = [str(ROOT), str(ROOT / "bridge"), os.environ.get("PYTHONPATH", "")]
        return {
            **os.environ,
            "PATH": os.pathsep.join(paths),
            "PYTHONPATH": os.pathsep.join(filter(None, code)),
            "SPARKVSR_HOME": str(self.home),
            "HOME": str(user),
            "XDG_CONFIG_HOME": str(user / ".config"),
            "APPDATA": str(user),
        }


def follow(path: str, folder: Path, blender: Path | None = None, wheels: Path | None = None) -> Journey:
    """Follow one path in an empty folder; returns the journey with what every command printed.

    blender: a Blender program, or a Python that has Blender as its module. wheels: pyzmq's, for a machine
    without a network. Raises PathBroken.
    """
    # Sockets have short paths.
    home = Path(tempfile.mkdtemp(prefix="svsr-"))
    journey = Journey(folder, home, home / "programs")
    journey.programs.mkdir()
    if blender is not None:
        put_blender(blender, journey.programs)
    if wheels is not None:
        shutil.copytree(wheels, home / "plugin-wheels")
    write_clip(folder / "clip.mp4", SIZES[path])
    try:
        for block in code_blocks(PAGES / f"{path}.md"):
            take_step(block, journey)
    finally:
        stop = [sys.executable, "-m", "sparkvsr_engine", "stop"]
        subprocess.run(stop, env=journey.environment(), capture_output=True, timeout=60, check=False)
        shutil.rmtree(home, ignore_errors=True)
    return journey


def take_step(block: CodeBlock, journey: Journey) -> None:
    """Write the file a block stands for, or run its commands; any other block is for reading."""
    if block.title:
        (journey.folder / block.title).write_text(block.text, "utf-8")
    elif block.language == "sh":
        for words in block.commands:
            journey.run(words)


def write_clip(path: Path, size: tuple[int, int]) -> None:
    """The first frames of the demonstration's clip at this size, as H.264."""
    import av

    with av.open(str(CLIP)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream("libx264", rate=Fraction(24), options={"crf": "16"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number, frame in enumerate(source.decode(video=0)):
            if number == FRAMES:
                break
            still = frame.reformat(*size, format="yuv420p")
            still.pts = number
            still.time_base = Fraction(1, 24)
            target.mux(stream.encode(still))
        target.mux(stream.encode(None))


def put_blender(blender: Path, programs: Path) -> None:
    """Make `blender` a command: the program itself, or the module behind its command line."""
    command = f'"{blender.absolute()}"'
    if blender.name.startswith("python"):
        command += f' -P "{ROOT / "scripts" / "blender_hosts" / "module_program.py"}"'
    launcher = programs / "blender"
    launcher.write_text(f'#!/bin/sh\nunset PYTHONPATH\nexec {command} "$@"\n', "utf-8")
    launcher.chmod(0o755)


def main(arguments: list[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="*", default=list(SIZES), metavar="PATH", help=", ".join(SIZES))
    parser.add_argument(
        "--blender",
        type=Path,
        metavar="PROGRAM",
        help="or a Python with its module; default: .venv-blender's",
    )
    options = parser.parse_args(arguments)
    blender = options.blender or (BLENDER_MODULE if BLENDER_MODULE.is_file() else None)
    for path in options.paths:
        if path not in SIZES:
            parser.error(f"there is no path {path}; it is one of {', '.join(SIZES)}")
        with tempfile.TemporaryDirectory(prefix="newcomer-") as folder:
            print(f"== {path}")
            try:
                follow(path, Path(folder), blender)
            except PathBroken as error:
                print(f"The path {path} is broken: {error}", file=sys.stderr)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
