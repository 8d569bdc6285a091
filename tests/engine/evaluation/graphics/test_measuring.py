"""Graphics judged against their truth: quality, pixels beyond the bound, values that are no numbers."""

import numpy as np
import pytest

from sparkvsr_engine.evaluation.graphics.measuring import (
    CEILING,
    FRAME,
    KEYFRAME,
    bicubic,
    by_image_model,
    by_restorer,
    measure,
    model_space,
    score,
    share_outside,
    task_of,
    true_keyframe,
)
from sparkvsr_engine.evaluation.graphics.scenes import KINDS, LIGHT, draw_scene
from sparkvsr_engine.models.isr.registry import open_isr
from sparkvsr_engine.models.lite.opening import open_lite

ROWS, COLUMNS = 27, 48


@pytest.fixture(scope="module")
def lite():
    return open_lite("cpu")


def scene(kind, seed=5):
    return draw_scene(seed, ROWS, COLUMNS, kind)


def test_the_truth_itself_gets_the_ceiling():
    drawing = scene("title")
    task, truth = task_of(drawing, 4), model_space(drawing.truth(FRAME, 4), drawing)
    perfect = score(drawing, "truth", task, truth, truth)
    assert perfect.psnr == CEILING
    assert perfect.is_finite


def test_pixels_beyond_the_bound_are_counted():
    task = task_of(scene("one colour"), 2)
    result = bicubic(task)
    assert share_outside(task, result) == 0
    result[:27, :, 0] += 0.5
    assert share_outside(task, result) == pytest.approx(0.5)


def test_a_value_that_is_no_number_is_reported():
    drawing = scene("bars")
    task = task_of(drawing, 2)
    result = bicubic(task)
    result[0, 0] = np.nan
    assert not score(drawing, "broken", task, result, model_space(drawing.truth(FRAME, 2), drawing)).is_finite


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_stays_within_its_source_and_finite(lite, kind):
    methods = {"bicubic": bicubic, "lite": by_restorer(lite)}
    for result, _ in measure([scene(kind)], methods, 4):
        assert result.is_finite
        if result.method == "lite":
            assert result.outside == 0


@pytest.mark.parametrize("scale", [1, 1.5, 2, 3, 6])
@pytest.mark.parametrize("kind", ["bars", "matte", LIGHT])
def test_every_scale_stays_within_with_true_and_made_keyframes(lite, kind, scale):
    drawing = scene(kind)
    plain = task_of(drawing, scale)
    maker = by_image_model(open_isr("crisp", "cpu"))
    at_keyframe = {
        frame: plain.frames[min(frame + KEYFRAME - FRAME, max(plain.frames))] for frame in plain.frames
    }
    picture = maker(type(plain)(at_keyframe, {}, plain.geometry, plain.is_light))
    for keyframe in (true_keyframe(drawing, scale), picture):
        task = task_of(drawing, scale, keyframe)
        result = by_restorer(lite)(task)
        assert np.isfinite(result).all()
        assert share_outside(task, result) == 0
