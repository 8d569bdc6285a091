"""The passes put together: what a keyframe changes, and that an absent one changes nothing."""

from copy import deepcopy

import pytest
import torch

from sparkvsr_engine.models.lite.networks.network import MOST_KEYFRAMES
from sparkvsr_engine.models.lite.networks.stages import Reference, Target, restore_blind, restore_keyed
from sparkvsr_engine.models.lite.networks.torch_passes import TorchPasses
from sparkvsr_engine.models.lite.pixels.planes import LUMA_CHANNELS, Planes, planes_of

HEIGHT, WIDTH = 32, 48


def noise(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def target_of(count=1, seed=0):
    source = planes_of(noise(count, 3, HEIGHT, WIDTH, seed=seed))
    half = torch.nn.functional.avg_pool2d(source.luma, 2)
    return Target(source, half, half.repeat(1, 4, 1, 1), torch.full((count,), 4.0))


def reference_of(distance, seed=5):
    count = len(distance)
    residual = planes_of(noise(count, 3, HEIGHT, WIDTH, seed=seed) - 0.5)
    return Reference(
        residual, noise(count, 1, HEIGHT // 2, WIDTH // 2, seed=seed + 1), torch.tensor(distance)
    )


def keyed_of(network, target, references):
    with torch.inference_mode():
        blind = restore_blind(TorchPasses(network), target)
        return restore_keyed(TorchPasses(network), target, blind, references)


def is_nothing(planes):
    return not planes.luma.any() and not planes.chroma.any()


def same(first, second):
    return torch.equal(first.luma, second.luma) and torch.equal(first.chroma, second.chroma)


def test_the_blind_pass_gives_a_residual_as_large_as_the_canvas(network):
    with torch.inference_mode():
        blind = restore_blind(TorchPasses(network), target_of())
    assert blind.residual.luma.shape == (1, 1, HEIGHT, WIDTH)
    assert blind.residual.chroma.shape == (1, 2, HEIGHT // 2, WIDTH // 2)
    assert blind.residual.luma.dtype == torch.float32


def test_a_present_keyframe_changes_something_and_has_a_trust(network):
    keyed = keyed_of(network, target_of(), [reference_of([3])])
    assert len(keyed.changes) == len(keyed.gates) == 1
    assert not is_nothing(keyed.changes[0])
    assert keyed.gates[0].shape == (1, 1, HEIGHT, WIDTH)


def test_an_absent_slot_changes_nothing(network):
    keyed = keyed_of(network, target_of(), [reference_of([3]), reference_of([0], seed=8)])
    assert not is_nothing(keyed.changes[0])
    assert is_nothing(keyed.changes[1])
    assert not keyed.gates[1].any()


def test_what_lies_in_an_absent_slot_does_not_matter(network):
    first = keyed_of(network, target_of(), [reference_of([3]), reference_of([0], seed=8)])
    second = keyed_of(network, target_of(), [reference_of([3]), reference_of([0], seed=9)])
    alone = keyed_of(network, target_of(), [reference_of([3])])
    assert same(first.changes[0], second.changes[0])
    assert same(first.changes[0], alone.changes[0])


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_keyframes_in_either_order_share_out_the_trust(network, order):
    references = [reference_of([2]), reference_of([9], seed=20)]
    keyed = keyed_of(network, target_of(), [references[i] for i in order])
    total = keyed.gates[0] + keyed.gates[1]
    assert 0 < total.min() <= total.max() < 1
    assert not any(is_nothing(change) for change in keyed.changes)


def test_a_batch_of_mixed_cases_equals_its_entries_alone(network):
    target = target_of(2)
    references = [reference_of([4, 6]), reference_of([0, 2], seed=30)]
    both = keyed_of(network, target, references)
    for entry in (0, 1):
        at = slice(entry, entry + 1)
        single = Target(
            Planes(target.source.luma[at], target.source.chroma[at]),
            target.half[at],
            target.neighbours[at],
            target.scale[at],
        )
        mine = [
            Reference(Planes(r.residual.luma[at], r.residual.chroma[at]), r.half[at], r.distance[at])
            for r in references
        ]
        alone = keyed_of(network, single, mine)
        for slot in (0, 1):
            assert torch.allclose(both.changes[slot].luma[at], alone.changes[slot].luma, atol=1e-5)


def test_a_keyframe_equal_to_the_blind_result_changes_only_what_is_mended(network):
    unmending = deepcopy(network)
    with torch.no_grad():
        unmending.keyed.head.weight[MOST_KEYFRAMES * LUMA_CHANNELS :] = 0
        unmending.keyed.head.bias[MOST_KEYFRAMES * LUMA_CHANNELS :] = 0
    target = target_of()
    with torch.inference_mode():
        blind = restore_blind(TorchPasses(unmending), target)
        agreeing = Reference(blind.residual, target.half, torch.tensor([5]))
        keyed = restore_keyed(TorchPasses(unmending), target, blind, [agreeing, reference_of([3])])
    assert is_nothing(keyed.changes[0])
    assert not is_nothing(keyed.changes[1])
