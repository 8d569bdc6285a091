"""Makes the plugins' release archives: `python plugins/build.py blender`, archives in `dist/`.

An archive is a plugin's folder with the bridge inside (`_vendor/bridge`) and unmodified pyzmq wheels, one
archive per Python generation and platform of the host. Standard library alone; pip fetches the wheels.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PLUGINS = Path(__file__).resolve().parent
# Beside this folder in a checkout; in an installation this folder lies within the engine's.
BRIDGE = next(path for path in (PLUGINS.parent / "bridge", PLUGINS.parents[1] / "bridge") if path.is_dir())
PYZMQ_VERSION = "27.3.0"
# The oldest time a zip can tell: archives of the same files are the same bytes.
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_SKIPPED = {"__pycache__", "_vendor", "wheels"}
_BUILD_TABLE = re.compile(r"\n\[build\].*?(?=\n\[|\Z)", re.DOTALL)


class BuildFailed(Exception):
    """An archive cannot be made; the message says why and what to do."""


@dataclass(frozen=True)
class Wheel:
    """Which pyzmq wheel an archive carries, in pip's words."""

    python: str
    abi: str
    platforms: tuple[str, ...]


@dataclass(frozen=True)
class Variant:
    """One archive of a plugin: for which Python of the host, on which platform.

    name: part of the archive's name. blender_min, blender_max: versions of Blender, the highest excluded.
    machines: the platform as Blender names it, more than one where they share a wheel.
    """

    name: str
    platform: str
    machines: tuple[str, ...]
    wheel: Wheel
    blender_min: str = ""
    blender_max: str = ""


# Blender takes the Pythons it allows from the wheels' names: both in one archive would mean 3.11 alone.
_GENERATIONS = (("py311", "3.11", "cp311", "4.2.0", "5.1.0"), ("py313", "3.12", "abi3", "5.1.0", ""))
_PLATFORMS = {
    "linux": (("linux-x64",), ("manylinux_2_28_x86_64", "manylinux_2_26_x86_64", "manylinux2014_x86_64")),
    "macos": (("macos-arm64", "macos-x64"), ("macosx_10_15_universal2",)),
    "windows": (("windows-x64",), ("win_amd64",)),
}
BLENDER_VARIANTS = tuple(
    Variant(name, platform, machines, Wheel(python, abi, tags), lowest, highest)
    for name, python, abi, lowest, highest in _GENERATIONS
    for platform, (machines, tags) in _PLATFORMS.items()
)


def package_version() -> str:
    """The one version, from the bridge."""
    text = (BRIDGE / "version.py").read_text("utf-8")
    found = re.search(r'^__version__ = "([^"]+)"', text, re.MULTILINE)
    if found is None:
        raise BuildFailed("bridge/version.py names no version.")
    return found[1]


def build_blender(output: Path, wheels: Path, variants: tuple[Variant, ...] = BLENDER_VARIANTS) -> list[Path]:
    """The Blender extension, one archive per variant; returns their paths.

    output: folder of the archives. wheels: folder of fetched wheels, filled where one is missing.
    Raises BuildFailed.
    """
    source = PLUGINS / "blender"
    manifest = (source / "blender_manifest.toml").read_text("utf-8")
    output.mkdir(parents=True, exist_ok=True)
    found = []
    for variant in variants:
        wheel = fetch_wheel(variant.wheel, wheels)
        archive = output / f"sparkvsr-{package_version()}-blender-{variant.name}-{variant.platform}.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
            _write(target, "blender_manifest.toml", blender_manifest(manifest, variant, wheel.name).encode())
            for path in plugin_files(source, {"blender_manifest.toml"}):
                _write(target, path.relative_to(source).as_posix(), path.read_bytes())
            _write(target, "_vendor/__init__.py", b"")
            for path in plugin_files(BRIDGE):
                inside = f"bridge/{path.relative_to(BRIDGE).as_posix()}"
                # Timelines need a library that Blender has not.
                if not inside.startswith("bridge/timeline/"):
                    _write(target, f"_vendor/{inside}", path.read_bytes())
            _write(target, f"wheels/{wheel.name}", wheel.read_bytes())
        found.append(archive)
    return found


