"""`sparkvsr plugins build | install | uninstall HOST`: a plugin's archives, in and out of the user's host."""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import sparkvsr_engine
from sparkvsr_bridge.errors import InvalidSettings, SparkVSRError
from sparkvsr_engine.cli.console import Console
from sparkvsr_engine.cli.paths import absolute
from sparkvsr_engine.config import load_config

if TYPE_CHECKING:
    from sparkvsr_engine.cli.subcommands import Commands

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
    _add_place_options(plugins)


def _add_place_options(plugins: argparse.ArgumentParser) -> None:
    plugins.add_argument(
        "-o",
        "--output",
        metavar="DIR",
        help="folder of the archives, default dist; of what is installed: for NUKE_PATH, Resolve's scripts",
    )
    plugins.add_argument(
        "--program", default="", metavar="PATH", help="the host's program; default: the one that is found"
    )
    _add_pyzmq_options(plugins)


def _add_pyzmq_options(plugins: argparse.ArgumentParser) -> None:
    plugins.add_argument(
        "--wheels", metavar="DIR", help="folder of pyzmq's wheels, for a machine without a network"
    )
    plugins.add_argument(
        "--without-pyzmq", action="store_true", help="Nuke: carry no pyzmq, the site provides it"
    )


def run_plugins(options: argparse.Namespace, console: Console) -> int:
    """Do one of the three."""
    build = load_build()
    if options.host not in build.HOSTS:
        raise InvalidSettings(f"there is no plugin for {options.host} in this release yet.")
    host, failures = build.release(options.host).HOST, build.release("archives")
    request = build.release("requests").Request(
        wheels=wheel_folder(options.wheels),
        output=Path(absolute(options.output)) if options.output else None,
        program=options.program,
        engine=engine_program(),
        has_pyzmq=options.without_pyzmq,
    )
    try:
        if options.action == "build":
            for archive in host.build(request):
                console.result(str(archive), "archive", host=options.host, path=str(archive))
        elif options.action == "install":
            done = host.install(request)
            console.result(done.sentence, "installed", host=options.host, **_place(done))
        else:
            _remove(host, request, options, console)
    except (failures.BuildFailed, failures.InstallFailed) as error:
        raise SparkVSRError(str(error)) from error
    return 0


def plugins_folder() -> Path:
    """The plugins' sources: within an installed engine, else beside a checkout's bridge."""
    installed = Path(sparkvsr_engine.__file__).resolve().with_name("host_plugins")
    return (
        installed if installed.is_dir() else Path(sparkvsr_engine.__file__).resolve().parents[1] / "plugins"
    )


def load_build() -> ModuleType:
    """`build.py` of the plugins' folder, which is no package: hosts want it as it lies.

    Raises SparkVSRError where this installation came without the folder.
    """
    title = "sparkvsr_plugins_build"
    if title in sys.modules:
        return sys.modules[title]
    path = plugins_folder() / "build.py"
    spec = importlib.util.spec_from_file_location(title, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise SparkVSRError(f"The plugins are missing in {path.parent}; install sparkvsr again.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[title] = module
    spec.loader.exec_module(module)
    return module


def _remove(host: Any, request: Any, options: argparse.Namespace, console: Console) -> None:
    done = host.remove(request)
    if not options.wheels:
        shutil.rmtree(wheel_folder(), ignore_errors=True)
    console.result(done.sentence, "uninstalled", host=options.host, **_place(done), was_there=done.was_there)


def _place(done: Any) -> dict[str, str]:
    """Where it was done: a host's program with its version, or a folder."""
    return {"program": done.place, "version": done.version} if done.version else {"folder": done.place}


def engine_program() -> str:
    """What starts this engine: the program beside its Python, else the Python itself."""
    name = "sparkvsr.exe" if sys.platform == "win32" else "sparkvsr"
    program = Path(sys.executable).with_name(name)
    return str(program) if program.is_file() else sys.executable


def wheel_folder(named: str | None = None) -> Path:
    """Where pyzmq's wheels are kept for the next build: the folder that is named, else the engine's own."""
    return Path(absolute(named)) if named else load_config().home / "plugin-wheels"
