import numpy as np
import pytest

from sparkvsr_engine.media.colours.primaries import AP0, AP1, REC709, REC2020, are_alike, conversion


def test_acescg_to_rec709_is_the_matrix_of_the_academy():
    expected = [
        [1.7050515, -0.6217906, -0.0832584],
        [-0.1302571, 1.1408029, -0.0105485],
        [-0.0240033, -0.1289688, 1.1529717],
    ]
    assert conversion(AP1, REC709) == pytest.approx(np.array(expected), abs=2e-4)


def test_rec709_to_rec2020_is_the_matrix_of_bt2087():
    expected = [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]
    assert conversion(REC709, REC2020) == pytest.approx(np.array(expected), abs=1e-4)


@pytest.mark.parametrize("pair", [(AP0, AP1), (AP1, REC709), (REC2020, REC709)])
def test_white_stays_white_and_the_way_back_undoes_the_way(pair):
    forward, back = conversion(*pair), conversion(*pair[::-1])
    assert forward @ np.ones(3) == pytest.approx(np.ones(3), abs=1e-5)
    assert back @ forward == pytest.approx(np.eye(3), abs=1e-5)


def test_a_files_rounding_does_not_make_primaries_other_ones():
    assert are_alike(np.float32(AP1) + 0.0004, AP1)
    assert not are_alike(AP1, REC2020)
