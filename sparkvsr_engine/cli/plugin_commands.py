"""`sparkvsr plugins build | install HOST`: the archives of the plugins, and into the user's host."""

from __future__ import annotations

import argparse
import importlib.util
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import bridge
from bridge.errors import InvalidSettings, SparkVSRError
from sparkvsr_engine.cli.console import Console

if TYPE_CHECKING:
    from sparkvsr_engine.cli.parser import Commands

HOSTS = ("nuke", "davinci", "blender")
PLUGINS = Path(bridge.__file__).resolve().parents[1] / "plugins"


def add_commands(commands: Commands) -> None:
    """Add it."""
    plugins = commands.add(
        "plugins",
        run_plugins,
        "Build a host's plugin, or install it into the host.",
        "sparkvsr plugins install blender",
    )
    plugins.add_argument("action", choices=("build", "install"))
    plugins.add_argument("host", choices=HOSTS)
    plugins.add_argument(
        "-o", "--output", type=Path, metavar="DIR", help="folder of the archives; default: dist"
    )
    plugins.add_argument(
        "--program", default="", metavar="PATH", help="the host's program; default: the one that is found"
    )


def run_plugins(options: argparse.Namespace, console: Console) -> int:
    """Do one of the two."""
    build = load("build")
    if options.host not in build.BUILDERS:
        raise InvalidSettings(f"there is no plugin for {options.host} in this release yet.")
    try:
        if options.action == "build":
            _build(build, options, console)
        else:
            _install(build, options, console)
    except (build.BuildFailed, load("install_blender").InstallFailed) as error:
        raise SparkVSRError(str(error)) from error
    return 0


def load(name: str) -> ModuleType:
    """A module of the plugins' folder, which is no package: hosts want it as it lies.

    Raises SparkVSRError where this installation came without the folder.
    """
    title = f"sparkvsr_plugins_{name}"
    if title in sys.modules:
        return sys.modules[title]
    spec = importlib.util.spec_from_file_location(title, PLUGINS / f"{name}.py")
    if spec is None or spec.loader is None or not (PLUGINS / f"{name}.py").is_file():
        raise SparkVSRError(
            f"The plugins' folder {PLUGINS} is not part of this installation; run the command in a checkout"
            " of the project."
        )
    module = importlib.util.module_from_spec(spec)
    sys.modules[title] = module
    spec.loader.exec_module(module)
    return module


def _build(build: Any, options: argparse.Namespace, console: Console) -> None:
    output = options.output or Path("dist")
    for archive in build.BUILDERS[options.host](output, wheel_folder()):
        console.result(str(archive), "archive", host=options.host, path=str(archive))


def _install(build: Any, options: argparse.Namespace, console: Console) -> None:
    installing = load("install_blender")
    blender = installing.find_blender(options.program)
    console.note(f"installing into {blender.text}, {blender.program}")
    variants = build.select_variants(blender.generation, installing.this_platform())
    with tempfile.TemporaryDirectory(prefix="sparkvsr-plugin-") as folder:
        archive = build.build_blender(options.output or Path(folder), wheel_folder(), variants)[0]
        installing.install(blender, archive, engine_program())
    console.result(
        f"SparkVSR is enabled in {blender.text}: open a Video Sequencer, press N, choose the tab SparkVSR",
        "installed",
        host=options.host,
        program=blender.program,
        version=blender.text,
    )


def engine_program() -> str:
    """What starts this engine: the program beside its Python, else the Python itself."""
    name = "sparkvsr.exe" if sys.platform == "win32" else "sparkvsr"
    program = Path(sys.executable).with_name(name)
    return str(program) if program.is_file() else sys.executable


def wheel_folder() -> Path:
    """Where fetched wheels are kept for the next build."""
    return PLUGINS.parent / "build" / "wheels"
