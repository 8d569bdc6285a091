import cv2
import pytest

from sparkvsr_engine.evaluation.pictures.plots import Panel, can_plot, curve_line, plot_panels
from sparkvsr_engine.evaluation.scores import CurvePoint

pytestmark = pytest.mark.skipif(not can_plot(), reason="matplotlib is not installed")

PANELS = [
    Panel(
        "three keyframes", {"bicubic": [(1, 30.0), (2, 30.1)], "lite": [(1, 40.0), (2, 38.0)]}, marks=(0, 2)
    ),
    Panel("one keyframe", {"bicubic": [(1, 30.0)], "lite": []}),
]


def test_panels_become_a_picture(tmp_path):
    path = plot_panels(PANELS, "psnr_y", "frame", tmp_path / "plot.png")
    picture = cv2.imread(str(path))
    assert picture.shape[1] > picture.shape[0]
    assert picture.std() > 5


def test_the_same_panels_make_the_same_file(tmp_path):
    files = [plot_panels(PANELS, "psnr_y", "frame", tmp_path / f"{n}.png").read_bytes() for n in (1, 2)]
    assert files[0] == files[1]


def test_the_keyframes_themselves_are_not_on_the_curve():
    assert curve_line([CurvePoint(0, 99.0, 3), CurvePoint(1, 40.0, 2)]) == [(1.0, 40.0)]
