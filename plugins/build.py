"""Makes the plugins' release archives: `python plugins/build.py blender`, archives in `dist/`.

An archive is a plugin's folder with the bridge inside and unmodified pyzmq wheels; `release/HOST` makes and
installs it. `sparkvsr plugins build|install|uninstall HOST` does the same.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.machinery
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

HOSTS = ("blender", "davinci", "nuke")
# This folder is no package: hosts want their plugin's folder as it lies.
_PACKAGE = "sparkvsr_plugins"


def release(name: str = "") -> ModuleType:
    """A module of `release`, by its name inside, such as `nuke` or `wheels`."""
    if _PACKAGE not in sys.modules:
        spec = importlib.machinery.ModuleSpec(_PACKAGE, None, is_package=True)
        spec.submodule_search_locations = [str(Path(__file__).resolve().parent)]
        sys.modules[_PACKAGE] = importlib.util.module_from_spec(spec)
    return importlib.import_module(f"{_PACKAGE}.release" + (f".{name}" if name else ""))


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Make the plugins' release archives.")
    parser.add_argument("host", choices=[*HOSTS, "all"])
    parser.add_argument("--output", type=Path, default=Path("dist"), help="folder of the archives")
    parser.add_argument("--wheels", type=Path, default=Path("build/wheels"), help="folder of fetched wheels")
    options = parser.parse_args(arguments)
    request = release("requests").Request(options.wheels, options.output)
    try:
        for host in HOSTS if options.host == "all" else [options.host]:
            for archive in release(host).HOST.build(request):
                print(archive)  # noqa: T201 - the program's answer
    except release("archives").BuildFailed as error:
        print(f"build.py: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
