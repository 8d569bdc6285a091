"""The streamed VAE equals diffusers' own, whatever strips, paths and layouts it runs in."""

from __future__ import annotations

import pytest
import torch
from diffusers import AutoencoderKLCogVideoX
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_engine.models.cogvideox.networks.activations import compiled_modulation, modulate
from sparkvsr_engine.models.cogvideox.networks.convolution import CONVOLUTIONS, ConvolutionPath, choose_path
from sparkvsr_engine.models.cogvideox.networks.streaming_vae import (
    StreamingVae,
    VaeLayout,
    frame_steps,
    latent_steps,
)
from tests.fakes.cogvideox import make_vae

# Values are of the order of one; what remains is the order of summation.
ROUNDING = 5e-5

LAYOUTS = [
    VaeLayout(),
    VaeLayout(ConvolutionPath.FOLDED),
    VaeLayout(ConvolutionPath.FOLDED, strip_bytes=20_000),
    VaeLayout(ConvolutionPath.DIRECT, strip_bytes=20_000, channels_last=True),
]


@pytest.fixture(scope="module")
def stock():
    torch.manual_seed(3)
    return make_vae(AutoencoderKLCogVideoX).eval()


@torch.inference_mode()
def both_ways(vae, clip):
    streamed = list(vae.encode(clip.split(frame_steps(clip.shape[2]), dim=2)))
    latents = torch.cat(streamed, dim=2)
    frames = torch.cat(list(vae.decode(latents.split(latent_steps(latents.shape[2]), dim=2))), dim=2)
    return latents, frames


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(1, 32, 48), (9, 48, 32), (17, 32, 32), (16, 16, 32)])
def test_streaming_equals_the_stock_classes_in_one_go(stock, layout, shape):
    clip = torch.rand(1, 3, *shape) * 2 - 1
    with torch.inference_mode():
        latents = stock.encode(clip).latent_dist.mode()
        frames = stock.decode(latents).sample
    found_latents, found_frames = both_ways(StreamingVae(stock, layout), clip)
    torch.testing.assert_close(found_latents, latents, atol=ROUNDING, rtol=0)
    torch.testing.assert_close(found_frames, frames, atol=ROUNDING, rtol=0)


def test_a_prefix_is_decoded_as_in_the_whole_clip(stock):
    vae = StreamingVae(stock)
    latents = torch.randn(1, 16, 7, 4, 4)
    with torch.inference_mode():
        whole = torch.cat(list(vae.decode(latents.split([3, 2, 2], dim=2))), dim=2)
        prefix = torch.cat(list(vae.decode(latents[:, :, :5].split([3, 2], dim=2))), dim=2)
    assert torch.equal(whole[:, :, :17], prefix)


def test_bfloat16_is_as_close_to_float32_as_the_stock_class(stock):
    clip = torch.rand(1, 3, 9, 32, 32) * 2 - 1
    with torch.inference_mode():
        exact = stock.decode(stock.encode(clip).latent_dist.mode()).sample
        half = make_vae(AutoencoderKLCogVideoX).eval()
        half.load_state_dict(stock.state_dict())
        half = half.bfloat16()
        reference = half.decode(half.encode(clip.bfloat16()).latent_dist.mode()).sample
    _, streamed = both_ways(StreamingVae(half), clip.bfloat16())
    assert (streamed - exact).abs().mean() <= 1.2 * (reference - exact).abs().mean()


def test_caches_hold_two_frames_per_convolution_and_none_after_the_last_step(stock):
    from sparkvsr_engine.models.cogvideox.networks import streaming_vae

    state = streaming_vae._Pass()
    vae = StreamingVae(stock)
    with torch.inference_mode():
        vae._decoder(stock.decoder, torch.randn(1, 16, 3, 4, 4), state)
        assert {cache.shape[2] for cache in state.caches.values()} == {2}
        state.is_last = True
        vae._decoder(stock.decoder, torch.randn(1, 16, 2, 4, 4), state)
    assert not state.caches


@given(st.integers(1, 400))
def test_steps_add_up_and_start_with_one_more(steps):
    frames = 8 * (steps - 1) + 1
    assert sum(frame_steps(frames)) == frames
    latents = (frames - 1) // 4 + 1
    assert sum(latent_steps(latents)) == latents
    assert len(frame_steps(frames)) == len(latent_steps(latents))


@pytest.mark.parametrize("frames", [0, 2, 7, 12, 15])
def test_frames_off_the_grid_are_refused(frames):
    with pytest.raises(ValueError, match="neither a multiple of 8"):
        frame_steps(frames)


@pytest.mark.parametrize("path", [ConvolutionPath.DIRECT, ConvolutionPath.FOLDED])
@pytest.mark.parametrize("channels", [3, 80])
def test_convolution_paths_agree(path, channels):
    frames, weight, bias = (
        torch.randn(1, channels, 5, 6, 7),
        torch.randn(4, channels, 3, 3, 3),
        torch.randn(4),
    )
    expected = torch.nn.functional.conv3d(frames, weight, bias, padding=(0, 1, 1))
    torch.testing.assert_close(CONVOLUTIONS[path](frames, weight, bias), expected, atol=1e-4, rtol=1e-5)


def test_processors_fold():
    assert choose_path(torch.device("cpu"), torch.float32) is ConvolutionPath.FOLDED


@pytest.mark.slow
def test_the_compiled_activation_equals_the_eager_one():
    frames, scale, shift = torch.randn(2, 3, 4), torch.randn(2, 1, 4), torch.randn(2, 1, 4)
    eager, compiled = torch.empty(2, 3, 4), torch.empty(2, 3, 4)
    modulate(frames, scale, shift, eager)
    compiled_modulation()(frames, scale, shift, compiled)
    torch.testing.assert_close(compiled, eager)
