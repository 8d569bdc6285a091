"""The identity returns its input: what differs in a result is the pipeline's doing."""

import numpy as np
import pytest

from sparkvsr_bridge.media import ImageRef
from sparkvsr_engine.media.images import read_image, write_image
from tests.fakes.jobs import Workshop, pictures_in, write_plate

SIZE = (48, 64, 3)


@pytest.fixture
def workshop(tmp_path):
    result = Workshop(tmp_path / "home")
    yield result
    result.close()


def test_at_scale_one_every_frame_comes_back_bit_for_bit(workshop, tmp_path):
    source = write_plate(tmp_path / "plate", 5)
    ran = workshop.render(
        workshop.spec(source, tmp_path / "out" / "%04d.png", {}, model="identity", scale=1.0)
    )
    assert ran.advance.frames_done == 5
    inputs, result = pictures_in(tmp_path / "plate"), pictures_in(tmp_path / "out")
    assert all(np.array_equal(inputs[name], result[name]) for name in inputs)


def test_a_keyframe_shows_on_its_own_frame_alone(workshop, tmp_path):
    source = write_plate(tmp_path / "plate", 3)
    painted = np.full(SIZE, 90, np.uint8)
    painted[10:20, 10:20] = (200, 30, 30)
    write_image(tmp_path / "painted.png", painted)
    spec = workshop.spec(
        source,
        tmp_path / "out" / "%04d.png",
        {1: ImageRef(path=str(tmp_path / "painted.png"))},
        model="identity",
        scale=1.0,
        look="propagate",
    )
    workshop.render(spec)
    inputs, result = pictures_in(tmp_path / "plate"), pictures_in(tmp_path / "out")
    assert np.array_equal(inputs["0000.png"], result["0000.png"])
    assert not np.array_equal(inputs["0001.png"], result["0001.png"])
    assert np.array_equal(inputs["0002.png"], result["0002.png"])


def test_other_scales_enlarge_without_new_values(workshop, tmp_path):
    source = write_plate(tmp_path / "plate", 1)
    workshop.render(workshop.spec(source, tmp_path / "out" / "%04d.png", {}, model="identity", scale=2.0))
    inputs, result = read_image(tmp_path / "plate" / "0000.png"), read_image(tmp_path / "out" / "0000.png")
    assert result.pixels.shape == (96, 128, 3)
    assert inputs.pixels.min() <= result.pixels.min()
    assert result.pixels.max() <= inputs.pixels.max()
