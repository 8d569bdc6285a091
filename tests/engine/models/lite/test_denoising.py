"""Noise goes where frames differ by noise alone; whatever else differs stays as it is."""

import cv2
import numpy as np
import pytest
import torch

from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.models.lite.motion.denoising import DenoisedReader, mean_along_motion
from sparkvsr_engine.models.lite.motion.motion_walk import StepFlows
from sparkvsr_engine.models.lite.pixels.source_planes import SourcePlanes
from sparkvsr_engine.models.lite.weight_mixer import LiteWeights
from tests.engine.models.lite.test_weight_mixer import always
from tests.fakes.lite_shots import MemoryReader, Rendering, small_network
from tests.fakes.moving import pan

NOISE = 0.04


def noisy(picture, seed, noise=NOISE):
    return (picture + np.random.default_rng(seed).normal(0, noise, picture.shape)).astype(np.float32)


def texture(width=64, height=48):
    return pan(1, width, height)[0]


def noisy_pan(count=7, speed=(1.5, 0.75), seed=0, size=(64, 48)):
    """(the pan, the same with noise of its own on each frame)."""
    width, height = size
    clean = pan(count, width, height, speed)
    return clean, [noisy(frame, seed + number) for number, frame in enumerate(clean)]


def reader_of(frames, share=1.0, stretch=1):
    """stretch: how much farther frames are enlarged across than down."""
    height, width = frames[0].shape[:2]
    reader, home = MemoryReader(frames), Geometry(width, height, stretch * 4 * width, 4 * height)
    return DenoisedReader(reader, StepFlows(SourcePlanes(reader, home)), home, lambda _: share)


def rms(difference):
    return float(np.sqrt(np.mean(np.square(difference))))


def test_noise_of_five_frames_is_averaged():
    clean = texture()
    frames = [noisy(clean, seed) for seed in range(5)]
    mean = mean_along_motion(frames[0], frames[1:])
    assert rms(mean - clean) < 0.55 * NOISE
    assert mean.dtype == np.float32


@pytest.mark.parametrize(
    "neighbour",
    [
        pytest.param(np.ones_like, id="white flash"),
        pytest.param(lambda picture: picture + 0.3, id="brighter"),
        pytest.param(lambda picture: picture * 0.7, id="darker"),
        pytest.param(np.zeros_like, id="black"),
        pytest.param(lambda picture: picture[::-1], id="another picture"),
        pytest.param(lambda picture: np.roll(picture, 9, 1), id="motion that was missed"),
    ],
)
def test_a_neighbour_that_shows_something_else_counts_next_to_nothing(neighbour):
    clean = texture()
    frame = noisy(clean, 0)
    mismatch = noisy(np.ascontiguousarray(neighbour(clean), np.float32), 1)
    assert rms(mean_along_motion(frame, [mismatch]) - frame) < 0.35 * NOISE
    beside = [noisy(clean, seed) for seed in (2, 3, 4)]
    assert rms(mean_along_motion(frame, [*beside, mismatch]) - mean_along_motion(frame, beside)) < 0.1 * NOISE


def test_what_moves_by_itself_stays_and_the_rest_is_averaged():
    clean = texture()
    frame = noisy(clean, 0)
    neighbours = [noisy(clean, seed) for seed in range(1, 5)]
    frame[16:32, 16:32] = noisy(np.full((16, 16, 3), 0.95, np.float32), 9)
    mean = mean_along_motion(frame, neighbours)
    assert np.abs(mean[19:29, 19:29] - frame[19:29, 19:29]).max() < 0.02
    assert rms((mean - clean)[:, 40:]) < 0.55 * NOISE


def test_pictures_without_noise_do_not_change():
    clean = texture()
    assert np.abs(mean_along_motion(clean, [clean.copy()] * 4) - clean).max() < 1e-6
    edge = np.zeros((48, 64, 3), np.float32)
    edge[:, 30:] = 0.8
    moved = np.roll(edge, 1, 1)
    assert np.abs(mean_along_motion(edge, [moved] * 4) - edge).max() < 1e-6


