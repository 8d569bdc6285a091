"""The device a request is rendered on, and a planner that knows it. Loads no network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparkvsr_bridge.settings import UpscaleSettings
from sparkvsr_engine.config import LOCAL, EngineConfig
from sparkvsr_engine.models.base import Planner
from sparkvsr_engine.models.registry import open_planner, preferred_device


def device_of(config: EngineConfig, settings: UpscaleSettings) -> str:
    """Of the request, else the engine's own, else what a probe of this machine chose for the model.

    Args:
        config: of the engine.
        settings: of the request.

    Raises:
        UnknownModel: for a model that is not there.
    """
    return chosen_device(config, settings.model, settings.device)


def chosen_device(config: EngineConfig, model: str, device: str) -> str:
    """`auto` as the engine's own device, else as what a probe of this machine chose for a model; any other
    device as it is.

    A job that is spread over devices or hosts stays with torch: what a probe of one chose is not theirs.

    Args:
        config: of the engine.
        model: a restorer's name, or a folder of weights.
        device: by its name.

    Raises:
        UnknownModel: for a model that is not there.
    """
    device = config.device if device == "auto" else device
    if config.executor != LOCAL or len(config.devices) > 1:
        return device
    return preferred_device(model, config.models_folder, device, config.home)


def planner_on_device(config: EngineConfig, settings: UpscaleSettings, options: Mapping[str, Any]) -> Planner:
    """Plans for a request's model on its device.

    Args:
        config: of the engine.
        settings: of the request.
        options: see `models.registry.open_planner`.

    Raises:
        UnknownModel: for a model that is not there.
        ModelMissing: where weights or a package are missing.
        InvalidSettings: for a backend that does not run the model, or is not installed.
    """
    return open_planner(settings.model, config.models_folder, options, device_of(config, settings))
