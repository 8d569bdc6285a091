"""The device a request is rendered on, and a planner that knows it. Loads no network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sparkvsr_bridge.settings import UpscaleSettings
from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.models.base import Planner
from sparkvsr_engine.models.registry import open_planner, preferred_device


def device_of(config: EngineConfig, settings: UpscaleSettings) -> str:
    """Of the request, else the engine's own, else what a probe of this machine chose for the model."""
    named = settings.device if settings.device != "auto" else config.device
    return preferred_device(settings.model, config.models_folder, named, config.home)


def planner_on_device(config: EngineConfig, settings: UpscaleSettings, options: Mapping[str, Any]) -> Planner:
    """Plans for a request's model on its device; options: see `models.registry.open_planner`.

    Raises UnknownModel, ModelMissing, InvalidSettings for a backend the model does not run by.
    """
    planner = open_planner(settings.model, config.models_folder, options)
    return planner.on_device(device_of(config, settings))
