"""A user's model file (ESRGAN, SwinIR, ...) through spandrel, which finds the network by its weights."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sparkvsr_bridge.errors import ModelMissing, UnknownModel
from sparkvsr_bridge.system.installing import install_command
from sparkvsr_engine.models.isr.devices import Formats
from sparkvsr_engine.models.isr.locating import digest_of_model
from sparkvsr_engine.models.isr.torch_upscaler import LoadedNetwork

# Unknown networks' reach is not known either; spandrel's own users tile with less.
ASSUMED_REACH = 32


def load_model_file(path: Path) -> LoadedNetwork:
    """The network of a `.pth`, `.pt`, `.ckpt` or `.safetensors` file, on the CPU.

    Raises ModelMissing when the file or spandrel is not there, UnknownModel for a file that is damaged,
    of a network spandrel does not know, or not a picture-to-picture RGB model.
    """
    digest = digest_of_model(path)
    spandrel = _import_spandrel(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old networks call torch the old way
            model = spandrel.ModelLoader(device="cpu").load_from_file(path)
    except Exception as error:  # spandrel lets through whatever torch, pickle and its networks raise
        raise UnknownModel(f"The model file {path} cannot be used ({_short(error)}).") from error
    if not isinstance(model, spandrel.ImageModelDescriptor) or (
        model.input_channels,
        model.output_channels,
    ) != (3, 3):
        raise UnknownModel(
            f"{path} is no model that turns an RGB picture into one; use a super-resolution model."
        )
    return LoadedNetwork(
        name=str(path),
        digest=digest,
        module=model.model,
        run=_runner(model),
        scale=model.scale,
        reach=ASSUMED_REACH if model.tiling == spandrel.ModelTiling.SUPPORTED else None,
        formats=Formats(model.supports_half, model.supports_bfloat16),
    )


def _runner(model: Any) -> Any:
    def run(picture: Tensor) -> Tensor:
        # spandrel pads to what the network needs and crops back, in the format of the weights.
        return model(picture.to(model.dtype)).to(torch.float32)

    return run


def _import_spandrel(path: Path) -> Any:
    try:
        import spandrel
    except Exception as error:  # a torchvision built for another torch fails with RuntimeError or OSError
        command = install_command("sparkvsr[isr]")
        raise ModelMissing(
            f"{path.name} needs the packages spandrel and torchvision ({_short(error)});"
            f" install them: {command}",
            remedy=command,
        ) from error
    return spandrel


def _short(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 160 else f"{text[:160]}..."
