"""The devices that jobs are spread over, by the configuration."""

from __future__ import annotations

from sparkvsr_engine.config import EngineConfig
from sparkvsr_engine.jobs.spreading.executor import Executor
from sparkvsr_engine.jobs.spreading.local import LocalExecutor


def open_executor(config: EngineConfig) -> Executor | None:
    """Devices of this machine; None where jobs have one."""
    devices = config.devices or _cards()
    return LocalExecutor(devices, config.log_folder, config.threads) if len(devices) > 1 else None


def _cards() -> tuple[str, ...]:
    import torch

    return tuple(f"cuda:{index}" for index in range(torch.cuda.device_count()))
