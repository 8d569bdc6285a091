import numpy as np
import pytest

from sparkvsr_engine.evaluation.measures.fidelity import PSNR_CEILING, psnr_y, ssim_y
from tests.fakes.scenes import scene, softened, with_noise


def test_equal_pictures_score_the_best_there_is():
    assert psnr_y(scene(), scene()) == PSNR_CEILING
    assert ssim_y(scene(), scene()) == pytest.approx(1.0)


def test_psnr_of_a_known_error():
    reference = np.full((32, 32, 3), 100, np.uint8)
    result = np.full((32, 32, 3), 110, np.uint8)
    # 10 levels of each channel are 10 * 219 / 255 levels of studio luma.
    expected = 20 * np.log10(255 / (10 * 219 / 255))
    assert psnr_y(result, reference) == pytest.approx(expected, abs=1e-4)


# Computed with an independent implementation that reproduces published Vid4 figures.
@pytest.mark.parametrize(
    ("worsen", "psnr", "ssim"),
    [(softened, 31.282810872, 0.878361550), (lambda p: with_noise(p, 12), 31.471497363, 0.885478931)],
)
def test_figures_of_a_generated_picture(worsen, psnr, ssim):
    reference = scene()
    result = worsen(reference)
    assert psnr_y(result, reference) == pytest.approx(psnr, abs=1e-6)
    assert ssim_y(result, reference) == pytest.approx(ssim, abs=1e-7)


def test_the_border_does_not_count():
    reference = scene()
    result = reference.copy()
    result[:4], result[:, -4:] = 0, 255
    assert psnr_y(result, reference, border=4) == PSNR_CEILING
    assert psnr_y(result, reference, border=3) < 40


def test_float_and_eight_bit_pictures_agree():
    result, reference = softened(scene()), scene()
    as_float = (result / 255.0).astype(np.float32)
    assert psnr_y(as_float, reference) == pytest.approx(psnr_y(result, reference), abs=1e-3)


def test_sizes_must_agree():
    with pytest.raises(ValueError, match="192x144, its reference 96x144"):
        psnr_y(scene(), scene()[:, :96])


def test_ssim_refuses_less_than_a_window():
    with pytest.raises(ValueError, match="SSIM needs 11"):
        ssim_y(scene()[:16, :16], scene()[:16, :16], border=4)
