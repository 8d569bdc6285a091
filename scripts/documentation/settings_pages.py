"""The table of `config.toml`, from the record the engine reads it into."""

from __future__ import annotations

import dataclasses
import re

from sparkvsr_engine.config import EngineConfig


def settings() -> str:
    """Every key with its default and meaning."""
    rows = (f"| `{name}` | {default} | {meaning} |" for name, default, meaning in described_settings())
    return "\n".join(["| key | default | meaning |", "| --- | ---: | --- |", *rows])


def described_settings() -> list[tuple[str, str, str]]:
    """Keys with default and meaning, as the record's docstring gives it; folders are no keys."""
    meanings = dict(re.findall(r"^ +(\w+): (.+)$", EngineConfig.__doc__ or "", re.MULTILINE))
    fields = [
        field for field in dataclasses.fields(EngineConfig) if field.name not in ("home", "models_home")
    ]
    return [(field.name, f"{field.default}", meanings.get(field.name, "")) for field in fields]
