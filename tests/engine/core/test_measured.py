from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.measured import full_trust, reached_trust
from sparkvsr_engine.core.propagation import PropagationField

SHOT = FrameSpan(10, 40)
FIELD = PropagationField.of([SHOT], np.full(30, 0.95))
MEASURED = st.dictionaries(st.integers(0, 60), st.floats(0, 1), max_size=40)


@given(MEASURED, st.lists(st.integers(10, 39), max_size=3, unique=True))
def test_trust_stays_a_share(measured, keyframes):
    found = reached_trust(FIELD, sorted(keyframes), measured)
    assert found.shape == (30,)
    assert ((found >= 0) & (found <= 1)).all()


def test_what_is_not_measured_is_expected():
    expected = FIELD.best({20: 1.0})
    found = reached_trust(FIELD, [20], {30: 0.0, 20: 1.0})
    assert found[20] == 0
    assert np.array_equal(np.delete(found, [10, 20]), np.delete(expected, [10, 20]))


def test_half_open_gates_beside_a_keyframe_are_full_trust():
    measured = {frame: 0.5 if abs(frame - 20) <= 2 else 0.25 for frame in SHOT} | {20: 1.0}
    assert full_trust([20], measured) == pytest.approx(0.5)
    found = reached_trust(FIELD, [20], measured)
    assert found[11] == pytest.approx(1.0)
    assert found[0] == pytest.approx(0.5)


def test_gates_that_stay_shut_are_no_full_trust():
    assert full_trust([20], dict.fromkeys(SHOT, 0.01)) == pytest.approx(0.3)
    assert full_trust([], {}) == 1.0
