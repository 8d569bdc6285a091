"""Which device a name means here, and what its processor multiplies in hardware."""

from __future__ import annotations

import torch

from bridge.errors import InvalidSettings


def find_device(name: str) -> torch.device:
    """`auto`, `cpu`, `cuda` or `cuda:1`; raises InvalidSettings for a device this machine does not have."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    kind, _, index = name.partition(":")
    if kind not in ("cpu", "cuda") or (index and not index.isdecimal()):
        raise InvalidSettings(f"'{name}' is no device the engine knows; use auto, cpu, cuda or cuda:N.")
    if kind == "cpu":
        return torch.device("cpu")
    if int(index or 0) >= torch.cuda.device_count():
        raise InvalidSettings(f"There is no device {name} here; use --device cpu or auto.")
    return torch.device("cuda", int(index or 0))


def multiplies_bfloat16() -> bool:
    """Whether this CPU has instructions for it; a torch too old to say counts as no."""
    capabilities = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
