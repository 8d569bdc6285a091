"""What `sparkvsr doctor --plan WIDTHxHEIGHTxFRAMES` prints: plans and predicted memory."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.models.cogvideox.memory.memory_planner import (
    Budget,
    PlanRow,
    doctor_budgets,
    format_plan_table,
    plan_table,
)

_REQUEST = re.compile(r"(\d+)x(\d+)x(\d+)")


def parse_request(text: str) -> tuple[int, int, int]:
    """Output width, height and frames of `1920x1080x97`; raises InvalidSettings for anything else."""
    match = _REQUEST.fullmatch(text.strip().lower())
    sides = [int(number) for number in match.groups()] if match else []
    if not sides or min(sides) < 1:
        raise InvalidSettings(
            f"the plan is asked for {text!r}; give WIDTHxHEIGHTxFRAMES, for example 1920x1080x97."
        )
    return sides[0], sides[1], sides[2]


def this_machine() -> Budget:
    """The free memory of the first GPU, or of the processor where torch sees none."""
    import torch

    if torch.cuda.is_available():
        return Budget(torch.cuda.get_device_name(0), torch.cuda.mem_get_info(0)[0])
    import psutil

    return Budget("processor", psutil.virtual_memory().available, is_processor=True)


def plan_rows(request: str, here: Budget | None = None) -> list[PlanRow]:
    """A row for this machine, where it is given, and for 12, 16, 24, 48 and 80 GB; pure."""
    return plan_table(*parse_request(request), doctor_budgets(here))


def describe_plans(request: str) -> tuple[str, list[dict[str, Any]]]:
    """How the model would run an output `WIDTHxHEIGHTxFRAMES` here and in 12 to 80 GB: table and values."""
    rows = plan_rows(request, this_machine())
    return format_plan_table(rows), [_values(row) for row in rows]


def _values(row: PlanRow) -> dict[str, Any]:
    return {
        "name": row.budget.name,
        "budget_bytes": row.budget.free_bytes,
        "plan": row.plan.describe() if row.plan else None,
        "windows": row.windows,
        "stages": dataclasses.asdict(row.bytes_of_stages) if row.bytes_of_stages else None,
    }
