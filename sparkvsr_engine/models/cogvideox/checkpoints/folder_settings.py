"""How a checkpoint folder wants to be run: `sparkvsr.toml` in it. Folders of the published weights need none.

    slots = "causal"             # where keyframes go: "trained" (the published weights' way) or "causal"
    precision = "int8"           # "float32", "bfloat16" or "int8"; by default the device decides
    [[lora]]
    file = "grain.safetensors"   # beside this file, or anywhere
    strength = 0.8

It is part of the model's identity, since it changes what comes out.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.system.text_files import read_text_file
from sparkvsr_engine.core.grid_windows import SlotMap
from sparkvsr_engine.models.cogvideox.memory.run_plan import Precision

SETTINGS_NAME = "sparkvsr.toml"
_KEYS = {"slots", "precision", "lora"}
Choice = TypeVar("Choice", bound=Enum)


@dataclass(frozen=True)
class LoraFile:
    """A LoRA file to merge, and how strongly: 1 is as it was trained."""

    path: Path
    strength: float = 1.0


@dataclass(frozen=True)
class FolderSettings:
    """The file's values; precision None leaves it to the device."""

    slots: SlotMap = SlotMap.TRAINED
    precision: Precision | None = None
    loras: tuple[LoraFile, ...] = ()

    @property
    def identity(self) -> str:
        """Identity of all that differs from the published weights' settings, LoRA files' content included."""
        if self == FolderSettings():
            return ""
        digest = hashlib.sha256(f"{self.slots} {self.precision}".encode())
        for lora in self.loras:
            digest.update(f" {lora.strength} {hashlib.sha256(lora.path.read_bytes()).hexdigest()}".encode())
        return digest.hexdigest()


def read_folder_settings(folder: Path) -> FolderSettings:
    """The settings of a checkpoint folder; raises InvalidSettings naming the file and what is wrong in it."""
    path = folder / SETTINGS_NAME
    if not path.is_file():
        return FolderSettings()
    try:
        values = tomllib.loads(read_text_file(path))
    except (OSError, ValueError) as error:
        raise InvalidSettings(f"{path} cannot be read as TOML ({error}); mend or delete it.") from error
    if unknown := sorted(set(values) - _KEYS):
        raise InvalidSettings(
            f"{path} has unknown keys {', '.join(unknown)}; use {', '.join(sorted(_KEYS))}."
        )
    return FolderSettings(
        _one_of(SlotMap, values.get("slots", SlotMap.TRAINED.value), path),
        _one_of(Precision, values["precision"], path) if "precision" in values else None,
        tuple(_lora(entry, path) for entry in _entries(values.get("lora", []), path)),
    )


def _one_of(kind: type[Choice], value: object, path: Path) -> Choice:
    names = [choice.value for choice in kind]
    if value not in names:
        raise InvalidSettings(f"{path} has {value!r} where one of {', '.join(names)} is meant.")
    return kind(value)


def _entries(values: object, path: Path) -> list[Mapping[str, Any]]:
    if not isinstance(values, list) or not all(
        isinstance(entry, dict) and "file" in entry for entry in values
    ):
        raise InvalidSettings(f'{path} has a lora without file; write [[lora]] and file = "..." below it.')
    return values


def _lora(entry: Mapping[str, Any], path: Path) -> LoraFile:
    file, strength = path.parent / str(entry["file"]), entry.get("strength", 1.0)
    if not file.is_file():
        raise InvalidSettings(f"{path} names the LoRA file {file}, which is not there.")
    if not isinstance(strength, (int, float)):
        raise InvalidSettings(f"{path} gives {file.name} the strength {strength!r}; write a number.")
    return LoraFile(file, float(strength))
