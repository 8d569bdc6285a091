"""Stages run under a plan that shrinks when memory runs out."""

from __future__ import annotations

from threading import Thread

import numpy as np
import pytest
import torch

from sparkvsr_bridge.errors import OutOfMemory
from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.core.grid_windows import GridLayout
from sparkvsr_engine.models.base import Guidance, ShotSettings
from sparkvsr_engine.models.cogvideox.memory.memory_planner import Stage
from sparkvsr_engine.models.cogvideox.memory.residency import PinnedWeights, StageRunner, stream_blocks
from sparkvsr_engine.models.cogvideox.memory.run_plan import Offload, RunPlan
from sparkvsr_engine.models.cogvideox.restorer import open_cogvideox
from tests.fakes.cogvideox import Clip, EchoModel, keyframe, render, windows_of

SIZE = (1024, 1024)


class ElsewhereModel(EchoModel):
    """On a device whose weights can be sent off it; there are none."""

    def __init__(self):
        super().__init__()
        self.device = torch.device("meta")
        self.transformer = self.vae.module = torch.nn.Identity()


def lacks_memory_until(is_small):
    """An action that fails as torch does until a plan is small enough; and the plans it saw."""
    tried = []

    def action(plan):
        tried.append(plan)
        if not is_small(plan):
            raise torch.OutOfMemoryError("CUDA out of memory")
        return "frames"

    return action, tried


def test_running_out_of_memory_steps_down_until_it_fits():
    runner = StageRunner(ElsewhereModel(), RunPlan())
    decode, tried = lacks_memory_until(lambda plan: plan.vae_tile is not None)
    assert runner.run(Stage.DECODE, SIZE, decode) == "frames"
    assert [plan.offload for plan in tried] == [Offload.NONE, Offload.STAGES, Offload.STAGES]
    assert len(runner.notes) == 2
    assert "Out of memory in decode" in runner.notes[0]
    assert runner.plan is tried[-1]


def test_a_processor_has_nowhere_to_send_weights_and_shrinks_tiles_at_once():
    runner = StageRunner(EchoModel(), RunPlan())
    predict, tried = lacks_memory_until(lambda plan: plan.transformer_tile is not None)
    assert runner.run(Stage.PREDICT, SIZE, predict) == "frames"
    assert [plan.offload for plan in tried] == [Offload.NONE, Offload.NONE]
    assert "transformer in tiles of" in runner.notes[0]


@pytest.mark.slow
def test_when_nothing_fits_the_error_lists_what_was_tried():
    runner = StageRunner(EchoModel(), RunPlan())

    def predict(plan):
        raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(OutOfMemory, match=r"predict a window at 512x512, even with: 33 frames"):
        runner.run(Stage.PREDICT, (512, 512), predict)


def test_other_errors_are_not_taken_for_a_lack_of_memory():
    def broken(plan):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        StageRunner(EchoModel(), RunPlan()).run(Stage.ENCODE, SIZE, broken)


@pytest.mark.parametrize(
    "failure",
    [
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 99 bytes."),
        MemoryError(),
    ],
    ids=["workspace", "processor", "python"],
)
def test_memory_that_is_lacking_elsewhere_counts_too(failure):
    runner = StageRunner(ElsewhereModel(), RunPlan())
    waiting = [failure]

    def encode(plan):
        while waiting:
            raise waiting.pop()
        return plan.offload

    assert runner.run(Stage.ENCODE, SIZE, encode) is Offload.STAGES


def test_a_plan_that_shrank_stays_small_when_it_is_asked_for_again():
    runner = StageRunner(EchoModel(), RunPlan())
    runner.use(RunPlan())
    runner.plan = RunPlan(vae_tile=(512, 512))
    runner.use(RunPlan())
    assert runner.plan.vae_tile == (512, 512)
    runner.use(RunPlan(transformer_tile=(512, 512)))
    assert runner.plan.vae_tile is None


def test_a_new_plan_never_brings_weights_back_that_had_to_leave():
    runner = StageRunner(EchoModel(), RunPlan(offload=Offload.STAGES))
    runner.use(RunPlan(GridLayout(17, 9)))
    assert runner.plan == RunPlan(GridLayout(17, 9), offload=Offload.STAGES)


def test_weights_come_back_unchanged():
    module = torch.nn.Linear(3, 2)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    weights = PinnedWeights(module, torch.device("cpu"))
    weights.place()
    weights.release()
    weights.place()
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())


def test_streamed_blocks_give_the_same_velocity(checkpoint):
    plain, streamed = (open_cogvideox(checkpoint).runner.model for _ in range(2))
    stream_blocks(streamed.transformer, torch.device("cpu"))
    source = torch.randn(16, 3, 4, 4)
    with torch.inference_mode():
        assert torch.equal(plain.velocity(source, {}), streamed.velocity(source, {}))


def test_decoding_one_window_while_the_next_is_predicted_changes_nothing(checkpoint):
    span, geometry = FrameSpan(0, 57), Geometry(16, 16, 16, 16)
    still = np.random.default_rng(0).random((16, 16, 3), dtype=np.float32)
    clip = Clip(span, lambda frame: np.roll(still, frame, 1))
    expected = render(open_cogvideox(checkpoint), clip, {0: keyframe(0, still)}, geometry)
    restorer = open_cogvideox(checkpoint)
    shot = restorer.open_shot(clip, geometry, ShotSettings("propagate"), lambda: False)
    windows = windows_of(restorer, span, [], geometry)
    sources = [shot.encode_source(window) for window in windows]
    first = shot.predict(windows[0], sources[0], [shot.encode_keyframe(keyframe(0, still))])
    decoded = []
    thread = Thread(target=lambda: decoded.extend(shot.decode(first, sources[0], Guidance())))
    thread.start()
    shot.predict(windows[1], sources[1], [])
    thread.join()
    alone = {result.frame: result.pixels for result in decoded}
    assert all(np.array_equal(alone[frame], expected.frames[frame]) for frame in range(24))
