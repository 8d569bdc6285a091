import cv2
import numpy as np
import pytest

from sparkvsr_bridge.errors import OutputUnwritable
from sparkvsr_engine.evaluation.pictures.files import before_after, write_png
from sparkvsr_engine.evaluation.pixels import resize_bicubic
from tests.fakes.scenes import scene


def read(path):
    return cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)


def test_a_png_is_read_back_as_it_was(tmp_path):
    path = write_png(scene(), tmp_path / "new" / "folder" / "picture.png")
    assert np.array_equal(read(path), scene())
    assert [file.name for file in path.parent.iterdir()] == ["picture.png"]


def test_before_after_joins_a_source_and_its_result(tmp_path):
    source = resize_bicubic(scene(), 48, 36)
    path = before_after(source, (scene() / 255).astype(np.float32), tmp_path / "wipe.png")
    joined = read(path)
    assert joined.shape == (144, 192, 3)
    assert np.array_equal(joined[100:, 120:], scene()[100:, 120:])
    apart = joined[100:, :80].astype(int) - resize_bicubic(source, 192, 144)[100:, :80]
    assert np.abs(apart).mean() < 4


def test_a_target_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputUnwritable, match=r"picture\.png cannot be written"):
        write_png(scene(), tmp_path / "file" / "picture.png")
