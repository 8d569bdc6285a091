"""`sparkvsr plugins build | install | uninstall HOST`: a plugin's archives, in and out of the user's host."""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import bridge
import sparkvsr_engine
from bridge.errors import InvalidSettings, SparkVSRError
from sparkvsr_engine.cli.console import Console
from sparkvsr_engine.cli.paths import absolute
from sparkvsr_engine.config import load_config

if TYPE_CHECKING:
    from sparkvsr_engine.cli.parser import Commands

HOSTS = ("nuke", "davinci", "blender")


def add_commands(commands: Commands) -> None:
    """Add it."""
    plugins = commands.add(
        "plugins",
        run_plugins,
        "Build a host's plugin, install it into the host for this user, or take it out again.",
        "sparkvsr plugins install blender",
    )
    plugins.add_argument(
        "action",
        choices=("build", "install", "uninstall"),
        help="build: archives to install by hand; install, uninstall: for this user",
    )
    plugins.add_argument("host", choices=HOSTS, help="the program the plugin is for")
    plugins.add_argument("-o", "--output", metavar="DIR", help="folder of the archives; default: dist")
    plugins.add_argument(
        "--program", default="", metavar="PATH", help="the host's program; default: the one that is found"
    )
    plugins.add_argument(
        "--wheels", metavar="DIR", help="folder of pyzmq's wheels, for a machine without a network"
    )


def run_plugins(options: argparse.Namespace, console: Console) -> int:
    """Do one of the three."""
    build = load("build")
    if options.host not in build.BUILDERS:
        raise InvalidSettings(f"there is no plugin for {options.host} in this release yet.")
    run = {"build": _build, "install": _install, "uninstall": _uninstall}[options.action]
    try:
        run(build, options, console)
    except (build.BuildFailed, load("install_blender").InstallFailed) as error:
        raise SparkVSRError(str(error)) from error
    return 0


def plugins_folder() -> Path:
    """The plugins' sources: within an installed engine, else beside a checkout's bridge."""
    installed = Path(sparkvsr_engine.__file__).resolve().with_name("host_plugins")
    return installed if installed.is_dir() else Path(bridge.__file__).resolve().parents[1] / "plugins"


def load(name: str) -> ModuleType:
    """A module of the plugins' folder, which is no package: hosts want it as it lies.

    Raises SparkVSRError where this installation came without the folder.
    """
    title = f"sparkvsr_plugins_{name}"
    if title in sys.modules:
        return sys.modules[title]
    path = plugins_folder() / f"{name}.py"
    spec = importlib.util.spec_from_file_location(title, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise SparkVSRError(f"The plugins are missing in {path.parent}; install sparkvsr again.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[title] = module
    spec.loader.exec_module(module)
    return module


def _build(build: Any, options: argparse.Namespace, console: Console) -> None:
    output = Path(absolute(options.output or "dist"))
    for archive in build.BUILDERS[options.host](output, wheel_folder(options.wheels)):
        console.result(str(archive), "archive", host=options.host, path=str(archive))


def _install(build: Any, options: argparse.Namespace, console: Console) -> None:
    installing = load("install_blender")
    blender = installing.find_blender(options.program)
    console.note(f"installing into {blender.text}, {blender.program}")
    variants = build.select_variants(blender.generation, installing.this_platform())
    with tempfile.TemporaryDirectory(prefix="sparkvsr-plugin-") as folder:
        output = Path(absolute(options.output or folder))
        archive = build.build_blender(output, wheel_folder(options.wheels), variants)[0]
        installing.install(blender, archive, engine_program())
    console.result(
        f"SparkVSR is enabled in {blender.text}: open a Video Sequencer, press N, choose the tab SparkVSR",
        "installed",
        host=options.host,
        program=blender.program,
        version=blender.text,
    )


def _uninstall(build: Any, options: argparse.Namespace, console: Console) -> None:  # noqa: ARG001
    installing = load("install_blender")
    blender = installing.find_blender(options.program)
    was_there = installing.uninstall(blender)
    if not options.wheels:
        shutil.rmtree(wheel_folder(), ignore_errors=True)
    console.result(
        f"SparkVSR is {'taken out of' if was_there else 'not in'} {blender.text}",
        "uninstalled",
        host=options.host,
        program=blender.program,
        version=blender.text,
        was_there=was_there,
    )


def engine_program() -> str:
    """What starts this engine: the program beside its Python, else the Python itself."""
    name = "sparkvsr.exe" if sys.platform == "win32" else "sparkvsr"
    program = Path(sys.executable).with_name(name)
    return str(program) if program.is_file() else sys.executable


def wheel_folder(named: str | None = None) -> Path:
    """Where pyzmq's wheels are kept for the next build: the folder that is named, else the engine's own."""
    return Path(absolute(named)) if named else load_config().home / "plugin-wheels"
