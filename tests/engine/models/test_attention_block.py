"""SPAN's block: its shapes, and the names under which published weights hold it."""

import torch

from sparkvsr_engine.models.attention_block import AttentionBlock


def test_a_block_keeps_its_shape():
    features = torch.rand(2, 8, 6, 9)
    deep, first = AttentionBlock(8)(features)
    assert deep.shape == first.shape == features.shape


def test_weights_have_the_published_names():
    names = {name.split(".")[0] for name in AttentionBlock(4).state_dict()}
    assert names == {"c1", "c2", "c3"}


def test_a_block_in_use_computes_what_it_learnt_to_and_leaves_its_input():
    block, features = AttentionBlock(8), torch.rand(2, 8, 6, 9)
    inputs = features.clone()
    trained = block(features)
    with torch.inference_mode():
        used = block(features)
    assert torch.equal(features, inputs)
    assert all(torch.equal(first, second) for first, second in zip(trained, used, strict=True))
