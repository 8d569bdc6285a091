"""Plans from memory: they fit, the better ones come with more of it, and predictions meet what is counted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.models.cogvideox.memory.doctor import parse_request, plan_rows, this_machine
from sparkvsr_engine.models.cogvideox.memory.memory_planner import (
    Budget,
    MemoryRequest,
    Stage,
    choose_plan,
    doctor_budgets,
    format_plan_table,
    plan_table,
    step_down,
)
from sparkvsr_engine.models.cogvideox.memory.run_plan import (
    ModelSize,
    Offload,
    Precision,
    RunPlan,
    estimated_seconds,
    predict_bytes,
)

GIB = 2**30


@settings(max_examples=40, deadline=None)
@given(st.integers(16, 4096), st.integers(16, 2304), st.integers(6, 140))
def test_a_plan_stays_within_its_budget(width, height, gib):
    request = MemoryRequest(width, height, gib * GIB)
    plan = choose_plan(request)
    if plan is not None:
        assert predict_bytes(plan, width, height, request.model).peak <= request.usable_bytes


def test_1080p_fits_16_gb_with_the_transformer_seeing_the_whole_frame():
    request = MemoryRequest(1920, 1080, 16 * 10**9)
    plan = choose_plan(request)
    assert plan.layout.length == 33
    assert plan.transformer_tile is None
    assert predict_bytes(plan, 1920, 1080, request.model).peak <= 16 * 10**9


@pytest.mark.parametrize(("size", "gib"), [((1920, 1080), 4), ((3840, 2160), 7)])
def test_no_card_is_so_small_that_windows_have_to_be_shorter(size, gib):
    width, height = size
    assert choose_plan(MemoryRequest(width, height, gib * GIB)).layout.length == 33


def test_with_memory_to_spare_nothing_is_tiled_or_moved():
    plan = choose_plan(MemoryRequest(1920, 1080, 80 * 10**9))
    assert (plan.offload, plan.vae_tile, plan.transformer_tile) == (Offload.NONE, None, None)


def test_4k_is_tiled_for_the_transformer_however_much_memory_there_is():
    assert choose_plan(MemoryRequest(3840, 2160, 400 * GIB)).transformer_tile is not None


def test_too_little_memory_has_no_plan():
    assert choose_plan(MemoryRequest(1920, 1080, 2 * GIB)) is None


@pytest.mark.parametrize("stage", Stage)
def test_stepping_down_needs_less_each_time_and_ends(stage):
    plan, model, size = RunPlan(), ModelSize(), (1920, 1088)
    steps = 0
    while (smaller := step_down(plan, stage, *size)) is not None:
        costs = [getattr(predict_bytes(p, *size, model), stage.value) for p in (plan, smaller)]
        assert costs[1] < costs[0] or smaller.offload is not plan.offload
        assert smaller.layout == plan.layout
        plan, steps = smaller, steps + 1
    assert 3 <= steps <= 60


def test_the_doctors_table_has_a_line_per_budget():
    rows = plan_table(1920, 1080, 97, doctor_budgets(Budget("this GPU", 6 * GIB)))
    text = format_plan_table(rows)
    assert [row.budget.name for row in rows] == ["this GPU", "12 GB", "16 GB", "24 GB", "48 GB", "80 GB"]
    assert len(text.splitlines()) == 7
    assert "4 x 33 frames, bfloat16, offload none, VAE whole, transformer whole" in text
    assert "too small" in format_plan_table(plan_table(1920, 1080, 97, [Budget("toy", GIB)]))


def test_tiles_and_copies_cost_time():
    model = ModelSize()
    whole = estimated_seconds(RunPlan(), 1920, 1088, model)
    assert estimated_seconds(RunPlan(vae_tile=(512, 512)), 1920, 1088, model) > whole
    assert estimated_seconds(replace(RunPlan(), offload=Offload.STAGES), 1920, 1088, model) > whole


def test_the_doctor_takes_a_size_and_a_length():
    assert parse_request("1920x1080x97") == (1920, 1080, 97)
    here = Budget("here", GIB * 8)
    assert plan_rows("64x64x9", here)[0].budget is here


def test_a_processor_runs_in_float32_with_all_weights_at_hand():
    row = plan_rows("1280x720x33", Budget("processor", 64 * GIB, is_processor=True))[0]
    assert (row.plan.precision, row.plan.offload) == (Precision.FLOAT32, Offload.NONE)
    assert row.bytes_of_stages.predict > 4 * ModelSize().transformer_parameters
    assert plan_rows("1280x720x33", Budget("processor", 24 * GIB, is_processor=True))[0].plan is None
    assert this_machine().free_bytes > 0


@pytest.mark.parametrize("text", ["1920x1080", "0x10x10", "wide", "1920x1080x-1"])
def test_the_doctor_refuses_what_is_no_size(text):
    with pytest.raises(InvalidSettings, match="WIDTHxHEIGHTxFRAMES"):
        parse_request(text)
