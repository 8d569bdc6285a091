"""Formats of devices, where tensors are placed, and what short floats cost."""

import pytest
import torch

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.models.devices import multiplies_bfloat16
from sparkvsr_engine.models.precision import Precision, choose_precision
from tests.fakes.lite_shots import Rendering, small_network
from tests.fakes.moving import pan

CPU = torch.device("cpu")


def test_a_cpu_gets_the_format_it_multiplies_in_hardware():
    chosen = choose_precision("cpu")
    assert chosen.device == CPU
    assert chosen.dtype == (torch.bfloat16 if multiplies_bfloat16() else torch.float32)


@pytest.mark.parametrize("name", ["tpu", "cpu0", "cuda:x", "gpu", "cuda:99"])
def test_a_device_that_is_not_here_is_refused(name):
    with pytest.raises(InvalidSettings, match=name):
        choose_precision(name)


@pytest.mark.gpu
def test_a_gpu_runs_in_half_precision():
    assert choose_precision("cuda").dtype == torch.float16


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_convolutions_run_in_the_format_and_in_it_only_inside(dtype):
    layer, picture = torch.nn.Conv2d(3, 3, 1), torch.rand(1, 3, 4, 4)
    with Precision(CPU, dtype).running():
        assert layer(picture).dtype == dtype
    assert layer(picture).dtype == torch.float32


def test_pictures_are_placed_plane_by_plane():
    precision = Precision(CPU, torch.float32)
    picture = torch.rand(2, 3, 5, 7)
    placed = precision.place(picture)
    assert placed.is_contiguous()
    assert torch.equal(placed, picture)


def test_a_prepared_network_is_ready_to_run():
    network = Precision(CPU, torch.float32).prepare(small_network().train())
    assert not network.training
    assert network.blind.head.weight.is_contiguous(memory_format=torch.channels_last)


def test_short_floats_cost_less_than_a_step_of_eight_bits():
    network = small_network()
    frames = pan(3, 24, 20)
    exact, short = (Rendering(network, frames) for _ in range(2))
    results = []
    for rendering, dtype in ((exact, torch.float32), (short, torch.bfloat16)):
        rendering.shot._precision = Precision(CPU, dtype)
        results.append(rendering.pixels(1))
    assert abs(results[0] - results[1]).mean() < 1 / 255
