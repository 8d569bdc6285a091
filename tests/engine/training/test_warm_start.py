"""The blind path starts where SPAN stands: near it on a picture it was not solved on, well above bicubic."""

import cv2
import numpy as np
import pytest
import torch

from sparkvsr_bridge.errors import InvalidSettings
from sparkvsr_engine.models.isr.registry import open_isr
from sparkvsr_engine.models.isr.upscaler import make_keyframe
from sparkvsr_engine.models.lite.loading import save_weights
from sparkvsr_engine.models.lite.networks.network import LiteConfig, LiteNetwork
from sparkvsr_engine.models.lite.pixels.planes import CELL_CHANNELS
from sparkvsr_engine.models.lite.pixels.source_planes import upsample
from sparkvsr_engine.training.degradation.chain import clean
from sparkvsr_engine.training.trainees.warm_start import SCALE, start_from_span, start_from_weights
from tests.fakes.footage import write_photograph
from tests.fakes.lite_shots import Rendering
from tests.fakes.moving import as_bytes, texture


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photographs")
    return [write_photograph(folder / f"{seed}.png", 880, 660, seed) for seed in (21, 22, 23)]


@pytest.fixture(scope="module")
def started(photographs):
    """SPAN's own trunk, stem and head solved on the photographs."""
    torch.manual_seed(0)
    network = LiteNetwork(LiteConfig())
    start_from_span(network, photographs)
    return network


def luma_psnr(result, truth):
    weights = np.array([65.481, 128.553, 24.966]) / 255
    apart = ((np.clip(result, 0, 1) - truth) @ weights)[8:-8, 8:-8]
    return 10 * np.log10(1 / np.mean(apart**2))


def test_it_is_as_good_as_span_and_better_than_bicubic(started):
    # Reduced as photographs are before they are solved on: not soft at its own size.
    whole = cv2.resize(texture(560, 420, seed=31), None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    truth = as_bytes(whole[:248, :336]).astype(np.float32) / 255
    height, width = truth.shape[:2]
    (small,) = clean([as_bytes(truth)], width // SCALE, height // SCALE)
    source = small.astype(np.float32) / 255
    bicubic = luma_psnr(upsample(source, width, height), truth)
    span = luma_psnr(make_keyframe(open_isr("span-x4", "cpu"), source, width, height), truth)
    blind = luma_psnr(Rendering(started, [source] * 3).pixels(1), truth)
    assert span > bicubic + 0.5
    assert blind > span - 0.6
    assert blind > bicubic + 0.5


def test_what_span_does_not_know_starts_without_influence(started):
    assert not started.blind.stem.weight[:, CELL_CHANNELS:].any()


def test_a_constant_video_stays_constant(started):
    colour = np.array([0.2, 0.55, 0.35], np.float32)
    frames = [np.full((20, 24, 3), colour, np.float32)] * 4
    # Cells at the border see the trunk's padding, which is not solved for but trained.
    inner = Rendering(started, frames).pixels(2)[16:-16, 16:-16]
    assert np.abs(inner - colour).max() < 2 / 255


def test_the_keyed_path_is_left_as_it_was(photographs):
    torch.manual_seed(4)
    network = LiteNetwork(LiteConfig())
    before = {name: value.clone() for name, value in network.keyed.state_dict().items()}
    start_from_span(network, photographs[:1])
    assert all(torch.equal(value, before[name]) for name, value in network.keyed.state_dict().items())


def test_the_same_photographs_give_the_same_start(started, photographs):
    again = LiteNetwork(LiteConfig())
    start_from_span(again, photographs)
    first_state, second_state = started.blind.state_dict(), again.blind.state_dict()
    stem = "stem.weight"
    assert torch.equal(first_state[stem][:, :CELL_CHANNELS], second_state[stem][:, :CELL_CHANNELS])
    assert all(torch.equal(first_state[name], second_state[name]) for name in first_state if name != stem)


def test_a_network_of_other_sizes_cannot_start_from_it(photographs):
    with pytest.raises(InvalidSettings, match="channels"):
        start_from_span(LiteNetwork(LiteConfig(channels=32)), photographs)


def test_without_photographs_there_is_nothing_to_solve_on(tmp_path):
    with pytest.raises(InvalidSettings, match="photographs"):
        start_from_span(LiteNetwork(LiteConfig()), [])
    (tmp_path / "text.png").write_text("no picture", encoding="utf-8")
    with pytest.raises(InvalidSettings, match="photographs"):
        start_from_span(LiteNetwork(LiteConfig()), [tmp_path / "text.png"])


def test_training_goes_on_from_exported_weights(tmp_path):
    sizes = LiteConfig(channels=16, blind_blocks=1, key_channels=8, keyed_blocks=1)
    first_state, second_state = LiteNetwork(sizes), LiteNetwork(sizes)
    save_weights(first_state, tmp_path / "lite.safetensors", {})
    start_from_weights(second_state, tmp_path / "lite.safetensors")
    for first, second in zip(first_state.parameters(), second_state.parameters(), strict=True):
        assert torch.equal(first.half().float(), second)


def test_weights_of_other_sizes_are_refused(tmp_path):
    save_weights(LiteNetwork(LiteConfig(channels=16)), tmp_path / "lite.safetensors", {})
    with pytest.raises(InvalidSettings, match="give \\[network\\] the sizes"):
        start_from_weights(LiteNetwork(LiteConfig(channels=8)), tmp_path / "lite.safetensors")
