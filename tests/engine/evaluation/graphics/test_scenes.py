"""Generated graphics: many kinds, each a pure function of its seed, with an exact truth at any scale."""

import numpy as np
import pytest

from sparkvsr_engine.evaluation.graphics.canvas import Canvas
from sparkvsr_engine.evaluation.graphics.fonts import typefaces, words_of
from sparkvsr_engine.evaluation.graphics.light import BRIGHTEST
from sparkvsr_engine.evaluation.graphics.scenes import KINDS, LIGHT, draw_scene, reduced

SEEDS = range(len(KINDS))
ROWS, COLUMNS = 36, 64


def scene(seed, **options):
    return draw_scene(seed, ROWS, COLUMNS, **options)


def test_three_hundred_seeds_hold_every_kind_and_are_all_different():
    scenes = [scene(seed) for seed in range(304)]
    assert {item.kind for item in scenes} == set(KINDS)
    kinds = [item for item in scenes if item.kind == "title"]
    first = {item.drawn(3, COLUMNS, ROWS).tobytes() for item in kinds}
    assert len(first) == len(kinds)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_scene_is_a_function_of_its_seed(seed):
    first, second = scene(seed), scene(seed)
    assert (first.kind, first.is_aliased) == (second.kind, second.is_aliased)
    assert np.array_equal(first.truth(5, 2), second.truth(5, 2))
    # Frames are drawn in whatever order they are asked for.
    second.truth(9, 1)
    assert np.array_equal(first.truth(5, 2), second.truth(5, 2))


@pytest.mark.parametrize("scale", [1, 1.5, 2, 3, 4, 6])
@pytest.mark.parametrize("seed", SEEDS)
def test_truth_has_its_size_and_holds_numbers_alone(seed, scale):
    picture = scene(seed).truth(3, scale)
    assert picture.shape == (round(ROWS * scale), round(COLUMNS * scale), 3)
    assert np.isfinite(picture).all()
    assert picture.min() >= 0


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("noise", "pixel art")])
def test_truths_of_two_scales_show_the_same_picture(kind):
    """Reduced to the source both are alike: the drawing is exact, not a resampled one."""
    drawing = draw_scene(11, ROWS, COLUMNS, kind)
    small, large = (reduced(drawing.truth(4, scale), COLUMNS, ROWS) for scale in (4, 8))
    if drawing.is_light:
        small, large = small / (1 + small), large / (1 + large)
    assert np.abs(small - large).mean() < 0.02


def test_aliased_sources_have_hard_edges():
    drawing = next(item for item in map(scene, range(400)) if item.kind == "matte" and item.is_aliased)
    colours = {tuple(colour) for colour in drawing.source(2, 4).reshape(-1, 3)}
    assert len(colours) < 24


def test_light_goes_up_to_hundreds_with_alpha():
    scenes = [draw_scene(seed, ROWS, COLUMNS, LIGHT) for seed in range(24)]
    pictures = [item.truth(2, 2) for item in scenes]
    assert max(picture.max() for picture in pictures) > 100
    assert max(picture.max() for picture in pictures) <= BRIGHTEST * 2 + 10
    alphas = [item.alpha(2, 2) for item in scenes]
    assert all(alpha.shape == (2 * ROWS, 2 * COLUMNS) for alpha in alphas)
    assert all(alpha.min() >= 0 and alpha.max() <= 1 + 1e-6 for alpha in alphas)
    assert any(0.2 < alpha.mean() < 0.98 for alpha in alphas)
    assert scene(0).alpha(2, 2) is None


def test_titles_move_and_appear():
    for kind in ("credits", "crawl", "lower third"):
        drawing = draw_scene(3, ROWS, COLUMNS, kind)
        assert not np.array_equal(drawing.truth(0, 2), drawing.truth(8, 2))


@pytest.mark.parametrize("face", typefaces(), ids=lambda face: face.path.stem)
def test_every_font_writes_every_script_listed_for_it(face):
    for script in face.scripts:
        for words in words_of(script):
            canvas = Canvas(160, 40, 1)
            canvas.text((0.1, 0.8), words, face.path, 0.5, (1.0, 1.0, 1.0))
            assert canvas.picture().mean() > 0.005


def test_fonts_cover_several_scripts():
    assert len(typefaces()) > 40
    assert {"latin", "greek", "cyrillic", "japanese", "devanagari", "hebrew"} <= {
        script for face in typefaces() for script in face.scripts
    }
