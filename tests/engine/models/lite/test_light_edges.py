"""Edges of light, averaged as light, lie where their coverage puts them; all else stays as it is."""

import numpy as np
import pytest

from sparkvsr_engine.core.crops import Rectangle
from sparkvsr_engine.evaluation.graphics.measuring import bicubic, by_restorer, model_space, task_of
from sparkvsr_engine.evaluation.graphics.scenes import draw_scene
from sparkvsr_engine.evaluation.measures.fidelity import psnr_y
from sparkvsr_engine.evaluation.pixels import to_eight_bits
from sparkvsr_engine.jobs.interactive.preview_sessions import CroppedFrames
from sparkvsr_engine.media.colour import ACESCCT
from sparkvsr_engine.models.base import PartReader
from sparkvsr_engine.models.lite.opening import open_lite
from sparkvsr_engine.models.lite.pixels.light_edges import PlacedEdges, edges_placed, with_edges_placed
from tests.fakes.lite_shots import MemoryReader

DARK, BRIGHT = 0.01, 100.0


def codes_of(light):
    row = np.broadcast_to(np.asarray(light, np.float32)[None, :, None], (7, len(light), 3))
    return ACESCCT.encode(np.ascontiguousarray(row))


def edge(coverage):
    return codes_of([DARK, DARK, DARK, DARK + coverage * (BRIGHT - DARK), BRIGHT, BRIGHT, BRIGHT])


@pytest.mark.parametrize("coverage", [0.1, 0.25, 0.5, 0.9])
def test_a_pixel_of_an_edge_has_the_code_of_its_coverage(coverage):
    placed = edges_placed(edge(coverage), ACESCCT)
    dark, bright = placed[3, 0, 0], placed[3, -1, 0]
    assert placed[3, 3, 0] == pytest.approx(dark + coverage * (bright - dark), abs=2e-3)


def test_only_the_pixel_between_both_sides_changes():
    codes = edge(0.5)
    changed = (edges_placed(codes, ACESCCT) != codes).any((0, 2))
    assert changed.tolist() == [False, False, False, True, False, False, False]


@pytest.mark.parametrize(
    "light",
    [
        np.full(9, 3.0),
        np.geomspace(0.02, 200, 9),
        np.geomspace(0.1, 0.2, 9),
        0.18 * (1 + 0.2 * np.cos(np.arange(9))),
        [0.2, 0.2, 0.2, 0.25, 0.3, 0.3, 0.3],
    ],
    ids=["flat", "steep slope", "slope", "texture", "faint edge"],
)
def test_slopes_and_faint_things_stay(light):
    codes = codes_of(light)
    assert np.abs(edges_placed(codes, ACESCCT) - codes).max() < 2e-3


def test_extremes_of_neighbourhoods_stay():
    codes = ACESCCT.encode(np.exp(np.random.default_rng(3).normal(-2, 2, (24, 30, 3))).astype(np.float32))
    placed = edges_placed(codes, ACESCCT)
    assert placed.min() == codes.min()
    assert placed.max() == codes.max()
    assert np.isfinite(placed).all()


def test_light_below_zero_stays_a_number():
    placed = edges_placed(codes_of([-0.02, -0.02, -0.01, 0.5, 40.0, 40.0, 40.0]), ACESCCT)
    assert np.isfinite(placed).all()


def test_display_values_are_read_as_they_are():
    reader = MemoryReader([edge(0.5)])
    assert with_edges_placed(reader, None) is reader


def test_each_frame_is_placed_once_while_it_is_near():
    reader = MemoryReader([edge(share) for share in (0.2, 0.4, 0.6)])
    placed = PlacedEdges(reader, ACESCCT)
    first = placed.read(1)
    assert placed.read(1) is first
    assert reader.was_read == [1]
    assert np.array_equal(placed.read(9), edges_placed(edge(0.6), ACESCCT))


def test_a_part_keeps_sight_of_the_whole_frame():
    part = CroppedFrames(MemoryReader([edge(0.5)]), Rectangle(2, 0, 4, 4))
    placed = with_edges_placed(part, ACESCCT)
    assert isinstance(placed, PartReader)
    assert np.array_equal(placed.whole(0), edges_placed(edge(0.5), ACESCCT))


@pytest.mark.slow
@pytest.mark.parametrize("scale", [2.0, 4.0])
def test_solids_in_light_come_out_sharper_than_by_bicubic_interpolation(scale):
    method = by_restorer(open_lite("cpu"))
    for seed in (37, 227, 265):
        scene = draw_scene(seed, 54, 96)
        task, truth = task_of(scene, scale), model_space(scene.truth(6, scale), scene)
        gain = psnr_of(method(task), truth) - psnr_of(bicubic(task), truth)
        # Without it they were 0.5 to 1.5 dB behind.
        assert gain > 1.5, (seed, gain)


def psnr_of(picture, truth):
    return psnr_y(to_eight_bits(picture), to_eight_bits(truth))
