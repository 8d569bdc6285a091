"""Losses as a picture."""

import cv2
import pytest

from sparkvsr_engine.training.curves import draw_curves

pytest.importorskip("matplotlib", reason="curves need the train extra")

RATES = {"seconds_per_step": 1.0, "learning_rate": 1e-3}
ROWS = [{"total": 0.2 / step, "blind": 0.1 / step, "step": float(step), **RATES} for step in (1, 2, 3)]


def test_curves_are_a_picture(tmp_path):
    path = tmp_path / "curves.png"
    assert draw_curves(ROWS, path)
    picture = cv2.imread(str(path))
    assert picture.shape[0] > 300
    assert picture.std() > 5


def test_a_loss_that_starts_in_a_later_stage_is_drawn_too(tmp_path):
    later = {**ROWS[-1], "step": 4.0, "perceptual": 0.05}
    assert draw_curves([*ROWS, later], tmp_path / "curves.png")


def test_without_rows_nothing_is_drawn(tmp_path):
    assert not draw_curves([], tmp_path / "curves.png")
    assert not (tmp_path / "curves.png").exists()
