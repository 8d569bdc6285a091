"""Results agree with the source as far as it is believed; a keyframe's but for edits, looks and noise."""

import pytest
import torch
from torch.nn import functional as F

from sparkvsr_engine.models.lite.pixels.consistency import SourceSamples, followed, rest_of, settled
from sparkvsr_engine.models.lite.pixels.filters import enlarged, reduced

SCALE, ROWS, COLUMNS = 4, 24, 32
HEIGHT, WIDTH = SCALE * ROWS, SCALE * COLUMNS


def noise(*shape, seed, size=1.0):
    return (torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) - 0.5) * size


def truth(seed=0):
    """Detail finer than the source's grid [1, 1, H, W]."""
    return 0.5 + F.avg_pool2d(F.pad(noise(1, 1, HEIGHT, WIDTH, seed=seed), (2,) * 4, mode="reflect"), 5, 1)


def samples_of(picture, *, has_samples=True):
    seen = F.interpolate(picture, size=(ROWS, COLUMNS), mode="bicubic", antialias=True)
    return SourceSamples(seen, HEIGHT, WIDTH, torch.tensor([has_samples]))


def settle(change, blind, samples, missing=None, gate=1.0):
    missing = torch.zeros_like(samples.luma) if missing is None else missing
    remainder = rest_of(blind, samples)
    return settled(change, torch.full_like(change, gate), missing, remainder, samples)


def power(planes):
    return float(planes.square().mean())


def test_a_keyframe_that_is_exact_is_left_as_it_is():
    picture = truth()
    samples = samples_of(picture)
    blind = enlarged(samples.luma, picture)
    change = picture - blind
    assert torch.allclose(settle(change, blind, samples), change, atol=1e-3)


def test_one_that_is_a_little_off_is_brought_nearer_to_the_truth():
    picture = truth()
    samples = samples_of(picture)
    # The best a blind result can be here: it reduces to the source.
    blind = enlarged(samples.luma, picture)
    blind = blind + enlarged(rest_of(blind, samples), picture)
    off = torch.roll(picture, 1, dims=3) - blind
    result = settle(off, blind, samples)
    inside = (..., slice(8, -8), slice(8, -8))
    before, after = ((blind + change - picture)[inside] for change in (off, result))
    assert power(after) < 0.8 * power(before)
    assert power(rest_of(blind + result, samples)) < 0.3 * power(rest_of(blind + off, samples))


def test_an_edit_stays():
    picture = truth()
    samples = samples_of(picture)
    painted = torch.zeros_like(picture)
    painted[..., 32:64, 40:88] = 0.25
    missing = -reduced(painted, samples.luma)
    result = settle(painted, picture, samples, missing)
    assert torch.allclose(result, painted, atol=1e-4)


def test_an_edit_stays_as_far_as_the_keyframe_is_trusted():
    picture = truth()
    samples = samples_of(picture)
    painted = torch.full_like(picture, 0.2)
    missing = torch.full_like(samples.luma, -0.2)
    result = settle(painted * 0.5, picture, samples, missing, gate=0.5)
    assert torch.allclose(result, painted * 0.5, atol=1e-3)


def test_noise_of_the_source_is_not_brought_back():
    picture = truth()
    clean = samples_of(picture)
    grain = noise(1, 1, ROWS, COLUMNS, seed=3, size=0.1)
    noisy = SourceSamples(clean.luma + grain, HEIGHT, WIDTH, clean.present)
    missing = noise(1, 1, ROWS, COLUMNS, seed=4, size=0.1)
    result = settle(torch.zeros_like(picture), picture, noisy, missing)
    assert power(result) < 0.02 * power(grain - missing)


def test_what_the_keyframe_is_not_trusted_with_stays_blind():
    picture = truth()
    samples = samples_of(picture)
    blind = picture + noise(1, 1, HEIGHT, WIDTH, seed=8, size=0.2)
    result = settle(torch.zeros_like(picture), blind, samples, gate=0.0)
    assert not result.any()


@pytest.mark.parametrize(("faith", "most"), [(0.0, 1.0), (0.5, 0.7), (1.0, 0.4)])
def test_a_blind_result_follows_the_source_as_far_as_it_is_believed(faith, most):
    picture = truth()
    samples = samples_of(picture)
    blind = picture + noise(1, 1, HEIGHT, WIDTH, seed=8, size=0.2)
    step = followed(blind, torch.full((1, 1, ROWS, COLUMNS), faith), samples)
    assert power(rest_of(blind + step, samples)) <= most**2 * power(rest_of(blind, samples))
    assert step.any() == (faith > 0)


def test_a_blind_result_follows_on_a_grid_coarser_than_the_cells():
    picture = truth()
    seen = F.interpolate(picture, size=(16, 21), mode="bicubic", antialias=True)
    samples = SourceSamples(seen, HEIGHT, WIDTH, torch.tensor([True]))
    step = followed(picture * 0.9, torch.ones(1, 1, ROWS, COLUMNS), samples)
    assert power(rest_of(picture * 0.9 + step, samples)) < 0.05 * power(rest_of(picture * 0.9, samples))


@pytest.mark.parametrize("has_samples", [True, False])
def test_entries_without_samples_and_the_padding_are_left_alone(has_samples):
    picture = truth()
    samples = samples_of(picture, has_samples=has_samples)
    wider = F.pad(picture, (0, 8, 0, 8), mode="replicate")
    change = noise(1, 1, HEIGHT + 8, WIDTH + 8, seed=9, size=0.1)
    result = settled(
        change, torch.ones_like(change), torch.zeros_like(samples.luma), rest_of(wider, samples), samples
    )
    outside = torch.ones_like(change, dtype=torch.bool)
    outside[..., :HEIGHT, :WIDTH] = False
    assert torch.equal(result[outside], change[outside])
    assert torch.equal(result, change) != has_samples


def test_what_a_keyframe_lacks_is_brought_along_the_motion():
    samples = samples_of(truth())
    missing = noise(1, 1, ROWS, COLUMNS, seed=5)
    flow = torch.zeros(1, 2, HEIGHT + 8, WIDTH)
    flow[:, 0] = 2.0 * SCALE
    brought = samples.brought(missing, flow)
    assert torch.allclose(brought[..., :-2], missing[..., 2:], atol=1e-5)
