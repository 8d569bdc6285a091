"""Work at four times the source and the way out: nothing is lost on it, and any scale gains."""

import math
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

import sparkvsr_engine.cli
from sparkvsr_engine.core.geometry import Geometry
from sparkvsr_engine.models.lite.loading import load_network
from sparkvsr_engine.models.lite.pixels.planes import Planes, canvas_size
from sparkvsr_engine.models.lite.planner import LitePlanner
from sparkvsr_engine.models.lite.working_size import OutputResampler, working_geometry
from tests.fakes.lite_shots import Rendering

SOURCE = (50, 30)
TRUTH = Path(sparkvsr_engine.cli.__file__).parent / "demo_clip" / "keyframe_36.jpg"


def way(scale):
    output = Geometry.scaled(*SOURCE, scale)
    return OutputResampler(working_geometry(output), output)


def home_canvas(channels, part=1):
    width, height = canvas_size(4 * SOURCE[0], 4 * SOURCE[1])
    return torch.rand(1, channels, height // part, width // part)


@pytest.mark.parametrize("scale", [1.1, 1.5, 2, 3, 3.9])
def test_between_one_and_four_work_is_done_at_four_times_the_source(scale):
    home = working_geometry(Geometry.scaled(*SOURCE, scale))
    assert (home.width, home.height, home.scale) == (200, 120, 4)


@pytest.mark.parametrize("scale", [1, 1.1, 1.5, 2, 3, 4, 5, 8])
def test_planners_know_the_work_of_a_scale(scale):
    output = Geometry.scaled(*SOURCE, scale)
    traits = LitePlanner().traits
    assert traits.worked_scale(output.scale) == working_geometry(output).scale


@pytest.mark.parametrize("scale", [1, 4, 6])
def test_elsewhere_it_is_done_at_the_outputs_size(scale):
    geometry = Geometry.scaled(*SOURCE, scale)
    assert working_geometry(geometry) == geometry
    assert OutputResampler(geometry, geometry).is_short


@pytest.mark.parametrize("scale", [1.3, 2, 3])
def test_all_that_comes_out_has_the_outputs_canvas(scale):
    out = way(scale)
    width, height = canvas_size(out.output.width, out.output.height)
    assert out.picture(home_canvas(3)).shape == (1, 3, height, width)
    reduced = out.planes(Planes(home_canvas(1), home_canvas(2, 2)))
    assert reduced.luma.shape == (1, 1, height, width)
    assert reduced.chroma.shape == (1, 2, height // 2, width // 2)
    assert out.flow(home_canvas(2, 2)).shape == (1, 2, height // 2, width // 2)
    assert out.trust(home_canvas(1, 4)).shape == (1, 1, height // 4, width // 4)


@pytest.mark.parametrize("scale", [1.3, 2, 3])
def test_what_is_even_stays_what_it_is(scale):
    out = way(scale)
    even = Planes(torch.full_like(home_canvas(1), 0.25), torch.full_like(home_canvas(2, 2), -0.125))
    reduced = out.planes(even)
    assert torch.allclose(reduced.luma, torch.tensor(0.25), atol=1e-5)
    assert torch.allclose(reduced.chroma, torch.tensor(-0.125), atol=1e-5)


def test_a_flow_shrinks_with_its_grid():
    moved = way(2).flow(torch.full_like(home_canvas(2, 2), 6.0))
    assert torch.allclose(moved, torch.tensor(3.0))


def test_a_keyframe_comes_out_of_work_nearly_as_it_went_in():
    """Through enlarging to the working size and reducing again."""
    truth = texture()
    still = [small(truth, 2)] * 3
    picture = Rendering(load_network(LitePlanner().weights), still, 2, {0: truth})
    assert psnr(picture.pixels(1), truth) > psnr(enlarged(still[0], truth.shape), truth) + 5


@pytest.mark.parametrize("scale", [1.5, 2, 3, 4])
def test_any_scale_beats_bicubic_without_keyframes(scale):
    truth = texture()
    still = [small(truth, scale)] * 3
    restored = Rendering(load_network(LitePlanner().weights), still, scale).pixels(1)
    assert psnr(restored, truth) > psnr(enlarged(still[0], truth.shape), truth) + 0.5


def texture():
    """A crisp picture whose sides are whole at the source's size too, float32 [H, W, 3]."""
    picture = cv2.imread(str(TRUTH))[..., ::-1].astype(np.float32) / 255
    halved = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(halved[96:288, 160:448])


def small(picture, scale):
    size = (round(picture.shape[1] / scale), round(picture.shape[0] / scale))
    inputs = torch.from_numpy(picture).permute(2, 0, 1)[None]
    reduced = torch.nn.functional.interpolate(inputs, size=size[::-1], mode="bicubic", antialias=True)
    return reduced[0].permute(1, 2, 0).clamp(0, 1).numpy()


def enlarged(picture, shape):
    return cv2.resize(picture, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)


def psnr(first, second):
    return 10 * math.log10(1 / float(np.square(np.clip(first, 0, 1) - second).mean()))


@pytest.mark.parametrize("scale", [1.3, 2, 3, 4])
def test_a_picture_is_reduced_channel_by_channel_to_the_same_bits(scale):
    rgb = home_canvas(3)
    assert torch.equal(way(scale).restored(rgb.split(1, 1)), way(scale).picture(rgb))
