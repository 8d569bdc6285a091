"""A checkpoint folder in the hub layout, as files: which tensors are where, what is missing or damaged.

Reads safetensors headers only, so a folder of 40 GB is checked in well under a second. Not here: torch
modules (`loading`), the empty-prompt embedding (`prompt`).
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_engine.models.cogvideox.checkpoints import gguf_weights
from sparkvsr_engine.models.cogvideox.checkpoints.folder_settings import read_folder_settings
from sparkvsr_engine.models.cogvideox.checkpoints.prompt import find_embedding
from sparkvsr_engine.storage.listing import visible_files

INDEX_NAME = "diffusion_pytorch_model.safetensors.index.json"
SINGLE_NAME = "diffusion_pytorch_model.safetensors"
COMPONENT_CONFIGS = ("transformer/config.json", "vae/config.json", "scheduler/scheduler_config.json")
_MAX_HEADER_BYTES = 100 * 2**20
_SAMPLE_BYTES = 1024


@dataclass(frozen=True)
class StoredTensor:
    """Where a tensor lies: bytes `start` to `stop` of `file`, with its safetensors type name and shape."""

    name: str
    file: Path
    dtype: str
    shape: tuple[int, ...]
    start: int
    stop: int


def read_config(path: Path) -> dict[str, Any]:
    """A component's configuration; raises ModelMissing when it is absent or no JSON object."""
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelMissing(
            f"{path.parent.parent} has no {path.parent.name}/{path.name}; give a folder in the published "
            "checkpoint's layout (transformer, vae and scheduler folders).",
        ) from None
    except (OSError, ValueError) as error:
        raise ModelMissing(f"{path} cannot be read ({error}); fetch the file again.") from error
    if not isinstance(config, dict):
        raise ModelMissing(f"{path} holds no JSON object; fetch the file again.")
    return config


def weight_files(component: Path) -> list[Path]:
    """The weight files of `transformer` or `vae`: its index's shards, the single file, or a GGUF one."""
    index = component / INDEX_NAME
    if not index.exists():
        single = component / SINGLE_NAME
        if single.exists():
            return [single]
        packed = visible_files(component, f"*{gguf_weights.SUFFIX}")
        if len(packed) != 1:
            raise ModelMissing(
                f"{component} has neither {SINGLE_NAME} nor {INDEX_NAME} nor one GGUF file; "
                "fetch the weights."
            )
        return packed
    names = sorted(set(read_config(index).get("weight_map", {}).values()))
    missing = [name for name in names if not (component / name).is_file()]
    if missing or not names:
        raise ModelMissing(
            f"{component} lacks the shards {', '.join(missing) or 'its index should name'}; fetch them."
        )
    return [component / name for name in names]


def read_header(file: Path) -> list[StoredTensor]:
    """The tensors of one weight file; raises ModelMissing naming the first one that is cut off."""
    if file.suffix == gguf_weights.SUFFIX:
        places = gguf_weights.read_places(file)
        return [
            StoredTensor(name, file, kind, shape, start, stop) for name, kind, shape, start, stop in places
        ]
    size = file.stat().st_size
    try:
        with file.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            if length > min(size, _MAX_HEADER_BYTES):
                raise ValueError(f"its header claims {length} bytes")
            header = json.loads(stream.read(length))
        entries = {name: entry for name, entry in header.items() if name != "__metadata__"}
        tensors = [_stored(name, entry, file, 8 + length) for name, entry in entries.items()]
    except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
        raise ModelMissing(f"{file} is no readable safetensors file ({error}); fetch it again.") from error
    for tensor in sorted(tensors, key=lambda entry: entry.start):
        if tensor.stop > size:
            raise ModelMissing(
                f"{file} is cut off: {tensor.name} should end at byte {tensor.stop} of {size}; fetch again.",
                tensor=tensor.name,
            )
    return tensors


def _stored(name: str, entry: Mapping[str, Any], file: Path, base: int) -> StoredTensor:
    start, stop = entry["data_offsets"]
    return StoredTensor(name, file, entry["dtype"], tuple(entry["shape"]), base + start, base + stop)


def stored_tensors(component: Path) -> dict[str, StoredTensor]:
    """Every tensor of a component by name."""
    return {tensor.name: tensor for file in weight_files(component) for tensor in read_header(file)}


def compare(expected: Mapping[str, tuple[int, ...]], stored: Mapping[str, StoredTensor]) -> list[str]:
    """What is wrong, a sentence each, worst first; empty when every name and shape agrees."""
    problems = [f"{name} is missing" for name in expected if name not in stored]
    problems += [
        f"{name} is {_sides(stored[name].shape)} where the model needs {_sides(shape)}"
        for name, shape in expected.items()
        if name in stored and stored[name].shape != shape
    ]
    return problems + [f"{name} is not part of the model" for name in stored if name not in expected]


def _sides(shape: Iterable[int]) -> str:
    return "x".join(map(str, shape)) or "a single number"


def identity_of(folder: Path) -> str:
    """Identity of all that decides what a checkpoint makes of pixels: weights, schedule, embedding, settings.

    Raises ModelMissing when a part is missing or unreadable, InvalidSettings for settings that are none; the
    embedding may be absent.
    """
    tensors = [tensor for name in ("transformer", "vae") for tensor in stored_tensors(folder / name).values()]
    schedule = read_config(folder / "scheduler/scheduler_config.json")
    embedding = find_embedding(folder)
    prompt = hashlib.sha256(embedding.read_bytes()).hexdigest() if embedding else ""
    settings = read_folder_settings(folder).identity
    return fingerprint(tensors, json.dumps(schedule, sort_keys=True) + prompt + settings)


def fingerprint(tensors: Iterable[StoredTensor], extra: str = "") -> str:
    """Identity of the weights, 16 hexadecimal digits: every tensor's name, shape, first and last values.

    Training moves every tensor, so samples of each distinguish two checkpoints without reading 22 GB.
    """
    digest = hashlib.sha256(extra.encode())
    for tensor in sorted(tensors, key=lambda entry: entry.name):
        digest.update(f"{tensor.name} {tensor.dtype} {tensor.shape}".encode())
        with tensor.file.open("rb") as stream:
            stream.seek(tensor.start)
            digest.update(stream.read(min(_SAMPLE_BYTES, tensor.stop - tensor.start)))
            stream.seek(max(tensor.start, tensor.stop - _SAMPLE_BYTES))
            digest.update(stream.read(min(_SAMPLE_BYTES, tensor.stop - tensor.start)))
    return digest.hexdigest()[:16]
