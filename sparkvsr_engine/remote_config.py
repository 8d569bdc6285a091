"""What an engine allows clients of other machines: the section `[remote]` of its configuration."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, cast

from sparkvsr_bridge.errors import InvalidSettings

MIB = 1024**2
GIB = 1024**3


@dataclass(frozen=True)
class RemoteConfig:
    """Bounds of remote clients; `[remote]` in `config.toml` overrides the defaults.

    read: folders whose files remote clients may name as sources, keyframes, mattes and colour configs.
    write: folders that results may go to; they may be read as well.
    every_address: whether the engine may listen on every address of the machine.
    models: folders of weights and model files, as a request names them, beside the engine's own models.
    keyframe_makers: keyframe models, as a request names them, beside the bundled: `cmd:` lines, files.
    open_jobs: jobs of one client that are queued, running or paused.
    messages_per_second: of one client over time; twice as many may come at once.
    open_requests: requests of one client that are not answered yet, previews included.
    message_bytes: the most that one connection may have on its way to the engine.
    text_bytes: the most text, header or body, of one message.
    disk_bytes: pictures of one client that the engine keeps.
    connections: the most connections of all remote clients together.
    """

    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    every_address: bool = False
    models: tuple[str, ...] = ()
    keyframe_makers: tuple[str, ...] = ()
    open_jobs: int = 20
    messages_per_second: float = 50.0
    open_requests: int = 32
    message_bytes: int = 512 * MIB
    text_bytes: int = MIB
    disk_bytes: int = 10 * GIB
    connections: int = 256

    @classmethod
    def of(cls, values: dict[str, Any], place: str) -> RemoteConfig:
        """The section as TOML has it; raises InvalidSettings that names the key. place: the file."""
        defaults = {field.name: field.default for field in fields(cls)}
        for name, value in values.items():
            if name not in defaults:
                raise InvalidSettings(f"{place} has an unknown key '{name}' in [remote]; correct its name.")
            if not _fits(value, defaults[name]):
                raise InvalidSettings(
                    f"{place} has {value!r} for '{name}' in [remote]; see the page of settings."
                )
        records: dict[str, Any] = {
            name: tuple(cast("list[str]", value)) if isinstance(value, list) else value
            for name, value in values.items()
        }
        return cls(**records)


def _fits(value: Any, default: Any) -> bool:
    if isinstance(default, tuple):
        return isinstance(value, list) and all(isinstance(item, str) for item in cast("list[object]", value))
    if isinstance(default, bool):
        return isinstance(value, bool)
    kinds = (int, float) if isinstance(default, float) else (int,)
    return isinstance(value, kinds) and not isinstance(value, bool) and value > 0