def test_pictures_without_colour_stay_without():
    frames = [np.repeat(noisy(texture()[..., :1], seed), 3, axis=2) for seed in range(3)]
    mean = mean_along_motion(frames[0], frames[1:])
    assert np.array_equal(mean[..., 0], mean[..., 1])
    assert np.array_equal(mean[..., 0], mean[..., 2])


@pytest.mark.parametrize(("size", "stretch"), [((64, 48), 1), ((61, 47), 1), ((61, 47), 2)])
def test_neighbours_are_brought_along_motion(size, stretch):
    clean, frames = noisy_pan(size=size)
    denoised = reader_of(frames, stretch=stretch).read(3)
    inside = (slice(6, -6), slice(6, -6))
    assert rms((denoised - clean[3])[inside]) < 0.75 * rms((frames[3] - clean[3])[inside])


def test_the_share_sets_how_far():
    _, frames = noisy_pan()
    full, half = reader_of(frames).read(3), reader_of(frames, 0.5).read(3)
    assert np.allclose(half, (full + frames[3]) / 2, atol=1e-6)
    reader = reader_of(frames, 0.0)
    assert np.array_equal(reader.read(3), frames[3])
    assert not reader.changes(3)


@pytest.mark.parametrize("frame", [0, 6])
def test_a_shot_ends_where_it_ends(frame):
    clean, frames = noisy_pan(speed=(0.0, 0.0))
    denoised = reader_of(frames).read(frame)
    assert rms(denoised - clean[frame]) < 0.75 * rms(frames[frame] - clean[frame])


def test_a_frame_is_judged_once_however_often_it_is_asked_for():
    """A judgement reads five frames, those of a keyframe far away."""
    _, frames = noisy_pan()
    judged = []
    reader = MemoryReader(frames)
    home = Geometry(64, 48, 256, 192)
    steps = StepFlows(SourcePlanes(reader, home))
    denoised = DenoisedReader(reader, steps, home, lambda frame: judged.append(frame) or 1.0)
    for frame in (3, 0, 6, 3, 0, 6):
        assert denoised.changes(frame)
        denoised.read(frame)
    assert judged == [3, 0, 6]
    assert np.array_equal(denoised.read(9), denoised.read(6))


def test_a_shot_of_one_frame_stays_as_it_is():
    frame = noisy(texture(), 0)
    assert np.allclose(reader_of([frame]).read(0), frame, atol=1e-7)


def weights_judged(logit):
    return LiteWeights(small_network(0), small_network(1), always(logit))


def test_frames_of_a_damaged_shot_do_not_depend_on_what_was_rendered_before():
    _, frames = noisy_pan()
    keyframes = {0: cv2.resize(frames[0], None, fx=4, fy=4)}
    alone = Rendering(weights_judged(9), frames, keyframes=keyframes).pixels(4)
    whole = Rendering(weights_judged(9), frames, keyframes=keyframes)
    assert np.array_equal([whole.pixels(frame) for frame in range(7)][4], alone)
    assert np.array_equal([whole.pixels(frame) for frame in reversed(range(7))][2], alone)


@pytest.mark.parametrize("scale", [1.5, 2, 4])
def test_results_of_damaged_shots_hold_less_noise(scale):
    """Against a judge that takes all for clean; both networks are the same."""
    network = small_network(0)
    _, frames = noisy_pan(speed=(0.0, 0.0))

    def spread(logit):
        shot = Rendering(LiteWeights(network, network, always(logit)), frames, scale)
        results = np.stack([shot.pixels(frame) for frame in (2, 3, 4)])
        return float(results.std(0).mean())

    assert spread(9) < 0.85 * spread(-9)


def test_stated_damage_decides_like_the_judge():
    _, frames = noisy_pan()
    network = small_network(0)

    def noise_of(damage, logit=9):
        weights = LiteWeights(network, network, always(logit))
        with torch.inference_mode():
            return Rendering(weights, frames, damage=damage).shot.work.noise(3)

    assert noise_of(0.0) is None
    assert noise_of(None, -9) is None
    assert np.allclose(noise_of(0.5), noise_of(1.0) / 2, atol=1e-6)
    assert rms(noise_of(None)) > 0.3 * NOISE
