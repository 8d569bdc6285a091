import numpy as np
import pytest

from sparkvsr_engine.media.colours.curves import acescct_decode, acescct_encode, srgb_decode, srgb_encode


def test_acescct_has_the_values_of_its_specification():
    codes = acescct_encode(np.array([0.0, 0.18, 1.0, 222.8609], np.float32))
    assert codes == pytest.approx([0.0729055, 0.4135884, 0.5547945, 1.0], abs=1e-6)


def test_every_half_survives_acescct_bit_for_bit():
    halfs = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    finite = np.isfinite(halfs)
    back = acescct_decode(acescct_encode(halfs))[finite]
    assert (back.astype(np.float16) == halfs[finite]).all()


def test_floats_come_back_to_a_ten_thousandth():
    values = np.concatenate([np.geomspace(1e-4, 6e4, 5000), -np.geomspace(1e-4, 5, 500)]).astype(np.float32)
    back = acescct_decode(acescct_encode(values))
    assert np.max(np.abs(back - values) / np.abs(values)) < 1e-4


def test_the_range_of_renders_fits_the_carrier():
    codes = acescct_encode(np.array([0.0, 16.0], np.float32))
    assert 0.0 < codes[0] < codes[1] < 0.79


@pytest.mark.parametrize("sample", ["float16", "float32"])
def test_broken_pixels_become_plain_ones(sample):
    codes = acescct_encode(np.array([np.nan, np.inf, -np.inf], sample))
    assert np.isfinite(codes).all()
    assert codes[0] == pytest.approx(0.0729055)


def test_srgb_has_the_values_of_its_standard():
    assert srgb_encode(np.array([0.0, 0.0031308, 0.18, 0.5, 1.0], np.float32)) == pytest.approx(
        [0.0, 0.04045, 0.461356, 0.735357, 1.0], abs=2e-5
    )


def test_srgb_comes_back_also_outside_its_range():
    values = np.linspace(-2, 8, 4001).astype(np.float32)
    assert srgb_decode(srgb_encode(values)) == pytest.approx(values, abs=4e-6)
