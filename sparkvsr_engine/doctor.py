"""`sparkvsr doctor`: what this machine has, what is missing, and what to do about it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import tempfile
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sparkvsr_bridge.errors import SparkVSRError
from sparkvsr_bridge.settings import UpscaleSettings
from sparkvsr_bridge.system.folders import home_folder
from sparkvsr_bridge.system.installing import install_command
from sparkvsr_engine.config import EngineConfig, load_config
from sparkvsr_engine.engine_checks import check_engine
from sparkvsr_engine.jobs.devices import planner_on_device
from sparkvsr_engine.models.records import OptionalPackage
from sparkvsr_engine.models.registry import restorers
from sparkvsr_engine.system_checks import (
    Check,
    check_disk,
    check_graphics,
    check_links,
    check_long_paths,
    check_names,
    check_space,
    folder_fault,
    torch_fault,
)

_OPTIONAL = (
    OptionalPackage("opencolorio", "PyOpenColorIO", "colour", "named colour spaces"),
    OptionalPackage("opentimelineio", "opentimelineio", "timeline", "timelines"),
    OptionalPackage("PySide6-Essentials", "PySide6", "window", "the window"),
    OptionalPackage("matplotlib", "matplotlib", "train", "plots of training and evaluation"),
    OptionalPackage("font-caladea", "font_caladea", "graphics", "learning of graphics and text"),
)


def check_machine() -> list[Check]:
    """Everything that may be missing, the needed things first."""
    config, faults = _configuration()
    checks = [_python(), *faults, *(_guarded(check, config) for check in (_torch, _home))]
    is_usable = all(check.is_good for check in checks)
    checks += [_guarded(check, config) for check in (_backend, _restorer, _isr, _engine) if is_usable]
    return [*checks, *_system(config), *(_optional(package) for package in optional_packages())]


def _configuration() -> tuple[EngineConfig, list[Check]]:
    """The configuration, or the defaults with what is wrong in the user's."""
    try:
        return load_config(), []
    except SparkVSRError as error:
        return EngineConfig(home_folder()), [Check("configuration", False, error.message)]


def describe_plan(request: str) -> tuple[str, dict[str, Any]]:
    """How the restorers with a choice would run an output `WIDTHxHEIGHTxFRAMES`: text and values."""
    tables = [record.plan_table(request) for record in restorers() if record.plan_table is not None]
    return "\n\n".join(text for text, _ in tables), {"rows": [row for _, rows in tables for row in rows]}


def _guarded(check: Callable[[EngineConfig], Check], config: EngineConfig) -> Check:
    try:
        return check(config)
    except SparkVSRError as error:
        return Check(check.__name__.strip("_"), False, error.message)
    except OSError as error:
        return folder_fault(config.home, error)


def _python() -> Check:
    return Check("python", True, f"{platform.python_version()} on {platform.platform()}")


def _torch(config: EngineConfig) -> Check:
    try:
        from sparkvsr_engine.models.precision import choose_precision
    except (ImportError, OSError) as error:
        return torch_fault(error)

    precision = choose_precision("auto")
    kind = str(precision.dtype).removeprefix("torch.")
    description = f"{importlib.metadata.version('torch')}, {precision.device}, {kind}"
    return Check("torch", True, f"{description}, {config.threads or 'all'} threads")


def _backend(config: EngineConfig) -> Check:
    """Measures what runs networks faster, and keeps the answer: `auto` follows it from then on."""
    from sparkvsr_engine.models.backends.names import OPENVINO, OPENVINO_8_BIT, is_installed
    from sparkvsr_engine.models.backends.record import read_record, write_record

    probe = next((record.probe for record in restorers() if record.probe is not None), None)
    if probe is None or not is_installed():
        return Check("networks", True, "by torch")
    from sparkvsr_engine.jobs.kernels import prepare_kernels

    prepare_kernels(config.threads)
    config.make_folders()
    result = probe(read_record(config.home))
    write_record(config.home, result)
    names = {OPENVINO: "OpenVINO", OPENVINO_8_BIT: "OpenVINO in 8 bits"}
    chosen = names.get(result.chosen, "torch")
    figures = (
        f"OpenVINO {result.openvino_seconds:.2f} s, in 8 bits {result.eight_bit_seconds:.2f} s, torch"
        f" {result.torch_seconds:.2f} s for a small frame"
    )
    return Check("networks", True, f"--device auto runs them by {chosen} ({figures})")


def _system(config: EngineConfig) -> list[Check]:
    checks = [check_names(), check_disk(config.home)]
    with suppress(OSError):
        # A folder that takes no file is named by `home`.
        checks.append(check_links(config.home))
    with suppress(ImportError, OSError):
        import torch

        checks.insert(0, check_graphics(torch.version.cuda))
    return checks if os.name != "nt" else [*checks, check_long_paths()]


def _home(config: EngineConfig) -> Check:
    config.make_folders()
    # That folders are there proves nothing about a disk that is read-only by now.
    tempfile.TemporaryFile(dir=config.home).close()
    return check_space(config.home)


def _restorer(config: EngineConfig) -> Check:
    planner = planner_on_device(config, UpscaleSettings(), {})
    return Check("restorer", True, planner.traits.identity)


def _isr(config: EngineConfig) -> Check:
    from sparkvsr_engine.models.isr.registry import default_isr

    return Check("keyframe model", True, default_isr("cpu", config.home))


def _engine(config: EngineConfig) -> Check:
    return check_engine(config.home)


def optional_packages() -> list[OptionalPackage]:
    """Those of the engine's parts, and those of its models."""
    from sparkvsr_engine.models.isr.registry import PACKAGES

    of_models = [package for record in restorers() for package in record.packages]
    return [*_OPTIONAL, *of_models, *PACKAGES]


def _optional(package: OptionalPackage) -> Check:
    if importlib.util.find_spec(package.module) is None:
        remedy = f"for {package.purpose}: {install_command(f'sparkvsr[{package.extra}]')}"
        return Check(package.name, False, "not installed (optional)", remedy, False, is_missing=True)
    return Check(package.name, True, importlib.metadata.version(package.name))
