from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_engine.core.frames import FrameSpan
from sparkvsr_engine.core.keyframes import suggest_next
from sparkvsr_engine.core.measured import expected_error, full_trust, weigh
from sparkvsr_engine.core.propagation import PropagationField
from sparkvsr_engine.core.signals import FrameSignals

SHOT = FrameSpan(10, 40)
SIGNALS = FrameSignals(SHOT, np.ones(30), np.zeros(30), np.full(30, 0.95))
MEASURED = st.dictionaries(st.integers(0, 60), st.floats(0, 1), max_size=40)


def field_of(signals):
    return PropagationField.of([SHOT], signals.propagation_confidence)


@given(MEASURED, st.lists(st.integers(10, 39), max_size=3, unique=True))
def test_trust_stays_a_share(measured, keyframes):
    told = weigh([SHOT], SIGNALS, sorted(keyframes), measured)
    for values in (told.reached, told.signals.propagation_confidence):
        assert values.shape == (30,)
        assert ((values >= 0) & (values <= 1)).all()


def test_what_is_not_measured_is_expected():
    told = weigh([SHOT], SIGNALS, [20], {})
    assert np.array_equal(told.reached, field_of(SIGNALS).best({20: 1.0}))
    assert np.array_equal(told.signals.propagation_confidence, SIGNALS.propagation_confidence)


def test_how_fast_trust_falls_is_taken_from_the_render():
    expected = field_of(SIGNALS).best({20: 1.0})

    def reached(power):
        told = weigh([SHOT], SIGNALS, [20], {at: float(expected[at - 10] ** power) for at in SHOT})
        return field_of(told.signals).best({35: 1.0})[20]

    assert reached(0.4) > reached(1.0) > reached(2.5)


def test_half_open_gates_beside_a_keyframe_are_full_trust():
    measured = {frame: 0.5 if abs(frame - 20) <= 2 else 0.25 for frame in SHOT} | {20: 1.0}
    assert full_trust([20], measured) == pytest.approx(0.5)
    told = weigh([SHOT], SIGNALS, [20], measured)
    assert told.reached[11] == pytest.approx(1.0)
    assert told.reached[0] == pytest.approx(0.5)


def test_gates_that_stay_shut_are_no_full_trust():
    assert full_trust([20], dict.fromkeys(SHOT, 0.01)) == pytest.approx(0.3)
    assert full_trust([], {}) == 1.0


def test_the_next_keyframe_stands_amid_the_frames_that_lack_trust():
    expected = field_of(SIGNALS).best({10: 1.0})
    told = weigh([SHOT], SIGNALS, [10], {at: float(expected[at - 10] ** 0.4) for at in SHOT})
    assert 22 <= suggest_next([SHOT], told.signals, [10], told.reached).frame <= 36


def test_errors_are_expected_where_detail_was_not_taken_from_keyframes():
    source = np.full((40, 40, 3), 0.5, np.float32)
    source[:, ::2] = 0.7
    source[:20] = 0.5
    trust = np.zeros((10, 10), np.float32)
    trust[:, 5:] = 1.0
    found = expected_error(trust, source)
    assert found.shape == (10, 10)
    assert found[8, 1] > 0.02
    assert found[8, 8] == 0
    assert found[1, 1] < 1e-3
