"""What the engine takes from its surroundings: folders, budgets and limits, read in one place."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, cast

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.system.folders import home_folder, runtime_folder
from sparkvsr_bridge.system.path_maps import PathMaps
from sparkvsr_bridge.system.text_files import read_text_file
from sparkvsr_engine.remote_config import RemoteConfig

GIB = 1024**3

LOCAL = "local"
"""The executor that is this machine."""

_NO_KEYS = ("home", "models_home")
_SECTIONS = ("path_maps", "remote")


@dataclass(frozen=True)
class EngineConfig:
    """Settings of one engine; `config.toml` in the home folder overrides the defaults.

    device: what renders where a request leaves it to the engine.
    cache_budget_bytes: the most the content-addressed cache may hold; oldest entries go first.
    threads: threads of the network's CPU kernels; 0 means one per core.
    worker_attempts: times a worker may die without finishing a chunk before its job fails.
    worker_silent_seconds: a worker that neither reports nor works for so long is ended and started again.
    worker_stop_seconds: so long a worker may take to let a stopped job go.
    devices: that one job is rendered on at a time, by a process each; empty for all CUDA cards there are.
    preview_device: that previews keep for themselves; jobs are rendered on the others, by processes.
    executor: what renders chunks: `local`, `ray` (a cluster that is started here) or `ray:HOST:PORT`.
    idle_shutdown_seconds: the engine ends after this long without client and job; 0 means never.
    path_maps: folders that machines of a studio spell differently: lists of spellings.
    remote: a section of its own, for clients of other machines.
    models_home: the home folder that holds the models, where it is not `home`; no key of the file.
    """

    home: Path
    cache_budget_bytes: int = 20 * GIB
    threads: int = 0
    worker_attempts: int = 3
    worker_silent_seconds: float = 120.0
    worker_stop_seconds: float = 15.0
    devices: tuple[str, ...] = ()
    preview_device: str = ""
    executor: str = LOCAL
    idle_shutdown_seconds: float = 0.0
    device: str = "auto"
    path_maps: PathMaps = PathMaps()
    remote: RemoteConfig = RemoteConfig()
    models_home: Path | None = None

    @property
    def remote_folder(self) -> Path:
        """Keys of remote clients, and their pictures; owner-only."""
        return self.home / "remote"

    @property
    def runtime(self) -> Path:
        """Connection file and sockets."""
        return runtime_folder(self.home)

    @property
    def jobs_folder(self) -> Path:
        """One folder per job: keyframe images, movie segments."""
        return self.home / "jobs"

    def work_folder(self, job: str, version: int) -> Path:
        """Where a version of a job keeps what is not its result: movie segments, states of learning."""
        return self.jobs_folder / job / f"v{version:03d}"

    @property
    def cache_folder(self) -> Path:
        """Content-addressed results of stages."""
        return self.home / "cache"

    @property
    def models_folder(self) -> Path:
        """Fetched and added models."""
        return self.isr_home / "models"

    @property
    def isr_home(self) -> Path:
        """The home folder that keyframe models are looked for in."""
        return self.models_home or self.home

    @property
    def previews_folder(self) -> Path:
        """Pictures of keyframes that came with previews of this machine's clients; swept at every start."""
        return self.home / "previews"

    @property
    def remote_pictures(self) -> Path:
        """The same of remote clients, a folder per key."""
        return self.remote_folder / "pictures"

    @property
    def preview_folder(self) -> Path:
        """Pictures of previews on their way from the worker to a client."""
        return self.runtime / "previews"

    @property
    def scratch_folder(self) -> Path:
        """What is temporary while the engine serves remote clients; emptied at every start."""
        return self.home / "scratch"

    @property
    def database(self) -> Path:
        """The job store."""
        return self.home / "jobs.sqlite"

    @property
    def log_folder(self) -> Path:
        """Logs of engine and worker."""
        return self.home / "logs"

    def make_folders(self) -> None:
        """Create what is not there yet."""
        for folder in (self.home, self.jobs_folder, self.cache_folder, self.models_folder, self.log_folder):
            folder.mkdir(parents=True, exist_ok=True)


def load_config(home: Path | None = None) -> EngineConfig:
    """The configuration of `home` (None: the user's own).

    Raises InvalidSettings naming the file when `config.toml` has an unknown key or is not TOML.
    """
    place = home or home_folder()
    path = place / "config.toml"
    values = _read_file(path) if path.is_file() else {}
    _require_kinds(values, path)
    values["devices"] = tuple(values.get("devices", ()))
    values["executor"] = _executor(values)
    _read_sections(values, str(path))
    if threads := os.environ.get("SPARKVSR_THREADS", "").strip():
        values["threads"] = _threads(threads)
    return EngineConfig(home=place, **values)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_text_file(path))
    except (OSError, ValueError) as error:
        raise InvalidSettings(f"{path} is not valid TOML ({error}); mend or delete it.") from error


def _require_kinds(values: Mapping[str, Any], path: Path) -> None:
    """Raise InvalidSettings for a key there is none of, and for a value of another kind than its default."""
    keys = {field.name: field.default for field in fields(EngineConfig) if field.name not in _NO_KEYS}
    for name, value in values.items():
        if name not in keys:
            raise InvalidSettings(f"{path} has an unknown key ('{name}'); see the page of settings.")
        if name == "devices":
            if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                raise InvalidSettings(f'{path}: devices is a list of names, such as ["cuda:0", "cuda:1"].')
        elif name not in _SECTIONS and not _is_like(value, keys[name]):
            kind = "text in quotation marks" if isinstance(keys[name], str) else "a number from 0 on"
            raise InvalidSettings(f"{path} has {value!r} for '{name}', which is {kind}.")


def _is_like(value: object, default: object) -> bool:
    if isinstance(default, str):
        return isinstance(value, str)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return value >= 0 and (isinstance(default, float) or isinstance(value, int))


def _executor(values: Mapping[str, Any]) -> str:
    executor = os.environ.get("SPARKVSR_EXECUTOR") or str(values.get("executor", LOCAL))
    if not re.fullmatch(r"local|ray(:.+:\d+)?", executor):
        raise InvalidSettings(f"The executor '{executor}' is not known; write local, ray or ray:HOST:PORT.")
    return executor


def _threads(text: str) -> int:
    if not text.isdecimal():
        raise InvalidSettings(f"SPARKVSR_THREADS is {text!r}; give it a number of threads, or 0 for all.")
    return int(text)


def _read_sections(values: dict[str, Any], place: str) -> None:
    """Put records in the place of what TOML has for them."""
    if "path_maps" in values:
        rows = values["path_maps"]
        if not isinstance(rows, list) or not all(_is_row(row) for row in cast("list[object]", rows)):
            raise InvalidSettings(f'{place} needs lists of paths for \'path_maps\': [["/mnt/shots", "S:/"]].')
        values["path_maps"] = PathMaps.of(cast("list[list[str]]", rows))
    if "remote" in values:
        section = values["remote"]
        if not isinstance(section, dict):
            raise InvalidSettings(f"{place} needs a section for 'remote'; begin it with [remote].")
        values["remote"] = RemoteConfig.of(cast("dict[str, Any]", section), place)


def _is_row(row: object) -> bool:
    return isinstance(row, list) and all(isinstance(item, str) for item in cast("list[object]", row))
