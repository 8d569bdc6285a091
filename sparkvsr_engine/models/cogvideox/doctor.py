"""What `sparkvsr doctor --plan WIDTHxHEIGHTxFRAMES` prints: plans and predicted memory."""

from __future__ import annotations

import re

from bridge.errors import InvalidSettings
from sparkvsr_engine.models.cogvideox.memory_planner import PlanRow, doctor_budgets, plan_table

_REQUEST = re.compile(r"(\d+)x(\d+)x(\d+)")


def parse_request(text: str) -> tuple[int, int, int]:
    """Output width, height and frames of `1920x1080x97`; raises InvalidSettings for anything else."""
    found = _REQUEST.fullmatch(text.strip().lower())
    sides = [int(number) for number in found.groups()] if found else []
    if not sides or min(sides) < 1:
        raise InvalidSettings(
            f"the plan is asked for {text!r}; give WIDTHxHEIGHTxFRAMES, for example 1920x1080x97."
        )
    return sides[0], sides[1], sides[2]


def device_budget(device: str) -> tuple[str, int] | None:
    """Name and free bytes of a CUDA device, None for a processor or where torch sees no GPU."""
    import torch

    place = torch.device(device)
    if place.type != "cuda" or not torch.cuda.is_available():
        return None
    return f"{torch.cuda.get_device_name(place)}", torch.cuda.mem_get_info(place)[0]


def plan_rows(request: str, here: tuple[str, int] | None = None) -> list[PlanRow]:
    """A row for this machine's device, when there is one, and for 12, 16, 24, 48 and 80 GB; pure."""
    return plan_table(*parse_request(request), doctor_budgets(here))
