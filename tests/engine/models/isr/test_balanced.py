import numpy as np
import pytest

from sparkvsr_engine.models.isr import open_isr
from sparkvsr_engine.models.isr.balanced import LEAST_CLEANING, BalancedUpscaler, cleaning_share


class Constant:
    """An upscaler that answers with one value everywhere."""

    def __init__(self, value, scale=4):
        self.value, self.scale = value, scale
        self.name = self.identity = f"constant {value}"

    def upscale(self, picture, is_cancelled=None):
        height, width = picture.shape[:2]
        return np.full((height * self.scale, width * self.scale, 3), self.value, np.float32)


def test_it_mixes_the_two_shipped_models(picture):
    balanced = open_isr("balanced", "cpu")
    clean, faithful = (open_isr(name, "cpu").upscale(picture) for name in ("realesr-animevideov3", "span-x4"))
    mixed = balanced.upscale(picture)
    assert balanced.name == "balanced"
    assert mixed.dtype == np.float32
    assert (mixed >= np.minimum(clean, faithful) - 1e-6).all()
    assert (mixed <= np.maximum(clean, faithful) + 1e-6).all()
    assert balanced.identity not in {
        open_isr(name, "cpu").identity for name in ("realesr-animevideov3", "span-x4")
    }


def test_flat_areas_are_the_cleaning_models():
    mixed = BalancedUpscaler(Constant(0.25), Constant(0.75)).upscale(np.zeros((20, 30, 3), np.float32))
    np.testing.assert_allclose(mixed, 0.25, atol=1e-6)


def test_the_share_falls_where_there_is_structure_and_changes_smoothly():
    flat = np.full((120, 240, 3), 0.5, np.float32)
    flat[:, 120:] += 0.2 * np.sign(np.sin(np.arange(120) / 2.5))[None, :, None].astype(np.float32)
    share = cleaning_share(flat, 4)
    np.testing.assert_allclose(share[:, :90], 1, atol=1e-3)
    np.testing.assert_allclose(share[:, 150:], LEAST_CLEANING, atol=0.05)
    assert np.abs(np.diff(share, axis=1)).max() < 0.1


def test_models_of_different_scale_are_refused():
    with pytest.raises(ValueError, match="scale 4 and 2"):
        BalancedUpscaler(Constant(0.1), Constant(0.2, scale=2))
