import numpy as np
import pytest

from sparkvsr_engine.evaluation.pictures.drawing import (
    SheetRow,
    contact_sheet,
    enlarged,
    heat_map,
    labelled,
    side_by_side,
    wipe,
)
from sparkvsr_engine.evaluation.pixels import resize_bicubic
from tests.fakes.scenes import scene, softened


def test_a_wipe_shows_before_on_the_left_and_after_on_the_right():
    before, after = softened(scene()), scene()
    joined = wipe(before, after, 0.25)
    assert np.array_equal(joined[:, :40], before[:, :40])
    assert np.array_equal(joined[:, 60:], after[:, 60:])
    assert np.all(joined[:, 48] == 255)


def test_a_small_before_is_brought_to_size():
    small = resize_bicubic(scene(), 48, 36)
    left_side = wipe(small, scene())[:, :90].astype(int)
    assert np.abs(left_side - resize_bicubic(small, 192, 144)[:, :90]).mean() < 4


@pytest.mark.parametrize("position", [-1.0, 0.0, 1.0, 2.0])
def test_a_wipe_may_lie_at_or_beyond_an_edge(position):
    assert wipe(softened(scene()), scene(), position).shape == scene().shape


def test_a_large_before_is_brought_to_size():
    large = enlarged(scene(), 3)
    assert np.array_equal(wipe(large, scene())[:, :90], scene()[:, :90])


def test_a_label_is_drawn_on_a_copy():
    picture = scene()
    drawn = labelled(picture, "before")
    assert np.array_equal(picture, scene())
    changed = np.argwhere((drawn != picture).any(axis=2))
    assert len(changed) > 50
    assert changed.max(axis=0)[0] < 72
    on_the_right = np.argwhere((labelled(picture, "after", align_right=True) != picture).any(axis=2))
    assert on_the_right.min(axis=0)[1] > 96


def test_a_label_wider_than_the_picture_does_no_harm():
    assert labelled(scene(width=32, height=24), "a rather long label").shape == (24, 32, 3)


def test_a_heat_map_is_dark_where_alike_and_bright_where_not():
    result = scene()
    result[40:60, 40:60] = 255 - result[40:60, 40:60]
    heat = heat_map(result, scene())
    assert heat[0, 0].max() < 10
    assert heat[40:60, 40:60].mean() > 60


def test_enlarging_repeats_pixels():
    assert np.array_equal(enlarged(scene(), 2)[::2, 1::2], scene())


def test_a_contact_sheet_holds_every_cell():
    rows = [
        SheetRow("one", [("bicubic", softened(scene())), ("truth", scene())]),
        SheetRow("two", [("truth", scene(1))]),
    ]
    sheet = contact_sheet(rows, factor=1)
    assert sheet.shape[1] == side_by_side([scene(), scene()]).shape[1]
    assert sheet.shape[0] > 2 * 144
    assert np.array_equal(sheet[-144:, :192], scene(1))
