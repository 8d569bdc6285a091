"""Build a bundled model's network and fill it with its weights."""

from __future__ import annotations

import safetensors.torch
from safetensors import SafetensorError

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_engine.models.isr.bundled_models.bundled import BundledModel
from sparkvsr_engine.models.isr.bundled_models.ncnn_weights import fill_from_ncnn
from sparkvsr_engine.models.isr.bundled_models.networks import SPAN, IsrNetwork, RRDBNet, SRVGGNetCompact
from sparkvsr_engine.models.isr.torch_upscaler import LoadedNetwork


def build_network(model: BundledModel) -> IsrNetwork:
    """The network, float32, with no weights yet."""
    if model.family == "RRDBNet":
        return RRDBNet(model.features, model.blocks)
    families = {"SRVGGNetCompact": SRVGGNetCompact, "SPAN": SPAN}
    return families[model.family](model.features, model.blocks, model.scale)


def load_bundled(model: BundledModel, content: bytes) -> LoadedNetwork:
    """The network with weights from a file's content: safetensors with our names, or ncnn's `.bin`.

    Raises ModelMissing when the content does not fit the network.
    """
    network = build_network(model)
    try:
        if model.file.endswith(".safetensors"):
            network.load_state_dict(safetensors.torch.load(content))
        else:
            fill_from_ncnn(network, content)
    except (SafetensorError, RuntimeError, ValueError) as error:
        raise ModelMissing(
            f"The weights of {model.name} do not fit its network ({error}); fetch or reinstall them.",
            model=model.name,
        ) from error
    return LoadedNetwork(
        name=model.name,
        digest=model.sha256,
        module=network,
        run=network,
        scale=network.scale,
        reach=network.reach,
    )