def blender_manifest(manifest: str, variant: Variant, wheel: str) -> str:
    """The manifest of one archive: its version, Blenders, platform and wheel filled in."""
    text = _BUILD_TABLE.sub("\n", manifest).rstrip()
    text = re.sub(r'^version = "[^"]*"', f'version = "{package_version()}"', text, flags=re.MULTILINE)
    limits = f'blender_version_min = "{variant.blender_min}"'
    if variant.blender_max:
        limits += f'\nblender_version_max = "{variant.blender_max}"'
    machines = ", ".join(f'"{machine}"' for machine in variant.machines)
    limits += f'\nplatforms = [{machines}]\nwheels = ["./wheels/{wheel}"]'
    return re.sub(r'^blender_version_min = "[^"]*"', limits, text, flags=re.MULTILINE) + "\n"


def plugin_files(folder: Path, left_out: set[str] = frozenset()) -> Iterator[Path]:  # type: ignore[assignment]
    """Every file that is shipped, sorted; build products and what is named left out."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        is_ours = not _SKIPPED & set(inside.parts) and path.suffix != ".pyc"
        if path.is_file() and is_ours and inside.as_posix() not in left_out:
            yield path


def fetch_wheel(wanted: Wheel, folder: Path) -> Path:
    """The wheel, from the folder or fetched into it by pip.

    Raises BuildFailed with pip's last words.
    """
    folder.mkdir(parents=True, exist_ok=True)
    there = _find_wheel(wanted, folder)
    if there is not None:
        return there
    command = [*_pip(), "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--implementation", "cp", "--python-version", wanted.python, "--abi", wanted.abi]
    for tag in wanted.platforms:
        command += ["--platform", tag]
    command += ["--dest", str(folder), f"pyzmq=={PYZMQ_VERSION}"]
    no_window = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    done = subprocess.run(command, capture_output=True, text=True, check=False, creationflags=no_window)
    there = _find_wheel(wanted, folder)
    if done.returncode or there is None:
        words = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise BuildFailed(f"pip cannot fetch pyzmq {PYZMQ_VERSION} for {wanted.platforms[0]}: {words}")
    return there


def _pip() -> list[str]:
    """This Python's pip, else the one on the search path: an environment may have been made without."""
    if any(importlib.metadata.distributions(name="pip")):
        return [sys.executable, "-m", "pip"]
    found = shutil.which("pip3") or shutil.which("pip")
    if found is None:
        raise BuildFailed("pip is needed to fetch pyzmq's wheels, and there is none; install it.")
    return [found]


def _find_wheel(wanted: Wheel, folder: Path) -> Path | None:
    names = sorted(path.name for path in folder.glob(f"pyzmq-{PYZMQ_VERSION}-*-{wanted.abi}-*.whl"))
    # A wheel's name ends in platform tags that are joined by dots.
    fitting = (name for name in names if set(wanted.platforms) & set(name[:-4].split("-")[-1].split(".")))
    found = next(fitting, None)
    return folder / found if found else None


def _write(target: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, ZIP_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    target.writestr(entry, content)


def select_variants(python: str = "", platform: str = "") -> tuple[Variant, ...]:
    """The Blender archives for a Python generation (`py311`, `py313`) and a platform; empty means all."""
    return tuple(
        variant
        for variant in BLENDER_VARIANTS
        if python in ("", variant.name) and platform in ("", variant.platform)
    )


# Nuke and Resolve add their builders here.
BUILDERS = {"blender": build_blender}


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Make the plugins' release archives.")
    parser.add_argument("host", choices=[*BUILDERS, "all"])
    parser.add_argument("--output", type=Path, default=Path("dist"), help="folder of the archives")
    parser.add_argument("--wheels", type=Path, default=Path("build/wheels"), help="folder of fetched wheels")
    options = parser.parse_args(arguments)
    hosts = list(BUILDERS) if options.host == "all" else [options.host]
    try:
        for host in hosts:
            for archive in BUILDERS[host](options.output, options.wheels):
                print(archive)  # noqa: T201 - the program's answer
    except BuildFailed as error:
        print(f"build.py: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
