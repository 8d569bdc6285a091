"""Chooses how to run from free device memory, steps down when memory runs out, prints what it would do.

Pure: numbers in, a plan out. Quality first (a full window, the transformer over the whole frame up to
1080p), then the fastest way that fits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from sparkvsr_engine.core.grid_windows import GRID, GridLayout
from sparkvsr_engine.core.intervals import plan_intervals
from sparkvsr_engine.models.cogvideox.memory.run_plan import (
    PUBLISHED_SIZE,
    TRANSFORMER_OVERLAP_LATENTS,
    VAE_OVERLAP_LATENTS,
    ModelSize,
    Offload,
    Precision,
    RunPlan,
    StageBytes,
    estimated_seconds,
    largest_tile_pixels,
    predict_bytes,
    tile_limits,
    token_count,
    with_smaller_transformer_tile,
    with_smaller_vae_tile,
)

# What the driver, libraries and fragmentation keep from a program.
RESERVED_BYTES = int(0.7 * 2**30)
USABLE_SHARE = 0.92
# A window of 33 frames at 1088x1920 has 41 026 tokens. Beyond, attention takes most of the time and
# positions are far from any that the model was trained on, so that tiles gain both ways.
PREFERRED_TOKENS = 45_000
# What it is worth to keep the VAE's statistics whole.
TILED_VAE_PENALTY = 0.1
WINDOW_LENGTHS = (33, 25, 17, 9)
DOCTOR_BUDGETS_GB = (12, 16, 24, 48, 80)


class Stage(Enum):
    """What the device is busy with."""

    ENCODE = "encode"
    PREDICT = "predict"
    DECODE = "decode"


@dataclass(frozen=True)
class MemoryRequest:
    """What a plan is wanted for: output size in pixels, and the memory that may be used, in bytes.

    precision: what the weights are loaded as; the plan does not change it. lengths: windows to try, the
        best first. offloads: where weights may be kept; a processor has them in its own memory only.
    """

    width: int
    height: int
    budget_bytes: int
    precision: Precision = Precision.BFLOAT16
    model: ModelSize = PUBLISHED_SIZE
    lengths: tuple[int, ...] = WINDOW_LENGTHS
    offloads: tuple[Offload, ...] = tuple(Offload)

    @property
    def usable_bytes(self) -> int:
        """The budget less what is never a program's."""
        return int(self.budget_bytes * USABLE_SHARE) - RESERVED_BYTES


def choose_plan(request: MemoryRequest) -> RunPlan | None:
    """The plan for a budget: the longest window that fits, run the best way; None when no window does."""
    for length in request.lengths:
        base = RunPlan(layout=layout_of(length), precision=request.precision)
        fitting = [plan for plan in _candidates(base, request) if _fits(plan, request)]
        if fitting:
            return min(fitting, key=lambda plan: _rank(plan, request))
    return None


def layout_of(length: int) -> GridLayout:
    """Windows of this length with a quarter of overlap, at least one frame: 33/9, 25/9, 17/9, 9/1."""
    return GridLayout(length, 9 if length > 9 else 1)


def _candidates(base: RunPlan, request: MemoryRequest) -> Iterator[RunPlan]:
    """Ways to run windows of one length, each with the largest transformer tile that fits."""
    for offload in request.offloads:
        plan = replace(base, offload=offload)
        tile = _transformer_tile(plan, request)
        if tile == "none fits":
            continue
        plan = replace(plan, transformer_tile=tile)
        for vae_tile in tile_limits(request.width, request.height, VAE_OVERLAP_LATENTS):
            yield replace(plan, vae_tile=vae_tile)


def _transformer_tile(plan: RunPlan, request: MemoryRequest) -> tuple[int, int] | str | None:
    frames, text = plan.layout.length, request.model.text_tokens
    for tile in tile_limits(request.width, request.height, TRANSFORMER_OVERLAP_LATENTS):
        pixels = largest_tile_pixels(request.width, request.height, tile, TRANSFORMER_OVERLAP_LATENTS)
        trial = replace(plan, transformer_tile=tile)
        stage = predict_bytes(trial, request.width, request.height, request.model).predict
        if token_count(pixels, frames, text) <= PREFERRED_TOKENS and stage <= request.usable_bytes:
            return tile
    return "none fits"


