"""Folding loses nothing; planes and back are near enough; the canvas keeps the left top corner."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sparkvsr_engine.models.lite.pixels.planes import (
    CANVAS_STEP,
    CELL_CHANNELS,
    Planes,
    add_planes,
    added_channels,
    canvas_size,
    fold,
    fold_half,
    luma_of,
    pad_to_cells,
    planes_of,
    unfold,
)
from tests.fakes.moving import texture

sides = st.integers(1, 5).map(lambda cells: cells * CANVAS_STEP)


def random_planes(count, height, width, seed):
    rng = torch.Generator().manual_seed(seed)
    luma = torch.rand(count, 1, height, width, generator=rng)
    return Planes(luma, torch.rand(count, 2, height // 2, width // 2, generator=rng) - 0.5)


def picture_tensor(width, height):
    return torch.from_numpy(np.ascontiguousarray(texture(width, height).transpose(2, 0, 1)))[None].clone()


@given(st.integers(1, 3), sides, sides, st.integers(0, 99))
def test_unfolding_undoes_folding(count, height, width, seed):
    planes = random_planes(count, height, width, seed)
    cells = fold(planes)
    assert cells.shape == (count, CELL_CHANNELS, height // 4, width // 4)
    back = unfold(cells)
    assert torch.equal(back.luma, planes.luma)
    assert torch.equal(back.chroma, planes.chroma)


@given(sides, sides, st.integers(0, 99))
def test_folding_undoes_unfolding(height, width, seed):
    cells = torch.rand(
        1, CELL_CHANNELS, height // 4, width // 4, generator=torch.Generator().manual_seed(seed)
    )
    assert torch.equal(fold(unfold(cells)), cells)


def test_a_cell_holds_its_own_pixels_only():
    luma = torch.zeros(1, 1, 16, 16)
    luma[..., 4:8, 8:12] = 1
    cells = fold(Planes(luma, torch.zeros(1, 2, 8, 8)))
    assert cells[0, :16, 1, 2].tolist() == [1.0] * 16
    assert cells.sum() == 16


def test_a_half_size_plane_folds_to_the_same_grid():
    half = torch.arange(64.0).reshape(1, 1, 8, 8)
    cells = fold_half(half)
    assert cells.shape == (1, 4, 4, 4)
    assert cells[0, :, 0, 0].tolist() == [0, 1, 8, 9]


def test_a_pictures_planes_added_to_black_are_the_picture_but_for_fine_colour():
    rgb = picture_tensor(96, 64)
    back = add_planes(torch.zeros_like(rgb), planes_of(rgb))
    assert torch.allclose(luma_of(back), luma_of(rgb), atol=1e-5)
    assert (back - rgb).abs().mean() < 0.02


def test_chroma_is_the_mean_of_four_pixels_colour_differences():
    rgb = picture_tensor(32, 24)
    luma = (0.299, 0.587, 0.114) @ rgb[0].flatten(1).numpy().astype(float)
    blue, red = (rgb[0, c].flatten().numpy().astype(float) - luma for c in (2, 0))
    for got, expected in zip(planes_of(rgb).chroma[0], (blue / 1.772, red / 1.402), strict=True):
        means = expected.reshape(12, 2, 16, 2).mean((1, 3))
        assert np.allclose(got.numpy(), means, atol=1e-6)


def test_grey_and_flat_pictures_come_back_exactly():
    grey = luma_of(picture_tensor(64, 32)).repeat(1, 3, 1, 1)
    flat = torch.tensor([0.2, 0.7, 0.4]).view(1, 3, 1, 1).repeat(1, 1, 16, 24)
    for rgb in (grey, flat):
        assert torch.allclose(add_planes(torch.zeros_like(rgb), planes_of(rgb)), rgb, atol=1e-6)


def test_no_residual_leaves_every_bit_of_the_picture():
    rgb = picture_tensor(64, 32)
    nothing = Planes(torch.zeros(1, 1, 32, 64), torch.zeros(1, 2, 16, 32))
    assert torch.equal(add_planes(rgb.clone(), nothing), rgb)


def test_planes_add_and_subtract():
    first, second = random_planes(1, 8, 8, 1), random_planes(1, 8, 8, 2)
    back = (first - second) + second
    assert torch.allclose(back.luma, first.luma, atol=1e-6)
    assert torch.allclose(back.chroma, first.chroma, atol=1e-6)


@given(st.integers(1, 70), st.integers(1, 70))
def test_the_canvas_is_the_least_that_holds_the_picture_in_whole_cells(width, height):
    full_width, full_height = canvas_size(width, height)
    assert full_width % CANVAS_STEP == full_height % CANVAS_STEP == 0
    assert 0 <= full_width - width < CANVAS_STEP
    assert 0 <= full_height - height < CANVAS_STEP


@given(st.integers(1, 40), st.integers(1, 40))
def test_padding_keeps_the_picture_and_repeats_its_edge(width, height):
    picture = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(width))
    padded = pad_to_cells(picture)
    assert padded.shape[:1:-1] == canvas_size(width, height)
    assert torch.equal(padded[..., :height, :width], picture)
    assert torch.equal(padded[..., -1, :width], picture[..., -1, :])
    assert torch.equal(padded[..., :height, -1], picture[..., :, -1])


@pytest.mark.parametrize("size", [(8, 8), (64, 32)])
def test_a_picture_of_whole_cells_is_not_copied(size):
    picture = torch.rand(1, 3, size[1], size[0])
    assert pad_to_cells(picture) is picture


@given(sides, sides, st.integers(0, 99))
def test_a_residual_is_added_channel_by_channel_to_the_same_bits(height, width, seed):
    planes = random_planes(1, height, width, seed)
    rgb = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed + 1))
    assert torch.equal(torch.cat(list(added_channels(rgb.split(1, 1), planes)), 1), add_planes(rgb, planes))
