"""Alpha of formats that have no word for it, by what other libraries wrote."""

import numpy as np
import pytest
from PIL import Image

from sparkvsr_bridge.media import SourceMedia
from sparkvsr_engine.media.probe import probe
from tests.compatibility.claims import covers
from tests.fakes.exr import carried, texture
from tests.fakes.ffmpeg import ffmpeg
from tests.fakes.media import write_picture
from tests.fakes.systems import IS_WINDOWS

EIGHT = np.rint(texture(24, 16) * 255).astype(np.uint8)
FADING = np.concatenate([EIGHT, np.tile(np.arange(24, dtype=np.uint8) * 10 + 10, (16, 1))[..., None]], 2)
GREY = FADING[..., [0, 3]]


def by_pillow(path):
    picture = GREY if path.suffix == ".tga" else FADING
    options = {"irreversible": False} if path.suffix == ".jp2" else {}
    Image.fromarray(picture).save(path, **options)


def by_ffmpeg(path):
    if IS_WINDOWS:
        pytest.skip("its FFmpeg writes no JPEG XL")
    Image.fromarray(FADING).save(path.parent / "fading.png")
    ffmpeg(path.parent, "-i", "fading.png", "-c:v", "libjxl", "-distance", "0", path.name)


WRITERS = {"tga": by_pillow, "dds": by_pillow, "jp2": by_pillow, "jxl": by_ffmpeg}


@covers("pictures", "JPEG XL", read="8, 16 bit, alpha", reported="writing it is refused")
@covers("pictures", "TGA", read="grey and alpha")
@covers(
    "kinds of pictures",
    "H. Straight alpha",
    variants="grey and alpha in TGA; DDS, JPEG 2000 and JPEG XL with alpha",
    result="colours are not divided by an alpha that was never multiplied in",
)
@pytest.mark.parametrize("extension", WRITERS)
def test_colours_beside_an_alpha_that_nothing_marks_stay_what_they_are(tmp_path, extension):
    source = tmp_path / f"a.0001.{extension}"
    WRITERS[extension](source)
    carried(source, tmp_path / "out" / "b.%04d.png", scale=1)
    result = np.asarray(Image.open(tmp_path / "out" / "b.0001.png"))
    assert np.array_equal(result, GREY if extension == "tga" else FADING)


@covers(
    "kinds of pictures",
    "H. Straight alpha",
    variants="SGI and RLA with alpha, which mark nothing of it",
    result="taken as multiplied, which is reported",
)
@pytest.mark.parametrize("extension", ["sgi", "rla"])
def test_alpha_without_any_mark_is_reported(tmp_path, extension):
    source = write_picture(tmp_path / f"a.{extension}", FADING)
    info = probe(SourceMedia(str(source)))
    assert info.is_premultiplied
    assert "does not mark whether its colours are multiplied" in info.notes[0]
    opaque = write_picture(tmp_path / f"b.{extension}", EIGHT)
    assert probe(SourceMedia(str(opaque))).notes == ()
