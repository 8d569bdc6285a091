"""Parts survive storage bit for bit, and mix by guidance, strengths and mattes."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load, save

from sparkvsr_engine.models.base import Guidance
from sparkvsr_engine.models.lite import parts
from sparkvsr_engine.models.lite.pixels.planes import Planes

HEIGHT, WIDTH = 32, 48
# Half a step of what is stored.
ROUNDING = 0.5 / parts.STEPS


def noise(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) - 0.5


def planes(seed=0):
    return Planes(noise(1, 1, HEIGHT, WIDTH, seed=seed), noise(1, 2, HEIGHT // 2, WIDTH // 2, seed=seed + 1))


def still():
    return torch.zeros(1, 2, HEIGHT // 2, WIDTH // 2)


def gate(value):
    return torch.full((1, 1, HEIGHT // 4, WIDTH // 4), value)


def keyed_parts(flow=None):
    """A frame under two keyframes, trusted by 0.5 and 0.25."""
    result = parts.pack_blind(planes(1))
    result |= parts.pack_keyed(0, planes(3), still() if flow is None else flow, gate(0.5))
    return result | parts.pack_keyed(1, planes(5), still(), gate(0.25))


def mix(given_parts, keyframes, guidance):
    mixture = parts.mix(given_parts, keyframes, guidance)
    return mixture.residual, mixture.trust


def close(result, expected, steps=1):
    return torch.allclose(result.luma, expected.luma, atol=steps * ROUNDING + 1e-6) and torch.allclose(
        result.chroma, expected.chroma, atol=steps * ROUNDING + 1e-6
    )


def test_what_is_stored_is_small_whole_numbers():
    kinds = {name: str(array.dtype) for name, array in keyed_parts().items()}
    assert kinds["blind_luma"] == kinds["keyed0_chroma"] == "int16"
    assert kinds["keyed1_flow"] == "float16"
    assert kinds["keyed0_trust"] == "uint8"


def test_parts_come_back_from_storage_bit_for_bit():
    given_parts = keyed_parts() | parts.pack_exact(0, noise(1, 3, HEIGHT, WIDTH))
    back = load(save({name: np.ascontiguousarray(array) for name, array in given_parts.items()}))
    guidance = Guidance(0.7, {2: 1.3}, {9: np.full((HEIGHT, WIDTH), 0.5, np.float32)})
    (first, trust), (second, other_trust) = (mix(p, (2, 9), guidance) for p in (given_parts, back))
    assert torch.equal(first.luma, second.luma)
    assert torch.equal(first.chroma, second.chroma)
    assert np.array_equal(trust, other_trust)
    assert torch.equal(
        parts.exact_part(given_parts, (2, 9), guidance), parts.exact_part(back, (2, 9), guidance)
    )


@given(st.floats(-9, 9))
def test_values_are_kept_to_half_a_step_and_never_wrap_round(value):
    remaining, _ = mix(
        parts.pack_blind(Planes(torch.full((1, 1, 8, 8), value), torch.zeros(1, 2, 4, 4))), (), Guidance()
    )
    assert remaining.luma[0, 0, 0, 0].item() == pytest.approx(np.clip(value, -8, 8), abs=2 * ROUNDING)


def test_without_keyframes_the_mix_is_the_blind_result():
    mixed, trust = mix(parts.pack_blind(planes(1)), (), Guidance())
    assert close(mixed, planes(1))
    assert trust is None


def test_guidance_zero_is_the_blind_result_bit_for_bit():
    blind, _ = mix(parts.pack_blind(planes(1)), (), Guidance())
    mixed, _ = mix(keyed_parts(), (2, 9), Guidance(0.0))
    assert torch.equal(mixed.luma, blind.luma)
    assert torch.equal(mixed.chroma, blind.chroma)


@given(st.floats(0, 2), st.floats(0, 2), st.floats(0, 2))
def test_every_keyframe_counts_by_guidance_times_its_strength(value, first, second):
    mixed, _ = mix(keyed_parts(), (2, 9), Guidance(value, {2: first, 9: second}))
    expected = Planes(
        planes(1).luma + value * first * planes(3).luma + value * second * planes(5).luma,
        planes(1).chroma + value * first * planes(3).chroma + value * second * planes(5).chroma,
    )
    assert close(mixed, expected, steps=9)


def test_trust_is_the_sum_of_what_keyframes_were_trusted():
    _, trust = mix(keyed_parts(), (2, 9), Guidance())
    assert trust.shape == (HEIGHT // 4, WIDTH // 4)
    assert trust == pytest.approx(0.75, abs=1 / 255)


def test_a_matte_keeps_a_keyframe_to_its_place():
    matte = np.zeros((HEIGHT, WIDTH), np.float32)
    matte[:, :16] = 1
    mixed, trust = mix(keyed_parts(), (2, 9), Guidance(1.0, {9: 0.0}, {2: matte}))
    blind, _ = mix(parts.pack_blind(planes(1)), (), Guidance())
    whole, _ = mix(keyed_parts(), (2, 9), Guidance(1.0, {9: 0.0}))
    assert torch.equal(mixed.luma[..., 16:], blind.luma[..., 16:])
    assert torch.equal(mixed.chroma[..., 8:], blind.chroma[..., 8:])
    assert torch.equal(mixed.luma[..., :16], whole.luma[..., :16])
    assert trust[:, :4] == pytest.approx(0.75, abs=1 / 255)
    assert trust[:, 4:] == pytest.approx(0.25, abs=1 / 255)


def test_a_matte_is_carried_along_the_flow():
    matte = np.zeros((HEIGHT, WIDTH), np.float32)
    matte[:, 24:32] = 1
    # In half-size pixels: what lies at x on the target lies at x + 8 on the keyframe, at full size.
    flow = still()
    flow[:, 0] = 4
    mixed, _ = mix(keyed_parts(flow), (2, 9), Guidance(1.0, {9: 0.0}, {2: matte}))
    blind, _ = mix(parts.pack_blind(planes(1)), (), Guidance())
    moved = (mixed.luma != blind.luma)[0, 0].any(0).nonzero()[:, 0]
    assert moved.min() == 16
    assert moved.max() == 23


def test_a_matte_smaller_than_the_canvas_is_padded_like_the_picture():
    matte = np.ones((HEIGHT - 3, WIDTH - 5), np.float32)
    with_matte, _ = mix(keyed_parts(), (2, 9), Guidance(1.0, {}, {2: matte}))
    without, _ = mix(keyed_parts(), (2, 9), Guidance())
    assert torch.equal(with_matte.luma, without.luma)


def test_a_keyframes_own_part_counts_by_influence_and_matte():
    change = noise(1, 3, HEIGHT, WIDTH)
    result = parts.pack_blind(planes(1)) | parts.pack_exact(0, change)
    assert parts.is_exact(result)
    half = parts.exact_part(result, (4,), Guidance(0.5))
    assert torch.allclose(half, change * 0.5, atol=ROUNDING)
    matte = np.zeros((HEIGHT, WIDTH), np.float32)
    matte[:16] = 1
    remaining = parts.exact_part(result, (4,), Guidance(1.0, {}, {4: matte}))
    assert isinstance(remaining, torch.Tensor)
    assert not remaining[:, :, 16:].any()
    assert torch.allclose(remaining[:, :, :16], change[:, :, :16], atol=ROUNDING)


def test_a_keyframes_own_frame_is_trusted_where_its_matte_is_open():
    result = parts.pack_blind(planes(1)) | parts.pack_exact(0, noise(1, 3, HEIGHT, WIDTH))
    _, everywhere = mix(result, (4,), Guidance())
    assert everywhere.shape == (HEIGHT // 4, WIDTH // 4)
    assert (everywhere == 1).all()
    matte = np.zeros((HEIGHT, WIDTH), np.float32)
    matte[:16] = 1
    _, trust = mix(result, (4,), Guidance(1.0, {}, {4: matte}))
    assert (trust[:4] == 1).all()
    assert not trust[4:].any()
