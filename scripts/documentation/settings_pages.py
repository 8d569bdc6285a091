"""The tables of `config.toml`, from the records the engine reads it into."""

from __future__ import annotations

import dataclasses
import inspect
import re

from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.remote_config import RemoteConfig

Record = type[EngineConfig] | type[RemoteConfig]


def settings() -> str:
    """Every key with its default and meaning."""
    return _table(EngineConfig)


def remote_settings() -> str:
    """Every key of the section for remote clients."""
    return _table(RemoteConfig)


def described_settings(record: Record = EngineConfig) -> list[tuple[str, str, str]]:
    """Keys with default and meaning, as the record's docstring gives it; the folder is no key."""
    # Python 3.13 takes the indentation away by itself, older ones keep it.
    text = re.sub(r"\n {4}(?=\S)", " ", inspect.cleandoc(record.__doc__ or ""))
    meanings = dict(re.findall(r"^(\w+): (.+)$", text, re.MULTILINE))
    fields = [field for field in dataclasses.fields(record) if field.name not in ("home", "models_home")]
    return [(field.name, _default(field), meanings.get(field.name, "")) for field in fields]


def _default(field: dataclasses.Field[object]) -> str:
    """As a person reads it; a record's or a list's is none."""
    value = field.default
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value}" if isinstance(value, int | float | str) else ""


def _table(record: Record) -> str:
    rows = (f"| `{name}` | {default} | {meaning} |" for name, default, meaning in described_settings(record))
    return "\n".join(["| key | default | meaning |", "| --- | ---: | --- |", *rows])
