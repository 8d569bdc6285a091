"""How strengths, mattes and trust become one map per slot."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_engine.models.base import Guidance
from sparkvsr_engine.models.cogvideox.influence import (
    Entry,
    from_arrays,
    guidance_map,
    is_as_trained,
    latent_matte,
    shares_at,
    slot_weights,
    to_arrays,
)

SINGLE = Entry(4, 1.0, {16: 1.0})
CARRIED = Entry(0, 0.9, {-8: 0.75, -20: 0.25})

slots_of_entries = st.lists(st.integers(0, 8), min_size=1, max_size=5, unique=True)


@given(slots_of_entries)
def test_weights_add_up_to_one_in_every_slot_and_are_whole_in_their_own(slots):
    weights = slot_weights([Entry(slot, 1.0, {slot: 1.0}) for slot in slots], 9)
    np.testing.assert_allclose(weights.sum(0), 1, atol=1e-6)
    for row, slot in zip(weights, slots, strict=True):
        assert row[slot] == 1


@given(slots_of_entries, st.floats(0, 2))
def test_without_strengths_and_mattes_the_map_is_the_guidance(slots, value):
    entries = [Entry(slot, 1.0, {slot: 1.0}) for slot in slots]
    np.testing.assert_allclose(guidance_map(entries, Guidance(value), 9, (2, 3)), value, atol=1e-6)


def test_trust_and_the_strengths_behind_a_carried_frame_scale_its_part():
    result = guidance_map([CARRIED], Guidance(1.0, {-8: 0.0, -20: 2.0}), 3, (2, 2))
    np.testing.assert_allclose(result, 0.9 * 0.25 * 2.0, atol=1e-6)


def test_shares_follow_the_entries_and_add_up_to_one():
    assert shares_at([SINGLE, CARRIED], 4, 9) == {16: 1.0}
    middle = shares_at([SINGLE, CARRIED], 2, 9)
    assert middle == pytest.approx({16: 0.5, -8: 0.375, -20: 0.125})


def test_only_a_guidance_of_one_throughout_is_as_trained():
    assert is_as_trained([SINGLE, CARRIED], Guidance(1.0, {99: 0.0}))
    assert not is_as_trained([SINGLE, CARRIED], Guidance(1.0, {-20: 0.5}))
    assert not is_as_trained([SINGLE], Guidance(0.5))
    assert not is_as_trained([SINGLE], Guidance(mattes={16: np.ones((2, 2), np.float32)}))


def test_mattes_are_averaged_over_latents_and_continued_over_padding():
    matte = np.zeros((12, 20), np.float32)
    matte[:, 12:] = 1
    np.testing.assert_allclose(latent_matte(matte, (2, 4)), [[0, 0.5, 1, 1], [0, 0.5, 1, 1]])


def test_entries_survive_being_stored():
    assert from_arrays(to_arrays([SINGLE, CARRIED])) == [SINGLE, CARRIED]
    assert from_arrays(to_arrays([])) == []
