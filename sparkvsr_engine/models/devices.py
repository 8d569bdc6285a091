"""Which device a name means here, and what its processor multiplies in hardware."""

from __future__ import annotations

import functools

import torch
import torch.nn.functional as F

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.models.backends.names import OPENVINO, OPENVINO_8_BIT

WITH_METAL = ("cpu", "cuda", "mps")


def find_device(name: str, kinds: tuple[str, ...] = ("cpu", "cuda")) -> torch.device:
    """`auto`, `cpu`, `cuda`, `cuda:1` or `mps` (a Mac's graphics) as a device.

    kinds: what the model runs on; `auto` chooses among them. Raises InvalidSettings for a device this machine
    does not have or the model does not run on.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
        if name == "cpu" and "mps" in kinds and warps_on_metal():
            name = "mps"
    kind, _, index = name.partition(":")
    if name in (OPENVINO, OPENVINO_8_BIT):
        raise InvalidSettings("This does not run by OpenVINO; use --device cpu or auto.")
    if kind not in WITH_METAL or (index and not (index.isdecimal() and kind == "cuda")):
        raise InvalidSettings(
            f"'{name}' is no device of the engine; use auto, cpu, openvino, openvino:8bit, cuda, cuda:N or"
            " mps."
        )
    if kind not in kinds:
        raise InvalidSettings(f"This model does not run on {kind}; use --device cpu or auto.")
    if kind == "cuda" and int(index or 0) >= torch.cuda.device_count():
        raise InvalidSettings(f"There is no device {name} here; use --device cpu or auto.")
    if kind == "mps" and not warps_on_metal():
        raise InvalidSettings(
            "There is no device mps here, or this torch cannot warp pictures on it; use --device cpu or auto,"
            " or install a newer torch."
        )
    return torch.device(kind, int(index or 0)) if kind == "cuda" else torch.device(kind)


@functools.cache
def warps_on_metal() -> bool:
    """Whether this Mac has torch's `mps` and it warps as the processor does: older ones refuse borders."""
    if not torch.backends.mps.is_available():
        return False
    picture = torch.arange(12.0).reshape(1, 1, 3, 4)
    grid = torch.tensor([-1.2, 0.3, 0.9, 1.4]).reshape(1, 1, 2, 2)
    options = {"mode": "bilinear", "padding_mode": "border", "align_corners": False}
    expected = F.grid_sample(picture, grid, **options)
    try:
        sampled = F.grid_sample(picture.to("mps"), grid.to("mps"), **options).cpu()
    except (RuntimeError, NotImplementedError):
        return False
    return torch.allclose(sampled, expected, atol=1e-4)


def multiplies_bfloat16() -> bool:
    """Whether this CPU has instructions for it and oneDNN may use them; a torch too old to report it counts
    as no.

    Where oneDNN is held below AVX-512 (`ONEDNN_MAX_CPU_ISA`), it emulates bfloat16, ten times slower than
    float32.
    """
    capabilities = getattr(torch.cpu, "get_capabilities", dict)()
    has_instructions = capabilities.get("avx512_bf16") or capabilities.get("amx_bf16")
    return bool(has_instructions) and _onednn_takes_bfloat16()


def _onednn_takes_bfloat16() -> bool:
    """What oneDNN answers under its own limit; a torch without the question counts as yes."""
    ask = getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", None)
    return True if ask is None else bool(ask())
