"""Open a keyframe model by what the user wrote: nothing, a bundled name, a model file, or a command."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from sparkvsr_bridge.reports import ModelReport
from sparkvsr_engine.models.backends.names import split_device
from sparkvsr_engine.models.isr.balanced import BalancedUpscaler
from sparkvsr_engine.models.isr.command import CommandUpscaler, is_command
from sparkvsr_engine.models.isr.locating import (
    digest_of_model,
    find_weights,
    missing_weights,
    read_weights,
    remedy_for,
)
from sparkvsr_engine.models.isr.naming import BALANCED, DEFAULT, bundled_names, parts_of
from sparkvsr_engine.models.isr.upscaler import REVISION, ImageUpscaler
from sparkvsr_engine.models.records import OptionalPackage

if TYPE_CHECKING:
    import torch

    from sparkvsr_engine.models.isr.bundled_models.bundled import BundledModel

MODEL_FILE_SUFFIXES = (".pth", ".pt", ".ckpt", ".safetensors")
PACKAGES = (OptionalPackage("spandrel", "spandrel", "isr", "your own keyframe models"),)
DEFAULT_THREADS = 2
LARGE_MODEL = "realesrgan-x4plus"
BALANCED_SUMMARY = "x4, softer than crisp and truer, cleans flat areas; ships with sparkvsr"


def open_isr(
    name: str = "", device: str = "auto", threads: int = DEFAULT_THREADS, home: Path | None = None
) -> ImageUpscaler:
    """The keyframe model `name`, loaded on `device`.

    Args:
        name: empty for the default (see `default_isr`), a bundled name, the path of a model file, or
            `cmd:PROGRAM {input} {output} {scale}`.
        device: auto, cpu, cuda or cuda:N; a command ignores it.
        threads: of CPU kernels, 0 for torch's own.
        home: the engine's home folder, where fetched weights lie; None looks at shipped and installed ones.

    Raises:
        UnknownModel: where there is no model of that name.
        ModelMissing: where weights or a package are missing.
        InvalidSettings: for a device or command that cannot be.
    """
    if is_command(name):
        return CommandUpscaler(name)
    from sparkvsr_engine.models.devices import WITH_METAL, find_device

    device, _ = split_device(device)

    # By name only: `auto` stays with what the model was measured on.
    place = find_device(device, WITH_METAL if device == "mps" else ("cpu", "cuda"))
    if _is_file(name):
        return _open_file(Path(name).expanduser(), place, threads)
    chosen = name or default_isr(place.type, home)
    opened = [_open_bundled(model, place, threads, home) for model in parts_of(chosen)]
    return BalancedUpscaler(*opened) if chosen == BALANCED else opened[0]


def isr_identity(name: str = "", device: str = "auto", home: Path | None = None) -> str:
    """What keyframes this request makes, known without loading a network or torch: a cache key for planning.

    The same arguments as `open_isr`. It stands for the request (weights, command, device as asked for),
    where an upscaler's own `identity` also knows the device and number format that were found.

    Args:
        name: a bundled model's, or a file of weights; empty for the default.
        device: `cpu` or `cuda[:i]`.
        home: the engine's home folder, None for this user's.

    Raises:
        UnknownModel: and InvalidSettings, so that a job is refused before it starts.
        ModelMissing: and InvalidSettings, so that a job is refused before it starts.
    """
    if is_command(name):
        return CommandUpscaler(name).identity
    if _is_file(name):
        return _hash_of("file", digest_of_model(Path(name).expanduser()), device)
    candidates = [name] if name else [DEFAULT, LARGE_MODEL]
    parts = [model for candidate in candidates for model in parts_of(candidate)]
    missing = [model for model in parts if find_weights(model, home) is None]
    if name and missing:
        raise missing_weights(missing[0])
    digests = [model.sha256 for model in parts if model not in missing]
    return _hash_of("bundled", name, device, *digests)


def default_isr(device_type: str, home: Path | None = None) -> str:
    """The bundled model that an empty name means on a `cpu` or `cuda` device.

    On CUDA the large model once its weights were fetched; everywhere else the small one that learnt from it.
    """
    (large,) = parts_of(LARGE_MODEL)
    return large.name if device_type == "cuda" and find_weights(large, home) else DEFAULT


def list_isr(home: Path | None = None) -> tuple[ModelReport, ...]:
    """The bundled models, each ready or with the command that makes it so. Loads nothing."""
    return tuple(_report(name, home) for name in bundled_names())


def _is_file(name: str) -> bool:
    return Path(name).suffix.lower() in MODEL_FILE_SUFFIXES


def _hash_of(*parts: object) -> str:
    return hashlib.sha256(repr((REVISION, *parts)).encode()).hexdigest()[:32]


def _report(name: str, home: Path | None) -> ModelReport:
    parts = parts_of(name)
    missing = [model for model in parts if find_weights(model, home) is None]
    return ModelReport(
        name=name,
        role="isr",
        ready=not missing,
        summary=BALANCED_SUMMARY if name == BALANCED else parts[0].summary,
        licence=" + ".join(model.licence for model in parts),
        remedy=remedy_for(missing[0]) if missing else "",
    )


def _open_bundled(model: BundledModel, place: torch.device, threads: int, home: Path | None) -> ImageUpscaler:
    content = read_weights(model, home)
    from sparkvsr_engine.models.isr.bundled_models.bundled_networks import load_bundled
    from sparkvsr_engine.models.isr.torch_upscaler import TorchUpscaler

    return TorchUpscaler(load_bundled(model, content), place, threads)


def _open_file(path: Path, place: torch.device, threads: int) -> ImageUpscaler:
    from sparkvsr_engine.models.isr.model_files import load_model_file
    from sparkvsr_engine.models.isr.torch_upscaler import TorchUpscaler

    return TorchUpscaler(load_model_file(path), place, threads)
