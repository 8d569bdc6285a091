"""The names of devices that choose which backend runs networks on the processor. Loads neither.

`openvino` is the processor with its networks run by OpenVINO, `openvino:8bit` the same with the weights that
ship in integers of 8 bits; every other device runs them by torch.
"""

from __future__ import annotations

import importlib.util

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_bridge.system.installing import install_command

OPENVINO = "openvino"
OPENVINO_8_BIT = "openvino:8bit"
TORCH = "torch"


def is_installed() -> bool:
    """Whether OpenVINO is there, checked without loading it."""
    return importlib.util.find_spec(OPENVINO) is not None


def split_device(device: str) -> tuple[str, str]:
    """A device's name as torch's name of it and the backend: both of OpenVINO's are `cpu` under it.

    Raises InvalidSettings where OpenVINO is asked for and not installed.
    """
    if device not in (OPENVINO, OPENVINO_8_BIT):
        return device, TORCH
    if not is_installed():
        raise InvalidSettings(
            f"OpenVINO is not installed; use --device cpu, or run {install_command('sparkvsr[openvino]')}."
        )
    return "cpu", device
