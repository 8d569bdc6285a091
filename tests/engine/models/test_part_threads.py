"""Parts of a batch computed side by side."""

from __future__ import annotations

import threading
from functools import partial

import pytest
import torch

from sparkvsr_engine.models.part_threads import PartThreads, split_batch


@pytest.fixture
def network():
    torch.manual_seed(3)
    return torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3, padding=1), torch.nn.SiLU(), torch.nn.Conv2d(8, 1, 3, padding=1)
    )


@pytest.fixture
def batch():
    generator = torch.Generator().manual_seed(4)
    return {"picture": torch.rand(5, 3, 24, 24, generator=generator), "weight": torch.arange(5.0)}


def losses_of(network, part):
    with torch.autocast("cpu", torch.bfloat16):
        answers = network(part["picture"]).float()
    return {"size": answers.square().mean(), "weighted": (answers.mean((1, 2, 3)) * part["weight"]).mean()}


def gradients_of(network, parts, workers):
    network.zero_grad(set_to_none=True)
    with PartThreads(workers) as threads:
        rows = threads.set_mean_gradients(
            network.parameters(), [partial(losses_of, network, part) for part in parts]
        )
    return rows, [parameter.grad for parameter in network.parameters()]


def test_the_sums_are_the_same_bits_for_any_number_of_workers(network, batch):
    parts = split_batch(batch, 1)
    rows, expected = gradients_of(network, parts, 1)
    for workers in (2, 5):
        for _ in range(3):
            other_rows, gradients = gradients_of(network, parts, workers)
            assert other_rows == rows
            assert all(torch.equal(one, two) for one, two in zip(gradients, expected, strict=True))


def test_gradients_are_those_of_the_mean_of_all_parts(network, batch):
    parts = split_batch(batch, 1)
    rows, gradients = gradients_of(network, parts, 2)
    network.zero_grad(set_to_none=True)
    whole = losses_of(network, batch)
    sum(whole.values()).backward()
    for gradient, parameter in zip(gradients, network.parameters(), strict=True):
        assert gradient == pytest.approx(parameter.grad, rel=0.02, abs=2e-3)
    assert sum(row["total"] for row in rows) / 5 == pytest.approx(
        float(sum(whole.values()).detach()), rel=0.01
    )
    assert set(rows[0]) == {"total", "size", "weighted"}


def test_what_needs_no_gradient_is_left_out_and_what_no_part_uses_has_none(network, batch):
    network[0].requires_grad_(False)
    gradients_of(network, split_batch(batch, 2), 2)
    unused = torch.nn.Parameter(torch.ones(1))
    with PartThreads(1) as threads:
        threads.set_mean_gradients([unused, *network[2].parameters()], [partial(losses_of, network, batch)])
    assert network[0].weight.grad is None
    assert network[2].weight.grad is not None
    assert unused.grad is None


def test_threads_that_start_later_have_the_threads_they_had(network, batch):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    counts = []
    try:
        with PartThreads(2) as threads:
            threads.set_mean_gradients(network.parameters(), [partial(losses_of, network, batch)])
            thread = threading.Thread(target=lambda: counts.append(torch.get_num_threads()))
            thread.start()
            thread.join()
            counts.append(torch.get_num_threads())
            inner = threads.set_mean_gradients(
                network.parameters(),
                [lambda: {"threads": network[0].weight.sum() * 0 + torch.get_num_threads()}] * 2,
            )
        assert counts == [2, 2]
        assert [row["threads"] for row in inner] == [1, 1]
    finally:
        torch.set_num_threads(before)


def test_an_error_of_a_part_is_raised(network):
    def fails():
        raise ValueError("a bad part")

    with PartThreads(2) as threads, pytest.raises(ValueError, match="a bad part"):
        threads.set_mean_gradients(network.parameters(), [fails])


def test_results_come_in_the_order_of_their_parts():
    with PartThreads(3) as threads:
        assert threads.run([partial(pow, 2, power) for power in range(8)]) == [1, 2, 4, 8, 16, 32, 64, 128]


def test_a_batch_is_split_in_order(batch):
    parts = split_batch(batch, 2)
    assert [len(part["picture"]) for part in parts] == [2, 2, 1]
    assert torch.equal(torch.cat([part["weight"] for part in parts]), batch["weight"])
    (whole,) = split_batch(batch, 0)
    assert torch.equal(whole["picture"], batch["picture"])
