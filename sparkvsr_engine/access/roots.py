"""The folders remote clients may read and write: a path, resolved on the disk, must lie below one of them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sparkvsr_bridge.errors import NotPermitted
from sparkvsr_engine.access.spellings import fault_of, is_below
from sparkvsr_engine.remote_config import RemoteConfig

IS_WINDOWS = os.name == "nt"


@dataclass(frozen=True)
class Roots:
    """Resolved roots. A root that may be written may be read."""

    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()

    @classmethod
    def of(cls, config: RemoteConfig) -> Roots:
        """The roots of a configuration, as they lie on the disk now."""
        return cls(
            tuple(os.path.realpath(root) for root in (*config.read, *config.write)),
            tuple(os.path.realpath(root) for root in config.write),
        )

    def holds(self, resolved: str, writing: bool = False) -> bool:
        """Whether a resolved path lies below a root."""
        roots = self.write if writing else self.read
        return any(is_below(resolved, root, IS_WINDOWS) for root in roots)

    def root_of(self, resolved: str) -> str:
        """The root a resolved path lies below; raises NotPermitted where there is none."""
        root = next((root for root in self.read if is_below(resolved, root, IS_WINDOWS)), None)
        if root is None:
            raise _outside(resolved, False)
        return root

    def resolve(self, path: str, writing: bool = False) -> str:
        """The path without links, below a root; looks at the disk.

        Raises NotPermitted, which reveals no more of what lies outside than its spelling does.
        """
        fault = fault_of(path, IS_WINDOWS)
        if fault:
            raise NotPermitted(f"'{path}' {fault}; name a full path below the folders this engine allows.")
        resolved = os.path.realpath(path)
        if not self.holds(resolved, writing):
            raise _outside(path, writing)
        _require_ordinary(path, resolved)
        if not writing:
            self._require_members(path, resolved)
        return resolved

    def _require_members(self, path: str, resolved: str) -> None:
        """Numbered pictures are opened one by one: a link among them may lead anywhere."""
        folder = Path(resolved) if Path(resolved).is_dir() else Path(resolved).parent
        for linked in _links_in(folder):
            if not self.holds(os.path.realpath(linked)):
                raise NotPermitted(
                    f"'{path}' lies beside the link '{Path(linked).name}' that leads out of the folders this"
                    " engine allows; take it away or copy the file."
                )


def _outside(path: str, writing: bool) -> NotPermitted:
    use = "written" if writing else "read"
    return NotPermitted(
        f"'{path}' is outside the folders that may be {use} here; name a path below one of them, or have the"
        f" engine's administrator add its folder to '{'write' if writing else 'read'}' in [remote]."
    )


def _require_ordinary(path: str, resolved: str) -> None:
    """Raise NotPermitted for a device, pipe or socket; what is not there yet is judged by its folder."""
    try:
        mode = os.lstat(resolved).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise NotPermitted(f"'{path}' cannot be looked at ({error.strerror}); check its name.") from error
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise NotPermitted(f"'{path}' is neither a file nor a folder; name one.")


def _links_in(folder: Path) -> Iterable[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.path for entry in entries if entry.is_symlink()]
    except OSError:
        return []
