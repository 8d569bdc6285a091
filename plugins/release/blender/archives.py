"""The extension's archives: one per Python generation and platform of Blender, each with one pyzmq wheel."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ..archives import PLUGINS, bridge_entries, entries_of, package_version, write_archive
from ..wheels import PLATFORM_TAGS, Wheel, fetch_wheel

_MANIFEST = "blender_manifest.toml"
_BUILD_TABLE = re.compile(r"\n\[build\].*?(?=\n\[|\Z)", re.DOTALL)


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
_MACHINES = {"linux": ("linux-x64",), "macos": ("macos-arm64", "macos-x64"), "windows": ("windows-x64",)}
BLENDER_VARIANTS = tuple(
    Variant(name, platform, machines, Wheel(python, abi, PLATFORM_TAGS[platform]), lowest, highest)
    for name, python, abi, lowest, highest in _GENERATIONS
    for platform, machines in _MACHINES.items()
)


def build_blender(output: Path, wheels: Path, variants: tuple[Variant, ...] = BLENDER_VARIANTS) -> list[Path]:
    """The Blender extension, one archive per variant; returns their paths.

    output: folder of the archives. wheels: folder of fetched wheels, filled where one is missing.
    Raises BuildFailed.
    """
    source = PLUGINS / "blender"
    manifest = (source / _MANIFEST).read_text("utf-8")
    archives: list[Path] = []
    for variant in variants:
        wheel = fetch_wheel(variant.wheel, wheels)
        name = f"sparkvsr-{package_version()}-blender-{variant.name}-{variant.platform}.zip"
        entries = [
            (_MANIFEST, blender_manifest(manifest, variant, wheel.name).encode()),
            *entries_of(source, frozenset({_MANIFEST})),
            *bridge_entries(),
            (f"wheels/{wheel.name}", wheel.read_bytes()),
        ]
        archives.append(write_archive(output / name, entries))
    return archives


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


def select_variants(python: str = "", platform: str = "") -> tuple[Variant, ...]:
    """The Blender archives for a Python generation (`py311`, `py313`) and a platform; empty means all."""
    return tuple(
        variant
        for variant in BLENDER_VARIANTS
        if python in ("", variant.name) and platform in ("", variant.platform)
    )
