"""What a confined thread may open: remote clients' folders, few of the engine's own, program and system."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sparkvsr_engine.access.confinement import landlock
from sparkvsr_engine.access.roots import Roots

# What libraries ask the system for: sizes of memory, processors, cards, the loader's list, the time zone.
# Neither a process' variables nor files of people's.
_SYSTEM_FILES = (
    *("/proc/meminfo", "/proc/cpuinfo", "/proc/stat", "/proc/devices", "/proc/modules", "/proc/mounts"),
    *("/proc/self/status", "/proc/self/stat", "/proc/self/statm", "/proc/self/maps", "/proc/self/cgroup"),
    *("/proc/self/mountinfo", "/proc/driver", "/proc/sys", "/sys"),
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/OpenCL", "/etc/vulkan", "/etc/nvidia"),
)
# Threads' numbers (`encoder_turns`), and not what lies in the folder of each: variables, open files.
_SYSTEM_LISTS = ("/proc/self/task",)
_SYSTEM_PROGRAMS = ("/usr", "/lib", "/lib64", "/bin", "/opt/rocm", "/opt/cuda", "/nix/store")
_DEVICES = ("null", "zero", "full", "random", "urandom", "kfd", "dri", "nvidia*")
_PACKAGES = ("sparkvsr_engine", "sparkvsr_bridge", "sparkvsr")


@dataclass(frozen=True)
class Places:
    """What a confined thread may open besides the program and the system it runs on.

    read, write: files and folders with all below them; links among them are followed when a thread begins.
    """

    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()

    @classmethod
    def of(cls, roots: Roots, read: Iterable[Path] = (), write: Iterable[Path] = ()) -> Places:
        """The roots of remote clients, and the engine's own places.

        Args:
            roots: of remote clients.
            read: what may be read besides.
            write: what may be written and read besides.
        """
        return cls((*roots.read, *map(str, read)), (*roots.write, *map(str, write)))

    def rules(self) -> list[tuple[str, int]]:
        """Every path that may be opened, with the rights there."""
        return [
            *((path, landlock.READ) for path in (*_SYSTEM_FILES, *self.read)),
            *((path, landlock.LIST) for path in _SYSTEM_LISTS),
            *((path, landlock.RUN) for path in _programs()),
            *((path, landlock.USE) for path in _devices()),
            *((path, landlock.WRITE) for path in self.write),
        ]


@lru_cache(maxsize=1)
def _programs() -> tuple[str, ...]:
    """Folders of Python and of packages, as far as they hold nothing else."""
    packages = [Path(file).parent for name in _PACKAGES if (file := _file_of(name))]
    installed = [Path(entry) for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages")]
    folders = (Path(sys.prefix), Path(sys.base_prefix), *installed, *packages)
    with suppress(OSError, RuntimeError):
        # A prefix that is a whole disk or a person's folder is no program's folder.
        folders = tuple(folder for folder in folders if folder not in (Path("/"), Path.home()))
    return tuple(dict.fromkeys((*_SYSTEM_PROGRAMS, *map(str, folders))))


def _file_of(package: str) -> str:
    return getattr(sys.modules.get(package), "__file__", None) or ""


def _devices() -> list[str]:
    return [path for name in _DEVICES for path in map(str, Path("/dev").glob(name))]
