"""The devices that jobs are spread over, by the configuration."""

from __future__ import annotations

import importlib.util

from sparkvsr_bridge.errors import ModelMissing
from sparkvsr_bridge.system.installing import install_command
from sparkvsr_engine.config import LOCAL, EngineConfig
from sparkvsr_engine.jobs.spreading.executor import Executor
from sparkvsr_engine.jobs.spreading.local import LocalExecutor


def open_executor(config: EngineConfig) -> Executor | None:
    """Devices of a Ray cluster or of this machine; None where jobs have one.

    Raises:
        ModelMissing: Ray is to be used and is not installed.
        ConnectionFailed: there is no cluster.
    """
    if config.executor != LOCAL:
        return _open_ray(config)
    devices = _rendering_devices(config)
    is_one = len(devices) < (1 if config.preview_device else 2)
    return None if is_one else LocalExecutor(devices, config.log_folder, config.threads)


def _rendering_devices(config: EngineConfig) -> tuple[str, ...]:
    """This machine's, without the one that previews keep."""
    devices = list(config.devices or _cards())
    if config.preview_device in devices:
        devices.remove(config.preview_device)
    return tuple(devices)


def _open_ray(config: EngineConfig) -> Executor:
    if importlib.util.find_spec("ray") is None:
        command = install_command("sparkvsr[ray]")
        raise ModelMissing(f"The executor {config.executor} needs Ray; install it: {command}")
    from sparkvsr_engine.jobs.spreading.cluster.ray_executor import RayExecutor

    return RayExecutor(config.executor.partition(":")[2], config.threads)


def _cards() -> tuple[str, ...]:
    import torch

    return tuple(f"cuda:{index}" for index in range(torch.cuda.device_count()))
