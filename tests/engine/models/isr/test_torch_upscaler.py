import numpy as np
import pytest
import torch

from sparkvsr_bridge.errors import InvalidSettings, OutOfMemory
from sparkvsr_engine.models.devices import find_device
from sparkvsr_engine.models.isr import devices, open_isr
from sparkvsr_engine.models.isr.bundled_models.networks import RRDBNet, SRVGGNetCompact
from sparkvsr_engine.models.isr.devices import Formats, choose_precision
from sparkvsr_engine.models.isr.torch_upscaler import LoadedNetwork, TorchUpscaler

CPU = torch.device("cpu")


def small_network(run=None, reach=4):
    torch.manual_seed(1)
    network = SRVGGNetCompact(4, 2, 2)
    return LoadedNetwork("small", "digest", network, run or network, 2, reach)


def test_the_same_picture_gives_the_same_bits(picture):
    first, second = open_isr("", "cpu"), open_isr("", "cpu")
    assert first.upscale(picture).tobytes() == second.upscale(picture).tobytes()
    assert first.identity == second.identity


def test_identity_distinguishes_models_and_number_formats():
    names = ("", "span-x4", "span-x2")
    assert len({open_isr(name, "cpu").identity for name in names}) == 3
    network = small_network()
    before = TorchUpscaler(network, CPU, 1)
    smaller_pieces = TorchUpscaler(network, CPU, 1, side=64)
    assert before.identity != smaller_pieces.identity


def test_threads_are_given_back(picture):
    before = torch.get_num_threads()
    open_isr("span-x2", "cpu", threads=1).upscale(picture)
    assert torch.get_num_threads() == before


def test_output_is_clipped_float32_of_the_scaled_size(picture):
    enlarged = open_isr("span-x4", "cpu").upscale(picture)
    assert enlarged.dtype == np.float32
    assert enlarged.shape == (56 * 4, 72 * 4, 3)
    assert enlarged.min() >= 0
    assert enlarged.max() <= 1


def test_bfloat16_stays_close_to_float32(picture):
    """On CPUs with and without the instructions: only speed differs."""
    torch.manual_seed(0)
    network = RRDBNet(32, 2, growth=16).eval().requires_grad_(False)
    planes = torch.from_numpy(picture.transpose(2, 0, 1).copy())[None]
    exact = network(planes)
    rounded = network.to(torch.bfloat16)(planes)
    assert rounded.dtype == torch.float32
    assert (rounded - exact).abs().mean() < 0.01 * exact.abs().mean() + 1e-3


def test_less_memory_means_smaller_pieces_and_the_same_picture(picture, caplog):
    network = SRVGGNetCompact(4, 2, 2)

    def run(planes):
        if max(planes.shape[2:]) > 60:
            raise torch.OutOfMemoryError("pretended")
        return network(planes)

    whole = TorchUpscaler(LoadedNetwork("small", "digest", network, network, 2, 4), CPU, 1).upscale(picture)
    lowered = TorchUpscaler(LoadedNetwork("small", "digest", network, run, 2, 4), CPU, 1).upscale(picture)
    np.testing.assert_allclose(lowered, whole, atol=1e-6)
    assert "pieces of" in caplog.text


@pytest.mark.parametrize("reach", [4, None])
def test_a_device_too_small_for_any_piece_is_reported(picture, reach):
    def run(planes):
        raise torch.OutOfMemoryError("pretended")

    with pytest.raises(OutOfMemory, match="72x56"):
        TorchUpscaler(small_network(run, reach), CPU, 1).upscale(picture)


def test_a_network_that_must_see_all_gets_the_whole_picture():
    seen = []
    network = SRVGGNetCompact(4, 2, 2)

    def run(planes):
        seen.append(tuple(planes.shape[2:]))
        return network(planes)

    upscaler = TorchUpscaler(LoadedNetwork("whole", "digest", network, run, 2, None), CPU, 1, side=64)
    upscaler.upscale(np.zeros((10, 300, 3), np.float32))
    assert seen == [(10, 300)]


@pytest.mark.parametrize("name", ["tpu", "cuda:x", "cuda:99", "cpu1", ""])
def test_a_device_that_cannot_be_is_refused(name):
    with pytest.raises(InvalidSettings, match="use "):
        find_device(name)


@pytest.mark.parametrize(
    ("arguments", "has_bfloat16", "expected"),
    [
        (("cpu", 10**7, Formats()), True, torch.bfloat16),
        (("cpu", 10**7, Formats()), False, torch.float32),
        (("cpu", 10**5, Formats()), True, torch.float32),
        (("cpu", 10**7, Formats(bfloat16=False)), True, torch.float32),
        (("cuda", 10**5, Formats()), False, torch.float16),
        (("cuda", 10**7, Formats(float16=False)), False, torch.float32),
    ],
)
def test_number_format_follows_device_and_size(monkeypatch, arguments, has_bfloat16, expected):
    monkeypatch.setattr(devices, "multiplies_bfloat16", lambda: has_bfloat16)
    device, *remainder = arguments
    assert choose_precision(torch.device(device), *remainder).dtype == expected


@pytest.mark.gpu
def test_cuda_agrees_with_the_cpu(picture):
    on_cuda, on_cpu = open_isr("span-x4", "cuda"), open_isr("span-x4", "cpu")
    np.testing.assert_allclose(on_cuda.upscale(picture), on_cpu.upscale(picture), atol=0.02)
    assert on_cuda.identity != on_cpu.identity
