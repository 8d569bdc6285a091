"""Plays an artist without a checkout: `python scripts/check_wheel.py WHEEL`.

    --blender PROGRAM  installs the extension into this Blender: a program, or a Python with the module bpy
    --frames A-B       of the demonstration; default 0-3

Everything happens below one temporary folder, which is home folder, configuration, temporary files and
results in one: a fresh environment, the wheel and what it needs, `doctor`, `demo`, `docs`, the plugins of
Nuke, Resolve and Blender built, installed twice and taken out twice, the wheel installed again, then all of
it
uninstalled twice. Prints every step with its seconds, the disk it takes, and which folders are left; fails
where anything but results is.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from set_up import program_in

ROOT = Path(__file__).resolve().parents[1]
# A Python that has Blender as a module, as Blender's program.
BLENDER_AS_MODULE = """#!{python}
import os, sys
import bpy
given = sys.argv[1:]
if given == ["--version"]:
    print("Blender", bpy.app.version_string)
    status = 0
elif given[:2] == ["--command", "extension"]:
    from bl_pkg import bl_extension_cli
    status = bl_extension_cli.cli_extension_handler(given[2:])
else:
    bpy.ops.wm.read_userpref()
    exec(given[given.index("--python-expr") + 1])
    status = 0
sys.stdout.flush()
os._exit(status)
"""


NUKE_INIT = Path(".nuke", "init.py")
NUKE_LINES = "import nuke\nnuke.pluginAddPath('./gizmos')"


class CheckFailed(Exception):
    """A step did not do what an artist expects; the message names it."""


@dataclass(frozen=True)
class UserMachine:
    """One folder that stands for a whole machine of a user."""

    folder: Path

    @property
    def home(self) -> Path:
        """The user's home folder."""
        return self.folder / "home"

    @property
    def results(self) -> Path:
        """Where the user works."""
        return self.home / "films"

    def environment(self) -> dict[str, str]:
        """Nothing of this machine's user, and no checkout."""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("SPARKVSR", "PYTHON"))
        }
        folders = {
            "HOME": self.home,
            "USERPROFILE": self.home,
            "LOCALAPPDATA": self.home / "AppData" / "Local",
            "XDG_DATA_HOME": self.home / ".local" / "share",
            "XDG_CONFIG_HOME": self.home / ".config",
            "XDG_CACHE_HOME": self.home / ".cache",
            "TMPDIR": self.folder / "temporary",
            "TEMP": self.folder / "temporary",
            # pip's own, and that of a compiler it asks for its version.
            "PIP_CACHE_DIR": self.folder / "pip",
            "RUSTUP_HOME": self.folder / "pip",
        }
        return {**kept, **{name: str(path) for name, path in folders.items()}}

    def run(self, title: str, *command: object, expects: str = "") -> str:
        """A step: it must end well, and its output contain `expects`."""
        began = time.monotonic()
        done = subprocess.run(
            [str(part) for part in command],
            cwd=self.results,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        print(f"{time.monotonic() - began:7.1f} s  {title}", flush=True)
        if done.returncode or expects not in done.stdout:
            raise CheckFailed(
                f"{title} ended with {done.returncode}:\n{done.stdout[-1500:]}{done.stderr[-1500:]}"
            )
        return done.stdout

    def files(self) -> set[Path]:
        """All files and empty folders below home and temporary folder."""
        places = [self.home, self.folder / "temporary"]
        return {
            path.relative_to(self.folder)
            for place in places
            for path in place.rglob("*")
            # A Blender that is a module is ended before it takes its own folder away.
            if not path.name.startswith("blender_") and (not path.is_dir() or not any(path.iterdir()))
        }


def megabytes(folder: Path) -> int:
    """The disk a folder takes."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file()) >> 20


def play(machine: UserMachine, wheel: Path, frames: str, blender: Path | None) -> None:
    """Install, use and uninstall all of it. Raises CheckFailed."""
    # Every desktop has the folder of its programs' data.
    for folder in (machine.results, machine.folder / "temporary", machine.home / ".local" / "share"):
        folder.mkdir(parents=True)
    program = _as_program(machine, blender) if blender else None
    if program:
        # Blender's own settings, which it writes with or without the extension.
        machine.run("Blender starts", program, "--version", expects="Blender")
        machine.run("Blender lists its extensions", program, "--command", "extension", "list")
        machine.run("Blender keeps its settings", program, "--python-expr", "bpy.ops.wm.save_userpref()")
    hosts = _hosts(machine, program)
    before = machine.files()
    environment = machine.folder / "environment"
    machine.run("an empty environment", sys.executable, "-m", "venv", environment)
    python, sparkvsr = program_in(environment, "python"), program_in(environment, "sparkvsr")
    install = (python, "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt")
    machine.run("torch", *install, "torch")
    machine.run("the wheel and what else it needs", *install, wheel)
    print(
        f"{megabytes(environment):7} MB the environment, {megabytes(machine.folder / 'pip')} MB pip's cache"
    )
    machine.run("--version", sparkvsr, "--version", expects=wheel.name.split("-")[1])
    machine.run("doctor", sparkvsr, "doctor", expects="ok")
    machine.run("demo", sparkvsr, "demo", "--frames", frames, expects="before_after.png")
    if "docs" in machine.run("--help", sparkvsr, "--help").split():
        machine.run("docs", sparkvsr, "docs", "--no-browser", expects="index.html")
    for host, more in hosts.items():
        machine.run(
            f"plugins build {host}", sparkvsr, "plugins", "build", host, "-o", "archives", expects="zip"
        )
        for time_of in ("", " again"):
            machine.run(f"plugins install {host}{time_of}", sparkvsr, "plugins", "install", host, *more)
    machine.run("the wheel again", *install, "--force-reinstall", "--no-deps", wheel)
    print("lie on the disk by then:", *_folders(machine.files() - before, depth=5), sep="\n    ")
    for time_of in ("", " again"):
        for host, more in hosts.items():
            machine.run(f"plugins uninstall {host}{time_of}", sparkvsr, "plugins", "uninstall", host, *more)
        machine.run(f"uninstall --yes{time_of}", sparkvsr, "uninstall", "--yes")
    for time_of in ("", " again"):
        machine.run(f"pip uninstall{time_of}", python, "-m", "pip", "uninstall", "-q", "-y", "sparkvsr")
    traces = list(environment.rglob("*sparkvsr*"))
    left = machine.files() - before
    print("left:", *_folders(left), *traces, sep="\n    ")
    if (machine.home / NUKE_INIT).read_text("utf-8") != NUKE_LINES:
        raise CheckFailed(f"{NUKE_INIT} is not as it was")
    if traces or {path for path in left if not _may_stay(path)}:
        raise CheckFailed("more is left than results and what Blender keeps of its own")


def _may_stay(path: Path) -> bool:
    """Results, and Blender's empty folders and list of extensions, which name nothing of ours."""
    is_blenders = ".config" in path.parts and "blender" in path.parts
    is_ours = any(name in str(path) for name in ("sparkvsr", "zmq"))
    results = (Path("home", "films", name) for name in ("sparkvsr-demo", "archives"))
    return any(folder in path.parents for folder in results) or (is_blenders and not is_ours)


def _hosts(machine: UserMachine, blender: Path | None) -> dict[str, tuple[object, ...]]:
    """The hosts plugins are installed into, with further arguments; Nuke's folder has lines of the user's."""
    path = machine.home / NUKE_INIT
    path.parent.mkdir()
    path.write_text(NUKE_LINES, "utf-8")
    return {"nuke": (), "davinci": (), **({"blender": ("--program", blender)} if blender else {})}


def _folders(files: set[Path], depth: int | None = None) -> list[str]:
    """The folders files lie in, with their numbers; ones below `depth` count for the one they are in."""
    counts: dict[Path, int] = {}
    for path in files:
        folder = Path(*path.parent.parts[:depth])
        counts[folder] = counts.get(folder, 0) + 1
    return [f"{folder}: {counts[folder]}" for folder in sorted(counts)]


def _as_program(machine: UserMachine, blender: Path) -> Path:
    """Blender's program; one made of a Python that has Blender as its module."""
    if "python" not in blender.name:
        return blender.absolute()
    program = machine.folder / "blender"
    program.write_text(BLENDER_AS_MODULE.format(python=blender.absolute()), "utf-8")
    program.chmod(0o755)
    return program


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--blender", type=Path)
    parser.add_argument("--frames", default="0-3", metavar="A-B")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="svsr-", ignore_cleanup_errors=True) as name:
        try:
            play(UserMachine(Path(name).resolve()), options.wheel.absolute(), options.frames, options.blender)
        except CheckFailed as error:
            print(error, file=sys.stderr)
            return 1
    print("well")
    return 0


if __name__ == "__main__":
    sys.exit(main())