def _fits(plan: RunPlan, request: MemoryRequest) -> bool:
    return predict_bytes(plan, request.width, request.height, request.model).peak <= request.usable_bytes


def _rank(plan: RunPlan, request: MemoryRequest) -> tuple[int, float]:
    """Smaller is better: the transformer's view first, then time, a VAE in tiles a little dearer."""
    width, height = request.width, request.height
    view = largest_tile_pixels(width, height, plan.transformer_tile, TRANSFORMER_OVERLAP_LATENTS)
    seconds = estimated_seconds(plan, width, height, request.model)
    return -view, seconds * (1.0 if plan.vae_tile is None else 1.0 + TILED_VAE_PENALTY)


def step_down(
    plan: RunPlan, stage: Stage, width: int, height: int, can_offload: bool = True
) -> RunPlan | None:
    """The next smaller plan after memory ran out in a stage; None when it was the smallest.

    Weights leave the device first, where there is somewhere else to keep them, then tiles shrink. The
    window's length stays: a shot's windows were planned with it.

    Args:
        plan: how the model runs: tiles, and where weights lie.
        stage: the stage that ran out of memory or is to run.
        width: in pixels.
        height: in pixels.
        can_offload: whether there is memory beside the device's.
    """
    if can_offload and plan.offload is Offload.NONE:
        return replace(plan, offload=Offload.STAGES)
    if stage is not Stage.PREDICT:
        return with_smaller_vae_tile(plan, width, height)
    if can_offload and plan.offload is Offload.STAGES and plan.precision is not Precision.INT8:
        return replace(plan, offload=Offload.BLOCKS)
    return with_smaller_transformer_tile(plan, width, height)


@dataclass(frozen=True)
class Budget:
    """Memory that is planned for, by name; a processor runs in float32 and keeps all weights at hand."""

    name: str
    free_bytes: int
    is_processor: bool = False

    def request(self, width: int, height: int) -> MemoryRequest:
        """What is asked of the planner."""
        if self.is_processor:
            return MemoryRequest(width, height, self.free_bytes, Precision.FLOAT32, offloads=(Offload.NONE,))
        return MemoryRequest(width, height, self.free_bytes)


@dataclass(frozen=True)
class PlanRow:
    """One line of `doctor --plan`: a budget and what would be done with it; plan None where nothing fits."""

    budget: Budget
    plan: RunPlan | None
    bytes_of_stages: StageBytes | None
    windows: int = 0


def plan_table(width: int, height: int, frames: int, budgets: Sequence[Budget]) -> list[PlanRow]:
    """The plan and its predicted memory for each budget, for a shot of `frames` frames.

    Args:
        width: in pixels.
        height: in pixels.
        frames: how many frames.
        budgets: bytes of memory to plan for.
    """
    return [_row(budget, width, height, frames) for budget in budgets]


def doctor_budgets(here: Budget | None = None) -> list[Budget]:
    """This machine, where it is given, then cards of 12, 16, 24, 48 and 80 GB."""
    cards = [Budget(f"{size} GB", size * 10**9) for size in DOCTOR_BUDGETS_GB]
    return [here, *cards] if here else cards


def _row(budget: Budget, width: int, height: int, frames: int) -> PlanRow:
    request = budget.request(width, height)
    plan = choose_plan(request)
    if plan is None:
        return PlanRow(budget, None, None)
    windows = len(plan_intervals(frames, plan.layout.length, plan.layout.overlap, GRID))
    return PlanRow(budget, plan, predict_bytes(plan, width, height, request.model), windows)


def format_plan_table(rows: Sequence[PlanRow]) -> str:
    """The table as text, memory in GiB."""
    wide = max(12, *(len(row.budget.name) for row in rows))
    lines = [f"{'memory':>{wide}}  {'encode':>7} {'predict':>7} {'decode':>7}  plan"]
    for row in rows:
        name = f"{row.budget.name:>{wide}}"
        if row.plan is None or row.bytes_of_stages is None:
            lines.append(
                f"{name}  too small ({row.budget.free_bytes / 2**30:.1f} GiB free) for even 9 frames"
            )
            continue
        stages = row.bytes_of_stages
        sizes = " ".join(f"{size / 2**30:7.1f}" for size in (stages.encode, stages.predict, stages.decode))
        lines.append(f"{name}  {sizes}  {row.windows} x {row.plan.describe()}")
    return "\n".join(lines)
