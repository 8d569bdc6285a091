"""Headers whose values are none: pixels read as an item, text in an older encoding."""

from __future__ import annotations

import OpenImageIO as oiio  # noqa: N813 - the name its documentation uses
import pytest

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.media.images import read_image, write_image
from sparkvsr_engine.media.probe import probe
from tests.fakes.ffmpeg import ffmpeg
from tests.fakes.media import numbered_picture, write_picture


@pytest.mark.parametrize("pixels", ["gbrp10be", "gbrp12le", "rgb24", "rgb48le"])
def test_a_dpx_without_film_and_television_header_takes_nothing_from_its_pixels(tmp_path, pixels):
    source = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=0.3")
    ffmpeg(tmp_path, *source, "-pix_fmt", pixels, "-start_number", "0", "a.%04d.dpx")
    info = probe(SourceMedia(str(tmp_path / "a.%04d.dpx")))
    assert (info.timecode, info.rate) == ("", None)
    image = read_image(tmp_path / "a.0000.dpx")
    assert "dpx:FrameRate" not in image.attributes
    assert "smpte:KeyCode" not in image.attributes
    write_image(tmp_path / "b.dpx", image.pixels, image.attributes, bits=image.bit_depth)
    again = read_image(tmp_path / "b.dpx")
    # OpenImageIO leaves the lowest bits of 12 at 0 in one way of packing, and fills them in another.
    unused = image.pixels.dtype.itemsize * 8 - image.bit_depth
    assert (again.pixels >> unused == image.pixels >> unused).all()


def test_a_whole_dpx_header_keeps_its_rate(tmp_path):
    path = write_picture(
        tmp_path / "a.dpx", numbered_picture(5, sample="uint16"), {"dpx:FrameRate": ("float", 24.0)}
    )
    assert read_image(path).attributes["dpx:FrameRate"].value == 24.0


def test_text_that_is_no_utf8_is_taken_for_latin_1(tmp_path):
    path = write_picture(tmp_path / "a.tif", numbered_picture(5), {"Copyright": "(c) Jose Nunez"})
    path.write_bytes(path.read_bytes().replace(b"(c) Jose Nunez", b"(c) Jos\xe9 Nu\xf1ez"))
    image = read_image(path)
    assert image.attributes["Copyright"].value == "(c) José Nuñez"
    write_image(tmp_path / "b.tif", image.pixels, image.attributes)
    assert oiio.ImageBuf(str(tmp_path / "b.tif")).spec()["Copyright"] == "(c) José Nuñez"
