"""`sparkvsr doctor`: what this machine has, what is missing, and what to do about it."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import importlib.util
import os
import platform
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from bridge.errors import SparkVSRError
from bridge.system.installing import install_command
from sparkvsr_engine.config import EngineConfig, load_config
from sparkvsr_engine.system_checks import (
    Check,
    check_disk,
    check_graphics,
    check_links,
    check_long_paths,
    check_space,
    torch_fault,
)

_OPTIONAL = {
    "opencolorio": ("PyOpenColorIO", "colour", "named colour spaces"),
    "diffusers": ("diffusers", "cogvideox", "the published model"),
    "spandrel": ("spandrel", "isr", "your own keyframe models"),
    "opentimelineio": ("opentimelineio", "timeline", "timelines"),
    "matplotlib": ("matplotlib", "train", "plots of training and evaluation"),
}


def check_machine() -> list[Check]:
    """Everything that may be missing, the needed things first."""
    config = load_config()
    checks = [_python(), *(_guarded(check, config) for check in (_torch, _home))]
    checks += [_guarded(check, config) for check in (_restorer, _isr, _engine) if checks[1].is_good]
    return [*checks, *_system(config), *(_optional(name) for name in _OPTIONAL)]


def describe_plan(request: str) -> tuple[str, dict[str, Any]]:
    """How the published model would run an output `WIDTHxHEIGHTxFRAMES` in 12 to 80 GB: text and values."""
    from sparkvsr_engine.models.cogvideox.memory.doctor import plan_rows, this_machine
    from sparkvsr_engine.models.cogvideox.memory.memory_planner import format_plan_table

    rows = plan_rows(request, this_machine())
    told = [
        {
            "name": row.budget.name,
            "budget_bytes": row.budget.free_bytes,
            "plan": row.plan.describe() if row.plan else None,
            "windows": row.windows,
            "stages": dataclasses.asdict(row.bytes_of_stages) if row.bytes_of_stages else None,
        }
        for row in rows
    ]
    return format_plan_table(rows), {"rows": told}


def _guarded(check: Callable[[EngineConfig], Check], config: EngineConfig) -> Check:
    try:
        return check(config)
    except SparkVSRError as error:
        return Check(check.__name__.strip("_"), False, error.message)


def _python() -> Check:
    return Check("python", True, f"{platform.python_version()} on {platform.platform()}")


def _torch(config: EngineConfig) -> Check:
    try:
        from sparkvsr_engine.models.lite.networks.precision import choose_precision
    except (ImportError, OSError) as error:
        return torch_fault(error)

    precision = choose_precision("auto")
    kind = str(precision.dtype).removeprefix("torch.")
    found = f"{importlib.metadata.version('torch')}, {precision.device}, {kind}"
    return Check("torch", True, f"{found}, {config.threads or 'all'} threads")


def _system(config: EngineConfig) -> list[Check]:
    checks = [check_disk(config.home), check_links(config.home)]
    with suppress(ImportError, OSError):
        import torch

        checks.insert(0, check_graphics(torch.version.cuda))
    return checks if os.name != "nt" else [*checks, check_long_paths()]


def _home(config: EngineConfig) -> Check:
    config.make_folders()
    return check_space(config.home)


def _restorer(config: EngineConfig) -> Check:
    from sparkvsr_engine.models.registry import open_planner

    return Check("restorer", True, open_planner("lite", config.models_folder, {}).traits.identity)


def _isr(config: EngineConfig) -> Check:
    from sparkvsr_engine.models.isr.registry import default_isr

    return Check("keyframe model", True, default_isr("cpu", config.home))


def _engine(config: EngineConfig) -> Check:
    from bridge.process import EngineProcess

    running = EngineProcess(config.home).is_running()
    return Check("engine", True, "running" if running else "not running; started when needed")


def _optional(name: str) -> Check:
    module, extra, what = _OPTIONAL[name]
    if importlib.util.find_spec(module) is None:
        remedy = f"for {what}: {install_command(f'sparkvsr[{extra}]')}"
        return Check(name, False, "not installed (optional)", remedy, is_needed=False)
    return Check(name, True, importlib.metadata.version(name))
