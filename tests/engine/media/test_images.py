import numpy as np
import pytest

from sparkvsr_bridge.errors import InvalidSettings, MediaUnreadable, OutputUnwritable
from sparkvsr_engine.media.images import read_image, write_image
from tests.fakes.media import numbered_picture, write_picture


@pytest.mark.parametrize(
    ("name", "sample", "channels"),
    [
        ("a.png", "uint8", 3),
        ("a.png", "uint8", 4),
        ("a.png", "uint16", 4),
        ("a.tif", "uint16", 4),
        ("a.tif", "float32", 3),
        ("a.exr", "float16", 4),
        ("a.exr", "float32", 3),
        ("a.bmp", "uint8", 3),
        ("a.tga", "uint8", 4),
        ("a.dpx", "uint16", 3),
    ],
)
def test_what_is_written_is_read(tmp_path, name, sample, channels):
    picture = numbered_picture(9, sample=sample, channels=channels)
    write_image(tmp_path / name, picture)
    result = read_image(tmp_path / name)
    assert np.array_equal(result.pixels, picture)
    assert result.has_alpha == (channels == 4)
    assert result.sample == sample


def test_a_lossy_picture_gets_closer_with_quality(tmp_path):
    picture = numbered_picture(9, 256, 192)
    errors = []
    for quality in (20, 95):
        write_image(tmp_path / "a.jpg", picture, quality=quality)
        errors.append(np.abs(read_image(tmp_path / "a.jpg").pixels.astype(int) - picture).mean())
    assert errors[1] < errors[0] < 12


def test_a_matte_of_one_channel_can_be_written(tmp_path):
    matte = numbered_picture(9)[..., 0]
    write_image(tmp_path / "m.png", matte)
    result = read_image(tmp_path / "m.png")
    assert result.is_grey
    assert np.array_equal(result.pixels[..., 0], matte)


def test_a_phone_picture_is_turned_upright(tmp_path):
    picture = numbered_picture(9, 96, 64)
    path = write_picture(tmp_path / "a.jpg", picture, {"Orientation": 6, "CompressionQuality": 100})
    result = read_image(path)
    assert result.pixels.shape == (96, 64, 3)
    assert np.abs(result.pixels.astype(int) - np.rot90(picture, -1)).mean() < 8


def test_an_old_picture_stays_when_writing_fails(tmp_path):
    write_image(tmp_path / "a.png", numbered_picture(1))
    with pytest.raises(ValueError, match="1 to 4 channels"):
        write_image(tmp_path / "a.png", np.zeros((4, 4, 9, 9), np.uint8))
    assert np.array_equal(read_image(tmp_path / "a.png").pixels, numbered_picture(1))
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.parametrize(
    ("name", "error"),
    [("no/a.png", OutputUnwritable), ("a.nosuch", InvalidSettings), ("file.png/a.png", OutputUnwritable)],
)
def test_a_target_that_cannot_be_is_refused(tmp_path, name, error):
    (tmp_path / "file.png").touch()
    with pytest.raises(error):
        write_image(tmp_path / name, numbered_picture(1))


def test_an_unreadable_picture_is_refused(tmp_path):
    (tmp_path / "a.png").write_bytes(b"nothing")
    with pytest.raises(MediaUnreadable):
        read_image(tmp_path / "a.png")
