"""The plugin's files as Nuke finds them: `init.py`, `menu.py`, its package with the bridge and pyzmq inside.

Each archive holds a folder `sparkvsr` for NUKE_PATH, for one platform and all Pythons of Nuke 14 to 17. pyzmq
is unpacked, one folder per Python, because compiled modules do not load from a zip; the plugin puts the right
one on its path when the engine is first needed.
"""

from __future__ import annotations

from pathlib import Path

from ..archives import PLUGINS, BuildFailed, Entry, bridge_entries, entries_of, package_version, write_archive
from ..wheels import PLATFORM_TAGS, Wheel, fetch_wheel, this_platform, wheel_entries

PACKAGE = "sparkvsr_nuke"
VENDORED = f"{PACKAGE}/_vendor"
FOLDER = "sparkvsr"
_PYTHONS = (("3.9", "cp39"), ("3.10", "cp310"), ("3.11", "cp311"), ("3.12", "abi3"))


def wheels_of(platform: str) -> tuple[Wheel, ...]:
    """The pyzmq wheels of one platform, one per Python of Nuke; `abi3` serves 3.12 and all later ones."""
    return tuple(Wheel(python, abi, PLATFORM_TAGS[platform]) for python, abi in _PYTHONS)


def plugin_entries(wheels: Path | None, platform: str = "", source: Path = PLUGINS / "nuke") -> list[Entry]:
    """Every file of the plugin's folder.

    wheels: folder of fetched wheels, filled where one is missing; None carries none. platform: whose wheels;
    empty is this machine's. Raises BuildFailed.
    """
    if not (source / PACKAGE).is_dir():
        raise BuildFailed(f"The Nuke plugin is missing in {source}; install sparkvsr again.")
    entries = [*entries_of(source), *bridge_entries(VENDORED)]
    if wheels is not None:
        for wheel in wheels_of(platform or this_platform()):
            entries += wheel_entries(fetch_wheel(wheel, wheels), f"{VENDORED}/wheels/{wheel.abi}")
    return entries


def build_nuke(output: Path, wheels: Path | None, source: Path = PLUGINS / "nuke") -> list[Path]:
    """One archive per platform; one for all of them where no wheels are carried. Returns their paths.

    Raises BuildFailed.
    """
    archives: list[Path] = []
    for platform in PLATFORM_TAGS if wheels is not None else ("any",):
        entries = plugin_entries(wheels, "" if wheels is None else platform, source)
        path = output / f"sparkvsr-{package_version()}-nuke-{platform}.zip"
        archives.append(write_archive(path, ((f"{FOLDER}/{name}", content) for name, content in entries)))
    return archives
