"""Movies of pictures as cameras make them: EXIF in every one."""

import numpy as np
import pytest
from PIL import Image, ImageOps

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.media.opening import open_source
from sparkvsr_engine.media.orientation import orientation_of_exif
from sparkvsr_engine.media.probe import probe
from tests.fakes.exr import texture
from tests.fakes.ffmpeg import ffmpeg

ORIENTATION = 0x0112
EIGHT = np.rint(texture(64, 48) * 255).astype(np.uint8)


def picture(path, orientation):
    image = Image.fromarray(EIGHT)
    words = image.getexif()
    words[ORIENTATION], words[0x010F] = orientation, "Maker"
    image.save(path, exif=words, **({"quality": 95, "subsampling": 0} if path.suffix == ".jpg" else {}))
    return path


@pytest.mark.parametrize("extension", ["jpg", "png"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_movie_of_pictures_with_exif_is_read_upright(tmp_path, extension, orientation):
    for number in range(3):
        picture(tmp_path / f"{number}.{extension}", orientation)
    ffmpeg(tmp_path, "-i", f"%d.{extension}", "-c", "copy", "a.avi")
    info = probe(SourceMedia(str(tmp_path / "a.avi")))
    result = open_source(info).read(1).pixels
    expected = np.asarray(ImageOps.exif_transpose(Image.open(tmp_path / f"1.{extension}"))).astype(float)
    assert (info.orientation, result.shape) == (orientation, expected.shape)
    full = np.iinfo(result.dtype).max
    assert np.abs(result / full * 255 - expected).mean() < 2


@pytest.mark.parametrize("orientation", [1, 6, 8])
@pytest.mark.parametrize("extension", ["jpg", "png"])
def test_the_orientation_is_that_of_exif(tmp_path, extension, orientation):
    data = picture(tmp_path / f"a.{extension}", orientation).read_bytes()
    assert orientation_of_exif(data) == orientation
    for length in range(0, 200, 7):
        assert orientation_of_exif(data[:length]) in (1, orientation)


@pytest.mark.parametrize(
    "data", [b"", b"Exif\0\0", b"Exif\0\0MM\0*\0\0\xff\xff\xff\xff", b"eXIfII*\0\xff\xff"]
)
def test_broken_exif_is_none(data):
    assert orientation_of_exif(data) == 1
