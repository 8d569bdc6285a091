"""Frames in memory through the door, without an engine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sparkvsr
from sparkvsr_bridge.errors import InvalidSettings, KeyframeRejected, UnknownModel
from tests.fakes.scenes import scene

IDENTITY = sparkvsr.UpscaleSettings(scale=1, model="identity")
TWICE = sparkvsr.UpscaleSettings(scale=2, device="cpu")


def frames(count=3):
    return [scene(index, 32, 24) for index in range(count)]


@pytest.mark.parametrize("sample", ["uint8", "uint16", "float16", "float32", "float64"])
def test_the_identity_returns_what_it_was_given(sample):
    top = np.iinfo(sample).max // 255 if np.dtype(sample).kind == "u" else 1 / 255
    inputs = [(frame * np.array(top)).astype(sample) for frame in frames()]
    for first, second in zip(sparkvsr.restore(inputs, IDENTITY), inputs, strict=True):
        assert first.dtype == sample
        np.testing.assert_allclose(first, second, atol=0 if np.dtype(sample).kind == "u" else 1e-3)


def test_light_beyond_white_comes_through():
    inputs = [np.full((24, 32, 3), 0.2, np.float32) for _ in range(2)]
    inputs[1][10, 10] = 40.0
    restored = sparkvsr.restore(inputs, TWICE)
    # Enlarged linearly: between two samples of a pixel the peak is three quarters along each axis.
    assert restored[1].max() == pytest.approx(1 + 39 * 0.75**2, rel=0.01)
    assert restored[0].max() < 0.5


def test_a_size_instead_of_a_scale():
    (restored,) = sparkvsr.restore(frames(1), sparkvsr.UpscaleSettings(width=48, height=36))
    assert restored.shape == (36, 48, 3)


def test_a_keyframe_is_shown_on_its_own_frame_and_its_alpha_limits_it():
    inputs = frames()
    fine = np.repeat(np.repeat(inputs[1], 2, 0), 2, 1)
    fine = np.clip(fine.astype(int), 8, 247)
    fine[::2] += 8
    fine[1::2] -= 8
    fine = fine.astype(np.uint8)
    whole = sparkvsr.restore(inputs, TWICE, keyframes={1: fine})
    left_half = np.concatenate([fine, np.zeros_like(fine[..., :1])], 2)
    left_half[:, :32, 3] = 255
    blind = sparkvsr.restore(inputs, TWICE)
    part = sparkvsr.restore(inputs, TWICE, keyframes={1: left_half})
    assert np.abs(whole[1].astype(int) - fine).mean() < np.abs(blind[1].astype(int) - fine).mean() / 2
    assert np.array_equal(part[1][:, 40:], blind[1][:, 40:])
    assert not np.array_equal(part[1][:, :24], blind[1][:, :24])
    none = sparkvsr.restore(inputs, TWICE, keyframes={1: fine}, strengths={1: 0.0})
    assert np.array_equal(none[1], blind[1])


def test_nothing_gives_nothing():
    assert sparkvsr.restore([]) == []


@pytest.mark.parametrize(
    ("array", "message"),
    [
        ([np.zeros((4, 4), np.uint8)], "a frame is"),
        ([np.zeros((4, 4, 3), np.int32)], "a frame is"),
        ([np.zeros((8, 8, 3), np.uint8), np.zeros((8, 9, 3), np.uint8)], "alike"),
    ],
)
def test_arrays_that_are_no_frames_are_refused(array, message):
    with pytest.raises(InvalidSettings, match=message):
        sparkvsr.restore(array, IDENTITY)


def test_what_a_job_alone_can_do_is_refused():
    with pytest.raises(InvalidSettings, match="job"):
        sparkvsr.restore(frames(), sparkvsr.UpscaleSettings(learn="auto"))


def test_keyframes_that_cannot_be_used_are_refused():
    picture = np.zeros((48, 64, 4), np.uint8)
    with pytest.raises(InvalidSettings, match="0 to 2"):
        sparkvsr.restore(frames(), TWICE, keyframes={3: picture})
    with pytest.raises(KeyframeRejected, match="transparent"):
        sparkvsr.restore(frames(), TWICE, keyframes={1: picture})
    with pytest.raises(KeyframeRejected, match="too small"):
        sparkvsr.restore(frames(), TWICE, keyframes={1: picture[:4, :4]})


def test_a_model_that_is_not_there_is_named():
    with pytest.raises(UnknownModel, match="nosuch"):
        sparkvsr.restore(frames(1), sparkvsr.UpscaleSettings(model="nosuch"))


def test_importing_the_door_loads_no_torch_and_no_zmq():
    code = "import sys, sparkvsr; print(*[name for name in ('torch', 'zmq', 'numpy') if name in sys.modules])"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_every_public_name_is_there():
    for name in sparkvsr.__all__:
        assert getattr(sparkvsr, name) is not None
    with pytest.raises(AttributeError):
        _ = sparkvsr.nosuch
