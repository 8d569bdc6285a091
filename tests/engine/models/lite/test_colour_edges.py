"""Between two colours of one luma the network invents no luma."""

import numpy as np
import pytest
import torch

from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.evaluation.graphics.measuring import bicubic, by_restorer, model_space, task_of
from sparkvsr_engine.evaluation.graphics.scenes import draw_scene
from sparkvsr_engine.evaluation.measures.fidelity import psnr_y
from sparkvsr_engine.evaluation.pixels import to_eight_bits
from sparkvsr_engine.models.lite.bands import bands_of
from sparkvsr_engine.models.lite.damage import judged_plane
from sparkvsr_engine.models.lite.opening import open_lite
from sparkvsr_engine.models.lite.pixels.colour_edges import luma_shares, with_luma_shares
from sparkvsr_engine.models.lite.pixels.planes import Planes
from tests.fakes.moving import pan

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
FOOTAGE = np.asarray(pan(1, 24, 20)[0], np.float32)


def halves(left, right):
    picture = np.empty((8, 12, 3), np.float32)
    picture[:, :6], picture[:, 6:] = left, right
    return picture


@pytest.mark.parametrize(
    ("left", "right", "share"),
    [
        ((0.5, 0.3, 0.5), (0.5, 0.3, 0.52), None),  # Hardly any colour.
        ((0, 0, 0), (1, 1, 1), None),
        ((0, 0, 0), (1, 0, 0), None),
        ((0.8, 0.2, 0.3), (0.2, 0.5056, 0.3), 0.0),  # Red and green of one luma.
        ((0.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.114 - 0.03) / 0.09),
    ],
)
def test_luma_counts_by_its_contrast_beside_colours(left, right, share):
    shares = luma_shares(halves(left, right))
    if share is None:
        assert shares is None
        return
    assert shares is not None
    assert shares.shape == (1, 1, 8, 12)
    assert shares[0, 0, :, 5:7].numpy() == pytest.approx(share, abs=0.01)
    assert (shares[0, 0, :, :4] == 1).all()


def test_of_a_picture_of_many_colours_next_to_nothing_is_left_out():
    shares = luma_shares(FOOTAGE)
    assert shares is None or shares.mean() > 0.99


@pytest.mark.parametrize("size", [(12, 8), (13, 9)])
def test_shares_lie_on_the_canvas_where_they_do_on_the_source(size):
    width, height = size
    geometry = Geometry(width, height, 4 * width, 4 * height)
    (band,) = bands_of(geometry)
    shares = torch.ones(1, 1, height, width)
    shares[..., -1] = 0.0
    columns, rows = -(-width * 4 // 8) * 8, -(-height * 4 // 8) * 8
    residual = Planes(torch.ones(1, 1, rows, columns), torch.ones(1, 2, rows // 2, columns // 2))
    part = with_luma_shares(residual, shares, band)
    assert torch.equal(part.chroma, residual.chroma)
    assert (part.luma[..., 4 * width - 2 :] == 0).all()
    assert (part.luma[..., : 4 * width - 8] == 1).all()


@pytest.mark.parametrize(
    ("seed", "kind"), [(29, "checkerboard"), (238, "checkerboard"), (48, "checkerboard"), (1038, "title")]
)
def test_two_colours_of_one_luma_come_out_no_worse_than_by_bicubic_interpolation(seed, kind):
    scene = draw_scene(seed, 54, 96, kind=kind)
    task, truth = task_of(scene, 4.0), to_eight_bits(model_space(scene.truth(6, 4.0), scene))
    picture, base = by_restorer(open_lite("cpu"))(task), bicubic(task)
    # They were 14.7, 20.7, 1.7 and 6.2 dB behind.
    assert psnr_y(to_eight_bits(picture), truth) > psnr_y(to_eight_bits(base), truth) - 0.3


def test_the_channel_that_shows_a_picture_is_judged():
    blue = halves((0, 0, 0), (0, 0, 1))
    assert np.array_equal(judged_plane(blue).numpy(), blue[..., 2])
    assert np.array_equal(judged_plane(FOOTAGE).numpy(), FOOTAGE @ LUMA)
    grey = np.full((8, 8, 3), 0.5, np.float32)
    assert np.array_equal(judged_plane(grey).numpy(), grey @ LUMA)
