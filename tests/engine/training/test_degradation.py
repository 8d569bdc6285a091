"""The degradation: drawn once for all frames, the same for the same seed, through every real codec."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkvsr_engine.training.degradation.chain import clean, degrade
from sparkvsr_engine.training.degradation.codecs import CODECS, through_codec
from sparkvsr_engine.training.degradation.kernels import KernelRanges, draw_kernel, sinc_kernel
from tests.fakes.moving import as_bytes, pan, texture

WIDTH, HEIGHT = 96, 64


def clip(count=4, width=WIDTH, height=HEIGHT):
    return [as_bytes(picture) for picture in pan(count, width, height)]


def degraded(frames, seed, size=(48, 32), strength=1.0):
    width, height = size
    return degrade(frames, width, height, np.random.default_rng(seed), strength)


def apart(first, second):
    return float(np.abs(first.astype(np.float32) - second.astype(np.float32)).mean())


@settings(max_examples=12)
@given(
    st.integers(0, 10_000),
    st.sampled_from([(24, 16), (48, 32), (96, 64), (33, 17)]),
    st.integers(1, 6),
    st.floats(0, 1),
)
def test_frames_keep_their_number_and_come_out_in_the_size_asked_for(seed, size, count, strength):
    result = degraded(clip(count), seed, size, strength)
    assert len(result) == count
    assert {frame.shape for frame in result} == {(size[1], size[0], 3)}
    assert {str(frame.dtype) for frame in result} == {"uint8"}


def test_the_same_seed_degrades_alike_and_another_does_not():
    frames = clip()
    first, same, second = degraded(frames, 3), degraded(frames, 3), degraded(frames, 4)
    assert all(np.array_equal(a, b) for a, b in zip(first, same, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_the_given_frames_are_left_as_they_are():
    frames = clip()
    before = [frame.copy() for frame in frames]
    degraded(frames, 5)
    assert all(np.array_equal(a, b) for a, b in zip(frames, before, strict=True))


def test_what_is_drawn_holds_for_the_whole_clip_and_noise_for_one_frame():
    still = [as_bytes(texture(192, 128))] * 4
    settled, drawn, noisy = [], [], 0
    looks = [degraded(still, seed, (96, 64)) for seed in range(12)]
    soft = [[cv2.GaussianBlur(frame, (0, 0), 3) for frame in look] for look in looks]
    for index, look in enumerate(soft):
        settled += [apart(look[0], later) for later in look[1:]]
        drawn += [apart(look[0], second[0]) for second in soft[:index]]
        noisy += not np.array_equal(looks[index][0], looks[index][1])
    assert np.mean(settled) < 0.5 * np.mean(drawn)
    assert noisy >= 10


def test_less_strength_harms_less():
    truth = clip()
    expected = clean(truth, 48, 32)
    harm = {
        strength: np.mean(
            [apart(degraded(truth, seed, strength=strength)[0], expected[0]) for seed in range(10)]
        )
        for strength in (0.1, 1.0)
    }
    assert harm[0.1] < harm[1.0]


def test_the_clean_reduction_is_antialiased_and_keeps_size_one():
    frames = clip(2)
    assert clean(frames, WIDTH, HEIGHT)[1] is frames[1]
    checks = np.indices((64, 64)).sum(0) % 2 * np.uint8(255)
    (reduced,) = clean([np.repeat(checks[..., None], 3, 2).astype(np.uint8)], 16, 16)
    assert np.abs(reduced[2:-2, 2:-2].astype(int) - 127).max() <= 2


class TestCodecs:
    @pytest.mark.parametrize("codec", CODECS)
    @pytest.mark.parametrize("size", [(64, 48), (33, 17), (16, 16)])
    @pytest.mark.parametrize("count", [1, 5])
    def test_every_codec_keeps_size_and_frames(self, codec, size, count):
        frames = clip(count, *size)
        result = through_codec(frames, codec, 0.3)
        assert [frame.shape for frame in result] == [frame.shape for frame in frames]
        assert not any(np.array_equal(a, b) for a, b in zip(result, frames, strict=True))

    @pytest.mark.parametrize("codec", CODECS)
    def test_frames_stay_in_order(self, codec):
        frames = clip(5)
        for index, frame in enumerate(through_codec(frames, codec, 2.0)):
            assert np.argmin([apart(frame, truth) for truth in frames]) == index

    @pytest.mark.parametrize("codec", CODECS)
    def test_a_codec_gives_the_same_pixels_every_time(self, codec):
        frames = clip(7, 320, 176)
        first = np.stack(through_codec(frames, codec, 2.0))
        for _ in range(8):
            assert np.array_equal(np.stack(through_codec(frames, codec, 2.0)), first)

    @pytest.mark.parametrize("codec", CODECS)
    def test_fewer_bits_harm_more(self, codec):
        frames = [frame[..., 1:2].repeat(3, 2) for frame in clip(6, 192, 128)]
        few, many = (through_codec(frames, codec, bits) for bits in (0.03, 2.0))
        assert apart(np.stack(few), np.stack(frames)) > 1.1 * apart(np.stack(many), np.stack(frames))


class TestKernels:
    @given(st.integers(0, 10_000))
    def test_a_kernel_is_odd_and_keeps_brightness(self, seed):
        kernel = draw_kernel(KernelRanges(), np.random.default_rng(seed))
        assert kernel.shape[0] == kernel.shape[1]
        assert kernel.shape[0] % 2 == 1
        assert 7 <= kernel.shape[0] <= 21
        assert kernel.dtype == np.float32
        assert kernel.sum() == pytest.approx(1, abs=1e-4)
        assert np.isfinite(kernel).all()

    @given(st.integers(0, 10_000))
    def test_a_kernel_moves_nothing(self, seed):
        kernel = draw_kernel(KernelRanges(), np.random.default_rng(seed))
        assert kernel == pytest.approx(kernel[::-1, ::-1], abs=1e-6)

    def test_draws_follow_the_seed(self):
        first, same, second = (draw_kernel(KernelRanges(), np.random.default_rng(seed)) for seed in (1, 1, 2))
        assert np.array_equal(first, same)
        assert first.shape != second.shape or not np.array_equal(first, second)

    def test_the_sinc_kernel_cuts_fine_waves_and_lets_coarse_ones_through(self):
        columns = np.arange(256, dtype=np.float32)[None].repeat(32, 0)
        kernel = sinc_kernel(21, np.pi / 2)
        fine, coarse = (
            cv2.filter2D(np.sin(columns * pitch), -1, kernel)[8:-8, 32:-32].std() for pitch in (2.6, 0.3)
        )
        assert coarse == pytest.approx(np.sqrt(0.5), rel=0.1)
        assert fine < 0.1
