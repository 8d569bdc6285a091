"""The device a request is rendered on, and a planner that knows it. Loads no network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparkvsr_bridge.settings import UpscaleSettings
from sparkvsr_engine.config import EngineConfig
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
    named = settings.device if settings.device != "auto" else config.device
    return preferred_device(settings.model, config.models_folder, named, config.home)


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
