"""Where errors are expected."""

from __future__ import annotations

import numpy as np

from sparkvsr_engine.core.keyframe_choice.expected_error import expected_error


def test_errors_are_expected_where_detail_was_not_taken_from_keyframes():
    source = np.full((40, 40, 3), 0.5, np.float32)
    source[:, ::2] = 0.7
    source[:20] = 0.5
    trust = np.zeros((10, 10), np.float32)
    trust[:, 5:] = 1.0
    found = expected_error(trust, source)
    assert found.shape == (10, 10)
    assert found[8, 1] > 0.01
    assert found[8, 8] == 0
    assert found[1, 1] < 1e-3
